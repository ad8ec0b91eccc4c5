"""One case by the product and by the reference, side by side."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from causation.case import Case, fill
from causation.inference.evaluate import Answer, evaluate
from causation.inference.roles import Roles, find_roles
from causation.model.structure import Model, build_model
from tests.reference.copying import from_filled
from tests.reference.evidence import Claim, Evidence
from tests.reference.prior import name

__all__ = ["Compared"]

LN10 = math.log(10.0)
SETTINGS = {"tolerance": 0.004, "draws": 6000}


@dataclass(frozen=True)
class Compared:
    """A case, given as a tree of the case format or read already.

    Parameters
    ----------
    tree : mapping or Case
    settings : mapping, optional
        Of the reference's importance sampler.
    log2 : int
        Base-2 logarithm of the reference's points for a stranger's probability, whose error every
        victim that may be a stranger adds once more.
    """

    tree: Any
    settings: Any = None
    log2: int = 12

    @cached_property
    def model(self) -> Model:
        return build_model(fill(Case.model_validate(self.tree)))

    @cached_property
    def answer(self) -> Answer:
        return evaluate(self.model)

    @cached_property
    def roles(self) -> Roles:
        return find_roles(self.model, self.answer)

    @cached_property
    def reference(self) -> Evidence:
        copied = from_filled(self.model.filled)
        return Evidence(copied, "importance", self.settings or SETTINGS, log2=self.log2)

    def by_route(self, values: Any) -> dict[str, float]:
        return {name(z): float(x) for z, x in values.items()}

    def check_evidence(self) -> None:
        """log10 evidence of every route, to .01, 1 % in the far tail, or four errors of both."""
        mine = dict(zip(self.model.route_names, self.answer.log_evidence[0] / LN10, strict=True))
        error = dict(zip(self.model.route_names, self.answer.error[0], strict=True))
        theirs = {z: x / LN10 for z, x in self.by_route(self.reference.log).items()}
        their_error = self.by_route(self.reference.error)
        assert mine.keys() == theirs.keys()
        best = max(theirs.values())
        count = {v.id: v.count for v in self.reference.case.victims}
        strange = sum(count[v] * x for v, x in self.reference.strangers_error.items())
        for z, x in theirs.items():
            if not math.isfinite(x):
                assert mine[z] < best - 200.0, z
                continue
            both = 4.0 * math.hypot(error[z], their_error[z]) + 4.0 * strange
            far = 0.01 * abs(x) if x < best - 20.0 else 0.0
            assert abs(mine[z] - x) < max(0.01, both, far), (z, mine[z], x, both)

    def check_posterior(self, by: float = 0.012) -> None:
        """Posterior of every route, and the case's own proposition."""
        mine = dict(zip(self.model.route_names, self.answer.posterior[0], strict=True))
        for z, x in self.by_route(self.reference.posterior).items():
            assert abs(mine[z] - x) < by, (z, mine[z], x)
        claim = self.model.filled.proposition
        asked = Claim(claim.sources, claim.role, claim.fields, claim.any)
        expected = self.reference.probability(asked, claim.victim)
        assert abs(float(self.answer.probability[0]) - expected) < by

    def check_roles(self, by: float = 0.012, *, every: bool = False) -> None:
        """Each source's part for the plaintiff and the last victim; who supplied the last field."""
        found, e = self.roles, self.reference
        groups = [g.id for g in self.model.filled.groups]
        seconds = {r.sources[1].name for r in self.model.routes if len(r.sources) == 2}
        asked = [s for s in self.model.source_names if every or s in seconds]
        for s in asked[-1:] if not every else asked:
            assert abs(found.role[s] - e.probability(Claim((s,)))) < by, s
            assert abs(found.entrance[s] - e.probability(Claim((s,), "entrance"))) < by, s
            assert abs(found.alone[s] - e.probability(Claim((s,), "alone"))) < by, s
            table = found.supplied[s]
            for f in table if every else list(table)[-1:]:
                for what, value in (("supplied", table[f]), ("sole", found.sole[s][f])):
                    expected = e.probability(Claim((s,), what, (f,)))
                    assert abs(value - expected) < by, (s, f, what)
            for g in groups[1:] if every else groups[1:][-1:]:
                expected = e.probability(Claim((s,)), g)
                assert abs(found.victims[g][s] - expected) < by, (s, g)


def differences(one: Answer, row: int, other: Answer) -> np.ndarray:
    """log10 evidence of a row less that of another case, by route."""
    result: np.ndarray = (one.log_evidence[row] - other.log_evidence[0]) / LN10
    return result
