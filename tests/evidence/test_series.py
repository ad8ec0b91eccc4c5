"""The series: who is linked, summed over all states; what a stranger is worth."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
import pytest
from scipy.special import expit

from causation.inference.joint import Joint
from causation.model.structure import Model
from tests.evidence.small import Named, fixed, model, odd

FURTHER: tuple[dict[str, Any], ...] = (
    {"id": "a", "disclosed": ["phone"], "not_users_of": ["forum"]},
    {"id": "b", "disclosed": ["account_link"],
     "known_by": {"published_any": ["account_link", "phone"]}},
    {"id": "c", "disclosed": ["real_name"], "linkage": 0.3},
    {"id": "d", "count": 2, "disclosed": ["phone"], "traits": {"anonymous": True}},
    {"id": "e", "disclosed": ["id_photo"], "plaintiff": True},
)  # fmt: skip


@pytest.mark.parametrize("route", ["forum", "library", "osint/library", "~"])
def test_linkage_by_states(route: str) -> None:
    """Every further victim is of the series or a stranger: the sum over all 2**n."""
    m = model(*FURTHER)
    density, at = odd(m) if route == "~" else fixed(m, route)
    j = Joint(m)
    log_l = np.broadcast_to(density.log_l(at)[1], (1, len(density.series.victims)))[0]
    n = m.filled.number("actor.linkage")
    kappa = float(expit(n.center + n.sd * Named(0)["kappa"][0]))
    strangers = dict(zip(density.uncertain.tolist(), j.log_b, strict=True))
    people = [density.series.groups[k] for k in "abcdd"]
    sure = [density.series.groups[k] for k in "pe"]
    total = 0.0
    for states in itertools.product((True, False), repeat=len(people)):
        p = math.exp(sum(log_l[i] for i in sure))
        for (i, who), linked in zip(zip(people, "abcdd", strict=True), states, strict=True):
            k = 0.3 if who == "c" else kappa
            p *= k * math.exp(log_l[i]) if linked else (1.0 - k) * math.exp(strangers[i])
        total += p
    got = np.asarray(density.log_total(at, j.log_b)).item()
    assert got == pytest.approx(math.log(total), rel=1e-10)


def test_like_victims_are_pooled_and_unlike_ones_are_not() -> None:
    m = model(
        {"id": "a", "disclosed": ["phone"], "count": 2},
        {"id": "b", "disclosed": ["phone"]},
        {"id": "c", "disclosed": ["phone"], "traits": {"anonymous": 0.5}},
        {"id": "d", "disclosed": ["phone"], "linkage": 0.5},
        {"id": "e", "disclosed": ["phone"], "known_by": {"published_all": ["phone"]}},
    )
    series = Joint(m).series
    assert series.groups["a"] == series.groups["b"]
    assert series.count[series.groups["a"]] == 3.0
    assert len({series.groups[k] for k in "pacde"}) == 5


def _mean(center: float, sd: float) -> float:
    x, w = np.polynomial.hermite_e.hermegauss(80)
    return float((w / w.sum()) @ expit(center + sd * x))


def _stranger(m: Model, field: str) -> float:
    """B of one published field and one trait: products of means, route by route."""
    f = m.filled
    omega = f.number("actor.publishes")
    trait = f.number("actor.traits.anonymous")
    vague = _mean(0.0, math.log(19.0) / 1.6448536)
    total = 0.0
    for route, weight in zip(m.routes, m.background, strict=True):
        shift, fits = 0.0, 1.0
        if route.entrance.kind == "inference":
            shift = f.number(f"sources.{route.entrance.name}.odds_ratio.anonymous").center
        means = []
        for s in route.sources:
            if not route.vague:
                n = f.number(f"sources.{s.name}.disclosure.{field}")
                means.append(_mean(n.center, n.sd))
                fits *= 1.0 - f.number(f"sources.{s.name}.misfit").center
        own = 1.0 - math.prod(1.0 - a for a in means)
        if route.vague:
            own, fits = vague, 1.0
        total += weight * (
            fits * own * _mean(trait.center + shift, trait.sd)
            + (1.0 - fits) * vague * _mean(trait.center, trait.sd)
        )
    return _mean(omega.center, omega.sd) * total


def test_what_a_stranger_is_worth_by_quadrature() -> None:
    m = model({"id": "g", "disclosed": ["phone"], "traits": {"anonymous": True}})
    assert Joint(m).log_b[0] == pytest.approx(math.log(_stranger(m, "phone")), abs=1e-4)


def test_a_listed_stranger_is_a_ratio_of_expectations() -> None:
    """Listed by one field, another published too: by plain draws of all latents."""
    m = model({"id": "g", "disclosed": ["phone", "account_link"], "linkage": 0.5,
               "known_by": {"published_all": ["phone"]}})  # fmt: skip
    rng, n = np.random.default_rng(6), 400_000
    above = below = 0.0
    spread = 0.0
    v = rng.standard_normal(n)
    number = m.filled.number("actor.publishes")
    omega = expit(number.center + number.sd * v)
    for route, weight in zip(m.routes, m.background, strict=True):
        fits = math.prod(
            1.0 - m.filled.number(f"sources.{s.name}.misfit").center
            for s in route.sources
            if not route.vague
        )
        for names, part in (([s.name for s in route.sources], fits), (["~"], 1.0 - fits)):
            if route.vague and names != ["~"]:
                names, part = ["~"], 1.0  # noqa: PLW2901
            q = {}
            for f in ("phone", "account_link"):
                q[f] = np.ones(n)
            for s in names:
                u = rng.standard_normal(n)
                for f in q:
                    q[f] *= 1.0 - _drawn(m, s, f, u, rng)
            both = omega**2 * (1.0 - q["phone"]) * (1.0 - q["account_link"])
            above += weight * part * both.mean()
            below += weight * part * (omega * (1.0 - q["phone"])).mean()
            spread = max(spread, both.std() / math.sqrt(n))
            if route.vague:
                break
    got = math.exp(Joint(m).log_b[0])
    assert got == pytest.approx(above / below, abs=6.0 * spread / below)


def _drawn(m: Model, s: str, f: str, u: Any, rng: np.random.Generator) -> Any:
    center, sd, loading = 0.0, math.log(19.0) / 1.6448536, math.sqrt(0.5)
    if s != "~":
        n = m.filled.number(f"sources.{s}.disclosure.{f}")
        stated = m.filled.optional(f"sources.{s}.loadings.{f}")
        center, sd = n.center, n.sd
        r = m.filled.number(f"sources.{s}.correlation").center
        loading = math.sqrt(r) if stated is None else stated.center
    own = math.sqrt(1.0 - loading**2) * rng.standard_normal(u.shape)
    return expit(center + sd * (loading * u + own))
