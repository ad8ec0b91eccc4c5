"""Asking an expert in a notebook: one question after another, every answer written at once."""

from __future__ import annotations

import html
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from causation.document.reading import shown_file
from causation.dossier.labels import check_language
from causation.elicitation.answers import WrongAnswerError, checked, persons, share_of
from causation.elicitation.feedback import SHARES, Feedback, differing, feedback
from causation.elicitation.questions import questions
from causation.elicitation.session import Session
from causation.elicitation.words import say
from causation.errors import MissingExtraError

__all__ = ["elicit", "feedback_html"]


def elicit(
    file: str | Path,
    *,
    expert: str,
    sources: Sequence[str] = (),
    fields: Sequence[str] = (),
    base: str | Path = "neutral",
    lang: str = "en",
) -> Any:
    """Ask an expert for shares of a prior set, and write them to a file.

    Parameters
    ----------
    file : str or Path
        The prior set to write; one that was elicited before is gone on with.
    expert : str
        Name or pseudonym.
    sources, fields : sequence of str
        What to ask about; see `causation.elicitation.questions.questions`.
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
        If the file is no elicited prior set, or there is no such source or field.

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
    session = Session(file, base=base)
    form = _Form(
        ipywidgets, session, expert=expert, sources=sources, fields=fields, lang=lang
    )  # fmt: skip
    return form.box


class _Form:
    """The widgets of one interview."""

    def __init__(
        self, widgets: Any, session: Session, *, expert: str, sources: Sequence[str],
        fields: Sequence[str], lang: str,
    ) -> None:  # fmt: skip
        self.session, self.expert, self.lang = session, expert, check_language(lang)
        self.asked = questions(session.priors, sources=sources, fields=fields)
        self.todo = list(session.open(expert, self.asked))
        look = {"style": {"description_width": "26em"}, "layout": {"width": "44em"}}
        texts = {key: widgets.Text(description=say(key, lang), **look) for key in ("lo", "hi")}
        texts["median"] = widgets.Text(description=say("middle", lang), **look)
        texts["why"] = widgets.Text(description=say("rationale", lang), **look)
        unknown = widgets.Checkbox(description=say("statement", lang), indent=False,
                                   layout={"width": "44em"})  # fmt: skip
        buttons = {
            key: widgets.Button(description=say(f"button_{key}", lang), layout={"width": "14em"})
            for key in ("show", "keep", "skip")
        }
        self.inputs: dict[str, Any] = {"unknown": unknown, **texts, **buttons}
        self.head, self.seen = widgets.HTML(), widgets.HTML()
        buttons["show"].on_click(lambda _: self.show())
        buttons["keep"].on_click(lambda _: self.keep())
        buttons["skip"].on_click(lambda _: self.skip())
        known = [] if expert in session.experts else [unknown]
        row = widgets.HBox(list(buttons.values()))
        self.box = widgets.VBox([self.head, *known, *texts.values(), row, self.seen])
        self.box.session, self.box.inputs = session, self.inputs
        self.ask()

    def ask(self) -> None:
        """Show the question that is next, or that there is none."""
        for key in ("lo", "hi", "median", "why"):
            self.inputs[key].value = ""
        self.seen.value = ""
        if not self.todo:
            file = shown_file(self.session.path)
            done = say("all_done", self.lang, name=self.expert)
            self.head.value = _paragraph(f"{done} {say('next', self.lang, file=file)}")
            return
        question = self.todo[0]
        head = say(
            "head", self.lang, k=len(self.asked) - len(self.todo) + 1, n=len(self.asked),
            source=question.source[self.lang], field=question.field[self.lang],
        )  # fmt: skip
        reference = say("reference", self.lang, text=question.reference_class[self.lang])
        self.head.value = (
            f"<strong>{html.escape(head)}</strong>{_paragraph(question.text[self.lang])}"
            f"<small>{html.escape(reference)} {html.escape(say('help', self.lang))}</small>"
        )

    def read(self) -> tuple[tuple[float, float], float | None] | None:
        """Return the answer that stands there; None, with the reason shown, where it is none."""
        try:
            lo, hi = (share_of(self.inputs[key].value) for key in ("lo", "hi"))
            middle = self.inputs["median"].value.strip()
            median = share_of(middle) if middle else None
            return checked(lo, hi, median), median
        except WrongAnswerError as error:
            self.seen.value = _paragraph(error.text(self.lang))
            return None

    def show(self) -> None:
        """Show what the answer implies."""
        if self.todo and (read := self.read()) is not None:
            value, median = read
            seen = feedback(self.todo[0].path, value, median)
            self.seen.value = feedback_html(seen, median, self.lang)

    def keep(self) -> None:
        """Write the answer, and go on."""
        if self.todo and (read := self.read()) is not None:
            value, median = read
            self.session.join(self.expert, outcome_unknown=self.inputs["unknown"].value)
            self.session.answer(
                self.expert, self.todo.pop(0).path, value, median=median,
                rationale=self.inputs["why"].value.strip() or None,
            )  # fmt: skip
            self.ask()

    def skip(self) -> None:
        """Leave the question open, and go on."""
        if self.todo:
            self.todo.pop(0)
            self.ask()


def feedback_html(seen: Feedback, median: float | None, lang: str) -> str:
    """What an answer implies as HTML: a table, a curve, and where it differs."""
    gap = " " if lang == "en" else ""
    heads = "".join(f"<th>{100 * share:g}{gap}%</th>" for share in SHARES)
    cells = "".join(f"<td>{persons(point)}</td>" for point in seen.points)
    width, height = 6, 60
    bars = "".join(
        f'<rect x="{width * k}" y="{height * (1 - p):.1f}" width="{width - 1}" '
        f'height="{height * p:.1f}" fill="#0072B2"/>'
        for k, p in enumerate(seen.curve)
    )
    notes = [say("mean", lang, mean=persons(seen.mean))]
    if seen.off_middle and median is not None:
        notes.append(say("off", lang, median=persons(median), own=persons(seen.middle)))
    if (other := differing(seen, lang)) is not None:
        notes.append(other)
    return (
        f"{_paragraph(say('implies', lang))}<table><tr>{heads}</tr><tr>{cells}</tr></table>"
        f'<svg width="{width * len(seen.curve)}" height="{height + 16}" role="img">{bars}'
        f'<text x="0" y="{height + 14}" font-size="12">0</text>'
        f'<text x="{width * len(seen.curve)}" y="{height + 14}" font-size="12" '
        f'text-anchor="end">100</text></svg>{"".join(map(_paragraph, notes))}'
    )


def _paragraph(text: str) -> str:
    return f"<p>{html.escape(text)}</p>"
