"""One evaluation: every analysis is rows for it.

For every row, the evidence of every route: victims integrated over the latents and mixed with the
stand-in for whatever is not named, times the findings. Rows that agree in all that a route reads
share its integral.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from causation.evidence.arrays import NUMPY
from causation.evidence.base import At, Route
from causation.evidence.findings import log_findings
from causation.evidence.series import Series, build_series
from causation.inference.integrate import IntegratorSettings, integrate
from causation.inference.problem import RouteProblem
from causation.inference.provenance import Wanted
from causation.inference.single import log_strangers
from causation.model.density import Density
from causation.model.routes import VAGUE, log_prior
from causation.model.structure import Model, Scenarios

if TYPE_CHECKING:
    from causation.case.filled import Proposition
    from causation.evidence.base import Victim

__all__ = ["Answer", "Evaluation", "evaluate", "inside", "log10_ratio"]

LN10 = float(np.log(10.0))
_TOGETHER = 8


@dataclass(frozen=True, eq=False)
class Answer:
    """Evidence and posterior of every route, for every row.

    Parameters
    ----------
    model : Model
    log_prior, log_evidence : ndarray, shape (S, Z)
        Natural logarithms; the prior is normalised.
    error : ndarray, shape (S, Z)
        Standard error of the log10 evidence.
    credit : ndarray, shape (S, Z)
        Posterior chance, given each route, that the proposition is true.
    slow : ndarray of bool, shape (S,)
        Rows for which the slower road was taken somewhere.

    Examples
    --------
    >>> from causation.model.structure import build_model
    >>> answer = evaluate(build_model("bic-2025-doxxing"))
    >>> answer.posterior.shape, answer.probability.round(2).tolist()
    ((1, 7), [0.76])
    """

    model: Model
    log_prior: np.ndarray
    log_evidence: np.ndarray
    error: np.ndarray
    credit: np.ndarray
    slow: np.ndarray

    @cached_property
    def route_prior(self) -> np.ndarray:
        """Prior probability of every route, shape (S, Z)."""
        result: np.ndarray = np.exp(self.log_prior)
        return result

    @cached_property
    def posterior(self) -> np.ndarray:
        """Posterior probability of every route, shape (S, Z)."""
        total = self.log_prior + self.log_evidence
        result: np.ndarray = np.exp(total - np.logaddexp.reduce(total, axis=-1)[:, None])
        return result

    @cached_property
    def probability(self) -> np.ndarray:
        """Posterior probability of the case's proposition, shape (S,)."""
        result: np.ndarray = (self.posterior * self.credit).sum(axis=1)
        return result

    @cached_property
    def inside(self) -> np.ndarray:
        """Routes that the proposition's prior and ratio are about, bool of shape (Z,)."""
        return inside(self.model.routes, self.model.filled.proposition)

    @cached_property
    def log10_lr(self) -> np.ndarray:
        """log10 likelihood ratio of the proposition's routes against all others, shape (S,)."""
        return log10_ratio(self.log_prior, self.log_evidence, self.inside)

    @cached_property
    def prior(self) -> np.ndarray:
        """Prior probability of the proposition's routes, shape (S,)."""
        result: np.ndarray = np.exp(self.log_prior[:, self.inside]).sum(axis=1)
        return result

    @cached_property
    def probability_error(self) -> np.ndarray:
        """Standard error of the probability from the numerics alone, shape (S,)."""
        p = self.posterior
        slope = p * (self.credit - self.probability[:, None])
        result: np.ndarray = LN10 * np.sqrt(((slope * self.error) ** 2).sum(axis=1))
        return result


def inside(routes: Sequence[Route], proposition: Proposition) -> np.ndarray:
    """Routes under which a proposition can be true, shape (Z,)."""
    found = []
    for r in routes:
        within = [s.name in proposition.sources for s in r.sources]
        if proposition.role == "entrance":
            found.append(within[0])
        elif proposition.role == "alone":
            found.append(all(within))
        else:
            found.append(any(within))
    return np.array(found)


