"""The naive product against plain formulas, and its limits against the model."""

from __future__ import annotations

import dataclasses
import itertools

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import norm

from causation.analyses.naive import naive_log_evidence
from causation.inference import infer
from causation.model.build import Model
from tests.bridge import model_of
from tests.reference import evidence as reference


def _mean(center: float, sd: float) -> float:
    if sd == 0.0:
        return float(1.0 / (1.0 + np.exp(-center)))
    value, _ = quad(
        lambda z: norm.pdf(z) / (1.0 + np.exp(-(center + sd * z))), -12, 12, epsabs=1e-13
    )
    return float(value)


def _problem(*, selected: bool, spread: float = 1.0) -> Model:
    sources = (
        reference.Source(
            "custodian",
            m=(0.4, -1.0),
            sd=(0.8 * spread, 1.1 * spread),
            r=0.4,
            member_m=(1.5,),
            member_sd=(0.6 * spread,),
            misfit=0.05,
        ),
        reference.Source(
            "inference",
            m=(-0.7, 0.2),
            sd=(0.5 * spread, 0.9 * spread),
            r=0.2,
            gamma_m=(-0.8,),
            gamma_sd=(0.6 * spread,),
            member_m=(0.3,),
            member_sd=(0.9 * spread,),
        ),
    )
    groups = (
        reference.Group(
            n=2,
            disclosed=(True, False),
            not_disclosed=(False, True),
            profile=(1.0,),
            users_of=(True,),
            kappa=0.7,
        ),
        reference.Group(
            n=3,
            disclosed=(True, True),
            not_disclosed=(False, False),
            profile=(None,),
            users_of=(False,),
        ),
    )
    return model_of(
        reference.Problem(
            sources=sources, groups=groups, xref=(0.3,), pi=(0.5, 0.5), selected=selected
        )
    )


@pytest.mark.parametrize("selected", [True, False])
def test_product_of_means(selected: bool) -> None:
    """Every factor by quadrature, multiplied in plain Python."""
    model = _problem(selected=selected)
    expected = []
    for s in range(2):

        def p(field: int, x: float, s: int = s) -> float:
            offset = x - 0.3 if s == 1 else 0.0
            center = model.field_center[s, field] + model.effect_center[s, 0] * offset
            variance = model.field_sd[s, field] ** 2 + (model.effect_sd[s, 0] * offset) ** 2
            return _mean(float(center), float(np.sqrt(variance)))

        exposure = sum(w * (1 - (1 - p(0, x)) * (1 - p(1, x))) for x, w in ((1.0, 0.3), (0.0, 0.7)))
        first = p(0, 1.0) * (1 - p(1, 1.0))
        second = sum(w * p(0, x) * p(1, x) for x, w in ((1.0, 0.3), (0.0, 0.7)))
        member = _mean(float(model.member_center[s, 0]), float(model.member_sd[s, 0]))
        z = exposure if selected else 1.0
        expected.append(2 * np.log(first * member / z) + 3 * np.log(second * (1 - member) / z))
    # quadrature to 1e-12, five victims
    np.testing.assert_allclose(naive_log_evidence(model), expected, rtol=1e-10)


def test_certain_inputs_leave_nothing_to_dependence() -> None:
    """With every interval a single number, the model is the product."""
    model = dataclasses.replace(
        _problem(selected=True, spread=0.0), linkage=np.ones(2), misfit=np.zeros(2)
    )
    # closed form on either side
    np.testing.assert_allclose(naive_log_evidence(model), infer(model).log_evidence, rtol=1e-12)


def test_selected_outcomes_of_a_victim_sum_to_one() -> None:
    """Over all profiles and all exposed patterns of one victim, for every source."""
    base = _problem(selected=True).reduced(without_groups=["g1"])
    total = np.zeros(2)
    for x, y in itertools.product((0.0, 1.0), itertools.product((0.0, 1.0), repeat=2)):
        if not any(y):
            continue
        for user in (0.0, 1.0):
            one = dataclasses.replace(
                base,
                count=np.ones(1),
                profile=np.array([[x]]),
                disclosed=np.array([y]),
                withheld=1.0 - np.array([y]),
                user=np.array([[user]]),
            )
            total += np.exp(naive_log_evidence(one)) * (0.3 if x else 0.7)
    np.testing.assert_allclose(total, 1.0, rtol=1e-12)


def test_repeats_are_ignored_and_reliability_kept() -> None:
    from causation.evidence.findings import FindingGroup

    p = np.array([[0.9, 0.2], [0.8, 0.4]])
    model = dataclasses.replace(
        _problem(selected=True).reduced(without_groups=["g0", "g1"]),
        finding_groups=(FindingGroup("g", ("a", "b"), np.log(p), 0.9, 0.7),),
    )
    joint = p.prod(axis=0)
    np.testing.assert_allclose(
        np.exp(naive_log_evidence(model)), 0.9 * joint + 0.1 * joint.mean(), rtol=1e-12
    )
