"""Findings: every order, every outcome, and the formula of the page written out."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from causation.case import Case, fill
from causation.evidence.findings import joint, log_findings, repeated
from causation.inference.joint import Joint
from causation.model.structure import Model, build_model

P = st.floats(0.02, 0.98)
ROWS = st.integers(1, 4).flatmap(
    lambda n: st.lists(st.lists(P, min_size=4, max_size=4), min_size=n, max_size=n)
)
WEIGHTS = st.lists(st.floats(0.05, 1.0), min_size=4, max_size=4)
SOME = settings(max_examples=40, deadline=None, derandomize=True)


def by_hand(rows: np.ndarray, pi: np.ndarray, o: float) -> np.ndarray:
    """J of every route, from the page."""
    mean = rows @ pi
    variance = np.array([pi @ (r - m) ** 2 for r, m in zip(rows, mean, strict=True)])
    tell = variance / np.minimum(mean, 1.0 - mean) ** 2
    v = tell / tell.sum() if tell.sum() > 1e-20 else np.full(len(rows), 1.0 / len(rows))
    alone = np.zeros(rows.shape[1])
    for k in range(len(rows)):
        others = math.prod(mean[j] for j in range(len(rows)) if j != k)
        alone = alone + v[k] * rows[k] * others
    return o * alone + (1.0 - o) * rows.prod(axis=0)


@given(ROWS, WEIGHTS, st.floats(0.0, 0.5))
@SOME
def test_formula(rows: list[list[float]], weight: list[float], o: float) -> None:
    p, pi = np.array(rows), np.array(weight) / sum(weight)
    np.testing.assert_allclose(np.exp(joint(np.log(p), pi, np.array(o))), by_hand(p, pi, o))


@given(ROWS, WEIGHTS, st.floats(0.0, 0.5))
@SOME
def test_order_and_constants(rows: list[list[float]], weight: list[float], o: float) -> None:
    p, pi = np.log(rows), np.array(weight) / sum(weight)
    base = joint(p, pi, np.array(o))
    for order in itertools.permutations(range(len(p))):
        np.testing.assert_allclose(joint(p[list(order)], pi, np.array(o)), base, rtol=1e-10)
    constant = np.concatenate([np.full((1, 4), math.log(0.37)), p])
    np.testing.assert_allclose(joint(constant, pi, np.array(o)), base + math.log(0.37), rtol=1e-9)


@given(ROWS, WEIGHTS, st.floats(0.0, 0.5))
@SOME
def test_outcomes_add_up_to_one(rows: list[list[float]], weight: list[float], o: float) -> None:
    """Made or not made, all combinations: a probability under every route."""
    p, pi = np.array(rows), np.array(weight) / sum(weight)
    total = np.zeros(4)
    for made in itertools.product((True, False), repeat=len(p)):
        seen = np.where(np.array(made)[:, None], p, 1.0 - p)
        total += np.exp(joint(np.log(seen), pi, np.array(o)))
    np.testing.assert_allclose(total, 1.0, rtol=1e-9)


def test_however_improbable_it_may_be_a_finding_tells_what_it_tells() -> None:
    """Many like observations without repeats; by hand as ratios, which do not vanish."""
    pi = np.array([0.1, 0.2, 0.3, 0.4])
    many, other = np.array([1.0, 0.5, 0.2, 0.01]), np.array([0.5, 0.6, 0.6, 0.6])
    mean = np.array([many @ pi, other @ pi])
    edge = np.array([mean[0], 1.0 - mean[1]])
    tell = np.array([pi @ (many - mean[0]) ** 2, pi @ (other - mean[1]) ** 2]) / edge**2
    v = tell / tell.sum()
    expected = 0.5 * (v[0] * many * mean[1] + v[1] * other * mean[0]) + 0.5 * many * other
    for log_size in (-20.0, -60.0, -900.0):
        log_p = np.stack([log_size + np.log(many), np.log(other)])
        found = joint(log_p, pi, np.array(0.5)) - log_size
        np.testing.assert_allclose(np.exp(found), expected, rtol=1e-6)


@pytest.mark.parametrize(("n", "d"), [(1, 0.3), (4, 0.0), (4, 0.3), (500, 0.3)])
def test_repeats(n: int, d: float) -> None:
    assert float(repeated(np.array(0.9), n, np.array(d))) == pytest.approx(
        d * 0.9 + (1 - d) * 0.9**n
    )


def test_many_repeats_are_bounded() -> None:
    """Ten thousand echoes are worth what one is, with the chance that they are echoes."""
    one, many = (repeated(np.array([0.9, 0.2]), n, np.array(0.3)) for n in (1, 10_000))
    assert many[0] / many[1] == pytest.approx(one[0] / one[1])


def case(*findings: dict[str, Any], **more: Any) -> Model:
    tree = {
        "schema": 2, "id": "f", "jurisdiction": "none", "standard": 0.75, "proposition": "forum",
        "sources": {"forum": {"kind": "custodian"}}, "findings": list(findings), **more,
    }  # fmt: skip
    return build_model(fill(Case.model_validate(tree)))


ONE = {"forum": 0.9, "osint": 0.2, "library": 0.3, "unknown": 0.4}
TWO = {"forum": 0.1, "osint": 0.5, "library": 0.4, "unknown": 0.4, "osint/library": 0.8}


def factors(m: Model, left_out: str | None = None) -> dict[str, float]:
    j = Joint(m)
    table = log_findings(m.filled, m.routes, j.evaluation.plain, m.background,
                         lambda item: item != left_out)  # fmt: skip
    return dict(zip(m.route_names, np.exp(table[0]), strict=True))


@pytest.mark.parametrize(
    ("about", "spoken"),
    [
        (["forum"], {"osint/library": "osint", "library/osint": "library",
                     "forum/library": "forum"}),
        (["library"], {"osint/library": "library", "library/osint": "library",
                       "forum/library": "library"}),
        (["unknown", "osint", "library"], {"osint/library": "osint", "library/osint": "library",
                                           "forum/library": "library"}),
    ],
)  # fmt: skip
def test_whose_value_a_chain_takes(about: list[str], spoken: dict[str, str]) -> None:
    """The first source of the route that it is about, else the entrance's."""
    got = factors(case({"id": "a", "about": about, "likelihood": ONE, "reliability": 1.0}))
    for route, source in spoken.items():
        assert got[route] == pytest.approx(ONE[source], rel=1e-12)
    for source, p in ONE.items():
        assert got[source] == pytest.approx(p, rel=1e-12)


