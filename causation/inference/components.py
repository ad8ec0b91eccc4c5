"""The mixtures over linkage and misfit, from integrals that do not depend on their weights.

Whether each group belongs to the series, and whether a source behaves as elicited, are summed
over exactly: every combination is one product of integrals (a *component*), computed once.
Prior weights, linkage, misfit and findings then enter by arithmetic alone, and broadcast.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from causation.errors import RefusalError
from causation.evidence import KINDS
from causation.evidence.base import Branch, Problem, logsumexp
from causation.inference.integrate import IntegratorSettings, integrate
from causation.model.build import Model

__all__ = ["MAX_STATES", "Components", "Layout", "Plan", "compute_components", "like_groups", "mix"]

MAX_STATES = 1024
"""Most combinations of linked groups that are summed over for one case."""


@dataclass(frozen=True, eq=False)
class Components:
    """Integrals of a model, before any weight.

    Parameters
    ----------
    log_integral : ndarray, shape (R, S, 2, Q)
        Natural log of each component in R randomisations, for S sources, the two branches
        (elicited, vague) and Q states.
    states : ndarray of int, shape (Q, T)
        How many groups of each type are linked. The first rows make up the mixture, the last
        `singles` rows hold one group of one uncertain type alone.
    multiplicity : ndarray of int, shape (T,)
        Number of groups of each type.
    first : ndarray of int, shape (T,)
        The first group of each type.
    uncertain : ndarray of int
        Types whose linkage lies strictly between 0 and 1.
    """

    log_integral: np.ndarray
    states: np.ndarray
    multiplicity: np.ndarray
    first: np.ndarray
    uncertain: np.ndarray

    def log_evidence(
        self, log_prior: np.ndarray, linkage: np.ndarray, misfit: np.ndarray
    ) -> np.ndarray:
        """Natural log of ``L_s`` without findings.

        Parameters
        ----------
        log_prior : ndarray, shape (..., S)
            Normalised log prior (natural).
        linkage : ndarray, shape (..., G)
            Mean linkage of each group; like groups must keep like linkage.
        misfit : ndarray, shape (..., S)
            Probability that a source does not behave as elicited.

        Returns
        -------
        ndarray, shape (R, ..., S)
        """
        scenario = np.broadcast_shapes(log_prior.shape[:-1], linkage.shape[:-1], misfit.shape[:-1])
        lead = (1,) * len(scenario)
        own = self.log_integral.shape
        return mix(
            self.log_integral.reshape(own[0], *lead, *own[1:]),
            self,
            log_prior,
            linkage,
            misfit,
        )


def mix(
    log_integral: np.ndarray,
    layout: Components | Layout,
    log_prior: np.ndarray,
    linkage: np.ndarray,
    misfit: np.ndarray,
) -> np.ndarray:
    """Sum components over linkage and misfit; leading axes of all arguments broadcast.

    Parameters
    ----------
    log_integral : ndarray, shape (..., S, 2, Q)
    layout : Components or Layout
        Whose states these are.
    log_prior, linkage, misfit
        As in `Components.log_evidence`.

    Returns
    -------
    ndarray, shape (..., S)
    """
    with np.errstate(divide="ignore"):
        branch = np.stack([np.log1p(-misfit), np.log(misfit)], axis=-1)
        log_linked = np.log(linkage[..., layout.first])
        log_apart = np.log1p(-linkage[..., layout.first])
    by_state = logsumexp(np, log_integral + branch[..., None], axis=-2)
    singles = layout.uncertain.size
    number = by_state.shape[-1] - singles
    mixture, alone = by_state[..., :number], by_state[..., number:]
    background = (
        logsumexp(np, log_prior[..., None] + alone, axis=-2) if singles else alone[..., 0, :]
    )
    coefficient = np.zeros((*background.shape[:-1], number))
    for i, t in enumerate(layout.uncertain):
        linked = layout.states[:number, t]
        apart = int(layout.multiplicity[t]) - linked
        log_choose = np.log([float(math.comb(int(layout.multiplicity[t]), int(k))) for k in linked])
        together = _times(linked, log_linked[..., t, None])
        separate = _times(apart, (log_apart[..., t] + background[..., i])[..., None])
        coefficient = coefficient + log_choose + together + separate
    result: np.ndarray = logsumexp(np, coefficient[..., None, :] + mixture, axis=-1)
    return result


def _times(count: np.ndarray, log_x: np.ndarray) -> np.ndarray:
    """``count * log_x`` with ``0 * -inf = 0``."""
    with np.errstate(invalid="ignore"):
        return np.where(count > 0, count * log_x, 0.0)


def like_groups(model: Model) -> np.ndarray:
    """Number of each group's type, shape (G,), in order of first appearance.

    Groups of one type have the same count, linkage, fields, profile and memberships.
    """
    features = np.column_stack(
        [
            model.count,
            model.linkage,
            model.disclosed,
            model.withheld,
            np.nan_to_num(model.profile, nan=-1.0),
            np.nan_to_num(model.user, nan=-1.0),
        ]
    )
    index: dict[bytes, int] = {}
    types = [index.setdefault(row.tobytes(), len(index)) for row in features]
    return np.array(types, dtype=int)


@dataclass(frozen=True, slots=True)
class Layout:
    """Types of like groups and the states to integrate; as in `Components`."""

    first: np.ndarray
    multiplicity: np.ndarray
    states: np.ndarray
    uncertain: np.ndarray

    @classmethod
    def of(cls, model: Model) -> Layout:
        """The layout of a model.

        Raises
        ------
        RefusalError
            If there are more than `MAX_STATES` combinations of linked groups.
        """
        types = like_groups(model)
        first = np.unique(types, return_index=True)[1]
        multiplicity = np.bincount(types, minlength=first.size)
        linkage = model.linkage[first]
        uncertain = np.flatnonzero(linkage < 1.0)
        choices = [
            range(int(m) + 1 if k > 0.0 else 1) if k < 1.0 else (int(m),)
            for m, k in zip(multiplicity, linkage, strict=True)
        ]
        number = math.prod(len(c) for c in choices)
        if number > MAX_STATES:
            raise RefusalError(
                f"integrator: {uncertain.size} different groups of uncertain linkage make "
                f"{number} combinations, more than {MAX_STATES}; pool like victims into one "
                "group with a count, or state linkage 1 where it is not in doubt"
            )
        mixture = np.array(list(itertools.product(*choices)), dtype=int).reshape(number, -1)
        alone = np.zeros((uncertain.size, first.size), dtype=int)
        alone[np.arange(uncertain.size), uncertain] = 1
        states = np.concatenate([mixture.reshape(number, first.size), alone])
        return cls(first, multiplicity, states, uncertain)


_NOT_NEEDED = (-1,)


class Plan:
    """The integrals that some models need, each once.

    Parameters
    ----------
    models : sequence of Model
    sources : collection of int, optional
        Only these sources are planned for; by default all.
    series : collection of int, optional
        Only for these sources are the victims taken together; for the others each group is
        alone, which is what the likelihood of groups that are not of the series takes.

    Attributes
    ----------
    problems : list of Problem
        What to integrate.
    owners : list of str
        For each, the source and groups that first asked for it.
    places : list of dict
        For each model, (source, branch, state) -> places in `problems` whose product it is.
    """

    def __init__(
        self,
        models: Sequence[Model],
        *,
        sources: Collection[int] | None = None,
        series: Collection[int] | None = None,
    ) -> None:
        self.models = tuple(models)
        self.sources = sources
        self.series = series
        self.layouts = [Layout.of(m) for m in models]
        self.problems: list[Problem] = []
        self.owners: list[str] = []
        self._index: dict[tuple[object, ...], int] = {}
        self.places = [
            self._plan(m, layout) for m, layout in zip(models, self.layouts, strict=True)
        ]

    def _plan(self, model: Model, layout: Layout) -> dict[tuple[int, int, int], tuple[int, ...]]:
        rows = np.zeros((len(layout.states), len(model.groups)))
        rows[:, layout.first] = layout.states
        places: dict[tuple[int, int, int], tuple[int, ...]] = {}
        alone = len(rows) - layout.uncertain.size
        for s in range(len(model.sources)) if self.sources is None else self.sources:
            apart = self.series is not None and s not in self.series
            for branch in (Branch.ELICITED, Branch.VAGUE):
                for q, row in enumerate(rows):
                    if apart and q < alone:
                        places[s, branch, q] = _NOT_NEEDED
                        continue
                    if branch == Branch.VAGUE and model.misfit[s] == 0.0:
                        places[s, branch, q] = _NOT_NEEDED
                        continue
                    if branch == Branch.VAGUE and (0, -1 - branch, q) in places:
                        places[s, branch, q] = places[0, -1 - branch, q]
                        continue
                    found = tuple(
                        self._add(problem, model, s, branch, row)
                        for kind in KINDS.values()
                        for problem in kind.problems(model, s, branch, row)
                    )
                    places[s, branch, q] = found
                    if branch == Branch.VAGUE:  # the same for every source
                        places[0, -1 - branch, q] = found
        return places

    def _add(
        self, problem: Problem, model: Model, source: int, branch: int, row: np.ndarray
    ) -> int:
        place = self._index.setdefault(problem.key, len(self.problems))
        if place == len(self.problems):
            self.problems.append(problem)
            groups = ", ".join(g for g, n in zip(model.groups, row, strict=True) if n)
            kind = "unmodelled" if branch == Branch.VAGUE else "elicited"
            self.owners.append(
                f"source {model.sources[source]} ({kind} branch), victim groups {groups}"
            )
        return place

    def assemble(self, model: int, log_values: Sequence[np.ndarray], size: int) -> np.ndarray:
        """Components of one model, shape (size, S, 2, Q), from one vector for each problem."""
        sources, states = len(self.models[model].sources), len(self.layouts[model].states)
        result = np.zeros((size, sources, 2, states))
        for (s, branch, q), places in self.places[model].items():
            if branch < 0:
                continue
            if places == _NOT_NEEDED:
                result[:, s, branch, q] = -np.inf
                continue
            for place in places:
                result[:, s, branch, q] += log_values[place]
        return result


def compute_components(
    models: Sequence[Model],
    settings: IntegratorSettings,
    *,
    series: Collection[int] | None = None,
) -> list[Components]:
    """Components of several models; integrals that they share are computed once.

    Parameters
    ----------
    models : sequence of Model
    settings : IntegratorSettings
    series : collection of int, optional
        Sources whose evidence is wanted; that of the others is left at minus infinity. By default
        all.

    Raises
    ------
    RefusalError
        If an integral does not reach its accuracy; names the source and groups.
    """
    plan = Plan(models, series=series)
    integrals = integrate(plan.problems, settings)
    for integral, owner in zip(integrals, plan.owners, strict=True):
        if integral.refused:
            raise RefusalError(
                f"integrator: {owner}: the standard error of the log10 evidence, "
                f"{integral.log10_error:.2g}, stays above {settings.limit:g}"
            )
    values = [i.log_replicates for i in integrals]
    return [
        Components(
            plan.assemble(m, values, settings.replicates),
            layout.states,
            layout.multiplicity,
            layout.first,
            layout.uncertain,
        )
        for m, layout in enumerate(plan.layouts)
    ]
