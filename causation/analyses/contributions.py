"""What each item of evidence contributes to the odds of the proposition, in bans.

Three decompositions, each labelled as what it is: in stage order (adds up, depends on the
order), leave-one-out (does not add up where items depend on each other), and Shapley (adds
up, free of the order).
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from causation.analyses.prior_curve import log_posterior_under
from causation.case.resolved import Stage
from causation.evidence.base import logsumexp
from causation.inference.components import Layout, compute_components
from causation.inference.integrate import IntegratorSettings
from causation.model.build import Model
from causation.scales import LN10, change_in_bans, finite_or_none

__all__ = [
    "EXACT_ITEMS",
    "Contribution",
    "Contributions",
    "EvidenceItem",
    "compute_contributions",
    "evidence_items",
    "log10_odds_of",
]

EXACT_ITEMS = 10
"""Up to this many items the Shapley values are exact; beyond, they are sampled."""

PERMUTATIONS = 60
"""Random orders for sampled Shapley values, each also run backwards."""

POOL_BEYOND = 20
"""More items than this of one kind and stage are taken together as one item."""

MANY_STATES, POOL_STATES = 64, 4
"""With more combinations of linked groups than this, so few groups are taken by themselves."""

BUDGET = 12_000
"""Most integrals that are laid out for one decomposition; beyond, fewer orders or none."""


@dataclass(frozen=True, slots=True)
class EvidenceItem:
    """An item of evidence that can be dropped.

    ``kind`` is ``victims``, ``profile``, ``users_of``, ``disclosed``, ``security`` or
    ``findings``; ``name`` is the group, profile item, custodian, field, source or finding.
    ``members`` has the names of all that are dropped with it: more than one where a kind has so
    many items at one stage that they are taken together.
    """

    kind: str
    name: str
    stage: Stage
    members: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """Such as ``victims.co_victims``."""
        return f"{self.kind}.{self.name}"


@dataclass(frozen=True, slots=True)
class Contribution:
    """Bans that one item adds to the log10 odds of the proposition.

    ``shapley_error`` is the standard error of a sampled Shapley value, 0 where exact. Both are
    NaN where the linkage of so many groups is uncertain that no order could be sampled.
    """

    item: EvidenceItem
    sequential: float
    leave_one_out: float
    shapley: float
    shapley_error: float


@dataclass(frozen=True, slots=True)
class Contributions:
    """All contributions, and the total that sequential and Shapley values add up to.

    Parameters
    ----------
    rows : tuple of Contribution
        In stage order.
    fields : tuple of (str, float)
        Leave-one-out bans of each field: what is lost if it were missing.
    start, total : float
        log10 prior odds without the security record, and the bans that all evidence adds.
    """

    rows: tuple[Contribution, ...]
    fields: tuple[tuple[str, float], ...]
    start: float
    total: float

    def to_dict(self) -> dict[str, Any]:
        """Plain Python data; an infinite value is None."""
        return {
            "unit": "bans (log10) of the odds of the proposition",
            "start": finite_or_none(self.start),
            "total": finite_or_none(self.total),
            "items": [
                {
                    "id": r.item.id,
                    "stage": r.item.stage.value,
                    "sequential": finite_or_none(r.sequential),
                    "leave_one_out": finite_or_none(r.leave_one_out),
                    "shapley": finite_or_none(r.shapley),
                    "shapley_error": finite_or_none(r.shapley_error),
                }
                for r in self.rows
            ],
            "fields_leave_one_out": {f: finite_or_none(x) for f, x in self.fields},
        }


def log10_odds_of(log_weight: np.ndarray, proposition: np.ndarray) -> float:
    """log10 odds of a union of sources from unnormalised log weights (natural)."""
    with np.errstate(invalid="ignore"):
        odds = logsumexp(np, log_weight[proposition], axis=-1) - logsumexp(
            np, log_weight[~proposition], axis=-1
        )
    return float(odds / LN10)


def evidence_items(model: Model) -> tuple[EvidenceItem, ...]:
    """Items of evidence of a model in stage order."""
    items = [
        EvidenceItem("victims", g, stage)
        for g, stage in zip(model.groups, model.group_stage, strict=True)
    ]
    for kind, names, table in (
        ("profile", model.items, model.profile),
        ("users_of", model.custodians, model.user),
    ):
        for column, name in enumerate(names):
            known = np.flatnonzero(~np.isnan(table[:, column]))
            if known.size:
                stages = [model.group_stage[g] for g in known]
                items.append(EvidenceItem(kind, name, min(stages, key=list(Stage).index)))
    items += [EvidenceItem("security", r.id, r.stage) for r in model.security]
    items += [
        EvidenceItem("findings", f, model.finding_stage[f])
        for group in model.finding_groups
        for f in group.findings
    ]
    many = len(Layout.of(model).states) > MANY_STATES
    return tuple(
        sorted(
            _pooled(items, first=model.groups[:1], many_states=many),
            key=lambda item: list(Stage).index(item.stage),
        )
    )


def _pooled(
    items: Sequence[EvidenceItem], *, first: tuple[str, ...], many_states: bool
) -> list[EvidenceItem]:
    """Take items of one kind and stage together where there are many; the first group stays."""
    grouped: dict[tuple[str, Stage], list[EvidenceItem]] = {}
    result: list[EvidenceItem] = []
    for item in items:
        if item.kind == "victims" and item.name in first:
            result.append(item)
        else:
            grouped.setdefault((item.kind, item.stage), []).append(item)
    for (kind, stage), members in grouped.items():
        limit = POOL_STATES if kind == "victims" and many_states else POOL_BEYOND
        if len(members) <= limit:
            result += members
        else:
            names = tuple(m.name for m in members)
            name = f"all_{len(names)}_of_{stage.value}"
            result.append(EvidenceItem(kind, name, stage, names))
    return result


_LIGHT = ("security", "findings")


class _Game:
    """log10 odds of the proposition on any subset of the items, each computed once.

    Victim-level items change the integrals; security and findings only reweigh them.
    """

    def __init__(
        self, model: Model, items: Sequence[EvidenceItem], settings: IntegratorSettings
    ) -> None:
        self.model = model
        self.items = items
        self.settings = settings
        self.values: dict[frozenset[str], float] = {}

    def compute(self, coalitions: Sequence[frozenset[str]]) -> None:
        todo = [c for c in dict.fromkeys(coalitions) if c not in self.values]
        by_victims: dict[frozenset[str], list[frozenset[str]]] = {}
        heavy = {i.id for i in self.items if i.kind not in _LIGHT}
        for coalition in todo:
            by_victims.setdefault(coalition & heavy, []).append(coalition)
        heavy_models = [self._reduce(c) for c in by_victims]
        components = compute_components(heavy_models, self.settings)
        for heavy_model, parts, group in zip(
            heavy_models, components, by_victims.values(), strict=True
        ):
            for coalition in group:
                model = self._drop_light(heavy_model, coalition)
                weight = log_posterior_under(model, parts, model.log_prior)
                self.values[coalition] = log10_odds_of(weight, model.proposition)

    def _missing(self, present: frozenset[str], kind: str) -> list[str]:
        return [
            name
            for item in self.items
            if item.kind == kind and item.id not in present
            for name in item.members or (item.name,)
        ]

    def _reduce(self, present: frozenset[str]) -> Model:
        return self.model.reduced(
            without_groups=self._missing(present, "victims"),
            without_items=self._missing(present, "profile"),
            without_memberships=self._missing(present, "users_of"),
            without_fields=self._missing(present, "disclosed"),
        )

    def _drop_light(self, model: Model, present: frozenset[str]) -> Model:
        return model.reduced(
            without_security=self._missing(present, "security"),
            without_findings=self._missing(present, "findings"),
        )


def compute_contributions(model: Model, settings: IntegratorSettings) -> Contributions:
    """All three decompositions, and the leave-one-out of each field.

    Parameters
    ----------
    model : Model
    settings : IntegratorSettings
        Fewer points are used than for the posterior itself.

    Returns
    -------
    Contributions
    """
    settings = replace(settings, points=127, replicates=2, tolerance=0.02, limit=0.1)
    items = evidence_items(model)
    fields = tuple(
        EvidenceItem("disclosed", f, Stage.PRIMA_FACIE)
        for j, f in enumerate(model.fields)
        if (model.disclosed[:, j] + model.withheld[:, j]).any()
    )
    game = _Game(model, (*items, *fields), settings)
    ids = [i.id for i in items]
    always = frozenset(f.id for f in fields)
    whole = always | frozenset(ids)
    orders = _orders(model, items, settings.random_seed)
    if orders is None:
        subsets = [
            always | frozenset(c)
            for size in range(len(ids) + 1)
            for c in itertools.combinations(ids, size)
        ]
    else:
        subsets = [
            always | frozenset(order[:k]) for order in [ids, *orders] for k in range(len(ids) + 1)
        ]
        subsets += [whole - {i} for i in ids]
    game.compute([*subsets, *(whole - {f.id} for f in fields)])
    value = game.values
    if orders is None:
        shapley = _exact_shapley(ids, always, value)
    else:
        shapley = _sampled_shapley(ids, orders, always, value)
    rows = []
    so_far = always
    for item in items:
        grown = so_far | {item.id}
        mean, error = shapley[item.id]
        rows.append(
            Contribution(
                item,
                sequential=change_in_bans(value[grown], value[so_far]),
                leave_one_out=change_in_bans(value[whole], value[whole - {item.id}]),
                shapley=mean,
                shapley_error=error,
            )
        )
        so_far = grown
    return Contributions(
        rows=tuple(rows),
        fields=tuple((f.name, change_in_bans(value[whole], value[whole - {f.id}])) for f in fields),
        start=value[always],
        total=change_in_bans(value[whole], value[always]),
    )


def _orders(
    model: Model, items: Sequence[EvidenceItem], random_seed: int
) -> list[list[str]] | None:
    """Orders to sample, each followed by its reverse among the second half.

    None where all subsets are to be computed; an empty list where the linkage of so many groups
    is uncertain that not even a few orders are within the budget.
    """
    ids = [i.id for i in items]
    heavy = sum(i.kind not in _LIGHT for i in items)
    each = len(Layout.of(model).states) * len(model.sources)
    if len(ids) <= EXACT_ITEMS and 2**heavy * each <= BUDGET:
        return None
    number = min(PERMUTATIONS, BUDGET // (2 * (heavy + 1) * each))
    if number < 4:
        return []
    rng = np.random.default_rng(random_seed)
    orders = [[ids[k] for k in rng.permutation(len(ids))] for _ in range(number)]
    return orders + [order[::-1] for order in orders]


def _exact_shapley(
    ids: Sequence[str], always: frozenset[str], value: dict[frozenset[str], float]
) -> dict[str, tuple[float, float]]:
    count = len(ids)
    result = {}
    for item in ids:
        others = [i for i in ids if i != item]
        total = 0.0
        for size in range(count):
            weight = 1.0 / (count * math.comb(count - 1, size))
            for chosen in itertools.combinations(others, size):
                before = always | frozenset(chosen)
                total += weight * change_in_bans(value[before | {item}], value[before])
        result[item] = (total, 0.0)
    return result


def _sampled_shapley(
    ids: Sequence[str],
    orders: Sequence[Sequence[str]],
    always: frozenset[str],
    value: dict[frozenset[str], float],
) -> dict[str, tuple[float, float]]:
    """Mean over random orders and their reverses, with its standard error; NaN without orders."""
    if not orders:
        return dict.fromkeys(ids, (math.nan, math.nan))
    marginal: dict[str, list[float]] = {i: [] for i in ids}
    for order in orders:
        before = always
        for item in order:
            after = before | {item}
            marginal[item].append(change_in_bans(value[after], value[before]))
            before = after
    half = len(orders) // 2
    result = {}
    for item, values in marginal.items():
        pairs = 0.5 * (np.array(values[:half]) + np.array(values[half:]))
        with np.errstate(invalid="ignore"):
            error = float(pairs.std(ddof=1) / math.sqrt(half))
        result[item] = (float(pairs.mean()), error)
    return result
