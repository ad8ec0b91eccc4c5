"""Traits and memberships, by hand at fixed latents."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from scipy.special import expit

from tests.evidence.small import Named, fixed, model, odd, sources

SHOWN = {"id": "g", "disclosed": ["phone"], "linkage": 1.0}


def gain(route: str, **facts: Any) -> tuple[float, Any]:
    """Factor of some attributes of a further victim, and the model."""
    both = []
    for entry in ({**SHOWN, **facts}, SHOWN):
        m = model(entry, sources=sources(shop={"kind": "custodian", "holds": ["email"]}))
        density, at = odd(m) if route == "~" else fixed(m, route)
        both.append(np.asarray(density.log_l(at)[1])[0, density.series.groups["g"]])
    with_them = model({**SHOWN, **facts}, sources=sources(
        shop={"kind": "custodian", "holds": ["email"]}))  # fmt: skip
    return math.exp(both[0] - both[1]), with_them


@pytest.mark.parametrize("route", ["forum", "osint", "osint/library", "library/osint", "~"])
@pytest.mark.parametrize("degree", [True, False, 0.7])
def test_a_trait_is_rarer_or_more_common_at_one_entrance(route: str, degree: Any) -> None:
    got, m = gain(route, traits={"anonymous": degree})
    n = m.filled.number("actor.traits.anonymous")
    log_ratio = m.filled.number("sources.osint.odds_ratio.anonymous").center
    assert log_ratio == pytest.approx(math.log(math.sqrt(0.1 * 0.9)), rel=1e-9)
    shift = log_ratio if route.startswith("osint") else 0.0
    p = expit(n.center + n.sd * Named(0)["b.anonymous"][0] + shift)
    t = float(degree)
    assert got == pytest.approx(t * p + (1 - t) * (1 - p), rel=1e-10)


@pytest.mark.parametrize("route", ["forum", "shop", "library", "osint/library", "~"])
@pytest.mark.parametrize("is_user", [True, False])
def test_a_membership_is_nearly_certain_where_the_custodian_is_the_source(
    route: str, is_user: bool
) -> None:
    got, m = gain(route, **{"users_of" if is_user else "not_users_of": ["shop"]})
    n = m.filled.number("actor.users.shop")
    p = expit(n.center + n.sd * Named(0)["h.shop"][0])
    if route == "shop":
        p = m.filled.number("sources.shop.membership").mean()
        assert p > 0.95
        if not is_user:
            return  # his other shares come in as well: see the fields
    assert got == pytest.approx(p if is_user else 1.0 - p, rel=1e-6)


def test_facts_that_are_one_do_not_count_twice() -> None:
    """Base rates are shared: many like victims teach them, each is read once."""
    m = model({**SHOWN, "count": 9, "traits": {"anonymous": True}},
              {**SHOWN, "id": "h", "traits": {"anonymous": False}})  # fmt: skip
    density, _ = fixed(m, "osint")
    assert [n for n in density.names if n.startswith("own:b.")] == ["own:b.anonymous"]
