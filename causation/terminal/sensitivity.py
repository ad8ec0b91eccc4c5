"""What the answer hangs on, from the shell: tables, files of figures and of numbers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Group, RenderableType

from causation.dossier.digits import percent
from causation.dossier.labels import pick
from causation.dossier.wording import input_label, shown_value
from causation.errors import InputError
from causation.output import write_whole
from causation.terminal.drawing import FORMATS, save
from causation.terminal.grounds import readings, sets
from causation.terminal.layout import Text, console, say, section, worded

if TYPE_CHECKING:
    from causation.analyses.bounds import RobustBounds
    from causation.analyses.indices import GlobalIndices
    from causation.analyses.tipping import TippingPoints
    from causation.analyses.tornado import Tornado
    from causation.case.filled import Filled
    from causation.dossier.assessment import Assessment

_MOST = 15
"""Rows that are printed; files have all."""


def analyse(filled: Filled, what: str) -> Any:
    """Compute it, for a case that is filled."""
    from causation.analyses.bound import validated_bound
    from causation.analyses.bounds import robust_bounds
    from causation.analyses.indices import global_sensitivity
    from causation.analyses.tipping import tipping_points
    from causation.analyses.tornado import tornado
    from causation.dossier.assessment import assess

    compute: dict[str, Callable[[Filled], Any]] = {
        "tornado": lambda f: tornado(f, bound=validated_bound()),
        "tipping": lambda f: tipping_points(f, bound=validated_bound()),
        "bounds": robust_bounds,
        "indices": global_sensitivity,
        "variants": assess,
    }
    return compute[what](filled)


def print_sensitivity(result: Any, filled: Filled, what: str, *, lang: str) -> None:
    """Print what was found."""
    console().print(_SHOWN[what](result, filled, lang))


def _above(threshold: float, lang: str, *ends: float) -> str:
    """Whether both ends lie above the standard, or which."""
    said = [say("yes" if p >= threshold else "no", lang) for p in ends]
    return " / ".join(dict.fromkeys(said))


def _note(key: str, result: Tornado | RobustBounds, lang: str) -> Text:
    p = percent(result.probability, result.threshold)
    return Text(say(key, lang, p=p), style="dim")


def _tornado(result: Tornado, _: Filled, lang: str) -> RenderableType:
    def both(p: float, held: float) -> str:
        values = (percent(x, result.threshold) for x in (p, held))
        return say("p_and_held", lang, **dict(zip(("p", "held"), values, strict=True)))

    rows = [
        (
            pick(bar.label, lang, name=bar.path),
            both(bar.probability_low, bar.held_low),
            both(bar.probability_high, bar.held_high),
            _above(result.threshold, lang, bar.held_low, bar.held_high),
        )
        for bar in result.bars[:_MOST]
    ]
    made = worded(lang, "input", ">low", ">high", "above", rows=rows)
    return section(say("tornado", lang), made, _note("tornado_note", result, lang))


def _tipping(result: TippingPoints, _: Filled, lang: str) -> RenderableType:
    if not result.points:
        return section(say("tipping", lang), Text(say("tipping_none", lang)))
    rows = [
        (
            pick(point.label, lang, name=point.path),
            shown_value(point.base),
            shown_value(point.value),
            f"{point.steps:+.1f}",
        )
        for point in result.points[:_MOST]
    ]
    made = worded(lang, "input", ">now", ">then", ">sds", rows=rows)
    return section(say("tipping", lang), made)


_BOUNDS = {
    "contaminated": "contaminated",
    "density_ratio": "density_ratio",
    "weights": "weights",
    "findings": "findings",
    "weights_and_findings": "both",
}


def _bounds(result: RobustBounds, _: Filled, lang: str) -> RenderableType:
    rows = [
        (
            say(key, lang, epsilon=percent(result.epsilon), ratio=shown_value(result.ratio)),
            percent(bounds.lower, result.threshold),
            percent(bounds.upper, result.threshold),
            _above(result.threshold, lang, bounds.lower, bounds.upper),
        )
        for key, bounds in ((key, getattr(result, name)) for name, key in _BOUNDS.items())
    ]
    made = worded(lang, "range_of", ">lowest", ">highest", "model_above", rows=rows)
    return section(say("bounds", lang), made, _note("bounds_note", result, lang))


def _indices(result: GlobalIndices, filled: Filled, lang: str) -> RenderableType:
    found = zip(result.paths, result.index.tolist(), result.interval.tolist(), strict=True)
    rows = [
        (input_label(filled, path, lang), f"{index:.2f}", f"{lo:.2f} – {hi:.2f}")
        for path, index, (lo, hi) in list(found)[:_MOST]
    ]
    return section(say("indices", lang), worded(lang, "input", ">index", ">interval", rows=rows))


def _variants(result: Assessment, _: Filled, lang: str) -> RenderableType:
    return Group(*readings(result, lang), sets(result, lang))


_SHOWN: dict[str, Callable[[Any, Filled, str], RenderableType]] = {
    "tornado": _tornado,
    "tipping": _tipping,
    "bounds": _bounds,
    "indices": _indices,
    "variants": _variants,
}


def save_sensitivity(result: Any, what: str, file: Path, *, lang: str) -> Path:
    """Write what was found: numbers as csv, a figure as png, pdf or svg.

    Raises
    ------
    InputError
        If there is no such format, or no figure of it.
    """
    kind = file.suffix.lower().removeprefix(".")
    if kind == "csv":
        return write_whole(file, _frame(result, what).to_csv(index=False))
    if kind not in FORMATS:
        raise InputError(f"no such format: {file.suffix or 'none'}; allowed: csv, pdf, png, svg")
    from causation import plots

    drawings: dict[str, Callable[..., Any]] = {
        "tornado": plots.plot_tornado,
        "variants": plots.plot_opinions,
    }
    draw = drawings.get(what)
    if draw is None:
        raise InputError(f"there is no figure of {what}; allowed: csv")
    return save(lambda: draw(result, lang=lang), file)


def _frame(result: Any, what: str) -> Any:
    import pandas as pd

    def rows(parts: Any, *names: str) -> pd.DataFrame:
        return pd.DataFrame([{n: getattr(p, n) for n in names} for p in parts], columns=names)

    if what == "variants":
        return rows(result.variants, "id", "kind", "binding", "probability", "held", "meets")
    if what == "tipping":
        return rows(result.points, "path", "base", "value", "steps", "probability")
    if what == "bounds":
        found = rows([getattr(result, n) for n in _BOUNDS], "lower", "upper", "attained")
        found.insert(0, "over", list(_BOUNDS))
        return found
    return result.to_dataframe()
