"""Tables as pandas data frames, one row for each thing, units in the column names.

Data frames are for analysis: they carry identifiers and unrounded numbers. pandas is imported
when a table is asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from causation.dossier.labels import pick
from causation.errors import CausationError, InputError

if TYPE_CHECKING:
    import pandas as pd

    from causation.case.filled import Filled
    from causation.case.schema import Case
    from causation.dossier.assessment import Assessment

__all__ = ["TABLES", "case_inputs", "case_victims", "to_frame"]


def _frame(rows: Sequence[dict[str, Any]], *index: str) -> pd.DataFrame:
    import pandas as pd

    if rows:
        return pd.DataFrame(rows).set_index(list(index))
    if len(index) == 1:
        return pd.DataFrame(index=pd.Index([], name=index[0]))
    return pd.DataFrame(index=pd.MultiIndex.from_arrays([[] for _ in index], names=index))


def _routes(a: Assessment) -> pd.DataFrame:
    rows = [
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
    return _frame(rows, "route")


def _sources(a: Assessment) -> pd.DataFrame:
    rows = [
        {
            "source": s.name,
            "kind": s.kind.value,
            "in_proposition": s.name in a.proposition,
            "prior_entrance": a.source_prior[s.name],
            "entrance": a.propositions[s.name]["entrance"],
            "role": a.propositions[s.name]["role"],
            "alone": a.propositions[s.name]["alone"],
        }
        for s in a.filled.sources
    ]
    return _frame(rows, "source")


def _provenance(a: Assessment) -> pd.DataFrame:
    rows = [
        {
            "field": f,
            "source": s,
            "supplied": supplied,
            "sole": table["sole"][f],
        }
        for s, table in a.propositions.items()
        for f, supplied in table["supplied"].items()
    ]
    return _frame(rows, "field", "source")


def _victims(a: Assessment) -> pd.DataFrame:
    rows = [
        {"group": g, "source": s, "role": p}
        for g, table in a.victims.items()
        for s, p in table.items()
    ]
    return _frame(rows, "group", "source")


def _likelihood_ratios(a: Assessment) -> pd.DataFrame:
    rows = [
        {
            "against": r.against,
            "log10_lr": r.log10,
            "log10_lr_error": r.error,
            "log10_lr_held": r.held,
            "verbal": r.verbal,
            "depends_on_prior": r.depends_on_prior,
        }
        for r in (*a.likelihood_ratios, a.likelihood_ratio_rest)
    ]
    return _frame(rows, "against")


def _standards(a: Assessment) -> pd.DataFrame:
    rows = [
        {
            "standard": r.standard.id,
            "threshold": r.standard.threshold,
            "met": r.met,
            "status": r.standard.status,
        }
        for r in a.standards
    ]
    return _frame(rows, "standard")


_RESULT = ("probability", "held", "meets", "why_missing")


def _variants(a: Assessment) -> pd.DataFrame:
    names = ("id", "kind", "binding", *_RESULT)
    rows = [{name: getattr(v, name) for name in names} for v in a.variants]
    return _frame([{"variant": r.pop("id"), **r} for r in rows], "variant")


def _sets(a: Assessment) -> pd.DataFrame:
    names = ("own", *_RESULT, "verdict")
    rows = [{"priors": s.id, **{name: getattr(s, name) for name in names}} for s in a.sets]
    return _frame(rows, "priors")


def _burden(a: Assessment) -> pd.DataFrame:
    names = ("stage", "probability", "log10_odds", "held", "met")
    rows = [{name: getattr(b, name) for name in names} for b in a.burden]
    return _frame(rows, "stage")


def _contributions(a: Assessment) -> pd.DataFrame:
    rows = [
        {
            "item": r.item.id,
            "kind": r.item.kind,
            "stage": str(r.item.stage),
            "sequential_bans": r.sequential,
            "leave_one_out_bans": r.leave_one_out,
            "shapley_bans": r.shapley,
            "shapley_error_bans": r.shapley_error,
        }
        for r in a.contributions.rows
    ]
    return _frame(rows, "item")


def _if_wrong(a: Assessment) -> pd.DataFrame:
    rows = [
        {
            "item": "" if one.item is None else one.item.id,
            "priors": name,
            "probability": w.probability,
            "held": w.held,
            "meets": w.meets,
        }
        for one in a.if_wrong
        for name, w in one.by_set.items()
    ]
    return _frame(rows, "item", "priors")


def _carriers(a: Assessment) -> pd.DataFrame:
    names = ("path", "low", "high", "move")
    return _frame([{name: getattr(c, name) for name in names} for c in a.carriers.inputs], "path")


def _uncertainty(a: Assessment) -> pd.DataFrame:
    names = ("path", "share", "sd", "status", "incidents")
    rows = [{name: getattr(x, name) for name in names} for x in a.uncertainty.inputs]
    return _frame(rows, "path")


def _claimants(a: Assessment) -> pd.DataFrame:
    names = ("group", "plaintiff", "count", "linked", "probability", "held", "meets", "verdict")
    rows = [{name: getattr(c, name) for name in names} for c in a.claimants]
    return _frame(rows, "group")


def _security(a: Assessment) -> pd.DataFrame:
    names = ("source", "factor", "incidents", "certificate", "expired")
    return _frame([{name: getattr(f, name) for name in names} for f in a.security], "source")


def _variants_by_set(a: Assessment) -> pd.DataFrame:
    rows = [
        {"variant": v.id, "priors": name, **{n: getattr(v, n) for n in _RESULT}}
        for name, under in a.by_set.items()
        if not isinstance(under, CausationError)
        for v in under.variants
    ]
    return _frame(rows, "variant", "priors")


def _co_victims(a: Assessment) -> pd.DataFrame:
    names = ("group", "count", "bans", "independent_bans", "equivalent")
    rows = [{name: getattr(c, name) for name in names} for c in a.dependence.co_victims]
    return _frame(rows, "group")


def _prior_curve(a: Assessment) -> pd.DataFrame:
    import pandas as pd

    curve = a.prior_curve
    index = pd.Index(curve.prior, name="prior")
    return pd.DataFrame({"posterior": curve.posterior, "held": curve.held}, index=index)


def _redraws(a: Assessment) -> pd.DataFrame:
    import pandas as pd

    main = a.redraws
    index = pd.RangeIndex(len(main.probability), name="draw")
    return pd.DataFrame({"probability": main.probability, "held": main.held}, index=index)


def _inputs(a: Assessment) -> pd.DataFrame:
    return case_inputs(a.filled)


TABLES: dict[str, Callable[[Assessment], pd.DataFrame]] = {
    "routes": _routes,
    "sources": _sources,
    "provenance": _provenance,
    "victims": _victims,
    "likelihood_ratios": _likelihood_ratios,
    "standards": _standards,
    "variants": _variants,
    "sets": _sets,
    "burden": _burden,
    "contributions": _contributions,
    "if_wrong": _if_wrong,
    "carriers": _carriers,
    "uncertainty": _uncertainty,
    "claimants": _claimants,
    "security": _security,
    "variants_by_set": _variants_by_set,
    "co_victims": _co_victims,
    "prior_curve": _prior_curve,
    "redraws": _redraws,
    "inputs": _inputs,
}
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
    return TABLES[table](assessment)


def case_inputs(filled: Filled) -> pd.DataFrame:
    """Every number that the model uses, with where it came from and on what it rests.

    Returns
    -------
    pandas.DataFrame
        Indexed by path; ``lo`` and ``hi`` are a central 90 % interval, equal for a single
        number; ``mean`` is the mean of that logit-normal or lognormal.

    Examples
    --------
    >>> from causation.case import fill, load_case
    >>> case_inputs(fill(load_case("bic-2025-doxxing"))).loc["sources.osint.weight", "origin"]
    'priors:neutral'
    """
    rows = [
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
    return _frame(rows, "path")


def case_victims(case: Case) -> pd.DataFrame:
    """The victim groups of a case: fields as 1 (published), 0 (not) or missing.

    `causation.case.read_victims` reads it back, where ``known_by``, records and dates are not
    stated.

    Examples
    --------
    >>> from causation.case import load_case
    >>> case_victims(load_case("bic-2025-doxxing"))["count"].tolist()
    [1, 5]
    """
    import pandas as pd

    rows = []
    for group in case.victims:
        row: dict[str, Any] = {"id": group.id, "count": group.count, "plaintiff": group.plaintiff}
        if group.linkage is not None:
            lo, hi = group.linkage if isinstance(group.linkage, tuple) else (group.linkage,) * 2
            row |= {"linkage_lo": lo, "linkage_hi": hi}
        row |= dict.fromkeys(group.disclosed, 1.0) | dict.fromkeys(group.not_disclosed, 0.0)
        row |= {f"traits.{k}": float(v) for k, v in group.traits.items()}
        row |= dict.fromkeys((f"users_of.{c}" for c in group.users_of), 1.0)
        row |= dict.fromkeys((f"users_of.{c}" for c in group.not_users_of), 0.0)
        rows.append(row)
    return pd.DataFrame(rows).set_index("id") if rows else pd.DataFrame(columns=["count"])
