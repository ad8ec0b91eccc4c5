"""Findings against the formula written out, and repeats against published numbers."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from causation.evidence.findings import (
    FindingGroup,
    finding_group_log_likelihood,
    simulate_finding_group,
)
from tests.reference import evidence as reference

PROBABILITY = st.floats(0.01, 0.99)


@pytest.mark.parametrize(
    ("n", "published"), [(1, "4.500"), (2, "9.511"), (3, "11.895"), (6, "10.692")]
)
def test_repeats_as_published(n: int, published: str) -> None:
    p = np.log([[0.9, 0.2]] * n)
    log_l = finding_group_log_likelihood(p, 1.0, 0.3, np.log([0.5, 0.5]))
    assert f"{math.exp(log_l[0] - log_l[1]):.3f}" == published


def test_repeats_in_the_limit() -> None:
    p = np.log([[0.9, 0.2]] * 10_000)
    log_l = finding_group_log_likelihood(p, 1.0, 0.3, np.log([0.5, 0.5]))
    assert math.exp(log_l[0] - log_l[1]) == pytest.approx(4.5, rel=1e-12)


@given(
    st.lists(st.tuples(PROBABILITY, PROBABILITY, PROBABILITY), min_size=1, max_size=5),
    st.floats(0.0, 1.0),
    st.floats(0.0, 1.0),
    st.tuples(PROBABILITY, PROBABILITY, PROBABILITY),
)
@settings(max_examples=60, deadline=None)
def test_formula(
    rows: list[tuple[float, float, float]],
    rho: float,
    d: float,
    weight: tuple[float, float, float],
) -> None:
    pi = np.array(weight) / sum(weight)
    ours = finding_group_log_likelihood(np.log(rows), rho, d, np.log(pi))
    theirs = reference.findings_log_likelihood([reference.FindingGroup(rows, rho, d)], pi)
    # closed form; the reference does not work in logs
    np.testing.assert_allclose(ours, theirs, rtol=1e-12, atol=1e-12)


def test_reliability_zero_removes_a_finding() -> None:
    log_l = finding_group_log_likelihood(np.log([[0.9, 0.001]]), 0.0, 0.4, np.log([0.2, 0.8]))
    assert log_l[0] == log_l[1]


def test_an_impossible_finding() -> None:
    """Certain and reliable, it excludes; reliable to 0.9 it leaves a tenth of the mean."""
    with np.errstate(divide="ignore"):
        p = np.log([[0.5, 0.0]])
    log_prior = np.log([0.25, 0.75])
    assert finding_group_log_likelihood(p, 1.0, 0.0, log_prior)[1] == -np.inf
    rest = finding_group_log_likelihood(p, 0.9, 0.0, log_prior)
    np.testing.assert_allclose(np.exp(rest), [0.9 * 0.5 + 0.1 * 0.125, 0.1 * 0.125], rtol=1e-12)
    nothing = np.full((1, 2), -np.inf)
    assert np.isneginf(finding_group_log_likelihood(nothing, 0.5, 0.5, log_prior)).all()


def test_log_space() -> None:
    """Ten thousand findings of probability 1e-300: no underflow."""
    p = np.full((10_000, 2), -300.0 * math.log(10.0))
    p[:, 1] *= 2.0
    log_l = finding_group_log_likelihood(p, 1.0, 0.0, np.log([0.5, 0.5]))
    assert log_l[0] - log_l[1] == pytest.approx(3e6 * math.log(10.0), rel=1e-12)


def test_leading_axes_broadcast() -> None:
    p = np.log([[0.9, 0.2], [0.3, 0.4]])
    prior = np.log([[0.5, 0.5], [0.1, 0.9], [0.7, 0.3]])
    rho, d = np.array([0.1, 0.5, 1.0]), np.array([0.0, 0.5, 1.0])
    table = finding_group_log_likelihood(np.broadcast_to(p, (3, 2, 2)), rho, d, prior)
    for i in range(3):
        np.testing.assert_array_equal(
            table[i], finding_group_log_likelihood(p, rho[i], d[i], prior[i])
        )


def test_simulation_has_the_stated_frequencies() -> None:
    """Frequencies of the four outcomes of two findings, against the model's probabilities."""
    group = FindingGroup("g", ("a", "b"), np.log([[0.7, 0.2], [0.4, 0.3]]), 0.8, 0.25)
    log_prior = np.log([0.6, 0.4])
    rng = np.random.default_rng(5)
    n = 6000
    seen = dict.fromkeys(itertools.product((True, False), repeat=2), 0)
    for _ in range(n):
        drawn = simulate_finding_group(group, 0, log_prior, rng)
        made = np.isclose(drawn.log_likelihood, group.log_likelihood).all(axis=1)
        seen[bool(made[0]), bool(made[1])] += 1
        assert drawn.repeats == (0.25 if made[0] == made[1] else 0.0)
    for outcome, count in seen.items():
        p = [
            0.25 * (one[0] if outcome[0] else 1 - one[0]) * (outcome[0] == outcome[1])
            + 0.75 * math.prod(x if o else 1 - x for x, o in zip(one, outcome, strict=True))
            for one in ((0.7, 0.4), (0.2, 0.3))
        ]
        expected = 0.8 * p[0] + 0.2 * (0.6 * p[0] + 0.4 * p[1])
        # four binomial standard errors
        assert abs(count / n - expected) < 4.0 * math.sqrt(expected * (1 - expected) / n)
