"""The one object that ``assess --json`` prints."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from causation.document.mappings import thawed
from causation.document.shipped import data_path
from causation.errors import CausationError
from causation.scales import finite_or_none

if TYPE_CHECKING:
    from collections.abc import Mapping

    from causation.analyses.sets import SetResult
    from causation.dossier.assessment import Assessment


def assessment_json_schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of an assessment.

    Examples
    --------
    >>> assessment_json_schema()["title"]
    'Assessment'
    """
    found: dict[str, Any] = json.loads(data_path("assessment.schema.json").read_text("utf-8"))
    return found


def _numbers(table: Mapping[str, float]) -> dict[str, float | None]:
    return {key: finite_or_none(x) for key, x in table.items()}


def contract(a: Assessment, *, whole: bool = True) -> dict[str, Any]:
    """Make the object; an excluded route is None.

    Parameters
    ----------
    a : Assessment
    whole : bool
        With variants, prior sets and the verdict that needs them.
    """
    p = a.filled.proposition
    excluded = set(a.excluded)
    found: dict[str, Any] = {
        "case": a.case.id,
        "proposition": {
            "sources": list(p.sources),
            "role": p.role,
            "fields": list(p.fields),
            "any": p.any,
            "victim": p.victim,
        },
        "standard": {"id": a.standard_id, "threshold": a.threshold},
        "prior": _numbers(a.prior),
        "log_evidence": _numbers(a.log_evidence),
        "posterior": {r: None if r in excluded else x for r, x in a.posterior.items()},
        "error": {r: None if r in excluded else x for r, x in a.error.items()},
        "sources": thawed(a.propositions),
        "victims": thawed(a.victims),
        "probability": a.probability,
        "probability_error": a.probability_error,
        "log10_lr": {
            r.against: finite_or_none(r.log10)
            for r in (*a.likelihood_ratios, a.likelihood_ratio_rest)
        },
        "verbal": {r.against: r.verbal for r in (*a.likelihood_ratios, a.likelihood_ratio_rest)},
        "held": {
            "probability": a.held.probability,
            "log10_lr": finite_or_none(a.held.log10_lr),
            "bound": a.bound,
        },
        "notices": [{"id": n.id, "text": dict(n.text)} for n in a.notices],
        "engine": a.engine,
        "provenance": thawed(a.provenance),
    }
    if whole:
        found |= _whole(a)
    return found


def _set(row: SetResult, under: Assessment | CausationError) -> dict[str, Any]:
    """The result under a set, with all that does not hold there and the spread of its redraws."""
    found: dict[str, Any] = thawed(row)
    if isinstance(under, CausationError):
        return found | {"because": [], "redraws": None}
    because = [{"id": r.id, "text": dict(r.text)} for r in under.judgement.because]
    spread = {"held_mean": under.redraws.held_mean, "held_interval": under.redraws.held_interval}
    return found | {"because": because, "redraws": thawed(spread)}


def _whole(a: Assessment) -> dict[str, Any]:
    missing: dict[str, str] = {}
    uncertainty = None
    try:
        uncertainty = thawed(a.uncertainty)
    except CausationError as error:
        missing["uncertainty"] = str(error)
    return {
        "verdict": a.verdict.value,
        "because": [{"id": r.id, "text": dict(r.text)} for r in a.judgement.because],
        "variants": thawed(a.variants),
        "membership_counted": thawed(a.membership_counted),
        "security": thawed(a.security),
        "sets": [_set(s, a.by_set[s.id]) for s in a.sets],
        "claimants": thawed(a.claimants),
        "range_of_opinion": [a.range_of_opinion.lo, a.range_of_opinion.hi],
        "redraws": a.redraws.to_dict(),
        "burden": thawed(a.burden),
        "prior_at_standard": a.prior_curve.prior_at_standard,
        "held_prior_at_standard": a.prior_curve.held_prior_at_standard,
        "uncertainty": uncertainty,
        "missing": missing,
        "residual_needed": thawed(a.carriers.residual),
    }
