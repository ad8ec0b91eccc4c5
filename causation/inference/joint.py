"""The whole case as one density of latents: every route and its misfit, side by side.

For engines that draw the latents of all routes together. What is the same latent under several
routes has one name, and is one variable.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from causation.evidence.arrays import NUMPY, Namespace
from causation.evidence.base import At, Route
from causation.evidence.findings import log_findings
from causation.inference.evaluation import Evaluation
from causation.inference.integrate import IntegratorSettings
from causation.inference.provenance import Wanted, claimed
from causation.model.density import Density
from causation.model.routes import VAGUE, log_prior
from causation.model.structure import Model, Scenarios

IMPOSSIBLE = -1e30
"""Stands for ``-inf`` inside a density: its exponential is 0, and so is its derivative."""
_CHUNK = 500


@dataclass(frozen=True, eq=False)
class Term:
    """A part of the density: a route that behaves as elicited, or one that does not.

    Parameters
    ----------
    route : int
    value : array
        Log (natural) of prior times likelihood given the latents.
    odd : bool
        Whether the stand-in for whatever is not named takes the route's place.
    """

    route: int
    value: Any
    odd: bool = False


class Joint:
    """Routes of a case given latents.

    Parameters
    ----------
    model : Model
    row : Scenarios, optional
        One row; the case as it is by default.
    settings : IntegratorSettings, optional
        For what is asked of `evaluation`.
    """

    def __init__(
        self,
        model: Model,
        row: Scenarios | None = None,
        *,
        settings: IntegratorSettings | None = None,
    ) -> None:
        self.model, self.row = model, model.base() if row is None else row
        self.evaluation = Evaluation(model, self.row, settings or IntegratorSettings())
        self.series = self.evaluation.series
        self.log_b = np.maximum(self.evaluation.log_b[0], IMPOSSIBLE)

    @cached_property
    def wanted(self) -> Wanted:
        """Chance of the proposition given a route and its latents."""
        return Wanted.of(self.model, self.series)

    @cached_property
    def log_prior(self) -> np.ndarray:
        """Natural log of the prior of every route, shape (Z,)."""
        e, model = self.evaluation, self.model
        result: np.ndarray = log_prior(model.filled, model.routes, e.plain, e.present)[0]
        return result

    @cached_property
    def log_findings(self) -> np.ndarray:
        """Natural log of the findings' likelihood under every route, shape (Z,)."""
        e, model = self.evaluation, self.model
        table = log_findings(model.filled, model.routes, e.plain, model.background, e.present)
        result: np.ndarray = table[0]
        return result

    @cached_property
    def log_fit(self) -> np.ndarray:
        """Log chance that a route behaves as elicited, and that not, shape (2, Z)."""
        return self.evaluation.log_fit[:, 0]

    def density(self, route: Route, place: int | None = None) -> Density:
        """Density of the victims under a route; its place is None for the stand-in."""
        return self.evaluation.density(route, "" if place is None else self.model.reach_of[place])

    @cached_property
    def densities(self) -> tuple[Density, ...]:
        """One density a route, and the stand-in's last; the residual is the stand-in."""
        odd = self.density(VAGUE)
        mine = [odd if r.vague else self.density(r, z) for z, r in enumerate(self.model.routes)]
        return (*mine, odd)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Names of all latents, each once."""
        if not self.series.victims:
            return ()
        return tuple(dict.fromkeys(name for d in self.densities for name in d.names))

    def at(self, latents: Mapping[str, Any], xp: Namespace = NUMPY) -> At:
        """Point of evaluation: scalars for PyTensor, arrays of shape (P,) for NumPy."""
        center, sd = self.row.center, self.row.sd
        if xp is not NUMPY:
            center, sd = center[0], sd[0]
        return At(xp, self.model.places, center, sd, latents)

    def log_victims(self, density: Density, at: At) -> Any:
        """Log likelihood (natural) of the victims under one density."""
        return density.log_total(at, self.log_b) if self.series.victims else 0.0

    def terms(self, at: At) -> list[Term]:
        """Every part of the density whose weight is not 0."""
        weight = self.log_prior + self.log_findings
        odd = self.log_victims(self.densities[-1], at)
        found = []
        for z, route in enumerate(self.model.routes):
            if not np.isfinite(weight[z]):
                continue
            fits, misfits = self.log_fit[:, z]
            if route.vague:
                found.append(Term(z, weight[z] + odd, odd=True))
                continue
            if np.isfinite(fits):
                own = self.log_victims(self.densities[z], at)
                found.append(Term(z, weight[z] + fits + own))
            if np.isfinite(misfits):
                found.append(Term(z, weight[z] + misfits + odd, odd=True))
        return found

    def table(self, draws: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Log joint of routes at many points, and the chance of the proposition there.

        Parameters
        ----------
        draws : ndarray, shape (P, D)
            Latents in the order of `names`.

        Returns
        -------
        tuple of ndarray, shape (P, Z, 2)
            Log (natural) of prior times likelihood as elicited and otherwise; and the chance of
            the proposition.
        """
        shape = (len(draws), len(self.model.routes), 2)
        log_joint, chance = np.full(shape, -np.inf), np.zeros(shape)
        for first in range(0, len(draws), _CHUNK):
            some = slice(first, first + _CHUNK)
            at = self.at(dict(zip(self.names, draws[some].T, strict=True)))
            for term in self.terms(at):
                log_joint[some, term.route, int(term.odd)] = term.value
                chance[some, term.route, int(term.odd)] = self._chance(term, at)
        return log_joint, chance

    def _chance(self, term: Term, at: At) -> Any:
        route, wanted = self.model.routes[term.route], self.wanted
        claims = wanted.claims(None if term.odd else route)
        density = self.densities[-1 if term.odd else term.route]
        means = np.asarray(claimed(density, claims)(at, self.log_b)) if claims else None
        return wanted.credit(route, means, self.evaluation.apart[0], odd=term.odd)
