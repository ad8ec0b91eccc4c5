"""Robust bounds: published numbers, closed forms, and assessments drawn inside their sets."""

from __future__ import annotations

import numpy as np
import pytest

from causation.analyses.bounds import robust_bounds
from causation.case import Case, load_case, parse_case, resolve
from causation.errors import InputError
from causation.inference.infer import infer
from causation.model.build import build_model
from causation.sweeping.sweep import DRAFT, sweep

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
    mean = resolve(case)
    p1 = mean.findings[0].likelihood["suspect_1"].value.mean()
    p3 = mean.findings[1].likelihood["suspect_3"].value.mean()

    def probability(w1: float, w3: float, a: float, b: float) -> float:
        joint = np.array([w1 * a * 0.9, 0.01, w3 * 0.1 * b])
        return float(joint[0] / joint.sum())

    assert found.weights.lower == pytest.approx(probability(0.5, 4.0, p1, p3), rel=1e-9)
    assert found.weights.upper == pytest.approx(probability(2.0, 1.0, p1, p3), rel=1e-9)
    both = found.weights_and_findings
    assert both.lower == pytest.approx(probability(0.5, 4.0, 0.6, 0.8), rel=ROUNDING)
    assert both.upper == pytest.approx(probability(2.0, 1.0, 0.9, 0.5), rel=ROUNDING)


LOOSE = """
schema: 1
id: loose
proposition: [a, b]
exhaustive: true
sources:
  a: {kind: custodian, holds: [phone, email], weight: [0.5, 3]}
  b: {kind: custodian, holds: [phone], weight: [0.2, 1]}
  c: {kind: custodian, weight: [1, 9]}
victims:
  - {id: first, disclosed: [phone]}
  - {id: second, count: 2, disclosed: [phone], linkage: 0.5}
  - {id: third, count: 2, disclosed: [phone], linkage: 0.5}
  - {id: fourth, disclosed: [email], linkage: 0.7}
findings:
  - {id: x, likelihood: {a: [0.5, 0.8], b: [0.1, 0.3], c: [0.2, 0.7]}, reliability: 0.6, group: g}
  - {id: y, likelihood: {a: [0.3, 0.9], b: [0.1, 0.5], c: 0.2}, group: g, repeats: 0.4}
  - {id: z, likelihood: {a: 0.4, b: [0.1, 0.2], c: [0.3, 0.6]}, reliability: 0.9}
"""


def draws(case: Case, suffix: str, size: int, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Values inside the intervals whose path contains a word, half of them at the ends."""
    found = {}
    for path, value in case.numbers().items():
        if suffix in path and isinstance(value, tuple):
            inside = rng.uniform(*value, size)
            found[path] = np.where(rng.random(size) < 0.5, rng.choice(value, size), inside)
    return found


@pytest.mark.parametrize("name", ["loose", "bic-2025-doxxing", "gao-2024"])
def test_bounds_contain_every_assessment_in_their_box(name: str) -> None:
    case = parse_case(LOOSE) if name == "loose" else load_case(name)
    found = robust_bounds(case, settings=DRAFT)
    rng = np.random.default_rng(1)
    weights = draws(case, ".weight", 400, rng)
    findings = draws(case, ".likelihood.", 400, rng)
    sets = [
        (found.weights, weights),
        (found.findings, findings),
        (found.weights_and_findings, {**weights, **findings}),
    ]
    for interval, columns in sets:
        data = sweep(case, columns, zipped=True, settings=DRAFT, variables=["probability"])
        p = data["probability"].to_numpy()
        assert interval.lower - ROUNDING <= p.min()
        assert p.max() <= interval.upper + ROUNDING
        # and are not idle: what was drawn covers a good part of them
        assert p.max() - p.min() > 0.4 * (interval.upper - interval.lower)


@pytest.mark.parametrize("name", ["loose", "bic-2025-doxxing"])
def test_contaminated_bounds_contain_every_prior(name: str) -> None:
    """Weights that give the prior (1 - e) pi + e q, q drawn at random and at every corner."""
    case = parse_case(LOOSE) if name == "loose" else load_case(name)
    epsilon = 0.2
    found = robust_bounds(case, epsilon=epsilon, settings=DRAFT).contaminated
    model = build_model(resolve(case))
    prior = infer(model, settings=DRAFT).prior
    rng = np.random.default_rng(2)
    q = np.concatenate([np.eye(prior.size), rng.dirichlet(np.full(prior.size, 0.3), 200)])
    target = (1.0 - epsilon) * prior + epsilon * q
    factor = np.ones(prior.size)  # the security record stays as it is
    for record in model.security:
        factor[record.source] = np.exp(record.log_factor)
    columns = {
        f"sources.{s}.weight": w for s, w in zip(model.sources, (target / factor).T, strict=True)
    }
    p = sweep(case, columns, zipped=True, settings=DRAFT)["probability"].to_numpy()
    assert found.lower - ROUNDING <= p.min()
    assert p.max() <= found.upper + ROUNDING
    assert p.max() - p.min() > 0.4 * (found.upper - found.lower)


def test_prior_sets_stand_side_by_side() -> None:
    found = robust_bounds("gao-2024", settings=DRAFT)
    for name in ("claimant", "neutral", "respondent"):
        model = build_model(resolve(load_case("gao-2024"), priors=name))
        single = infer(model, settings=DRAFT).proposition_probability
        assert found.prior_sets[name] == pytest.approx(single, abs=1e-9)
    assert found.probability == found.prior_sets["neutral"]


def test_no_interval_no_width() -> None:
    p = robust_bounds(BURGLARY).probability
    found = robust_bounds(BURGLARY, epsilon=0.0)
    for interval in (found.contaminated, found.weights, found.findings):
        assert interval.attained
        assert [interval.lower, interval.upper] == pytest.approx([p, p], rel=ROUNDING)


def test_mistakes() -> None:
    with pytest.raises(InputError, match="from 0 to 1"):
        robust_bounds(BURGLARY, epsilon=1.5)
    findings = [
        {"id": f"f{i}", "likelihood": {f"suspect_{k}": 0.5 for k in (1, 2, 3)}, "reliability": 0.9}
        for i in range(13)
    ]
    with pytest.raises(InputError, match="too many"):
        robust_bounds(BURGLARY.replace(findings=findings))
