"""Asking an expert in a notebook: one question after another, every answer written at once."""

from __future__ import annotations

import html
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from causation.document.reading import shown_file
from causation.dossier.labels import check_language
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
from causation.errors import InputError, MissingExtraError

__all__ = ["elicit", "feedback_html"]


def elicit(
    file: str | Path,
    *,
    expert: str | None = None,
    group: bool = False,
    sources: Sequence[str] = (),
    fields: Sequence[str] = (),
    base: str | Path = "neutral",
    lang: str = "en",
) -> Any:
    """Ask an expert, or a group, for shares of a prior set, and write them to a file.

    Parameters
    ----------
    file : str or Path
        The prior set to write; one that was elicited before is gone on with.
    expert : str, optional
        Name or pseudonym.
    group : bool
        Whether the experts who answered before are asked together, in place of one of them.
    sources, fields : sequence of str
        What an expert is asked about; see `causation.elicitation.questions.questions`. A group is
        asked what several of its members answered.
    base : str or Path
        The set of what nobody is asked.
    lang : {"en", "zh"}

    Returns
    -------
    ipywidgets.VBox
        Its ``session`` is the `Session` behind it, its ``inputs`` are the widgets by name.

    Raises
    ------
    MissingExtraError
        If ipywidgets is not installed.
    CausationError
        If neither or both of an expert and a group are to be asked, the file is no elicited prior
        set, there is no such source or field, or no two experts answered the same question.

    Examples
    --------
    >>> box = elicit("panel.yaml", expert="Li", fields=["phone"])
    >>> box.inputs["lo"].value, box.inputs["hi"].value = "50", "98"
    >>> box.inputs["show"].click()  # what this says stands below the boxes
    >>> "50 to 98" in box.children[-1].value  # the neutral set says the same
    False
    """
    try:
        import ipywidgets
    except ImportError:
        raise MissingExtraError("ipywidgets", extra="notebooks", purpose="elicitation") from None
    if group == bool(expert):
        raise InputError("either expert=, a name or pseudonym, or group=True")
    session = Session(file, base=base)
    if group:
        asked = session.together()
        if not asked:
            raise InputError(say("no_group", check_language(lang), file=shown_file(file)))
        panels = session.panels()
        todo = [q for q in asked if panels[q.path].group is None] or list(asked)
    else:
        asked = questions(session.priors, sources=sources, fields=fields)
        todo = list(session.open(str(expert), asked))
    return _Form(ipywidgets, session, expert=expert, asked=asked, todo=todo, lang=lang).box


