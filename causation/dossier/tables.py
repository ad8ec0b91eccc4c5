"""Tables as pandas data frames, one row for each thing, units in the column names.

Data frames are for analysis: they carry identifiers and unrounded numbers. pandas is imported
when a table is asked for.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from causation.dossier.labels import pick
from causation.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

    from causation.case import Case
    from causation.case.resolved import ResolvedCase
    from causation.dossier.assessment import Assessment

__all__ = ["TABLES", "case_inputs", "case_victims", "to_frame"]


def _frame(rows: Sequence[dict[str, Any]], index: str) -> pd.DataFrame:
    import pandas as pd

    return (
        pd.DataFrame(rows).set_index(index)
        if rows
        else pd.DataFrame(index=pd.Index([], name=index))
    )


def _sources(a: Assessment) -> pd.DataFrame:
    p = a.posterior
    rows = [
        {
            "source": s.name,
            "kind": s.kind.value,
            "in_proposition": s.name in a.proposition,
            "prior": float(p.prior[i]),
            "log_evidence": float(p.log_evidence[i]),
            "log10_evidence_error": float(p.error[i]),
            "posterior": float(p.probability[i]),
        }
        for i, s in enumerate(a.case.sources)
    ]
    return _frame(rows, "source")


def _likelihood_ratios(a: Assessment) -> pd.DataFrame:
    ratios = [dataclasses.asdict(r) for r in (*a.likelihood_ratios, a.likelihood_ratio_rest)]
    rows = [{**r, "log10_lr": r["log10"], "log10_lr_error": r["error"]} for r in ratios]
    columns = ["log10_lr", "log10_lr_error", "verbal", "depends_on_prior"]
    return _frame(rows, "against")[columns]


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


def _burden(a: Assessment) -> pd.DataFrame:
    return _frame([dataclasses.asdict(b) for b in a.burden], "stage")


def _contributions(a: Assessment) -> pd.DataFrame:
    rows = [
        {
            "item": r.item.id,
            "kind": r.item.kind,
            "stage": r.item.stage.value,
            "sequential_bans": r.sequential,
            "leave_one_out_bans": r.leave_one_out,
            "shapley_bans": r.shapley,
            "shapley_error_bans": r.shapley_error,
        }
        for r in a.contributions.rows
    ]
    return _frame(rows, "item")


def _fields(a: Assessment) -> pd.DataFrame:
    rows = [{"field": f, "leave_one_out_bans": x} for f, x in a.contributions.fields]
    return _frame(rows, "field")


def _co_victims(a: Assessment) -> pd.DataFrame:
    return _frame([dataclasses.asdict(c) for c in a.dependence.co_victims], "group")


def _prior_curve(a: Assessment) -> pd.DataFrame:
    import pandas as pd

    curve = a.prior_curve
    index = pd.Index(curve.prior, name="prior")
    return pd.DataFrame({"posterior": curve.posterior}, index=index)


def _input_sensitivity(a: Assessment) -> pd.DataFrame:
    import pandas as pd

    draws = a.input_sensitivity.probability
    return pd.DataFrame({"probability": draws}, index=pd.RangeIndex(len(draws), name="draw"))


def _inputs(a: Assessment) -> pd.DataFrame:
    return case_inputs(a.case)


TABLES: dict[str, Callable[[Assessment], pd.DataFrame]] = {
    "sources": _sources,
    "likelihood_ratios": _likelihood_ratios,
    "standards": _standards,
    "burden": _burden,
    "contributions": _contributions,
    "fields": _fields,
    "co_victims": _co_victims,
    "prior_curve": _prior_curve,
    "input_sensitivity": _input_sensitivity,
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
        Indexed by source, standard, stage, item, field, group, prior or draw.

    Raises
    ------
    InputError
        If there is no such table.

    Examples
    --------
    >>> from causation import assess
    >>> to_frame(assess("bic-2025-doxxing"), "burden").probability.round(2).tolist()
    [0.13, 0.98, 0.99]
    """
    if table not in TABLES:
        raise InputError(f"there is no table {table!r}; allowed: {', '.join(TABLES)}")
    return TABLES[table](assessment)


def case_inputs(case: ResolvedCase) -> pd.DataFrame:
    """Every number that the model uses, with where it came from and on what it rests.

    Returns
    -------
    pandas.DataFrame
        Indexed by path; ``lo`` and ``hi`` are a central 90 % interval, equal for a single
        number; ``mean`` is the mean of that logit-normal or lognormal.

    Examples
    --------
    >>> from causation.case import load_case, resolve
    >>> case_inputs(resolve(load_case("bic-2025-doxxing"))).loc["sources.osint.weight", "origin"]
    'priors:neutral'
    """
    rows = [
        {
            "path": i.path,
            "lo": i.value.lo,
            "hi": i.value.hi,
            "mean": i.value.mean(),
            "scale": i.value.scale.value,
            "origin": i.origin,
            "basis": pick(i.basis, "en"),
            "source": pick(i.source, "en") if i.source else None,
        }
        for i in case.inputs()
    ]
    return _frame(rows, "path")


def case_victims(case: Case) -> pd.DataFrame:
    """The victim groups of a case: fields as 1 (disclosed), 0 (not) or missing.

    `causation.case.tables.victims_from_frame` reads it back.

    Examples
    --------
    >>> from causation.case import load_case
    >>> case_victims(load_case("bic-2025-doxxing"))["count"].tolist()
    [1, 5]
    """
    import pandas as pd

    rows = []
    for group in case.victims:
        row: dict[str, Any] = {"id": group.id, "count": group.count}
        if group.linkage is not None:
            lo, hi = group.linkage if isinstance(group.linkage, tuple) else (group.linkage,) * 2
            row |= {"linkage_lo": lo, "linkage_hi": hi}
        row |= dict.fromkeys(group.disclosed, 1.0) | dict.fromkeys(group.not_disclosed, 0.0)
        row |= {f"profile.{k}": float(v) for k, v in group.profile.items()}
        row |= {f"users_of.{k}": float(v) for k, v in group.users_of.items()}
        rows.append(row)
    return pd.DataFrame(rows).set_index("id") if rows else pd.DataFrame(columns=["count"])
