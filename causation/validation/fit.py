"""Fit check: how surprising the evidence is under the named route that explains it best."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from causation.errors import InputError
from causation.inference.integrate import DRAFT
from causation.inference.joint import Joint
from causation.model.routes import VAGUE
from causation.model.simulation import simulate
from causation.model.structure import build_model

if TYPE_CHECKING:
    from collections.abc import Hashable

    from causation.inference.evaluate import Answer
    from causation.model.structure import Model

__all__ = ["FIT_THRESHOLD", "FitCheck", "fit_check"]

FIT_THRESHOLD = 0.05
"""A tail probability below this says that no named route explains the evidence."""
MAX_VICTIMS = 6
"""Victims that are looked at: further ones of a case are left out."""


@dataclass(frozen=True, slots=True)
class FitCheck:
    """Prior predictive tail of the evidence.

    Parameters
    ----------
    tail_probability : float
        Probability that the best route produces evidence no more probable than that of the
        case, from `draws` simulated cases (the case itself counted, so it is never 0).
    route : str
        The named route that explains the evidence best.
    poor : bool
        Whether even that explains it badly.
    draws : int
    """

    tail_probability: float
    route: str
    poor: bool
    draws: int


def fit_check(
    model: Model, answer: Answer, *, random_seed: int = 20250723, draws: int = 200
) -> FitCheck:
    """Compare the evidence with what the named route that explains it best would produce.

    Cases of the same shape are drawn from that route, and the share of them whose likelihood
    under it is no larger than that of the case is counted. At most six victims are looked at.

    Parameters
    ----------
    model : Model
    answer : Answer
        Of the model; its first row counts.
    random_seed : int
    draws : int
        Simulated cases.

    Returns
    -------
    FitCheck

    Raises
    ------
    InputError
        If there are fewer than 20 draws.
    """
    if draws < 20:
        raise InputError(f"fit check: {draws} draws; allowed: at least 20")
    named = np.array([not r.vague for r in model.routes])
    value = np.where(named | ~named.any(), answer.log_evidence[0], -np.inf)
    place = int(np.argmax(value))
    design = _few_victims(model)
    rng = np.random.default_rng(random_seed)
    seen = _log_likelihood(design, place)
    known: dict[Hashable, float] = {}
    drawn = []
    for _ in range(draws):
        case = simulate(design, route=model.route_names[place], rng=rng)
        if case.outcome not in known:
            known[case.outcome] = _log_likelihood(case.model(), place)
        drawn.append(known[case.outcome])
    # equal evidence may differ by rounding
    share = (1 + sum(x <= seen + 1e-6 for x in drawn)) / (1 + draws)
    return FitCheck(share, model.route_names[place], share < FIT_THRESHOLD, draws)


def _log_likelihood(model: Model, place: int) -> float:
    """Log likelihood (natural) of all evidence under one route, its misfit included."""
    joint = Joint(model, settings=DRAFT)
    odd = float(joint.evaluation.victims(VAGUE, "", None)[0][0])
    route = model.routes[place]
    if route.vague:
        return odd + float(joint.log_findings[place])
    own = float(joint.evaluation.victims(route, model.reach_of[place], None)[0][0])
    fits, misfits = joint.log_fit[:, place]
    return float(np.logaddexp(fits + own, misfits + odd) + joint.log_findings[place])


def _few_victims(model: Model) -> Model:
    """The model with groups cut down, one victim of each in turn, to a number that is quick."""
    groups = model.filled.groups
    count = [0] * len(groups)
    for _ in range(min(MAX_VICTIMS, sum(g.count for g in groups))):
        open_ = [i for i, g in enumerate(groups) if count[i] < g.count]
        count[min(open_, key=lambda i: count[i])] += 1
    few = tuple(replace(g, count=n) for g, n in zip(groups, count, strict=True) if n)
    return build_model(replace(model.filled, groups=few))
