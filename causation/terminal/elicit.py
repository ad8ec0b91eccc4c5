"""Asking experts on a terminal, one question after another; every answer is written at once."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path

import typer
from rich.padding import Padding

from causation.document.pooling import Pool
from causation.document.reading import shown_file
from causation.elicitation.answers import WrongAnswerError, checked, persons, share_of
from causation.elicitation.feedback import (
    SHARES,
    Feedback,
    differing,
    feedback,
    heard,
    pool_feedback,
)
from causation.elicitation.questions import Question, questions
from causation.elicitation.session import Session
from causation.elicitation.words import say
from causation.errors import InputError
from causation.terminal.layout import Text, ask, console, echo, print_table

__all__ = ["ask_expert", "ask_group", "ask_seeds", "choose_pool"]

_BLOCKS = "▁▂▃▄▅▆▇█"
_SKIP, _STOP = ("s", "S"), ("q", "Q")


class _Skipped(Exception):  # noqa: N818 - no error: a question that is left open
    pass


class _Stopped(Exception):  # noqa: N818 - no error: the rest is left for another time
    pass


def ask_expert(
    file: Path,
    *,
    expert: str | None,
    date: str | None,
    base: str,
    sources: Sequence[str],
    fields: Sequence[str],
    lang: str,
) -> None:
    """Ask one expert the questions that are open, and write the prior set.

    Raises
    ------
    InputError
        If the file is no elicited set, or an answer that is not typed cannot be taken.
    """
    session = Session(file, base=base)
    asked = questions(session.priors, sources=sources, fields=fields)

    def run() -> None:
        name = _joined(session, expert, date, lang)
        todo = session.open(name, asked)
        if len(todo) < len(asked):
            _say("resumed", lang, file=shown_file(file), name=name, n=len(asked) - len(todo))
        if not todo:
            _say("all_done", lang, name=name)
            return
        _lines(say("keys", lang), say("help", lang))
        _lines(say("reference", lang, text=asked[0].reference_class[lang]))
        for question in todo:
            with suppress(_Skipped):
                echo("")
                _title(_head("head", asked, question, lang))
                _lines(question.text[lang])
                _take(question, lang, partial(session.answer, name))

    _guarded(session, lang, run)


def ask_group(file: Path, *, lang: str) -> None:
    """Ask a group what a rational impartial observer would say who has heard its members."""
    session = _existing(file)
    asked = session.together()
    if not asked:
        raise InputError(say("no_group", lang, file=shown_file(file)))
    todo = [q for q in asked if session.panels()[q.path].group is None] or asked

    def run() -> None:
        _lines(say("observer", lang))
        for question in todo:
            with suppress(_Skipped):
                panel = session.panels()[question.path]
                echo("")
                _title(_head("group_head", asked, question, lang))
                _lines(question.text[lang])
                seen = pool_feedback(panel)
                _lines(*heard(panel, seen, lang))
                _picture(seen, lang)
                _take(question, lang, session.agree)

    _guarded(session, lang, run)


def ask_seeds(file: Path, *, expert: str | None, date: str | None, base: str, lang: str) -> None:
    """Ask questions whose answers are known, and say how well the expert is calibrated."""
    session = Session(file, base=base)

    def run() -> None:
        name = _joined(session, expert, date, lang)
        todo = session.open_seeds(name)
        _lines(say("keys", lang), say("help", lang))
        told = None
        for k, seed in enumerate(todo, 1):
            with suppress(_Skipped):
                echo("")
                _title(say("seed_head", lang, k=k, n=len(todo)))
                if seed.reference_class != told:
                    told = seed.reference_class
                    _lines(say("reference", lang, text=told[lang]))
                _lines(seed.text[lang])
                (lo, hi), middle = _points("middle", lang)
                session.seed(name, seed.id, (lo, middle, hi))  # type: ignore[arg-type]
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
        with suppress(_Stopped):
            run()
    except (EOFError, KeyboardInterrupt):
        if not session.is_new or session.experts:
            session.save()
        echo("", say("interrupted", lang, file=shown_file(session.path)), error=True)
        raise typer.Exit(130) from None
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


def _interval(question: Question, lang: str) -> tuple[tuple[float, float], float | None]:
    """Ask for an interval until the expert keeps it."""
    while True:
        value, middle = _points("median", lang)
        _show(feedback(question.path, value, middle), middle, lang)
        if _yes(say("keep", lang)):
            return value, middle


def _head(key: str, asked: Sequence[Question], question: Question, lang: str) -> str:
    """Which question of which this is; one that is gone on with keeps its number."""
    source, field = question.source[lang], question.field[lang]
    return say(key, lang, k=asked.index(question) + 1, n=len(asked), source=source, field=field)


def _take(question: Question, lang: str, write: Callable[..., None]) -> None:
    """Ask for an interval and its reason, and write them; to skip or stop gives no reason."""
    value, median = _interval(question, lang)
    why = ask(say("why", lang))
    reason = None if why in ("", *_SKIP, *_STOP) else why
    write(question.path, value, median=median, rationale=reason)
    if why in _STOP:
        raise _Stopped


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
        text = ask(say(key, lang))
        if text in _SKIP:
            raise _Skipped
        if text in _STOP:
            raise _Stopped
        if text in ("?", "？"):
            _lines(say("help", lang))
            continue
        if not text and optional:
            return None  # type: ignore[return-value]
        if _accepted(lambda: share_of(text), lang):  # noqa: B023
            return share_of(text)


def _yes(question: str) -> bool:
    while True:
        text = ask(f"{question} [Y/n]").lower()
        if text in _STOP:
            raise _Stopped
        if text in ("", "y", "yes", "是", "n", "no", "否"):
            return text in ("", "y", "yes", "是")


def _show(seen: Feedback, median: float | None, lang: str) -> None:
    """Say what an answer implies."""
    _lines(say("implies", lang))
    heads = [
        (f"{100 * share:g} %" if lang == "en" else f"{100 * share:g}%", "r") for share in SHARES
    ]
    print_table([("", "l"), *heads], [("", *(persons(p) for p in seen.points))])
    _picture(seen, lang)
    if seen.off_middle and median is not None:
        _say("off", lang, median=persons(median), own=persons(seen.middle))
    if (other := differing(seen, lang)) is not None:
        _lines(other)


def _picture(seen: Feedback, lang: str) -> None:
    bars = "".join(_BLOCKS[min(int(8 * p), 7)] if p > 0.01 else " " for p in seen.curve)
    _lines(say("picture", lang, bars=bars), say("mean", lang, mean=persons(seen.mean)))


def _scores(session: Session, lang: str) -> None:
    for name, (score, counts) in session.calibrations().items():
        _say("score", lang, name=name, score=f"{score:.3g}", counts=", ".join(map(str, counts)))
    _lines(say("score_note", lang))


def _say(key: str, lang: str, **values: object) -> None:
    _lines(say(key, lang, **values))


def _title(text: str) -> None:
    console().print(Text(text, style="bold"))


def _lines(*texts: str) -> None:
    for text in texts:
        console().print(Padding(Text(text), (0, 0, 0, 2)))
