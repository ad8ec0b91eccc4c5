"""The product of likelihoods, against hand arithmetic with quadrature for every mean."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import norm

from causation.analyses.naive import naive_log_evidence
from causation.model.structure import build_model
from tests.analyses.tables import case_of, model_of

Z90 = norm.ppf(0.95)


def mean(lo: float, hi: float, shift: float = 0.0) -> float:
    """Mean of a logit-normal by quadrature."""
    a, b = (math.log(p / (1 - p)) for p in (lo, hi))
    m, sd = 0.5 * (a + b) + shift, (b - a) / (2 * Z90)
    return float(quad(lambda z: norm.pdf(z) / (1 + math.exp(-m - sd * z)), -12, 12)[0])


OMEGA = mean(0.5, 0.95)
HELD, LIBRARY = mean(0.55, 0.99), mean(0.5, 0.98)

VICTIMS = [
    {"id": "first", "plaintiff": True, "disclosed": ["phone"], "not_disclosed": ["real_name"]},
    {"id": "others", "count": 3, "disclosed": ["phone", "real_name"],
     "known_by": {"published_all": ["phone"]}},
]  # fmt: skip


def by_route(**keys: object) -> dict[str, float]:
    model = model_of(**{"routes": "single", "victims": VICTIMS, **keys})
    return dict(zip(model.route_names, naive_log_evidence(model).tolist(), strict=True))


@pytest.mark.parametrize(("route", "phone", "name"), [
    ("shop", HELD, HELD),
    ("library", LIBRARY, LIBRARY),
    ("unknown", 0.5, 0.5),
    ("osint", mean(0.05, 0.5), mean(0.1, 0.6)),
])  # fmt: skip
def test_every_victim_and_field_by_itself(route: str, phone: float, name: float) -> None:
    first = OMEGA * phone * (1 - OMEGA * name)
    other = OMEGA * name  # what put them on the list is divided out
    assert by_route()[route] == pytest.approx(math.log(first) + 3 * math.log(other), abs=1e-6)


def test_a_chain_has_what_either_gave() -> None:
    found = by_route(routes={"shop/library": 0.3})
    p = 1 - (1 - HELD) * (1 - LIBRARY)
    expected = OMEGA * p * (1 - OMEGA * p) * (OMEGA * p) ** 3
    assert found["shop/library"] == pytest.approx(math.log(expected), abs=1e-6)


def test_a_trait_has_its_mean_under_the_shifted_odds() -> None:
    victims = [{"id": "first", "plaintiff": True, "disclosed": ["phone"],
                "traits": {"anonymous": True}}]  # fmt: skip
    plain = [{"id": "first", "plaintiff": True, "disclosed": ["phone"]}]
    with_it, without = by_route(victims=victims), by_route(victims=plain)
    shift = 0.5 * math.log(0.1 * 0.9)
    assert with_it["osint"] - without["osint"] == pytest.approx(
        math.log(mean(0.05, 0.95, shift)), abs=1e-6
    )
    assert with_it["shop"] - without["shop"] == pytest.approx(math.log(0.5), abs=1e-6)


def test_findings_are_multiplied_whatever_they_share() -> None:
    row = {"shop": 0.9, "osint": 0.3, "library": 0.6, "unknown": 0.5}
    one = {"id": "a", "likelihood": row, "reliability": 1.0, "group": "g", "overlap": 0.5}
    two = {**one, "id": "b"}
    found = by_route(victims=[], findings=[one, two])
    assert {r: math.exp(x) for r, x in found.items()} == pytest.approx(
        {r: p * p for r, p in row.items()}
    )


def test_items_can_be_left_out() -> None:
    model = model_of(routes="single", victims=VICTIMS)
    alone = build_model(case_of(routes="single", victims=VICTIMS[:1]))
    less = naive_log_evidence(model, without=["victims.others"])
    assert less == pytest.approx(naive_log_evidence(alone), abs=1e-9)
    assert np.isfinite(less).all()


def test_an_uncertain_linkage_counts_as_certain() -> None:
    sure = [VICTIMS[0], {**VICTIMS[1], "linkage": 1.0}]
    unsure = [VICTIMS[0], {**VICTIMS[1], "linkage": 0.1}]
    assert by_route(victims=unsure) == pytest.approx(by_route(victims=sure))
    assert by_route() == pytest.approx(by_route(victims=sure))


def test_registers_count_at_their_means() -> None:
    victims = [{"id": "first", "plaintiff": True, "disclosed": ["phone"],
                "record": {"of": ["shop"], "agrees": ["phone"]}}]  # fmt: skip
    found = by_route(victims=victims)
    assert found["shop"] == pytest.approx(math.log(OMEGA * HELD * mean(0.9, 0.995)), abs=1e-6)
    assert found["library"] == pytest.approx(math.log(OMEGA * LIBRARY * mean(0.6, 0.95)), abs=1e-6)


def test_a_case_without_evidence() -> None:
    assert set(by_route(victims=[]).values()) == {0.0}
