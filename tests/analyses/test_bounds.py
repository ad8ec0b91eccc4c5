"""Robust bounds: published numbers, closed forms, and assessments drawn inside their sets."""

from __future__ import annotations

import numpy as np
import pytest

from causation.analyses.bounds import Interval, robust_bounds
from causation.case.files import load_case, parse_case
from causation.case.schema import Case
from causation.errors import InputError
from causation.inference.evaluate import Answer, evaluate
from causation.model.structure import Model, build_model

BURGLARY = load_case("data/published/three-suspect-burglary.yaml")
ROUNDING = 1e-12


def test_contaminated_priors_as_published() -> None:
    """Liefgreen 2020, epsilon 0.1: suspect 1 in [0.867470, 0.918660]."""
    found = robust_bounds(BURGLARY, epsilon=0.1).contaminated
    assert found.lower == pytest.approx(0.867470, abs=5e-7)
    assert found.upper == pytest.approx(0.918660, abs=5e-7)
    assert found.attained


@pytest.mark.parametrize("epsilon", [0.0, 0.3, 1.0])
def test_contaminated_priors_in_closed_form(epsilon: float) -> None:
    likelihood = np.array([0.8 * 0.9, 0.1 * 0.1, 0.1 * 0.75])
    m = likelihood.mean()
    keep = 1.0 - epsilon
    own, other = likelihood[0], likelihood[1:].max()
    found = robust_bounds(BURGLARY, epsilon=epsilon).contaminated
    assert found.upper == pytest.approx(
        (keep * own / 3 + epsilon * own) / (keep * m + epsilon * own), rel=ROUNDING
    )
    assert found.lower == pytest.approx(keep * own / 3 / (keep * m + epsilon * other), rel=ROUNDING)


def test_density_ratio_in_closed_form() -> None:
    likelihood = np.array([0.8 * 0.9, 0.1 * 0.1, 0.1 * 0.75])
    odds = likelihood[0] / likelihood[1:].sum()
    found = robust_bounds(BURGLARY, ratio=3.0).density_ratio
    assert found.lower == pytest.approx(odds / 3.0 / (1.0 + odds / 3.0), rel=ROUNDING)
    assert found.upper == pytest.approx(3.0 * odds / (1.0 + 3.0 * odds), rel=ROUNDING)


def test_boxes_in_closed_form() -> None:
    case = BURGLARY.replace(
        {
            "sources.suspect_1.weight": (0.5, 2.0),
            "sources.suspect_3.weight": (1.0, 4.0),
            "findings.item.likelihood.suspect_1": (0.6, 0.9),
            "findings.time.likelihood.suspect_3": (0.5, 0.8),
        }
    )
    found = robust_bounds(case)
    numbers = {n.path: n.mean() for n in build_model(case).numbers}
    p1 = numbers["findings.item.likelihood.suspect_1"]
    p3 = numbers["findings.time.likelihood.suspect_3"]

    def probability(w1: float, w3: float, a: float, b: float) -> float:
        joint = np.array([w1 * a * 0.9, 0.01, w3 * 0.1 * b])
        return float(joint[0] / joint.sum())

    close = 1e-4  # means of intervals are integrated
    assert found.weights.lower == pytest.approx(probability(0.5, 4.0, p1, p3), rel=close)
    assert found.weights.upper == pytest.approx(probability(2.0, 1.0, p1, p3), rel=close)
    both = found.weights_and_findings
    assert both.lower == pytest.approx(probability(0.5, 4.0, 0.6, 0.8), rel=ROUNDING)
    assert both.upper == pytest.approx(probability(2.0, 1.0, 0.9, 0.5), rel=ROUNDING)
    assert both.attained
    assert found.findings.attained


LOOSE = """
schema: 2
id: loose
jurisdiction: none
standard: 0.75
proposition: [a, b]
sources:
  a: {kind: custodian, holds: [phone, email], weight: [0.5, 3]}
  b: {kind: custodian, holds: [phone], weight: [0.2, 1]}
  lib: {kind: leaked_library, weight: [1, 9], origin: {a: 0.2}}
routes: {lib/osint: [0.2, 0.8], a/lib: [0.1, 0.7]}
victims:
  - {id: first, plaintiff: true, disclosed: [phone, email]}
  - {id: second, count: 2, disclosed: [phone]}
findings:
  - {id: x, likelihood: {a: [0.5, 0.8], b: [0.1, 0.3], lib: [0.2, 0.7], osint: 0.4, unknown: 0.3},
     about: a, reliability: 0.6, group: g, overlap: 0.3}
  - {id: y, likelihood: {a: [0.3, 0.9], b: [0.1, 0.5], lib: 0.2, osint: [0.1, 0.6], unknown: 0.3},
     about: a, group: g}
  - {id: z, likelihood: {a: 0.4, b: [0.1, 0.2], lib: [0.3, 0.6], osint: 0.2, unknown: 0.3},
     about: [a, b], reliability: 0.9, count: 3}
security:
  a: {incidents: {count: 1, years: 4}}
"""


