"""Values held against registers: summed over who supplied them."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
import pytest
from scipy.special import expit

from causation.model.structure import Model
from tests.evidence.small import Named, fixed, model, odd, omega, share, sources

SHOP = {"kind": "custodian", "holds": ["phone"]}
Z = Named(0, shape=(1,))


def factor(m: Model, route: str) -> float:
    density, at = odd(m) if route == "~" else fixed(m, route)
    bare = model(plaintiff={"disclosed": ["phone", "id_photo"]}, sources=sources(shop=SHOP))
    other, there = odd(bare) if route == "~" else fixed(bare, route)
    logs = [np.asarray(d.log_l(a)[1])[0, 0] for d, a in ((density, at), (other, there))]
    # the trait of the plaintiff is the same in both
    return math.exp(logs[0] - logs[1])


def agreement(m: Model, field: str) -> float:
    n, half = m.filled.number(f"agreement.{field}"), math.sqrt(0.5)
    return float(expit(n.center + n.sd * half * (Z["alpha"][0] + Z[f"alpha.{field}"][0])))


def own(m: Model, *of: str) -> float:
    n = m.filled.number("agreement.own")
    return float(expit(n.center + n.sd * Z["mu." + "+".join(sorted(of))][0]))


@pytest.mark.parametrize("route", ["forum", "shop", "forum/library", "osint/library", "~"])
def test_registers_by_who_supplied(route: str) -> None:
    """Two registers, an agreement, a difference, and a name that the photo shows."""
    stated = [
        {"of": ["forum"], "agrees": ["phone"], "differs": ["real_name"]},
        {"of": ["forum", "shop"], "differs": ["phone"]},
    ]
    m = model(plaintiff={"disclosed": ["phone", "id_photo"], "record": stated},
              sources=sources(shop=SHOP))  # fmt: skip
    names = route.split("/")
    total = bare = 0.0
    suppliers = [set(c) for n in range(1, len(names) + 1) for c in itertools.combinations(names, n)]
    for phone, photo in itertools.product(suppliers, repeat=2):
        p = 1.0
        for f, who in (("phone", phone), ("id_photo", photo)):
            p *= omega(m, Z)
            for s in names:
                a = share(m, Z, s, f)
                p *= a if s in who else 1.0 - a
        bare += p
        p *= own(m, "forum") if "forum" in phone else agreement(m, "phone")
        p *= 1.0 - (own(m, "forum", "shop") if {"forum", "shop"} & phone else agreement(m, "phone"))
        p *= 1.0 - (own(m, "forum") if "forum" in photo else agreement(m, "real_name"))
        total += p
    assert factor(m, route) == pytest.approx(total / bare, rel=1e-9)


def test_registers_by_simulation() -> None:
    """Shares of drawn people, in a chain, of whom all this is found."""
    m = model(plaintiff={"disclosed": ["phone", "id_photo"], "record":
                         {"of": ["forum"], "agrees": ["phone"], "differs": ["birth_date"]}},
              sources=sources(shop=SHOP))  # fmt: skip
    rng, n = np.random.default_rng(2), 1_000_000
    has = {(s, f): rng.random(n) < share(m, Z, s, f)
           for s in ("forum", "library") for f in ("phone", "id_photo")}  # fmt: skip
    shown = np.ones(n, bool)
    for f in ("phone", "id_photo"):
        shown &= (has["forum", f] | has["library", f]) & (rng.random(n) < omega(m, Z))

    def agrees(f: str, by: str) -> Any:
        return rng.random(n) < np.where(has["forum", by], own(m, "forum"), agreement(m, f))

    found = shown & agrees("phone", "phone") & ~agrees("birth_date", "id_photo")
    p = found.sum() / shown.sum()
    spread = 5.0 * math.sqrt(p * (1.0 - p) / shown.sum())
    assert factor(m, "forum/library") == pytest.approx(p, abs=spread)


def test_a_value_that_differs_does_not_speak_for_its_holder() -> None:
    shown = {"disclosed": ["phone", "id_photo"]}
    for key, sign in (("agrees", 1.0), ("differs", -1.0)):
        m = model(plaintiff={**shown, "record": {"of": ["forum"], key: ["phone"]}},
                  sources=sources(shop=SHOP))  # fmt: skip
        assert sign * (factor(m, "forum") - factor(m, "library")) > 0.0


def test_what_was_not_compared_says_nothing() -> None:
    m = model(plaintiff={"disclosed": ["phone", "id_photo"],
                         "record": {"of": ["forum"], "not_compared": ["phone"]}},
              sources=sources(shop=SHOP))  # fmt: skip
    assert factor(m, "forum") == pytest.approx(1.0, rel=1e-12)
    assert not any(n.path.startswith("agreement.") for n in m.numbers)


def test_the_stand_in_is_in_no_register() -> None:
    m = model(plaintiff={"disclosed": ["phone"], "record": {"of": ["forum"], "agrees": ["phone"]}})
    density, _ = odd(m)
    assert not any(n.startswith("mu.") for n in density.names)
    assert "own:alpha.phone" in density.names
