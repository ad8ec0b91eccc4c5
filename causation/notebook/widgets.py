"""A case with sliders, for notebooks and Voilà."""

from __future__ import annotations

import html
import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

from causation.dossier.digits import percent, stated
from causation.dossier.labels import (
    check_language,
    group_label,
    proposition_label,
    route_label,
    speaker,
)
from causation.dossier.wording import input_label
from causation.errors import MissingExtraError
from causation.notebook.display import bar
from causation.notebook.exploring import Explorer, Setting, Step
from causation.scales import Scale

if TYPE_CHECKING:
    from causation.case import Case

_say = speaker("explorer")


def explore(case: Case | str | Path, *, lang: str = "en", priors: str | Path | None = None) -> Any:
    """Show a case with sliders for victims, linkage, prior weights and the comparison value.

    Parameters
    ----------
    case : Case, str or Path
        A case, the path of a case file, or the id of a bundled case.
    lang : {"en", "zh"}
    priors : str or Path, optional
        Prior set, in place of the one that the case names.

    Returns
    -------
    ipywidgets.VBox
        Its ``explorer`` is the `Explorer` behind it, its ``sliders`` the sliders by name: the
        path of what they move.

    Raises
    ------
    MissingExtraError
        If ipywidgets is not installed.

    Examples
    --------
    >>> box = explore("bic-2025-doxxing")
    >>> box.sliders["victims.co_victims.count"].value
    5
    >>> box.sliders["victims.co_victims.count"].value = 0  # the answer below the sliders moves
    """
    try:
        import ipywidgets
    except ImportError:
        raise MissingExtraError("ipywidgets", extra="notebooks", purpose="the explorer") from None
    explorer = Explorer(case, priors=priors)
    check_language(lang)
    sliders = _sliders(ipywidgets, explorer, lang)
    answer = ipywidgets.HTML(value=answer_html(explorer, explorer.step(explorer.start), lang))
    answer.add_class("causation-answer")
    start = {name: slider.value for name, slider in sliders.items()}

    def update(_change: object = None) -> None:
        moved = {n: s.value for n, s in sliders.items() if s.value != start[n]}
        answer.value = answer_html(explorer, explorer.step(_setting(moved)), lang)

    for slider in sliders.values():
        slider.observe(update, names="value")
    reset = ipywidgets.Button(description=_say("reset", lang))

    def restore(_button: object) -> None:
        for name, value in start.items():
            sliders[name].value = value

    reset.on_click(restore)
    box = ipywidgets.VBox([answer, *sliders.values(), reset])
    box.explorer, box.sliders = explorer, sliders
    return box


def _sliders(widgets: Any, explorer: Explorer, lang: str) -> dict[str, Any]:
    filled, start = explorer.model.filled, explorer.start
    look = {
        "style": {"description_width": "26em"},
        "layout": {"width": "50em", "max_width": "100%"},
    }
    found: dict[str, Any] = {}
    sues = {g.id for g in filled.groups if g.plaintiff}
    for group, count in start.counts.items():
        name = _say("count", lang, name=group_label(filled, group, lang))
        found[f"victims.{group}.count"] = widgets.IntSlider(
            description=name, value=count, min=int(group in sues), max=max(20, 4 * count), **look
        )
    for path, middle in start.numbers.items():
        name = input_label(filled, path, lang)
        if explorer.model.filled.number(path).scale is Scale.POSITIVE:
            found[path] = _log_slider(widgets, name, middle, look)
        else:
            found[path] = _unit_slider(widgets, name, middle, look)
    found["standard"] = _unit_slider(widgets, _say("standard", lang), start.threshold or 0.5, look)
    return found


def _unit_slider(widgets: Any, name: str, value: float, look: dict[str, Any]) -> Any:
    return widgets.FloatSlider(
        description=name, value=round(value, 2), min=0.01, max=0.99, step=0.01,
        readout_format=".2f", **look,
    )  # fmt: skip


def _log_slider(widgets: Any, name: str, value: float, look: dict[str, Any]) -> Any:
    middle = math.log10(value)  # the case lies on the slider's own steps
    return widgets.FloatLogSlider(
        description=name, value=value, base=10, min=middle - 3.0, max=middle + 3.0, step=0.05,
        readout_format=".3g", **look,
    )  # fmt: skip


def _setting(moved: dict[str, Any]) -> Setting:
    """What the sliders say that were moved."""
    counts = {n.split(".")[1]: x for n, x in moved.items() if n.endswith(".count")}
    rest = {n: x for n, x in moved.items() if not n.endswith(".count") and n != "standard"}
    return Setting(counts, rest, moved.get("standard"))


def answer_html(explorer: Explorer, step: Step, lang: str = "en") -> str:
    """The answer at a step as HTML: a sentence, and a bar for each route."""
    filled, answer, threshold = explorer.model.filled, step.answer, step.setting.threshold or 0.5
    headline = _say(
        "headline", lang, what=proposition_label(filled, lang),
        p=percent(step.probability, threshold),
        side=_say("reached" if step.meets_standard else "missed", lang), t=stated(threshold),
    )  # fmt: skip
    style = "text-align:right;padding-right:.6em"
    rows = [
        f'<tr><td style="{style}"><bdi>{html.escape(route_label(filled, name, lang))}</bdi></td>'
        f"<td>{bar(float(p), own=bool(own), level=threshold, width=320, circle=float(q))}</td>"
        f'<td style="padding-left:.6em">{percent(float(p), threshold)}</td></tr>'
        for name, p, q, own in zip(
            answer.model.route_names, answer.posterior[0], answer.route_prior[0], answer.inside,
            strict=True,
        )
    ]  # fmt: skip
    return (
        f'<div data-probability="{step.probability:.6f}"><strong>{html.escape(headline)}</strong>'
        f"<table>{''.join(rows)}</table><small>{html.escape(_say('note', lang))}</small></div>"
    )
