"""Membership: closed forms, quadrature, certain shares, simulation."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest
from scipy.special import beta, expit

from causation.evidence.base import Branch
from causation.evidence.membership import MEMBERSHIP, membership_log_likelihood
from causation.inference import infer
from causation.model.build import Model
from tests.bridge import model_of
from tests.reference import evidence as reference


def model(center: float, sd: float, *, users: int, others: int) -> Model:
    sources = [
        reference.Source("custodian", (0.0,), (0.0,), member_m=(center,), member_sd=(sd,)),
        reference.Source("residual", (0.0,), (0.0,), member_m=(0.0,), member_sd=(0.0,)),
    ]
    groups = [
        reference.Group(n, [False], [False], (), [user])
        for n, user in ((users, True), (others, False), (5, None))
        if n
    ]
    return model_of(reference.Problem(sources, groups, selected=False, pi=(0.5, 0.5)))


@pytest.mark.parametrize(("users", "others"), [(1, 0), (6, 0), (3, 2), (10_000, 7)])
def test_a_single_number(users: int, others: int) -> None:
    log_l = infer(model(1.3, 0.0, users=users, others=others)).log_evidence
    p = 1.0 / (1.0 + math.exp(-1.3))
    expected = users * math.log(p) + others * math.log1p(-p)
    assert log_l[0] == pytest.approx(expected, rel=1e-12)
    assert log_l[1] == pytest.approx((users + others) * math.log(0.5), rel=1e-12)


@pytest.mark.parametrize("sd", [0.05, 1.8, 8.0])
@pytest.mark.parametrize(("users", "others"), [(1, 0), (6, 0), (3, 2), (10_000, 7), (0, 400)])
def test_an_interval(sd: float, users: int, others: int) -> None:
    log_l = infer(model(0.4, sd, users=users, others=others)).log_evidence[0]
    expected = reference.membership_term(users, others, 0.4, sd)
    # two trapezoid rules
    assert log_l == pytest.approx(expected.log, rel=1e-6, abs=1e-6)


def test_the_latent_is_shared_over_victims() -> None:
    """Six users are not six independent users: exceeds the product, by Jensen."""
    six = infer(model(0.0, 1.5, users=6, others=0)).log_evidence[0]
    one = infer(model(0.0, 1.5, users=1, others=0)).log_evidence[0]
    assert six > 6 * one + 0.5


def test_wide_intervals_approach_haldane() -> None:
    """As sd grows the share is nearly 0 or 1: E[p^a (1-p)^b] -> B(a, b) phi(0) / sd."""
    sd = 200.0
    log_l = infer(model(0.0, sd, users=4, others=3)).log_evidence[0]
    expected = math.log(beta(4, 3) / (sd * math.sqrt(2.0 * math.pi)))
    # next term is of order 1 / sd^2
    assert log_l == pytest.approx(expected, abs=1e-3)


@pytest.mark.parametrize(("center", "users", "others"), [(math.inf, 3, 0), (-math.inf, 0, 3)])
def test_certain_shares(center: float, users: int, others: int) -> None:
    assert infer(model(center, 0.0, users=users, others=others)).log_evidence[0] == 0.0
    contradicted = infer(model(center, 0.0, users=max(users, 1), others=max(others, 1)))
    assert contradicted.log_evidence[0] == -np.inf
    assert contradicted.probability.tolist() == [0.0, 1.0]
    assert contradicted.error[0] == 0.0


def test_no_victims_no_evidence() -> None:
    value = membership_log_likelihood(
        np, np.array([-np.inf, np.inf, 0.0]), np.array([0.0, 2.0, 0.0]), np.zeros(3)
    )
    assert value.tolist() == [0.0, 0.0, 0.0]


def test_simulated_share() -> None:
    one = model(0.7, 0.9, users=1, others=0)
    wide = dataclasses.replace(
        one,
        groups=tuple(f"g{i}" for i in range(2)),
        count=np.ones(2),
        user=np.array([[1.0], [np.nan]]),
    )
    rng = np.random.default_rng(11)
    drawn = [MEMBERSHIP.simulate(wide, 0, Branch.ELICITED, rng) for _ in range(4000)]
    users = np.array([d["user"][:, 0] for d in drawn])
    assert np.isnan(users[:, 1]).all()
    shares = expit(0.7 + 0.9 * np.array([d["latents"]["d"][0] for d in drawn]))
    # four binomial standard errors
    assert abs(users[:, 0].mean() - shares.mean()) < 4.0 * 0.5 / math.sqrt(len(users))


def test_terms_name_the_latent() -> None:
    terms = MEMBERSHIP.terms(model(0.0, 1.0, users=1, others=2), 0)
    assert [t.latents for t in terms] == [("d[s0,c0]",)] * 2