class _Form:
    """The widgets of one interview; without an expert it is the group's."""

    def __init__(
        self, widgets: Any, session: Session, *, expert: str | None,
        asked: Sequence[Question], todo: list[Question], lang: str,
    ) -> None:  # fmt: skip
        self.session, self.expert, self.lang = session, expert, check_language(lang)
        self.asked, self.todo, self.skipped = asked, todo, 0
        look = {"style": {"description_width": "26em"}, "layout": {"width": "44em"}}
        labels = {"lo": "lo", "hi": "hi", "median": "middle", "why": "rationale"}
        texts = {
            key: widgets.Text(
                description=say(label, lang),
                placeholder="" if key == "why" else say("unit", lang),
                **look,
            )
            for key, label in labels.items()
        }
        unknown = widgets.RadioButtons(
            options=[(say("statement", lang), True), (say("statement_no", lang), False)],
            value=None, layout={"width": "44em"},
        )  # fmt: skip
        buttons = {
            key: widgets.Button(description=say(f"button_{key}", lang), layout={"width": "14em"})
            for key in ("show", "keep", "skip")
        }
        self.inputs: dict[str, Any] = {"unknown": unknown, **texts, **buttons}
        self.head, self.seen = widgets.HTML(), widgets.HTML()
        buttons["show"].on_click(lambda _: self.show())
        buttons["keep"].on_click(lambda _: self.keep())
        buttons["skip"].on_click(lambda _: self.skip())
        for key in ("lo", "hi", "median"):
            texts[key].observe(lambda _: self.changed(), "value")
        self.asking = [*texts.values(), widgets.HBox(list(buttons.values()))]
        self.box = widgets.VBox()
        self.box.session, self.box.inputs = session, self.inputs
        self.ask()

    def changed(self) -> None:
        """What is kept has been shown: another answer is shown first."""
        self.inputs["keep"].disabled = True

    def ask(self) -> None:
        """Show the question that is next, or that there is none."""
        for key in ("lo", "hi", "median", "why"):
            self.inputs[key].value = ""
        self.changed()
        self.seen.value = ""
        if not self.todo:
            self.head.value = _block(_paragraph(self.done()))
            self.box.children = [self.head, self.seen]
            return
        states = self.expert is not None and self.expert not in self.session.experts
        first = [self.inputs["unknown"]] if states else []
        self.box.children = [self.head, *first, *self.asking, self.seen]
        question, lang = self.todo[0], self.lang
        head = say(
            "head" if self.expert else "group_head", lang, k=self.asked.index(question) + 1,
            n=len(self.asked), source=question.source[lang], field=question.field[lang],
        )  # fmt: skip
        reference = say("reference", lang, text=question.reference_class[lang])
        small = html.escape(f"{reference}{_gap(lang)}{say('help', lang)}")
        self.head.value = _block(
            f"<strong>{html.escape(head)}</strong>{_paragraph(question.text[lang])}"
            f"{self.heard(question)}<small>{small}</small>"
        )

    def heard(self, question: Question) -> str:
        """What the members of a group said."""
        if self.expert:
            return ""
        panel = self.session.panels()[question.path]
        seen = pool_feedback(panel)
        lines = [*heard(panel, seen, self.lang), say("observer", self.lang)]
        return "".join(map(_paragraph, lines[:-1])) + _picture(seen) + _paragraph(lines[-1])

    def done(self) -> str:
        """What is said at the end."""
        session, lang = self.session, self.lang
        name = self.expert or say("group", lang)
        said = [say("all_done", lang, name=name)]
        if self.skipped:
            said = [say("left_open", lang, n=self.skipped, of=len(self.asked))]
        if session.panels():
            said.append(say("next_call", lang, file=shown_file(session.path)))
        return _gap(lang).join(said)

    def read(self) -> tuple[tuple[float, float], float | None] | None:
        """Return the answer that stands there; None, with the reason shown, where it is none."""
        try:
            lo, hi = (share_of(self.inputs[key].value) for key in ("lo", "hi"))
            middle = self.inputs["median"].value.strip()
            median = share_of(middle) if middle else None
            return checked(lo, hi, median), median
        except WrongAnswerError as error:
            self.seen.value = _block(_paragraph(error.text(self.lang)))
            return None

    def show(self) -> None:
        """Show what the answer implies."""
        if self.todo and (read := self.read()) is not None:
            value, median = read
            seen = feedback(self.todo[0].path, value, median)
            self.seen.value = feedback_html(seen, median, self.lang)
            self.inputs["keep"].disabled = False

    def keep(self) -> None:
        """Write the answer, and go on."""
        if not self.todo or (read := self.read()) is None:
            return
        value, median = read
        said = []
        why = self.inputs["why"].value.strip() or None
        if self.expert is None:
            self.session.agree(self.todo[0].path, value, median=median, rationale=why)
        else:
            if self.expert not in self.session.experts:
                unknown = self.inputs["unknown"].value
                if unknown is None:
                    self.seen.value = _block(_paragraph(say("state_first", self.lang)))
                    return
                self.session.join(self.expert, outcome_unknown=unknown)
                said = [] if unknown else [say("known", self.lang)]
            self.session.answer(
                self.expert, self.todo[0].path, value, median=median, rationale=why
            )  # fmt: skip
        self.todo.pop(0)
        self.ask()
        kept = say(
            "kept", self.lang, name=self.expert or say("group", self.lang),
            lo=persons(value[0]), hi=persons(value[1]), file=shown_file(self.session.path),
        )  # fmt: skip
        self.seen.value = _block("".join(map(_paragraph, [kept, *said])))

    def skip(self) -> None:
        """Leave the question open, and go on."""
        if self.todo:
            self.todo.pop(0)
            self.skipped += 1
            self.ask()


def feedback_html(seen: Feedback, median: float | None, lang: str) -> str:
    """What an answer implies as HTML: a table, a curve, and where it differs."""
    heads = "".join(f"<th>{100 * share:g}{_gap(lang)}%</th>" for share in SHARES)
    cells = "".join(f"<td>{persons(point)}</td>" for point in seen.points)
    notes = [say("mean", lang, mean=persons(seen.mean))]
    if seen.off_middle and median is not None:
        notes.append(say("off", lang, median=persons(median), own=persons(seen.middle)))
    if (other := differing(seen, lang)) is not None:
        notes.append(other)
    return _block(
        f"{_paragraph(say('implies', lang))}<table style='border-spacing:1em 0;text-align:right'>"
        f"<tr>{heads}</tr><tr>{cells}</tr></table>{_picture(seen)}"
        f"{''.join(map(_paragraph, notes))}"
    )


def _picture(seen: Feedback) -> str:
    width, height = 6, 60
    bars = "".join(
        f'<rect x="{width * k}" y="{height * (1 - p):.1f}" width="{width - 1}" '
        f'height="{height * p:.1f}" fill="#0072B2"/>'
        for k, p in enumerate(seen.curve)
    )
    return (
        f'<svg width="{width * len(seen.curve)}" height="{height + 16}" role="img" '
        f'fill="currentColor">{bars}<text x="0" y="{height + 14}" font-size="12">0</text>'
        f'<text x="{width * len(seen.curve)}" y="{height + 14}" font-size="12" '
        'text-anchor="end">100</text></svg>'
    )


def _gap(lang: str) -> str:
    return " " if lang == "en" else ""


def _paragraph(text: str) -> str:
    return f"<p style='margin:.4em 0;white-space:pre-wrap'>{html.escape(text)}</p>"


def _block(inner: str) -> str:
    return f"<div style='line-height:1.4'>{inner}</div>"
