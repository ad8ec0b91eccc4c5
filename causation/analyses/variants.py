"""The proposition under every variant, and the range of what comes out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import batched
from typing import TYPE_CHECKING, Any

from causation.analyses.bound import held
from causation.analyses.evaluating import Evaluate, draft, facts_of
from causation.analyses.steady import CLEAR, EXACT, MANY, NEAR
from causation.analyses.variant_plan import (
    Variant,
    VariantKind,
    membership_counted,
    planned_variants,
)
from causation.case.filling import fill
from causation.document.mappings import Fixed
from causation.errors import CausationError
from causation.model.structure import Model, Scenarios, build_model, concatenate

if TYPE_CHECKING:
    from causation.analyses.sets import SetResult


@dataclass(frozen=True, slots=True)
class VariantResult:
    """The proposition under one variant.

    `kind` is ``reading`` of the facts or ``model``: stress on it. `probability` is the model's,
    `held` with the likelihood ratio limited to the validated range, None for one that cannot be
    built; a robust verdict asks `needed` of it, the standard of a `binding` one; None where it is
    only shown.
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
    model: Model, *, bound: float | None, evaluate: Evaluate = draft, **options: Any
) -> tuple[VariantResult, ...]:
    """Evaluate all variants of a case; see `Variants`."""
    return Variants(model, bound=bound, evaluate=evaluate, **options).every


def with_membership_counted(
    model: Model, *, bound: float | None, evaluate: Evaluate = draft
) -> VariantResult | None:
    """The case with what put further victims on their list, being users, counted as evidence.

    For comparison only: the model does not count it, and the range of opinion leaves it out. None
    where no list of the case is one of users.
    """
    counted = membership_counted(model)
    if counted is None:
        return None
    return Variants(model, bound=bound, evaluate=evaluate, plan=[counted]).every[0]


_CELLS = 2**23
"""Items that are there or not in the rows of one call, at the most."""

type _Place = tuple[Model, Scenarios] | str
"""The model and row of a variant, or why there is none."""
type _Found = tuple[float, float, float] | str
"""Probability, held probability and error, or why there is none."""


class Variants:
    """The variants of a case; those that are rows of its model are one call.

    Parameters
    ----------
    precise : callable, optional
        From a level to what evaluates the variants that a verdict compares with it and that lie
        near it; see `causation.analyses.steady.Steady`.
    plan : sequence of Variant, optional
        `planned_variants` by default.
    """

    def __init__(
        self,
        model: Model,
        *,
        bound: float | None,
        evaluate: Evaluate = draft,
        precise: Callable[[float], Evaluate] | None = None,
        plan: Sequence[Variant] | None = None,
    ) -> None:
        self.model, self.bound = model, bound
        self.evaluate, self.precise = evaluate, precise
        self.plan = planned_variants(model) if plan is None else plan

    @cached_property
    def compared(self) -> tuple[VariantResult, ...]:
        """Those that a robust verdict asks something of."""
        return self._results([v for v in self.plan if v.needed is not None])

    @cached_property
    def every(self) -> tuple[VariantResult, ...]:
        """All, in the order of the plan."""
        compared = self.compared
        rest = self._results([v for v in self.plan if v.needed is None])
        by_id = {v.id: v for v in (*compared, *rest)}
        return tuple(by_id[v.id] for v in self.plan)

    def _results(self, plan: Sequence[Variant]) -> tuple[VariantResult, ...]:
        """Of some variants, so many at once as rows of all items take little memory."""
        most = max(MANY, _CELLS // max(1, len(self.model.items)))
        return tuple(r for some in batched(plan, most) for r in self._some(some))

    def _some(self, plan: Sequence[Variant]) -> tuple[VariantResult, ...]:
        places = {v.id: self._place(v) for v in plan}
        found = self._evaluated(self.evaluate, places)
        for needed in sorted({v.needed for v in plan if v.needed is not None}):
            near = {
                v.id: places[v.id] for v in plan if v.needed == needed and _near(v, found[v.id])
            }
            if len(near) > MANY:  # those that are clear of the level by far stay as they are
                near = {name: x for name, x in near.items() if _open(found[name], needed)}
            if self.precise is not None and near:
                found |= self._evaluated(self.precise(needed), near)
        return tuple(self._result(v, found[v.id]) for v in plan)

    def _place(self, v: Variant) -> _Place:
        """Make a row of the model, or another model."""
        filled = self.model.filled
        try:
            made = v.make()
            if isinstance(made, Scenarios):
                return self.model, made
            if not isinstance(made, Model):
                made = build_model(fill(made, priors=filled.priors, standard=filled.threshold))
        except CausationError as error:
            return str(error)
        same = facts_of(made) == facts_of(self.model)
        return (self.model if same else made), made.base()

    def _evaluated(self, evaluate: Evaluate, places: Mapping[str, _Place]) -> dict[str, _Found]:
        """Evaluate all rows of the model in one call, other models by themselves."""
        found: dict[str, _Found] = {}
        rows: dict[str, Scenarios] = {}
        for name, place in places.items():
            if isinstance(place, str):
                found[name] = place
            elif place[0] is self.model:
                rows[name] = place[1]
            else:
                found[name] = self._values(evaluate, *place)[0]
        if rows:  # several share the points of the case as it is
            first = [self.model.base()] if len(rows) > 1 else []
            whole = concatenate([*first, *rows.values()])
            values = self._values(evaluate, self.model, whole)[len(first) :]
            found |= dict(zip(rows, values, strict=True))
        return found

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


def _near(v: Variant, found: _Found) -> bool:
    """Whether a verdict may hang on the randomisation of a variant."""
    if v.needed is None or isinstance(found, str) or abs(found[1] - v.needed) > NEAR:
        return False
    return found[2] > EXACT or _open(found, v.needed)


def _open(found: _Found, level: float) -> bool:
    """Whether a variant does not lie clearly on one side of a level."""
    return not isinstance(found, str) and abs(found[1] - level) <= CLEAR * found[2]


@dataclass(frozen=True, slots=True)
class RangeOfOpinion:
    """Least and greatest probability of a case under all its variants and prior sets.

    The model's, and with the likelihood ratio limited to the validated range.
    """

    lo: float
    hi: float
    held_lo: float
    held_hi: float


def range_of_opinion(
    probability: float, limited: float, results: Sequence[VariantResult | SetResult]
) -> RangeOfOpinion:
    """Return the envelope of a case as it is (the model's, and held), its variants and sets."""
    p = [probability, *(v.probability for v in results if v.probability is not None)]
    h = [limited, *(v.held for v in results if v.held is not None)]
    return RangeOfOpinion(min(p), max(p), min(h), max(h))
