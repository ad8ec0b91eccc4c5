"""Tables as pandas data frames, one row for each thing, units in the column names.

Data frames are for analysis: they carry identifiers and unrounded numbers. pandas is imported
when a table is asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from causation.dossier.labels import pick
from causation.errors import CausationError, InputError

if TYPE_CHECKING:
    import pandas as pd

    from causation.case.filled import Filled
    from causation.dossier.assessment import Assessment


def _frame(rows: Sequence[dict[str, Any]], *index: str) -> pd.DataFrame:
    import pandas as pd

    if rows:
        return pd.DataFrame(rows).set_index(list(index))
    if len(index) == 1:
        return pd.DataFrame(index=pd.Index([], name=index[0]))
    return pd.DataFrame(index=pd.MultiIndex.from_arrays([[] for _ in index], names=index))


def _cells(thing: object, columns: Mapping[str, str]) -> dict[str, Any]:
    return {name: attrgetter(path)(thing) for name, path in columns.items()}


def _routes(a: Assessment) -> list[dict[str, Any]]:
    return [
        {
            "route": route.name,
            "entrance": route.entrance.name,
            "prior": a.prior[route.name],
            "log_evidence": a.log_evidence[route.name],
            "log10_evidence_error": a.error[route.name],
            "posterior": a.posterior[route.name],
        }
        for route in a.model.routes
    ]


def _sources(a: Assessment) -> list[dict[str, Any]]:
    return [
        {
            "source": s.name,
            "kind": s.kind.value,
            "in_proposition": s.name in a.proposition,
            "prior_entrance": a.source_prior[s.name],
            **{part: a.propositions[s.name][part] for part in ("entrance", "role", "alone")},
        }
        for s in a.filled.sources
    ]


def _provenance(a: Assessment) -> list[dict[str, Any]]:
    return [
        {"field": f, "source": s, "supplied": supplied, "sole": table["sole"][f]}
        for s, table in a.propositions.items()
        for f, supplied in table["supplied"].items()
    ]


def _victims(a: Assessment) -> list[dict[str, Any]]:
    return [
        {"group": g, "source": s, "role": p}
        for g, table in a.victims.items()
        for s, p in table.items()
    ]


def _likelihood_ratios(a: Assessment) -> list[dict[str, Any]]:
    columns = _same("against") | _RATIO | _same("verbal depends_on_prior")
    return [_cells(r, columns) for r in (*a.likelihood_ratios, a.likelihood_ratio_rest)]


def _if_wrong(a: Assessment) -> list[dict[str, Any]]:
    return [
        {"item": "" if one.item is None else one.item.id, "priors": name, **_cells(w, _HELD)}
        for one in a.if_wrong
        for name, w in one.by_set.items()
    ]


def _variants_by_set(a: Assessment) -> list[dict[str, Any]]:
    return [
        {"variant": v.id, "priors": name, **_cells(v, _RESULT)}
        for name, under in a.by_set.items()
        if not isinstance(under, CausationError)
        for v in under.variants
    ]


def _prior_curve(a: Assessment) -> list[dict[str, Any]]:
    curve = a.prior_curve
    rows = zip(curve.prior.tolist(), curve.posterior.tolist(), curve.held.tolist(), strict=True)
    return [{"prior": x, "posterior": p, "held": h} for x, p, h in rows]


def _redraws(a: Assessment) -> list[dict[str, Any]]:
    rows = zip(a.redraws.probability.tolist(), a.redraws.held.tolist(), strict=True)
    return [{"draw": k, "probability": p, "held": h} for k, (p, h) in enumerate(rows)]


def _same(names: str) -> dict[str, str]:
    return {name: name for name in names.split()}


_HELD = _same("probability held meets")
_RESULT = _same("probability held meets why_missing")
_RATIO = {"log10_lr": "log10", "log10_lr_error": "error", "log10_lr_held": "held"}
_BANS = {
    "sequential_bans": "sequential",
    "leave_one_out_bans": "leave_one_out",
    "shapley_bans": "shapley",
    "shapley_error_bans": "shapley_error",
}

type _Rows = Callable[[Assessment], list[dict[str, Any]]]

_PLAIN: dict[str, tuple[str, dict[str, str]]] = {
    "standards": (
        "standards",
        {"standard": "standard.id", "threshold": "standard.threshold", "met": "met",
         "status": "standard.status"},
    ),
    "variants": ("variants", {"variant": "id"} | _same("kind binding") | _RESULT),
    "sets": ("sets", {"priors": "id"} | _same("own") | _RESULT | _same("verdict")),
    "burden": ("burden", _same("stage probability log10_odds held met")),
    "contributions": (
        "contributions.rows",
        {"item": "item.id", "kind": "item.kind", "stage": "item.stage.value"} | _BANS,
    ),
    "carriers": ("carriers.inputs", _same("path low high move")),
    "uncertainty": ("uncertainty.inputs", _same("path share sd status incidents")),
    "claimants": (
        "claimants", _same("group plaintiff count linked probability held meets verdict")
    ),
    "security": ("security", _same("source factor incidents certificate expired")),
    "co_victims": (
        "dependence.co_victims", _same("group count bans independent_bans equivalent")
    ),
}  # fmt: skip
"""By name: where the things are, and their columns by attribute; indexed by the first."""

_MADE: dict[str, tuple[str, _Rows]] = {
    "routes": ("route", _routes),
    "sources": ("source", _sources),
    "provenance": ("field source", _provenance),
    "victims": ("group source", _victims),
    "likelihood_ratios": ("against", _likelihood_ratios),
    "if_wrong": ("item priors", _if_wrong),
    "variants_by_set": ("variant priors", _variants_by_set),
    "prior_curve": ("prior", _prior_curve),
    "redraws": ("draw", _redraws),
    "inputs": ("path", lambda a: _inputs(a.filled)),
}
"""By name: index, and rows."""

TABLES = (*_MADE, *_PLAIN)
"""Every table of an assessment by its name."""


def to_frame(assessment: Assessment, table: str = "sources") -> pd.DataFrame:
    """One table of an assessment as a data frame.

    Parameters
    ----------
    assessment : Assessment
    table : str
        One of `TABLES`.

    Returns
    -------
    pandas.DataFrame
        Indexed by what the rows are about: a route, a source, a field and a source, a draw.

    Raises
    ------
    InputError
        If there is no such table.

    Examples
    --------
    >>> from causation import assess
    >>> to_frame(assess("bic-2025-doxxing"), "routes").index.tolist()[:2]
    ['platform', 'platform/library']
    """
    if table not in TABLES:
        raise InputError(f"there is no table {table!r}; allowed: {', '.join(TABLES)}")
    if table in _MADE:
        index, rows_of = _MADE[table]
        return _frame(rows_of(assessment), *index.split())
    where, columns = _PLAIN[table]
    rows = [_cells(thing, columns) for thing in attrgetter(where)(assessment)]
    return _frame(rows, next(iter(columns)))


def _inputs(filled: Filled) -> list[dict[str, Any]]:
    return [
        {
            "path": n.path,
            "lo": n.lo,
            "hi": n.hi,
            "mean": n.mean(),
            "scale": n.scale.value,
            "origin": n.origin,
            "basis": pick(n.basis, "en"),
            "source": pick(n.source, "en") if n.source else None,
            "status": n.status,
            "n": n.n,
        }
        for n in filled.numbers()
    ]
