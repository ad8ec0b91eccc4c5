"""One case, many claimants: the proposition about every group of victims.

All plaintiffs share one route. What differs from one to another is which of his fields a second
source may have supplied, and for further victims whether they belong to the series at all.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from causation.analyses.bound import BOUNDED, held_posterior

if TYPE_CHECKING:
    from causation.analyses.verdict import Verdict
    from causation.inference.evaluate import Answer
    from causation.inference.roles import Part
    from causation.model.structure import Model


@dataclass(frozen=True, slots=True)
class Claimant:
    """The proposition about a victim of one group.

    `linked` is the chance that he belongs to the plaintiff's series; `probability` the model's,
    `held` with the likelihood ratio limited to the validated range. The verdict is a plaintiff's,
    with all variants and redraws; None for others.
    """

    group: str
    label: Mapping[str, str]
    plaintiff: bool
    count: int
    linked: float
    probability: float
    held: float
    meets: bool
    verdict: Verdict | None = None


def about_victim(model: Model, group: str) -> Model:
    """Return the model of the same case with the proposition about a victim of another group."""
    filled = model.filled
    return replace(
        model, filled=replace(filled, proposition=replace(filled.proposition, victim=group))
    )


def claimants(
    answer: Answer,
    parts: Mapping[str, Part],
    *,
    bound: float | None,
    verdict: Callable[[str], Verdict] | None = None,
) -> tuple[Claimant, ...]:
    """Find the proposition about every group of victims, those of the case in their order.

    `parts` says how a victim of each group may have been exposed, `verdict` what is found about a
    plaintiff's group. Empty for a proposition about who supplied a field: a victim may not have it.
    """
    model = answer.model
    filled = model.filled
    if filled.proposition.role not in BOUNDED:
        return ()
    within = _within(model)
    posterior, limited = answer.posterior[0], held_posterior(answer, bound)
    found = []
    for g in filled.groups:
        if g.id not in parts:
            continue
        p, h = (parts[g.id].chance(x, *within) for x in (posterior, limited))
        linked = min(1.0, float(posterior @ parts[g.id].linked))
        plaintiff = g.plaintiff or g.first
        about = (g.id, g.label, plaintiff, g.count, linked, p, h, h >= filled.threshold)
        found.append(Claimant(*about, verdict(g.id) if verdict and plaintiff else None))
    return tuple(found)


def _within(model: Model) -> tuple[np.ndarray, np.ndarray]:
    """Chance of the proposition if the entrance, or the second source, of a route supplied."""
    claim = model.filled.proposition
    names = [[s.name in claim.sources for s in r.sources] for r in model.routes]
    if claim.role == "alone":
        first, second = [all(x) for x in names], [False for _ in names]
    elif claim.role == "entrance":
        first, second = [x[0] for x in names], [False for _ in names]
    else:
        first, second = [x[0] for x in names], [len(x) > 1 and x[1] for x in names]
    return np.array(first, float), np.array(second, float)


def at_any_remove(answer: Answer, part: Part | None) -> dict[str, float]:
    """Chance that a custodian played a role itself, or by an old leak that fed a library.

    By custodian that the origin of some library names; `part` says how the plaintiff may have been
    exposed, None without victims.
    """
    model = answer.model
    origins = {s.name: s.origin for s in model.filled.sources}
    found = {}
    for custodian in dict.fromkeys(c for table in origins.values() for c in table):
        share = {s: float(t.get(custodian, s == custodian)) for s, t in origins.items()}
        names = [[s.name for s in r.sources] for r in model.routes]
        first = np.array([share[n[0]] for n in names])
        second = np.array([share[n[1]] if len(n) > 1 else 0.0 for n in names])
        if part is None:
            found[custodian] = float(answer.posterior[0] @ (1.0 - (1.0 - first) * (1.0 - second)))
        else:
            found[custodian] = part.chance(answer.posterior[0], first, second)
    return found