def test_a_route_may_have_a_value_of_its_own() -> None:
    got = factors(case({"id": "a", "about": "library", "likelihood": TWO, "reliability": 1.0}))
    assert got["osint/library"] == pytest.approx(0.8, rel=1e-12)
    assert got["library/osint"] == pytest.approx(0.4, rel=1e-12)


def test_a_group_that_may_be_unreliable() -> None:
    """Mixed with what any route would give, in the background's shares; groups multiply."""
    shared = {"group": "g", "reliability": [0.5, 0.9], "overlap": 0.25}
    m = case({"id": "a", "about": "forum", "likelihood": ONE, **shared},
             {"id": "b", "about": "forum", "likelihood": TWO, **shared},
             {"id": "c", "about": "forum", "likelihood": ONE, "reliability": 0.7, "count": 3,
              "repeats": 0.4})  # fmt: skip
    pi = m.background
    entrance = [r.entrance.name for r in m.routes]
    rows = np.array([[ONE[s] for s in entrance],
                     [TWO.get(r.name, TWO[r.entrance.name]) for r in m.routes]])  # fmt: skip
    third = 0.4 * rows[0] + 0.6 * rows[0] ** 3
    left = by_hand(rows, pi, 0.25)
    rho = m.filled.findings[0].reliability.mean()
    assert rho == pytest.approx(0.73, abs=0.02)
    expected = (rho * left + (1 - rho) * (pi @ left)) * (0.7 * third + 0.3 * (pi @ third))
    np.testing.assert_allclose(list(factors(m).values()), expected, rtol=1e-6)
    # what is left out of a group leaves the others with its numbers
    alone = rho * rows[0] + (1 - rho) * (pi @ rows[0])
    without = factors(m, "findings.b")
    np.testing.assert_allclose(
        list(without.values()), alone * (0.7 * third + 0.3 * (pi @ third)), rtol=1e-6
    )


def test_an_interval_enters_by_its_mean() -> None:
    m = case({"id": "a", "likelihood": {**ONE, "forum": [0.05, 0.6]}, "about": "forum",
              "reliability": 1.0})  # fmt: skip
    n = m.filled.findings[0].likelihood["forum"]
    x, w = np.polynomial.hermite_e.hermegauss(80)
    mean = float((w / w.sum()) @ (1.0 / (1.0 + np.exp(-(n.center + n.sd * x)))))
    assert factors(m)["forum"] == pytest.approx(mean, rel=1e-6)


def test_zero_excludes_by_name() -> None:
    got = factors(case({"id": "a", "about": "forum", "likelihood": {**ONE, "osint": 0.0},
                        "reliability": 1.0}))  # fmt: skip
    assert {r for r, p in got.items() if p == 0.0} == {"osint", "osint/library"}
    less = factors(case({"id": "a", "about": "forum", "likelihood": {**ONE, "osint": 0.0},
                         "reliability": 0.9}))  # fmt: skip
    assert min(less.values()) > 0.0
