"""Asking an expert in a notebook: one question after another, every answer written at once."""

from __future__ import annotations

import html
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from causation.document.pooling import Pool
from causation.document.reading import shown_file
from causation.elicitation.answers import WrongAnswerError, checked, persons, say, share_of
from causation.elicitation.feedback import SHARES, Feedback, feedback, remarks
from causation.elicitation.interview import Interview
from causation.errors import InputError, MissingExtraError

_POOLS = ("linear", "log", "quantile")
_NUMBERS = ("lo", "hi", "median")


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
    asked = Interview(
        file, expert=expert or None, sources=sources, fields=fields, base=base, lang=lang
    )
    return _Form(ipywidgets, asked).box


class _Form:
    """The widgets of one interview."""

    def __init__(self, widgets: Any, interview: Interview) -> None:
        self.interview, self.session, self.lang = interview, interview.session, interview.lang
        look = {"style": {"description_width": "26em"}, "layout": {"width": "44em"}}
        labels = {"lo": "lo", "hi": "hi", "median": "middle", "why": "rationale"}
        texts = {
            key: widgets.Text(
                description=self.say(label),
                placeholder="" if key == "why" else self.say("unit"),
                **look,
            )
            for key, label in labels.items()
        }
        unknown = widgets.RadioButtons(
            options=[(self.say("statement"), True), (self.say("statement_no"), False)],
            value=None, layout={"width": "44em"},
        )  # fmt: skip
        buttons = {
            key: widgets.Button(description=self.say(f"button_{key}"), layout={"width": "11em"})
            for key in ("show", "keep", "skip", "back")
        }
        pool = widgets.Dropdown(
            description=self.say("pooled"), options=[(self.say(f"pool_{p}"), p) for p in _POOLS],
            **look,
        )  # fmt: skip
        self.inputs: dict[str, Any] = {"unknown": unknown, **texts, **buttons, "pool": pool}
        self.head, self.seen = widgets.HTML(), widgets.HTML()
        for key, button in buttons.items():
            button.on_click(partial(self.press, key))
        for key in _NUMBERS:
            texts[key].observe(lambda _: self.changed(), "value")
        pool.observe(lambda change: self.choose(change["new"]), "value")
        self.asking = [*texts.values(), widgets.HBox(list(buttons.values()))]
        self.box = widgets.VBox()
        self.box.session, self.box.inputs = self.session, self.inputs
        self.ask()

    def say(self, key: str, **values: object) -> str:
        """Return a text in the language of the interview."""
        return say(key, self.lang, **values)

    @property
    def name(self) -> str:
        """Who is asked."""
        return self.interview.expert or self.say("group")

    def press(self, key: str, _button: object) -> None:
        """Do what a button says."""
        {"show": self.show, "keep": self.keep, "skip": self.skip, "back": self.back}[key]()

    def choose(self, pool: Pool) -> None:
        """Put the answers together in another way; weights stay where nothing changes."""
        if any(panel.pool != pool for panel in self.session.panels().values()):
            self.session.pool(pool)

    def changed(self) -> None:
        """What is kept has been shown: another answer is shown first."""
        self.inputs["keep"].disabled = True

    def ask(self) -> None:
        """Show the question that is next, with what was answered before, or that there is none."""
        interview, lang = self.interview, self.lang
        before = interview.standing()
        for key in (*_NUMBERS, "why"):
            self.inputs[key].value = ""
        if before is not None and isinstance(before.value, tuple):
            shown = (*map(persons, before.value), persons(before.median) if before.median else "")
            for key, text in zip(_NUMBERS, shown, strict=True):
                self.inputs[key].value = text
            self.inputs["why"].value = (before.rationale or {}).get(lang, "")
        self.changed()
        self.seen.value = ""
        several = []
        if self.session.together():
            panels = self.session.panels().values()
            self.inputs["pool"].value = next(p.pool for p in panels if len(p.members) > 1)
            several = [self.inputs["pool"]]
        if interview.question is None:
            self.head.value = _block(_paragraph(self.done()))
            self.box.children = [self.head, *several, self.inputs["back"], self.seen]
            return
        states = interview.expert is not None and interview.expert not in self.session.experts
        first = [self.inputs["unknown"]] if states else several if not interview.expert else []
        self.box.children = [self.head, *first, *self.asking, self.seen]
        question = interview.question
        said, pool = interview.heard()
        heard = ""
        if pool is not None:
            heard = (
                "".join(map(_paragraph, said)) + _picture(pool) + _paragraph(self.say("observer"))
            )
        reference = self.say("reference", text=question.reference_class[lang])
        small = html.escape(f"{reference}{_gap(lang)}{self.say('help')}")
        self.head.value = _block(
            f"<strong>{html.escape(interview.head())}</strong>{_paragraph(question.text[lang])}"
            f"{heard}{''.join(map(_paragraph, interview.stands()))}<small>{small}</small>"
        )

    def done(self) -> str:
        """What is said at the end."""
        interview = self.interview
        said = [self.say("all_done", name=self.name, how=self.say("button_back"))]
        if interview.skipped:
            said = [self.say("left_open", n=interview.skipped, of=len(interview.asked))]
        if self.session.panels():
            said.append(self.say("next_call", file=shown_file(self.session.path)))
        return _gap(self.lang).join(said)

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
        if (question := self.interview.question) and (read := self.read()) is not None:
            value, median = read
            self.seen.value = feedback_html(
                feedback(question.path, value, median), median, self.lang
            )
            self.inputs["keep"].disabled = False

    def keep(self) -> None:
        """Write the answer, and go on."""
        if self.interview.question is None or (read := self.read()) is None:
            return
        value, median = read
        said, expert = [], self.interview.expert
        if expert is not None and expert not in self.session.experts:
            unknown = self.inputs["unknown"].value
            if unknown is None:
                self.seen.value = _block(_paragraph(self.say("state_first")))
                return
            self.session.join(expert, outcome_unknown=unknown)
            said = [] if unknown else [self.say("known")]
        why = self.inputs["why"].value.strip() or None
        self.interview.answer(value, median=median, rationale=why)
        self.ask()
        lo, hi, file = persons(value[0]), persons(value[1]), shown_file(self.session.path)
        kept = self.say("kept", name=self.name, lo=lo, hi=hi, file=file)
        self.seen.value = _block("".join(map(_paragraph, [kept, *said])))

    def skip(self) -> None:
        """Leave the question as it is, and go on."""
        if self.interview.question is not None:
            self.interview.skip()
            self.ask()

    def back(self) -> None:
        """Show the question before, to be corrected."""
        self.interview.back()
        self.ask()


def feedback_html(seen: Feedback, median: float | None, lang: str) -> str:
    """What an answer implies as HTML: a table, a curve, and where it differs."""
    heads = "".join(f"<th>{100 * share:g}{_gap(lang)}%</th>" for share in SHARES)
    cells = "".join(f"<td>{persons(point)}</td>" for point in seen.points)
    return _block(
        f"{_paragraph(say('implies', lang))}<table style='border-spacing:1em 0;text-align:right'>"
        f"<tr>{heads}</tr><tr>{cells}</tr></table>{_picture(seen)}"
        f"{''.join(map(_paragraph, remarks(seen, median, lang)))}"
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
