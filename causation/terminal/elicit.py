"""Asking experts on a terminal, one question after another; every answer is written at once."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import typer
from rich.padding import Padding

from causation.document.pooling import Pool
from causation.document.reading import shown_file
from causation.elicitation.answers import WrongAnswerError, checked, persons, say, share_of
from causation.elicitation.feedback import SHARES, Feedback, feedback, remarks
from causation.elicitation.interview import Interview
from causation.elicitation.session import Session
from causation.errors import InputError
from causation.interrupts import Interrupted
from causation.terminal.layout import Text, ask, console, echo, print_table

_BLOCKS = "▁▂▃▄▅▆▇█"


class _Key(Exception):  # noqa: N818 - no error: what the expert wants in place of an answer
    """One of ``s``, ``b``, ``q``: skip, back, stop."""


def ask_expert(
    file: Path,
    *,
    expert: str | None,
    date: str | None,
    base: str,
    sources: Sequence[str],
    fields: Sequence[str],
    again: bool,
    lang: str,
) -> None:
    """Ask one expert the questions that are open, or all again, and write the prior set.

    Raises
    ------
    InputError
        If the file is no elicited set, or an answer that is not typed cannot be taken.
    """
    interview = Interview(
        file, expert=expert or "", sources=sources, fields=fields, base=base, again=again, lang=lang
    )
    session, asked = interview.session, interview.asked

    def run() -> None:
        name = _joined(session, expert, date, lang)
        interview.meet(name)
        if (done := len(asked) - len(interview.open())) and interview.question:
            _say("resumed", lang, file=shown_file(file), name=name, n=done)
        if interview.question is None:
            _say("all_done", lang, name=name, how="--again")
            return
        _lines(say("keys", lang), say("help", lang))
        _lines(say("reference", lang, text=asked[0].reference_class[lang]))
        _ask_all(interview)

    _guarded(session, lang, run)


def ask_group(file: Path, *, lang: str) -> None:
    """Ask a group what a rational impartial observer would say who has heard its members."""
    _existing(file)
    interview = Interview(file, expert=None, lang=lang)

    def run() -> None:
        _lines(say("observer", lang))
        _ask_all(interview)

    _guarded(interview.session, lang, run)


def _ask_all(interview: Interview) -> None:
    """Ask one question after another."""
    lang = interview.lang
    while (question := interview.question) is not None:
        echo("")
        console().print(Text(interview.head(), style="bold"))
        said, pool = interview.heard()
        _lines(question.text[lang], *said, *interview.stands())
        if pool is not None:
            _picture(pool)
            _lines(*remarks(pool, None, lang))
        try:
            while True:
                value, median = _points("median", lang)
                _show(feedback(question.path, value, median), median, lang)
                if _yes(say("keep", lang)):
                    break
        except _Key as key:
            if str(key) == "q":
                raise
            (interview.skip if str(key) == "s" else interview.back)()
            continue
        why = ask(say("why", lang))
        key_typed = why.lower() in ("s", "b", "q")  # gives no reason
        interview.answer(value, median=median, rationale=None if key_typed else why)
        if why.lower() == "q":
            raise _Key("q")


def ask_seeds(file: Path, *, expert: str | None, date: str | None, base: str, lang: str) -> None:
    """Ask questions whose answers are known, and say how well the expert is calibrated."""
    session = Session(file, base=base)

    def run() -> None:
        name = _joined(session, expert, date, lang)
        todo = session.open_seeds(name)
        _lines(say("keys", lang), say("help", lang))
        at, told = 0, None
        while at < len(todo):
            seed = todo[at]
            echo("")
            console().print(Text(say("seed_head", lang, k=at + 1, n=len(todo)), style="bold"))
            if seed.reference_class != told:
                told = seed.reference_class
                _lines(say("reference", lang, text=told[lang]))
            _lines(seed.text[lang])
            try:
                (lo, hi), middle = _points("middle", lang)
            except _Key as key:
                if str(key) == "q":
                    raise
                at = at + 1 if str(key) == "s" else max(at - 1, 0)
                continue
            session.seed(name, seed.id, (lo, middle, hi))  # type: ignore[arg-type]
            at += 1
        _scores(session, lang)

    _guarded(session, lang, run)


def choose_pool(file: Path, *, pool: Pool, cooke: bool, lang: str) -> None:
    """Choose how the experts' answers are put together."""
    session = _existing(file)
    weights = session.pool(pool, cooke=cooke)
    if cooke:
        _scores(session, lang)
    shown = ", ".join(f"{n} {w:.3g}" for n, w in weights.items()) if weights else say("even", lang)
    _say("weights", lang, weights=shown, pool=say(f"pool_{pool}", lang))
    _summary(session, lang)