def cases() -> dict[str, Case]:
    return {"loose": parse_case(LOOSE), "bic": load_case("bic-2025-doxxing")}


def drawn(model: Model, keys: tuple[str, ...], size: int, seed: int) -> np.ndarray:
    """Probabilities with numbers anywhere in their intervals, half of them at an end."""
    rng = np.random.default_rng(seed)
    paths = [n.path for n in model.numbers if any(k in n.path for k in keys) and not n.is_point]
    numbers = {n.path: n for n in model.numbers}
    changes = []
    for _ in range(size):
        row: dict[str, float | tuple[float, float]] = {}
        for path in paths:
            lo, hi = numbers[path].lo, numbers[path].hi
            row[path] = float(rng.choice([lo, hi, rng.uniform(lo, hi), rng.uniform(lo, hi)]))
        changes.append(row)
    return evaluate(model, model.rows(changes)).probability


@pytest.mark.parametrize("name", ["loose", "bic"])
def test_bounds_contain_every_assessment_in_their_box(name: str) -> None:
    model = build_model(cases()[name])
    found = robust_bounds(model)
    prior, findings = (".weight", "chains.", "routes."), (".likelihood.",)
    sets: list[tuple[Interval, tuple[str, ...]]] = [
        (found.weights, prior),
        (found.findings, findings),
        (found.weights_and_findings, (*prior, *findings)),
    ]
    for interval, keys in sets:
        p = drawn(model, keys, 400, seed=1)
        assert interval.lower - 1e-9 <= p.min()
        assert p.max() <= interval.upper + 1e-9
        # and are not idle: what was drawn covers a good part of them
        assert p.max() - p.min() > 0.4 * (interval.upper - interval.lower)


@pytest.mark.parametrize("name", ["loose", "bic"])
def test_contaminated_bounds_contain_every_prior_and_are_reached(name: str) -> None:
    """(1 - e) pi + e q, q drawn at random and at every corner, with the chances given routes."""
    model = build_model(cases()[name])
    answer: Answer = evaluate(model)
    epsilon = 0.2
    found = robust_bounds(model, epsilon=epsilon).contaminated
    prior = np.exp(answer.log_prior[0])
    rng = np.random.default_rng(2)
    q = np.concatenate([np.eye(prior.size), rng.dirichlet(np.full(prior.size, 0.3), 200)])
    weight = ((1.0 - epsilon) * prior + epsilon * q) * np.exp(answer.log_evidence[0])
    p = (weight @ answer.credit[0]) / weight.sum(axis=1)
    assert found.lower == pytest.approx(p.min(), rel=1e-9)
    assert found.upper == pytest.approx(p.max(), rel=1e-9)


def test_no_interval_no_width() -> None:
    found = robust_bounds(BURGLARY, epsilon=0.0, ratio=1.0)
    p = found.probability
    for interval in (found.contaminated, found.density_ratio, found.weights, found.findings):
        assert interval.attained
        assert [interval.lower, interval.upper] == pytest.approx([p, p], rel=ROUNDING)


def test_many_unreliable_findings_are_bounded_too() -> None:
    """Beyond the corners that are visited, wider than needed; never a refusal."""
    likelihood = {"suspect_1": (0.4, 0.6), "suspect_2": 0.5, "suspect_3": 0.5}
    findings = [{"id": f"f{i}", "likelihood": likelihood, "reliability": 0.9} for i in range(12)]
    case = BURGLARY.replace(findings=findings)
    found = robust_bounds(case)
    p = drawn(build_model(case), (".likelihood.",), 50, seed=3)
    assert found.findings.lower <= p.min() <= p.max() <= found.findings.upper < 1.0
    assert not found.findings.attained


def test_mistakes() -> None:
    with pytest.raises(InputError, match="from 0 to 1"):
        robust_bounds(BURGLARY, epsilon=1.5)
    with pytest.raises(InputError, match="1 or more"):
        robust_bounds(BURGLARY, ratio=0.5)
