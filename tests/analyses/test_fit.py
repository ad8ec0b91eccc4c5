"""The fit check: tails of drawn cases, closed forms where they exist, contradictions told."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import replace

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
    found = fit_check(model, evaluate(model), random_seed=1, draws=100)
    parts = {part.kind: part for part in found.parts}
    assert found.poor
    assert parts["attributes"].tail_probability < 0.02
    assert parts["counts"].tail_probability < 0.02


@pytest.mark.parametrize("alone", [True, False])
def test_values_that_contradict_the_claimed_register_are_told(alone: bool) -> None:
    """Other routes explain them, but what is to be proved does not."""
    record = {"of": ["platform"], "differs": ["phone", "real_name", "id_photo"]}
    case = load_case("bic-2025-doxxing").replace({"victims.plaintiff.record": record})
    if alone:
        case = case.without("co_victims")
    model = build_model(case)
    found = fit_check(model, evaluate(model), random_seed=1)
    parts = {part.kind: part for part in found.parts}
    assert "platform" in found.claimed_route.split("/")
    assert found.claimed_poor
    assert parts["records"].claimed_tail < 0.02
    agreed = {"of": ["platform"], "agrees": ["phone", "real_name", "id_photo"]}
    model = build_model(case.replace({"victims.plaintiff.record": agreed}))
    assert not fit_check(model, evaluate(model), random_seed=1).claimed_poor


def test_errors_are_those_of_a_binomial_share() -> None:
    """Tails of many short runs spread as their errors say, about that of a long one."""
    case = load_case("data/published/three-suspect-burglary.yaml").replace(
        {"findings.item.likelihood": {"suspect_1": 0.3, "suspect_2": 0.1, "suspect_3": 0.1}}
    )
    model = build_model(case)
    answer = evaluate(model)
    # suspect 1: the item is seen with .3, the time with .9; farther from the mean in standard
    # deviations than the item alone, (.7 / .3), is only not seeing the time (.9 / .1): .1
    expected = 0.3 + 0.7 * 0.1
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
    kinds, least = [], []
    for _ in range(400):
        table = rng.poisson(3.0, size=(40, 2)) + rng.integers(0, 5, size=(40, 1))
        other = rng.poisson(1.0, size=40)
        cases: list[dict[str, dict[Hashable, float]]] = [
            {kind: {} for kind in fit.KINDS}
            | {"fields": {"a": float(x), "b": float(y)}, "counts": {"c": float(z)}}
            for (x, y), z in zip(table, other, strict=True)
        ]
        found = fit._tails(cases[0], cases[1:])
        kinds.append(found.by_kind["fields"])
        least.append(found.least)
    for tails in (np.array(kinds), np.array(least)):
        for level in (0.1, 0.25, 0.5):
            # binomial standard error .025 at most, and ties make tails larger
            assert np.mean(tails <= level) < level + 4 * 0.025
        assert np.mean(tails) == pytest.approx(0.52, abs=0.07)


def test_what_cannot_come_out_otherwise_has_no_tail() -> None:
    def tails(seen: dict[Hashable, float], drawn: list[dict[Hashable, float]]) -> dict[str, float]:
        empty: dict[str, dict[Hashable, float]] = {kind: {} for kind in fit.KINDS}
        found = fit._tails(empty | {"dates": seen}, [empty | {"dates": d} for d in drawn])
        return dict(found.by_kind)

    assert tails({"a": 1.0}, [{"a": 1.0}] * 5) == {}
    assert tails({}, [{}] * 5) == {}
    assert tails({"a": 9.0}, [{"a": 1.0}] * 9) == {"dates": pytest.approx(0.1)}


def test_nothing_is_looked_at_of_a_victim() -> None:
    """A case with a victim of whom no field is known can be drawn like any other."""
    filled = build_model(parse_case(ODD % (("phone", "id_photo") * 2))).filled
    first, others = filled.groups
    blank = replace(others, disclosed=(), not_disclosed=())
    model = build_model(replace(filled, groups=(first, blank)))
    assert not fit_check(model, evaluate(model), draws=20).poor


def test_routes_by_their_posterior_are_drawn_in_proportion() -> None:
    model = build_model("data/published/three-suspect-burglary.yaml")
    predictive = fit.Predictive(model, draws=20)
    mixed = predictive.mixed(np.array([0.5, 0.0, 0.5]))
    assert len(mixed) == 20
    assert mixed == predictive.of("suspect_1", 10) + predictive.of("suspect_3", 10)


def test_too_few_draws() -> None:
    model = build_model("data/published/three-suspect-burglary.yaml")
    with pytest.raises(InputError, match="at least 20"):
        fit_check(model, evaluate(model), draws=5)
