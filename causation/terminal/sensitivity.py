"""What the answer hangs on, from the shell: tables, files of figures and of numbers."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Group, RenderableType

from causation.dossier.digits import percent
from causation.dossier.labels import pick
from causation.dossier.wording import input_label, shown_value
from causation.errors import InputError
from causation.output import write_whole
from causation.terminal.layout import Text, console, section, table
from causation.terminal.words import say

if TYPE_CHECKING:
    from causation.analyses.bounds import RobustBounds
    from causation.analyses.indices import GlobalIndices
    from causation.analyses.tipping import TippingPoints
    from causation.analyses.tornado import Tornado
    from causation.case.filled import Filled
    from causation.dossier.assessment import Assessment

__all__ = ["What", "analyse", "print_sensitivity", "save_sensitivity"]

_MOST = 15
"""Rows that are printed; files have all."""
_DRAWN = ("pdf", "png", "svg")


class What(StrEnum):
    """What of the sensitivity is asked for."""

    TORNADO = "tornado"
    TIPPING = "tipping"
    BOUNDS = "bounds"
    INDICES = "indices"
    VARIANTS = "variants"


def analyse(filled: Filled, what: What) -> Any:
    """Compute it, for a case that is filled."""
    if what is What.TORNADO:
        from causation.analyses.tornado import tornado

        return tornado(filled)
    if what is What.TIPPING:
        from causation.analyses.bound import validated_bound
        from causation.analyses.tipping import tipping_points

        return tipping_points(filled, bound=validated_bound())
    if what is What.BOUNDS:
        from causation.analyses.bounds import robust_bounds

        return robust_bounds(filled)
    if what is What.INDICES:
        from causation.analyses.indices import global_sensitivity

        return global_sensitivity(filled)
    from causation.dossier.assessment import assess

    return assess(filled)


def print_sensitivity(result: Any, filled: Filled, what: What, *, lang: str) -> None:
    """Print what was found."""
    console().print(_SHOWN[what](result, filled, lang))


def _tornado(result: Tornado, _: Filled, lang: str) -> RenderableType:
    made = table(
        (say("input", lang), "l"), (say("low", lang), "r"), (say("high", lang), "r"),
        (say("above", lang), "l"),
    )  # fmt: skip
    for bar in result.bars[:_MOST]:
        ends = (bar.probability_low, bar.probability_high)
        above = [say("yes" if p >= result.threshold else "no", lang) for p in ends]
        made.add_row(
            pick(bar.label, lang, name=bar.path), *map(percent, ends),
            above[0] if above[0] == above[1] else " / ".join(above),
        )  # fmt: skip
    now = f"{say('probability', lang)} {percent(result.probability)}"
    return section(say("tornado", lang), made, Text(now, style="dim"))


def _tipping(result: TippingPoints, _: Filled, lang: str) -> RenderableType:
    if not result.points:
        return section(say("tipping", lang), Text(say("tipping_none", lang)))
    made = table(
        (say("input", lang), "l"), (say("now", lang), "r"), (say("then", lang), "r"),
        (say("sds", lang), "r"),
    )  # fmt: skip
    for point in result.points[:_MOST]:
        made.add_row(
            pick(point.label, lang, name=point.path), shown_value(point.base),
            shown_value(point.value), f"{point.steps:+.1f}",
        )  # fmt: skip
    return section(say("tipping", lang), made)


def _bounds(result: RobustBounds, _: Filled, lang: str) -> RenderableType:
    made = table(
        (say("range_of", lang), "l"), (say("lowest", lang), "r"), (say("highest", lang), "r"),
        (say("above", lang), "l"),
    )  # fmt: skip
    for name, key in _BOUNDS.items():
        bounds = getattr(result, name)
        words = say(key, lang, epsilon=percent(result.epsilon), ratio=shown_value(result.ratio))
        met = {say("yes" if p >= result.threshold else "no", lang): None
               for p in (bounds.lower, bounds.upper)}  # fmt: skip
        made.add_row(words, percent(bounds.lower), percent(bounds.upper), " / ".join(met))
    now = f"{say('probability', lang)} {percent(result.probability)}"
    return section(say("bounds", lang), made, Text(now, style="dim"))


_BOUNDS = {
    "contaminated": "contaminated",
    "density_ratio": "density_ratio",
    "weights": "weights",
    "findings": "findings",
    "weights_and_findings": "both",
}


def _indices(result: GlobalIndices, filled: Filled, lang: str) -> RenderableType:
    made = table((say("input", lang), "l"), (say("index", lang), "r"), (say("interval", lang), "r"))
    rows = zip(result.paths, result.index.tolist(), result.interval.tolist(), strict=True)
    for path, index, (lo, hi) in list(rows)[:_MOST]:
        made.add_row(input_label(filled, path, lang), f"{index:.2f}", f"{lo:.2f} – {hi:.2f}")
    return section(say("indices", lang), made)


def _variants(result: Assessment, _: Filled, lang: str) -> RenderableType:
    from causation.terminal.grounds import readings, sets

    return Group(*readings(result, lang), sets(result, lang))


_SHOWN: dict[What, Callable[[Any, Filled, str], RenderableType]] = {
    What.TORNADO: _tornado,
    What.TIPPING: _tipping,
    What.BOUNDS: _bounds,
    What.INDICES: _indices,
    What.VARIANTS: _variants,
}


def save_sensitivity(result: Any, what: What, file: Path, *, lang: str) -> Path:
    """Write what was found: numbers as csv, a figure as png, pdf or svg.

    Raises
    ------
    InputError
        If there is no such format, or no figure of it.
    """
    kind = file.suffix.lower().removeprefix(".")
    if kind == "csv":
        return write_whole(file, _frame(result, what).to_csv(index=False))
    if kind not in _DRAWN:
        raise InputError(f"no such format: {file.suffix or 'none'}; allowed: csv, pdf, png, svg")
    from causation import plots
    from causation.terminal.drawing import drawn

    drawings: dict[What, Callable[..., Any]] = {
        What.TORNADO: plots.plot_tornado,
        What.VARIANTS: plots.plot_opinions,
    }
    draw = drawings.get(what)
    if draw is None:
        raise InputError(f"there is no figure of {what.value}; allowed: csv")
    return write_whole(file, drawn(lambda: draw(result, lang=lang), kind))


def _frame(result: Any, what: What) -> Any:
    import pandas as pd

    if what in {What.TORNADO, What.INDICES}:
        return result.to_dataframe()
    if what is What.VARIANTS:
        rows = [row.to_dict() for row in result.variants]
        columns = ("id", "kind", "binding", "probability", "held", "meets")
        return pd.DataFrame(rows)[list(columns)]
    if what is What.TIPPING:
        names = ("path", "base", "value", "steps", "probability")
        return pd.DataFrame(
            [{n: getattr(p, n) for n in names} for p in result.points], columns=names
        )
    found = ((name, getattr(result, name)) for name in _BOUNDS)
    return pd.DataFrame(
        [{"over": n, "lower": b.lower, "upper": b.upper, "attained": b.attained} for n, b in found]
    )
