"""Tables of a model along the axes of a grid: prior, findings, and integrals by source.

A source's integrals are looked at over the axes that touch that source alone. What two
scenarios share is integrated once; random numbers are the same everywhere, so that curves are
smooth.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from causation.case.resolved import BearsOn, ResolvedSecurity
from causation.errors import RefusalError
from causation.evidence import KINDS
from causation.evidence.base import Branch, Problem, logsumexp
from causation.evidence.findings import finding_group_log_likelihood
from causation.evidence.security import certification_factor, incident_factor
from causation.inference.components import Layout
from causation.inference.integrate import IntegratorSettings, integrate
from causation.model.build import Model, build_model
from causation.scales import Elicited, Scale
from causation.sweeping.paths import Numbers

__all__ = ["BATCH", "Findings", "IntegralPlan", "Mapper", "Tables", "build_tables"]

BATCH = 256
"""Integrals in one unit of work."""

type Mapper = Callable[[Callable[[Sequence[Problem]], np.ndarray], Iterable[Sequence[Problem]]],
                       Iterable[np.ndarray]]  # fmt: skip
"""Applies a function to every batch, in order, here or elsewhere."""


@dataclass(frozen=True, eq=False)
class Findings:
    """A group of findings along the axes.

    Parameters
    ----------
    log_joint : ndarray, shape (S, axes...)
        Natural log of the probability of all its observations together.
    reliability : ndarray, shape (axes...)
    """

    log_joint: np.ndarray
    reliability: np.ndarray


@dataclass(frozen=True, eq=False)
class Tables:
    """Everything that a posterior needs, along the axes of a grid.

    Parameters
    ----------
    model : Model
        The first scenario.
    shape : tuple of int
        Length of every axis.
    log_prior : ndarray, shape (S, axes...)
        Natural log of the normalised prior.
    findings : tuple of Findings
    threshold : ndarray, shape (axes...)
        Standard of proof.
    layout : Layout
        Types of victim groups and their states.
    linkage : ndarray, shape (G, axes...)
    by_state : tuple of ndarray, one for each source, each of shape (R, Q, axes...)
        Natural log of each component, the misfit branches already mixed.
    """

    model: Model
    shape: tuple[int, ...]
    log_prior: np.ndarray
    findings: tuple[Findings, ...]
    threshold: np.ndarray
    layout: Layout
    linkage: np.ndarray
    by_state: tuple[np.ndarray, ...]


def build_tables(
    numbers: Numbers, settings: IntegratorSettings, *, mapper: Mapper | None = None
) -> Tables:
    """Compute all tables of a grid.

    Parameters
    ----------
    numbers : Numbers
    settings : IntegratorSettings
    mapper : callable, optional
        Where the integrals are computed; by default here, one batch after another.

    Raises
    ------
    RefusalError
        If an integral does not reach its accuracy; names the source and groups.
    """
    model = build_model(numbers.case)
    log_prior = _log_prior(model, numbers)
    layout = _layout(model, numbers)
    plan = IntegralPlan(model, layout, numbers)
    values = plan.integrate(settings, mapper or map)
    return Tables(
        model=model,
        shape=numbers.grid.shape,
        log_prior=log_prior,
        findings=tuple(_findings(model, numbers)),
        threshold=numbers.threshold,
        layout=layout,
        linkage=_stack([numbers.mean(f"victims.{g}.linkage") for g in model.groups], numbers),
        by_state=tuple(plan.by_state(s, values) for s in range(len(model.sources))),
    )


def _stack(arrays: Sequence[np.ndarray], numbers: Numbers) -> np.ndarray:
    """Arrays along the axes as one with a first dimension."""
    if not arrays:
        return np.zeros((0, *(1,) * len(numbers.grid.axes)))
    return np.stack(np.broadcast_arrays(*arrays))


# --- prior and findings --------------------------------------------------------------------


def _log_prior(model: Model, numbers: Numbers) -> np.ndarray:
    weight = [np.log(numbers.mean(f"sources.{s}.weight")) for s in model.sources]
    for record in numbers.case.security:
        if record.bears_on is BearsOn.SOURCE:
            s = model.sources.index(record.source)
            weight[s] = weight[s] + np.log(_security(record, numbers))
    table = _stack(weight, numbers)
    result: np.ndarray = table - logsumexp(np, table, axis=0)
    return result


def _security(record: ResolvedSecurity, numbers: Numbers) -> np.ndarray:
    path = f"security.{record.source}"
    factor: np.ndarray = np.vectorize(incident_factor, otypes=[float])(
        numbers.mean(f"{path}.breach_rate.shape"),
        numbers.mean(f"{path}.breach_rate.rate"),
        numbers.plain(f"{path}.incidents.count", record.incidents),
        numbers.plain(f"{path}.incidents.years", record.incident_years),
    )
    if record.age_years is not None and record.hazard_ratio is not None:
        hazard = numbers.inputs[f"{path}.certification.hazard_ratio"]
        factor = factor * np.vectorize(partial(_certification, record.age_years), otypes=[float])(
            hazard.lo,
            hazard.hi,
            numbers.mean(f"{path}.certification.half_life"),
            numbers.mean(f"{path}.certification.reference"),
        )
    return factor


def _certification(age: float, lo: float, hi: float, half_life: float, reference: float) -> float:
    return certification_factor(Elicited(lo, hi, Scale.POSITIVE), age, half_life, reference)


def _findings(model: Model, numbers: Numbers) -> Iterable[Findings]:
    even = np.zeros(len(model.sources))
    for group in model.finding_groups:
        head = f"findings.{group.findings[0]}"
        with np.errstate(divide="ignore"):
            log_p = [
                np.log(
                    _stack(
                        [numbers.mean(f"findings.{f}.likelihood.{s}") for s in model.sources],
                        numbers,
                    )
                )
                for f in group.findings
            ]
        log_p = [np.moveaxis(table, 0, -1) for table in log_p]
        repeats = numbers.mean(f"{head}.repeats")
        shape = np.broadcast_shapes(repeats.shape, *(t.shape[:-1] for t in log_p))
        table = np.stack([np.broadcast_to(t, (*shape, t.shape[-1])) for t in log_p], axis=-2)
        # with full reliability the likelihood of the group is the joint one
        joint = finding_group_log_likelihood(table, 1.0, repeats, even)
        yield Findings(np.moveaxis(joint, -1, 0), numbers.mean(f"{head}.reliability"))


# --- integrals -------------------------------------------------------------------------------


def _layout(model: Model, numbers: Numbers) -> Layout:
    """Types of groups that hold in every scenario: a group that changes is its own type."""
    count, linkage, profile = model.count.copy(), model.linkage.copy(), model.profile.copy()
    for g, group in enumerate(model.groups):
        path = f"victims.{group}"
        number = numbers.plain(f"{path}.count", 1.0)
        traits = [numbers.plain(f"{path}.profile.{item}", np.nan) for item in model.items]
        varied = numbers.mean(f"{path}.linkage")
        changes = any(np.unique(x).size > 1 for x in (number, *traits))
        # a changing group gets a count and a linkage (between 0 and 1) that no other has
        count[g] = number.flat[0] + (g + 1) * 2.0**-20 * changes
        profile[g] = [x.flat[0] for x in traits]
        linkage[g] = varied.flat[0]
        if np.unique(varied).size > 1:
            linkage[g] = 0.5 + (g + 1) * 2.0**-40
    return Layout.of(replace(model, count=count, linkage=linkage, profile=profile))


_FIELDS = {
    "field_center": ("disclosure", "fields", "center"),
    "field_sd": ("disclosure", "fields", "sd"),
    "member_center": ("membership", "custodians", "center"),
    "member_sd": ("membership", "custodians", "sd"),
    "effect_center": ("odds_ratio", "items", "center"),
    "effect_sd": ("odds_ratio", "items", "sd"),
}
"""Arrays of the model by source: keys of the case file, columns, and which scale value."""


class IntegralPlan:
    """The integrals of all scenarios, each once, and where each source finds its own.

    Parameters
    ----------
    model : Model
        The first scenario.
    layout : Layout
    numbers : Numbers
    """

    def __init__(self, model: Model, layout: Layout, numbers: Numbers) -> None:
        self.problems: list[Problem] = []
        self._owners: list[tuple[int, int, np.ndarray]] = []
        self._index: dict[tuple[object, ...], int] = {}
        self._model, self._layout, self._numbers = model, layout, numbers
        self._rows = np.zeros((len(layout.states), len(model.groups)))
        self._rows[:, layout.first] = layout.states
        self._misfit = [numbers.mean(f"sources.{s}.misfit") for s in model.sources]
        shared = self._shared()
        self._places = [
            self._plan(s, Branch.ELICITED, {**shared, **self._own(s)})
            for s in range(len(model.sources))
        ]
        vague = any((m > 0.0).any() for m in self._misfit)
        self._vague = self._plan(0, Branch.VAGUE, shared) if vague else None

    def _shared(self) -> dict[str, np.ndarray]:
        """Arrays of the model that concern every source, axes first."""
        m, n = self._model, self._numbers
        count = [n.plain(f"victims.{g}.count", 1.0) for g in m.groups]
        profile = [n.plain(f"victims.{g}.profile.{k}", np.nan) for g in m.groups for k in m.items]
        reference = [n.mean(f"reference_profile.{k}") for k in m.items]
        tables = {"count": count, "profile": profile, "reference": reference}
        shaped = {key: np.moveaxis(_stack(rows, n), 0, -1) for key, rows in tables.items()}
        lead = shaped["profile"].shape[:-1]
        shaped["profile"] = shaped["profile"].reshape(*lead, len(m.groups), len(m.items))
        return shaped

    def _own(self, source: int) -> dict[str, np.ndarray]:
        """Rows of the model's arrays that concern one source, axes first."""
        m, n = self._model, self._numbers
        path = f"sources.{m.sources[source]}"
        found = {"correlation": n.mean(f"{path}.correlation")}
        for key, (table, columns, value) in _FIELDS.items():
            if table == "odds_ratio" and not m.is_profiled(source):
                continue
            rows = [getattr(n.inputs[f"{path}.{table}.{c}"], value) for c in getattr(m, columns)]
            found[key] = np.moveaxis(_stack(rows, n), 0, -1)
        return found

    def _plan(self, source: int, branch: int, arrays: dict[str, np.ndarray]) -> np.ndarray:
        """Places of the problems whose product is each component, (axes..., Q, kinds)."""
        naxes = len(self._numbers.grid.axes)
        lead = np.broadcast_shapes(*(a.shape[:naxes] for a in arrays.values()))
        size = math.prod(lead)
        full = {
            k: np.broadcast_to(a, lead + a.shape[naxes:]).reshape(size, *a.shape[naxes:])
            for k, a in arrays.items()
        }
        first, again = _alike(list(full.values()))
        found: list[list[list[int]]] = []
        for place in first:
            model = self._scenario(source, {k: a[place] for k, a in full.items()})
            found.append([self._component(model, source, branch, row) for row in self._rows])
        width = max((len(p) for rows in found for p in rows), default=0)
        padded = [[p + [-1] * (width - len(p)) for p in rows] for rows in found]
        table = np.array(padded, dtype=np.intp).reshape(len(first), len(self._rows), width)
        result: np.ndarray = table[again].reshape(*lead, len(self._rows), width)
        return result

    def _scenario(self, source: int, values: dict[str, np.ndarray]) -> Model:
        whole: dict[str, Any] = {}
        for key, value in values.items():
            if key in ("count", "profile", "reference"):
                whole[key] = value
            else:
                whole[key] = getattr(self._model, key).copy()
                whole[key][source] = value
        return replace(self._model, **whole)

    def _component(self, model: Model, source: int, branch: int, row: np.ndarray) -> list[int]:
        found = []
        for kind in KINDS.values():
            for problem in kind.problems(model, source, branch, row):
                place = self._index.setdefault(problem.key, len(self.problems))
                if place == len(self.problems):
                    self.problems.append(problem)
                    self._owners.append((source, branch, row))
                found.append(place)
        return found

    def integrate(self, settings: IntegratorSettings, mapper: Mapper) -> np.ndarray:
        """Natural log of every integral in each randomisation, (R, problems + 1).

        The last column is 0: a factor that is not there.
        """
        order = sorted(range(len(self.problems)), key=lambda i: repr(self.problems[i].signature))
        batches = [order[i : i + BATCH] for i in range(0, len(order), BATCH)]
        values = np.zeros((settings.replicates, len(self.problems) + 1))
        work = ([self.problems[i] for i in batch] for batch in batches)
        results = mapper(partial(_integrate_batch, settings), work)
        for batch, result in zip(batches, results, strict=True):
            refused = np.flatnonzero(np.isnan(result[-1]))
            if refused.size:
                raise RefusalError(
                    f"integrator: {self._owner(batch[refused[0]])}: the standard error of the "
                    f"log10 evidence stays above {settings.limit:g}"
                )
            values[:, batch] = result[:-1]
        return values

    def _owner(self, problem: int) -> str:
        source, branch, row = self._owners[problem]
        groups = ", ".join(g for g, n in zip(self._model.groups, row, strict=True) if n)
        kind = "unmodelled" if branch == Branch.VAGUE else "elicited"
        return f"source {self._model.sources[source]} ({kind} branch), victim groups {groups}"

    def by_state(self, source: int, values: np.ndarray) -> np.ndarray:
        """Natural log of each component of a source, branches mixed, (R, Q, axes...)."""
        elicited = self._gather(self._places[source], values)
        misfit = self._misfit[source]
        if self._vague is None or not (misfit > 0.0).any():
            return elicited
        vague = self._gather(self._vague, values)
        with np.errstate(divide="ignore"):
            log_keeps, log_strays = np.log1p(-misfit), np.log(misfit)
        result: np.ndarray = np.logaddexp(log_keeps + elicited, log_strays + vague)
        return result

    def _gather(self, places: np.ndarray, values: np.ndarray) -> np.ndarray:
        total = values[:, places].sum(axis=-1)  # (R, axes..., Q)
        result: np.ndarray = np.moveaxis(total, -1, 1)
        return result


def _alike(arrays: Sequence[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Rows that differ: the first of each kind, in order, and for each row its kind.

    Rows are compared bit by bit, over all arrays, whose first dimension counts rows.
    """
    rows = np.concatenate([a.reshape(a.shape[0], -1) for a in arrays], axis=1)
    width = rows.shape[1] * rows.itemsize
    kinds: dict[bytes, int] = {}
    whole = np.ascontiguousarray(rows).tobytes()
    cuts = range(0, len(whole), width) if width else range(len(rows))
    again = np.array([kinds.setdefault(whole[c : c + width], len(kinds)) for c in cuts])
    return np.unique(again, return_index=True)[1], again


def _integrate_batch(settings: IntegratorSettings, problems: Sequence[Problem]) -> np.ndarray:
    """Natural log in each randomisation, (R + 1, problems); the last row is NaN if refused."""
    integrals = integrate(problems, settings)
    table = np.array([i.log_replicates for i in integrals]).T
    flag = np.where([i.refused for i in integrals], np.nan, 0.0)
    return np.concatenate([table, flag[None]])