def log10_ratio(log_prior: np.ndarray, log_evidence: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """log10 ratio of expected likelihoods, of some routes against the others, shape (S,)."""

    def mean(chosen: np.ndarray) -> np.ndarray:
        weight = log_prior[:, chosen]
        total: np.ndarray = np.logaddexp.reduce(weight + log_evidence[:, chosen], axis=1)
        value: np.ndarray = total - np.logaddexp.reduce(weight, axis=1)
        return value

    with np.errstate(invalid="ignore"):
        result: np.ndarray = (mean(mask) - mean(~mask)) / LN10
    return result


def evaluate(
    model: Model,
    scenarios: Scenarios | None = None,
    *,
    settings: IntegratorSettings | None = None,
) -> Answer:
    """Evaluate rows of a model.

    Parameters
    ----------
    model : Model
    scenarios : Scenarios, optional
        The case as it is by default.
    settings : IntegratorSettings, optional

    Returns
    -------
    Answer

    Examples
    --------
    >>> from causation.model.structure import build_model
    >>> model = build_model("bic-2025-doxxing")
    >>> rows = model.rows([{"sources.platform.weight": w} for w in (0.5, 1.0, 2.0)])
    >>> evaluate(model, rows).probability.argsort().tolist()
    [0, 1, 2]
    """
    rows = model.base() if scenarios is None else scenarios
    chosen = settings or IntegratorSettings()
    shape = (len(rows), len(model.routes))
    parts = {name: np.zeros(shape) for name in ("log_prior", "log_evidence", "error", "credit")}
    slow = np.zeros(len(rows), bool)
    for members in _of_one_series(model, rows):
        some = rows.take(members)
        one = Evaluation(model, some, chosen)
        found = one.run()
        for name, array in found.items():
            parts[name][members] = array
        slow[members] = one.slow
    return Answer(model, **parts, slow=slow)


def _present(model: Model, row: np.ndarray) -> Callable[[str], bool]:
    """Whether an item is there in a row; what is no item always is."""
    index = model.item_index
    return lambda item: item not in index or bool(row[index[item]])


def _of_one_series(model: Model, rows: Scenarios) -> list[np.ndarray]:
    """Places of rows in which the same of the victims counts, in the order of their first.

    Findings and security records enter by arithmetic, and leaving something out may leave the
    victims in effect as they were, or as they are without something else.
    """
    groups: dict[Hashable, list[int]] = {}
    for members in _alike(rows.present):
        series = build_series(model.filled, _present(model, rows.present[members[0]]))
        counts = zip((v.key for v in series.victims), series.count.tolist(), strict=True)
        about = Wanted.of(model, series).victim
        key = (frozenset(counts), None if about is None else about.key)
        groups.setdefault(key, []).extend(members.tolist())
    return [np.array(g) for g in groups.values()]


def _alike(table: np.ndarray) -> list[np.ndarray]:
    """Places of equal rows, in the order of their first."""
    groups: dict[bytes, list[int]] = {}
    for i, row in enumerate(np.ascontiguousarray(table)):
        groups.setdefault(row.tobytes(), []).append(i)
    return [np.array(g) for g in groups.values()]


class Evaluation:
    """Rows in which the same of the victims counts."""

    def __init__(self, model: Model, rows: Scenarios, settings: IntegratorSettings) -> None:
        self.model, self.rows, self.settings = model, rows, settings
        self.slow = np.zeros(len(rows), bool)
        self.fit_share = np.zeros((len(rows), len(model.routes)))
        self.present = _present(model, rows.present[0])
        self.series: Series = build_series(model.filled, self.present)
        self.plain = At(NUMPY, model.places, rows.center, rows.sd, {})

    @cached_property
    def log_fit(self) -> np.ndarray:
        """Log chance that every route behaves as elicited, and that not, shape (2, S, Z)."""
        columns = []
        for r in self.model.routes:
            fits: Any = np.ones(len(self.rows))
            for s in r.sources:
                if not s.vague:
                    fits = fits * (1.0 - self.plain.middle(f"sources.{s.name}.misfit"))
            columns.append(fits)
        fits = np.stack(columns, axis=-1)
        with np.errstate(divide="ignore"):
            return np.stack([np.log(fits), np.log1p(-fits)])

    @cached_property
    def log_b(self) -> np.ndarray:
        """Log probability of each uncertain victim if not of the series, shape (S, U)."""
        victims = [v for v in self.series.victims if v.linkage is not None]
        if not victims:
            return np.zeros((len(self.rows), 0))
        if len(self.rows) == 1:
            return self._strangers(victims, np.arange(1))
        seen: set[int] = set()
        self._strangers(victims, np.arange(1), seen)
        read = np.array(sorted(seen), int)
        misfit = np.exp(self.log_fit[0])
        table = np.concatenate([self.rows.center[:, read], self.rows.sd[:, read], misfit], axis=1)
        groups = _alike(table)
        first = np.array([g[0] for g in groups])
        result = np.empty((len(self.rows), len(victims)))
        for start in range(0, len(first), _TOGETHER):
            found = self._strangers(victims, first[start : start + _TOGETHER])
            for members, row in zip(groups[start : start + _TOGETHER], found, strict=True):
                result[members] = row
        return result

    def _strangers(
        self, victims: Sequence[Victim], rows: np.ndarray, read: set[int] | None = None
    ) -> np.ndarray:
        return log_strangers(
            self.model.places,
            victims,
            self.model.routes,
            self.model.background,
            VAGUE,
            log_fit=self.log_fit[:, rows],
            numbers=(self.rows.center[rows], self.rows.sd[rows]),
            read=read,
        )

    def run(self) -> dict[str, np.ndarray]:
        """Evidence, error and credit of every route."""
        model, routes = self.model, self.model.routes
        wanted = Wanted.of(model, self.series)
        odd, odd_error, _ = self.victims(VAGUE, "", None)
        evidence, error, credit = [], [], []
        for z, route in enumerate(routes):
            constant = wanted.constant(route)
            if route.vague:
                value, err, mean = odd, odd_error, None
            else:
                function = None
                if constant is None:
                    function = wanted.function(self.density(route, model.reach_of[z]))
                own, own_error, mean = self.victims(route, model.reach_of[z], function)
                fits, misfits = self.log_fit[0, :, z] + own, self.log_fit[1, :, z] + odd
                value = np.logaddexp(fits, misfits)
                share = np.exp(fits - np.where(np.isfinite(value), value, 0.0))
                self.fit_share[:, z] = share
                err = np.hypot(share * own_error, (1.0 - share) * odd_error)
            if mean is None:
                credit.append(np.full(len(self.rows), float(constant or 0.0)))
            else:
                entrance = wanted.misfit(route)
                credit.append(share * mean[:, 0] + (1.0 - share) * entrance)
            evidence.append(value)
            error.append(err)
        log_weight, findings = self._arithmetic()
        return {
            "log_prior": log_weight,
            "log_evidence": np.stack(evidence, axis=1) + findings,
            "error": np.stack(error, axis=1),
            "credit": np.stack(credit, axis=1),
        }

    def _arithmetic(self) -> tuple[np.ndarray, np.ndarray]:
        """Log prior and log factor of the findings, shape (S, Z), by what is there of them."""
        model, rows = self.model, self.rows
        prior, findings = (np.empty((len(rows), len(model.routes))) for _ in range(2))
        for members in _alike(rows.present):
            present = _present(model, rows.present[members[0]])
            at = At(NUMPY, model.places, rows.center[members], rows.sd[members], {})
            prior[members] = log_prior(model.filled, model.routes, at, present)
            findings[members] = log_findings(
                model.filled, model.routes, at, model.background, present
            )
        return prior, findings

    def density(self, route: Route, reach: str) -> Density:
        """Density of a route; `reach` is empty for the stand-in, which has the residual's."""
        residual = next((r for r in self.model.routes if r.vague), None)
        path = reach or f"sources.{residual.entrance.name if residual else 'unknown'}.reach"
        return Density(self.model.places, self.series, route, path)

    def victims(
        self, route: Route, reach: str, function: Any
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:
        """Log evidence of the victims under a route, its error, and means, by row."""
        count = len(self.rows)
        if not self.series.victims:
            return np.zeros(count), np.zeros(count), None
        density = self.density(route, reach)
        rows = self.rows
        read = density.read(rows.center, rows.sd)
        table = np.concatenate([rows.center[:, read], rows.sd[:, read], self.log_b], axis=1)
        groups = _alike(table)
        first = np.array([g[0] for g in groups])
        problem = RouteProblem(
            density, rows.center[first], rows.sd[first], self.log_b[first], function
        )
        found = integrate(problem, self.settings)
        back = np.empty(count, int)
        for place, members in enumerate(groups):
            back[members] = place
        self.slow |= found.slow[back]
        means = None if found.means is None else found.means[back]
        return found.value[back], found.error[back], means
