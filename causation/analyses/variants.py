"""The proposition under every variant, and the range of what comes out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import numpy as np

from causation.analyses.bound import held
from causation.analyses.evaluating import Evaluate, draft
from causation.analyses.steady import CLEAR, EXACT, NEAR
from causation.analyses.variant_plan import (
    Variant,
    VariantKind,
    label_of,
    membership_counted,
    planned_variants,
)
from causation.case.filling import fill
from causation.document.mappings import Fixed
from causation.errors import CausationError
from causation.model.structure import Model, Scenarios, build_model, concatenate

if TYPE_CHECKING:
    from causation.analyses.sets import SetResult
    from causation.case.filled import Filled
    from causation.case.schema import Case

__all__ = [
    "RangeOfOpinion",
    "VariantResult",
    "range_of_opinion",
    "variants",
    "with_membership_counted",
]

type Build = Callable[[Case], Model]
"""From a case to its model, under the same prior set and standard."""


@dataclass(frozen=True, slots=True)
class VariantResult:
    """The proposition under one variant.

    Parameters
    ----------
    id : str
    label : mapping of str to str
    kind : str
        ``reading`` of the facts, or ``model``: stress on it.
    binding : bool
        Whether it has to reach the standard for a robust verdict.
    probability, held : float or None
        The model's, and with the likelihood ratio limited to the validated range; None for one
        that cannot be built.
    meets : bool or None
        Whether `held` reaches the standard.
    needed : float or None
        What a robust verdict asks of `held`; None where the variant is only shown.
    why_missing : mapping of str to str or None
    """

    id: str
    label: Mapping[str, str]
    kind: VariantKind
    binding: bool
    probability: float | None
    held: float | None
    meets: bool | None
    needed: float | None = None
    why_missing: Mapping[str, str] | None = None


def variants(
    model: Model,
    *,
    bound: float | None,
    evaluate: Evaluate = draft,
    precise: Callable[[float], Evaluate] | None = None,
    build: Build | None = None,
    plan: Sequence[Variant] | None = None,
) -> tuple[VariantResult, ...]:
    """Evaluate the variants of a case; those that are rows of its model in one call.

    Parameters
    ----------
    model : Model
        Of the case, under its prior set and standard.
    bound : float or None
        log10 of the greatest likelihood ratio either way.
    evaluate : callable
    precise : callable, optional
        From a level to what evaluates the variants that a verdict compares with it and that lie
        near it; see `causation.analyses.steady.Steady`.
    build : callable, optional
        Makes the model of a variant.
    plan : sequence of Variant, optional
        `planned_variants` by default.
    """
    search = _Search(model, bound, evaluate, precise, build or _builder(model))
    return search.results(planned_variants(model) if plan is None else plan)


def with_membership_counted(
    model: Model, *, bound: float | None, evaluate: Evaluate = draft
) -> VariantResult | None:
    """The case with what put further victims on their list, being users, counted as evidence.

    For comparison only: the model does not count it, and the range of opinion leaves it out.

    Returns
    -------
    VariantResult or None
        None where no list of the case is one of users.
    """
    other = membership_counted(model)
    if other is None:
        return None
    plan = [Variant("membership_counted", label_of("membership_counted"), "model", row=other.base)]
    return _Search(other, bound, evaluate, None, _builder(other)).results(plan)[0]


def _builder(model: Model) -> Build:
    def build(case: Case) -> Model:
        filled = model.filled
        return build_model(fill(case, priors=filled.priors, standard=filled.threshold))

    return build


type _Place = tuple[Model, Scenarios] | str
"""The model and row of a variant, or why there is none."""
type _Found = tuple[float, float, float] | str
"""Probability, held probability and error, or why there is none."""


class _Search:
    def __init__(
        self,
        model: Model,
        bound: float | None,
        evaluate: Evaluate,
        precise: Callable[[float], Evaluate] | None,
        build: Build,
    ) -> None:
        self.model, self.bound = model, bound
        self.evaluate, self.precise, self.build = evaluate, precise, build

    def results(self, plan: Sequence[Variant]) -> tuple[VariantResult, ...]:
        places = {v.id: self._place(v) for v in plan}
        found = self._evaluated(places)
        return tuple(self._result(v, self._again(v, places[v.id], found[v.id])) for v in plan)

    def _place(self, v: Variant) -> _Place:
        """Make a row of the model, or the model of another case."""
        try:
            if v.row is not None:
                return self.model, v.row()
            other = self.build(self.model.filled.case if v.case is None else v.case())
        except CausationError as error:
            return str(error)
        row = _as_row(self.model, other)
        return (other, other.base()) if row is None else (self.model, row)

    def _evaluated(self, places: Mapping[str, _Place]) -> dict[str, _Found]:
        """Evaluate all rows of the model in one call, other models by themselves."""
        found: dict[str, _Found] = {}
        rows: dict[str, Scenarios] = {}
        for name, place in places.items():
            if isinstance(place, str):
                found[name] = place
            elif place[0] is self.model:
                rows[name] = place[1]
            else:
                found[name] = self._values(self.evaluate, *place)[0]
        if rows:
            whole = concatenate([self.model.base(), *rows.values()])
            values = self._values(self.evaluate, self.model, whole)[1:]
            found |= dict(zip(rows, values, strict=True))
        return found

    def _again(self, v: Variant, place: _Place, found: _Found) -> _Found:
        """Evaluate a variant more precisely where a verdict may hang on it."""
        if self.precise is None or v.needed is None or isinstance(place, str):
            return found
        if isinstance(found, str) or abs(found[1] - v.needed) > NEAR:
            return found
        if found[2] <= EXACT and abs(found[1] - v.needed) > CLEAR * found[2]:
            return found
        return self._values(self.precise(v.needed), *place)[0]

    def _values(
        self, evaluate: Evaluate, model: Model, rows: Scenarios
    ) -> list[tuple[float, float, float]]:
        answer = evaluate(model, rows)
        limited = held(answer, self.bound).probability.tolist()
        p, error = answer.probability.tolist(), answer.probability_error.tolist()
        return list(zip(p, limited, error, strict=True))

    def _result(self, v: Variant, found: _Found) -> VariantResult:
        about = (v.id, v.label, v.kind, v.binding)
        if isinstance(found, str):
            why = Fixed({"en": f"cannot be built: {found}", "zh": f"无法据此建立模型：{found}"})
            return VariantResult(*about, None, None, None, v.needed, why)
        meets = found[1] >= self.model.filled.threshold
        return VariantResult(*about, *found[:2], meets, v.needed)


_NUMBERS_ONLY = {"case", "notices", "title", "standard_id", "threshold", "elicitation_sd", "single"}
_ARRAYS = {"_numbers", "_read", "_labels", "all_groups", "all_findings", "all_security"}


def _as_row(model: Model, other: Model) -> Scenarios | None:
    """Return another model as a row of this one, if they differ in numbers alone."""
    if (model.route_names, model.items, [n.path for n in model.numbers]) != (
        other.route_names,
        other.items,
        [n.path for n in other.numbers],
    ) or not _same_facts(model.filled, other.filled):
        return None
    return other.base()


def _same_facts(a: Filled, b: Filled) -> bool:
    ignored = _NUMBERS_ONLY | _ARRAYS
    names = [f.name for f in fields(a) if f.name not in ignored]
    return all(getattr(a, name) == getattr(b, name) for name in names)


@dataclass(frozen=True, slots=True)
class RangeOfOpinion:
    """Envelope of the case as it is, all its variants and prior sets.

    Parameters
    ----------
    lo, hi : float
        Least and greatest probability, as the model has them.
    lo_id, hi_id : str
        Where they occur; ``base`` for the case as it is.
    held_lo, held_hi : float
        The same with the likelihood ratio limited to the validated range.
    meeting, failing, missing : tuple of str
        Variants that reach the standard, those that do not, and those that cannot be built.
    """

    lo: float
    hi: float
    lo_id: str
    hi_id: str
    held_lo: float
    held_hi: float
    meeting: tuple[str, ...]
    failing: tuple[str, ...]
    missing: tuple[str, ...]


def range_of_opinion(
    probability: float, limited: float, results: Sequence[VariantResult | SetResult]
) -> RangeOfOpinion:
    """Return the envelope of a case, its variants and the prior sets.

    Parameters
    ----------
    probability, limited : float
        Of the case as it is: the model's, and held.
    results : sequence of VariantResult and SetResult
    """
    known = [v for v in results if v.probability is not None and v.held is not None]
    names = ["base", *(v.id for v in known)]
    p = np.array([probability, *(v.probability for v in known)], float)
    h = np.array([limited, *(v.held for v in known)], float)
    return RangeOfOpinion(
        float(p.min()), float(p.max()), names[int(p.argmin())], names[int(p.argmax())],
        float(h.min()), float(h.max()),
        meeting=tuple(v.id for v in known if v.meets),
        failing=tuple(v.id for v in known if not v.meets),
        missing=tuple(v.id for v in results if v.probability is None),
    )  # fmt: skip
