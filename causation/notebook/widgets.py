"""A case with sliders, for notebooks and Voilà."""

from __future__ import annotations

import html
import math
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from causation.dossier.labels import (
    LANGUAGES,
    check_language,
    group_label,
    item_label,
    proposition_label,
    source_label,
)
from causation.errors import MissingExtraError
from causation.notebook.exploring import Explorer, Setting, Step

if TYPE_CHECKING:
    from causation.case import Case

__all__ = ["answer_html", "explore"]

_TEXT: dict[str, tuple[str, str]] = {
    "count": ("{}: number", "{}：人数"),
    "linkage": ("{}: linkage", "{}：关联概率"),
    "weight": ("prior weight: {}", "先验权重：{}"),
    "standard": ("standard of proof", "证明标准"),
    "reached": ("reaches the standard", "达到证明标准"),
    "missed": ("does not reach the standard", "未达到证明标准"),
    "headline": ("{}: {:.3f} — {} ({:.2f})", "{}：{:.3f}，{}（{:.2f}）"),
    "reset": ("as in the case", "恢复本案数值"),
    "note": (
        "Prior (open), posterior (bar). Numbers within about 0.01 in log10 LR of the assessment.",
        "空心圆为先验概率，条形为后验概率。log10 LR 与正式评估相差约 0.01 以内。",
    ),
}


def _say(key: str, lang: str, *values: object) -> str:
    return _TEXT[key][LANGUAGES.index(lang)].format(*values)


def explore(case: Case | str | Path, *, lang: str = "en", priors: str | Path | None = None) -> Any:
    """Show a case with sliders for victims, traits, linkage, prior weights and the standard.

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
        Its ``explorer`` is the `Explorer` behind it, its ``sliders`` the sliders by name.

    Raises
    ------
    MissingExtraError
        If ipywidgets is not installed.

    Notes
    -----
    A step uses fewer points than `assess` (`causation.notebook.exploring.INTERACTIVE`); linkage,
    prior weights and the standard reweigh integrals that are kept.

    Examples
    --------
    >>> box = explore("bic-2025-doxxing")
    >>> box.sliders["count.co_victims"].value
    5
    >>> box.sliders["count.co_victims"].value = 0  # the answer below the sliders moves
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
        answer.value = answer_html(
            explorer, explorer.step(_setting(sliders, start, explorer.start)), lang
        )

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
    case, start = explorer.case, explorer.start

    def make(kind: Callable[..., Any], label: str, **options: Any) -> Any:
        return kind(
            description=label,
            style={"description_width": "22em"},
            layout={"width": "46em", "max_width": "100%"},
            **options,
        )

    unit: dict[str, Any] = {"min": 0.0, "max": 1.0, "step": 0.01, "readout_format": ".2f"}
    found: dict[str, Any] = {}
    for group, count in start.counts.items():
        name = group_label(case, group, lang, with_size=False)
        found[f"count.{group}"] = make(
            widgets.IntSlider, _say("count", lang, name), value=count, min=0, max=max(20, 4 * count)
        )
        found[f"linkage.{group}"] = make(
            widgets.FloatSlider,
            _say("linkage", lang, name),
            value=round(start.linkage[group], 2),
            **unit,
        )
    for item, degree in start.traits.items():
        found[f"trait.{item}"] = make(
            widgets.FloatSlider, item_label(item, lang), value=degree, **unit | {"step": 0.1}
        )
    for source, weight in start.weights.items():
        found[f"weight.{source}"] = make(
            widgets.FloatLogSlider,
            _say("weight", lang, source_label(case, source, lang)),
            value=weight,
            base=10,
            # about the weight of the case, so that it lies on the slider's own steps
            min=math.log10(weight) - 3.0,
            max=math.log10(weight) + 3.0,
            step=0.05,
            readout_format=".3g",
        )
    found["standard"] = make(
        widgets.FloatSlider,
        _say("standard", lang),
        value=start.threshold,
        **unit | {"min": 0.01, "max": 0.99},
    )
    return found


def _setting(sliders: dict[str, Any], untouched: dict[str, Any], start: Setting) -> Setting:
    """What the sliders say; one that was not moved stands for the exact value of the case."""
    values: dict[str, dict[str, Any]] = {"count": {}, "linkage": {}, "trait": {}, "weight": {}}
    for name, slider in sliders.items():
        kind, _, rest = name.partition(".")
        if kind in values and slider.value != untouched[name]:
            values[kind][rest] = slider.value
    moved = sliders["standard"].value != untouched["standard"]
    return Setting(
        counts=values["count"],
        linkage=values["linkage"],
        traits=values["trait"],
        weights=values["weight"],
        threshold=sliders["standard"].value if moved else start.threshold,
    )


def answer_html(explorer: Explorer, step: Step, lang: str = "en") -> str:
    """The answer at a step as HTML: a sentence, and a bar for each source."""
    case, p, threshold = explorer.case, step.posterior, step.setting.threshold
    verdict = _say("reached" if step.meets_standard else "missed", lang)
    what = proposition_label(case, lang)
    headline = _say("headline", lang, what, step.probability, verdict, threshold)
    rows = []
    for i, name in enumerate(p.sources):
        value, prior = float(p.probability[i]), float(p.prior[i])
        color = "#0072B2" if p.proposition[i] else "#9a9a9a"
        rows.append(
            f'<tr><td style="text-align:right;padding-right:.6em">'
            f"<bdi>{html.escape(source_label(case, name, lang))}</bdi></td>"
            f'<td><svg width="320" height="16" role="img" aria-label="{value:.3f}">'
            f'<rect width="320" height="16" fill="#eee"/>'
            f'<rect width="{320 * value:.1f}" height="16" fill="{color}"/>'
            f'<circle cx="{320 * prior:.1f}" cy="8" r="4" fill="white" stroke="black"/>'
            f'<line x1="{320 * threshold:.1f}" x2="{320 * threshold:.1f}" y1="0" y2="16" '
            f'stroke="#D55E00" stroke-width="2"/></svg></td>'
            f'<td style="padding-left:.6em">{value:.3f}</td></tr>'
        )
    return (
        f'<div data-probability="{step.probability:.6f}"><strong>{html.escape(headline)}</strong>'
        f"<table>{''.join(rows)}</table><small>{html.escape(_say('note', lang))}</small></div>"
    )
