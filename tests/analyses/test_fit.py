"""The fit check: tails of drawn cases, closed forms where they exist, contradictions told."""

from __future__ import annotations

import numpy as np
import pytest

from causation.analyses import fit
from causation.analyses.fit import FIT_THRESHOLD, FitCheck, fit_check
from causation.case.files import load_case, parse_case
from causation.errors import InputError
from causation.inference.evaluate import evaluate
from causation.model.structure import build_model

ODD = """
schema: 2
id: odd
jurisdiction: none
standard: 0.75
proposition: platform
exhaustive: true
routes: single
sources:
  platform:
    kind: custodian
    disclosure: {phone: [0.6, 0.9], id_photo: [0.001, 0.01]}
    misfit: 0.005
    reach: 0.9
  osint:
    kind: inference
    disclosure: {phone: [0.6, 0.9], id_photo: [0.001, 0.01]}
    misfit: 0.005
    reach: 0.9
victims:
  - {id: a, plaintiff: true, disclosed: [%s], not_disclosed: [%s]}
  - {id: b, count: 2, linkage: 1, disclosed: [%s], not_disclosed: [%s], known_by: exposure}
"""
"""Two sources, under both of which the phone is common and the photo hardly ever seen."""


def checked(text: str, **options: int) -> FitCheck:
    model = build_model(parse_case(text))
    return fit_check(model, evaluate(model), **options)


def test_evidence_that_no_named_route_explains() -> None:
    found = checked(ODD % (("id_photo", "phone") * 2), random_seed=1, draws=60)
    assert found.poor
    assert found.tail_probability < FIT_THRESHOLD
    assert found.route in {"platform", "osint"}


def test_evidence_that_a_route_explains() -> None:
    found = checked(ODD % (("phone", "id_photo") * 2), random_seed=1, draws=60)
    assert not found.poor
    assert found.tail_probability > 0.2


def test_a_shipped_case_is_explained() -> None:
    model = build_model("bic-2025-doxxing")
    found = fit_check(model, evaluate(model), random_seed=1, draws=20)
    assert not found.poor
    kinds = [part.kind for part in found.parts]
    assert kinds == [kind for kind in fit.KINDS if kind in kinds]
    assert {"fields", "attributes", "counts", "findings"} <= set(kinds)
    assert "records" not in kinds  # none were compared


def test_victims_whose_shares_contradict_what_was_elicited_are_told() -> None:
    """Thirty like victims, none of them a user of the platform of which the plaintiff is one."""
    case = load_case("bic-2025-doxxing").replace(
        {
            "victims.co_victims.count": 30,
            "victims.co_victims.disclosed": ["phone"],
            "victims.co_victims.not_users_of": ["platform"],
            "victims.co_victims.known_by": "exposure",
        }
    )
    model = build_model(case)
    found = fit_check(model, evaluate(model), random_seed=1, draws=20)
    parts = {part.kind: part for part in found.parts}
    assert found.poor
    assert found.tail_probability > FIT_THRESHOLD  # few victims by themselves are not unusual
    assert parts["attributes"].tail_probability < 0.02
    assert parts["counts"].tail_probability < 0.02


def test_errors_are_those_of_a_binomial_share(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tails of many short runs spread as their errors say, about that of a long one."""
    case = load_case("data/published/three-suspect-burglary.yaml").replace(
        {"findings.item.likelihood": {"suspect_1": 0.3, "suspect_2": 0.1, "suspect_3": 0.1}}
    )
    model = build_model(case)
    answer = evaluate(model)
    monkeypatch.setattr(fit, "_DRAWS_BY_KIND", 20)
    # suspect 1: the item is seen with .3, the time with .9; as improbable or more: all but
    # "no item, at night"
    expected = 1.0 - 0.7 * 0.9
    short = [fit_check(model, answer, random_seed=s, draws=200) for s in range(12)]
    tails = np.array([f.tail_probability for f in short])
    for f in short:
        assert f.route == "suspect_1"
        assert f.error == pytest.approx(np.sqrt(expected * (1 - expected) / 201), rel=0.2)
    assert abs(tails.mean() - expected) < 4.0 * short[0].error / np.sqrt(12) + 0.005
    assert tails.std() < 2.0 * short[0].error


def test_tails_of_like_cases_are_uniform() -> None:
    """A case that is one of those drawn has a tail below x in a share x of the times at most."""
    rng = np.random.default_rng(3)
    tails = []
    for _ in range(400):
        table = rng.poisson(3.0, size=(40, 2)) + rng.integers(0, 5, size=(40, 1))
        seen, *drawn = ({"a": float(x), "b": float(y)} for x, y in table)
        tail = fit._tail(seen, drawn)
        assert tail is not None
        tails.append(tail)
    for level in (0.1, 0.25, 0.5):
        # binomial standard error .025 at most, and ties make tails larger
        assert np.mean(np.array(tails) <= level) < level + 4 * 0.025
    assert np.mean(tails) == pytest.approx(0.51, abs=0.06)


def test_what_cannot_come_out_otherwise_has_no_tail() -> None:
    assert fit._tail({"a": 1.0}, [{"a": 1.0}] * 5) is None
    assert fit._tail({}, [{}] * 5) is None
    assert fit._tail({"a": 9.0}, [{"a": 1.0}] * 9) == pytest.approx(0.1)


def test_too_few_draws() -> None:
    model = build_model("data/published/three-suspect-burglary.yaml")
    with pytest.raises(InputError, match="at least 20"):
        fit_check(model, evaluate(model), draws=5)