def _existing(file: Path) -> Session:
    session = Session(file)
    if session.is_new:
        raise InputError(f"{shown_file(file)}: no such file; elicit answers first")
    return session


def _guarded(session: Session, lang: str, run: Callable[[], None]) -> None:
    """Run an interview; whoever stops it, or breaks it off, has lost nothing."""
    try:
        run()
    except _Key:
        pass
    except (EOFError, KeyboardInterrupt, Interrupted) as end:
        if not session.is_new or session.experts:
            session.save()
        echo("", say("interrupted", lang, file=shown_file(session.path)), error=True)
        raise typer.Exit(getattr(end, "status", 130)) from None
    _summary(session, lang)


def _summary(session: Session, lang: str) -> None:
    session.save()
    file, panels = shown_file(session.path), session.panels()
    echo("")
    if not panels:
        _say("saved_none", lang, file=file)
        return
    names = ("、" if lang == "zh" else ", ").join(session.experts)
    _say("saved", lang, file=file, n=len(panels), experts=names)
    _say("next", lang, file=file)


def _joined(session: Session, expert: str | None, date: str | None, lang: str) -> str:
    """Name of the expert, who has joined."""
    name = expert or ""
    while not name:
        name = ask(say("name", lang))
    if name not in session.experts:
        unknown = _yes(say("statement", lang))
        session.join(name, outcome_unknown=unknown, date=date)
        if not unknown:
            _say("known", lang)
    return name


def _points(middle: str, lang: str) -> tuple[tuple[float, float], float | None]:
    """Ask for the least, the most and the middle until they are in order."""
    while True:
        lo, hi = _number("lo", lang), _number("hi", lang)
        if not _accepted(lambda: checked(lo, hi, None), lang):  # noqa: B023
            continue
        median = _number(middle, lang, optional=middle == "median")
        if _accepted(lambda: checked(lo, hi, median), lang):  # noqa: B023
            return (lo, hi), median


def _accepted(check: Callable[[], object], lang: str) -> bool:
    """Whether a check passes; where nobody types, what fails is the end."""
    try:
        check()
    except WrongAnswerError as error:
        if not sys.stdin.isatty():
            raise InputError(error.text(lang)) from None
        _lines(error.text(lang))
        return False
    return True


def _number(key: str, lang: str, *, optional: bool = False) -> float:
    """Ask for persons of 100; a share, or None where it may be left open."""
    while True:
        text = _typed(say(key, lang))
        if text in ("?", "？"):
            _lines(say("help", lang))
        elif not text and optional:
            return None  # type: ignore[return-value]
        elif _accepted(lambda: share_of(text), lang):  # noqa: B023
            return share_of(text)


def _yes(question: str) -> bool:
    while (text := _typed(f"{question} [Y/n]")) not in ("", "y", "yes", "是", "n", "no", "否"):
        pass
    return text not in ("n", "no", "否")


def _typed(question: str) -> str:
    """What is answered, unless it is a key."""
    text = ask(question).lower()
    if text in ("s", "b", "q"):
        raise _Key(text)
    return text


def _show(seen: Feedback, median: float | None, lang: str) -> None:
    """Say what an answer implies."""
    _lines(say("implies", lang))
    heads = [
        (f"{100 * share:g} %" if lang == "en" else f"{100 * share:g}%", "r") for share in SHARES
    ]
    print_table([("", "l"), *heads], [("", *(persons(p) for p in seen.points))])
    _picture(seen)
    _lines(*remarks(seen, median, lang))


def _picture(seen: Feedback) -> None:
    bars = "".join(_BLOCKS[min(int(8 * p), 7)] if p > 0.01 else " " for p in seen.curve)
    _lines(f"0 {bars} 100")


def _scores(session: Session, lang: str) -> None:
    for name, (score, counts) in session.calibrations().items():
        _say("score", lang, name=name, score=f"{score:.3g}", counts=", ".join(map(str, counts)))
    _lines(say("score_note", lang))


def _say(key: str, lang: str, **values: object) -> None:
    _lines(say(key, lang, **values))


def _lines(*texts: str) -> None:
    for text in texts:
        console().print(Padding(Text(text), (0, 0, 0, 2)))
