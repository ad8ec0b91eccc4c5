"""The fit check warns where every source explains the evidence badly, and only there."""

from __future__ import annotations

import json

import numpy as np
import pytest

from causation.case import load_case, parse_case, resolve
from causation.errors import InputError
from causation.inference import infer
from causation.model.build import Model, build_model
from causation.validation import fit_check


def _case(disclosed: list[str], withheld: list[str]) -> Model:
    """Two sources, under both of which the phone is common and the photo hardly ever seen."""
    shares = {"phone": [0.6, 0.9], "id_photo": [0.001, 0.01]}
    document = {
        "schema": 1,
        "id": "odd",
        "title": {"en": "Odd"},
        "incident_date": "2024-05-01",
        "proposition": "platform",
        "standard": 0.75,
        "selection": "attempted",
        "exhaustive": True,
        "sources": {
            "platform": {"kind": "custodian", "disclosure": shares, "misfit": 0.005},
            "osint": {"kind": "inference", "disclosure": shares, "misfit": 0.005},
        },
        "victims": [
            {"id": f"v{i}", "disclosed": disclosed, "not_disclosed": withheld, "linkage": 1}
            for i in range(3)
        ],
    }
    return build_model(resolve(parse_case(json.dumps(document))))


def test_evidence_that_no_source_explains() -> None:
    model = _case(["id_photo"], ["phone"])
    found = fit_check(model, infer(model), random_seed=1, draws=100)
    assert found.poor
    assert found.tail_probability < 0.05
    assert found.source in model.sources


def test_evidence_that_a_source_explains() -> None:
    model = _case(["phone"], ["id_photo"])
    found = fit_check(model, infer(model), random_seed=1, draws=100)
    assert not found.poor
    assert found.tail_probability > 0.2


@pytest.mark.slow
def test_tail_is_uniform_enough_on_simulated_cases() -> None:
    """Under the true source a tail below 5 % comes up in about one case in twenty."""
    from causation.model.simulation import simulate
    from causation.validation.designs import designs

    model = designs()[2].model
    rng = np.random.default_rng(2)
    poor = 0
    for i in range(20):
        case = simulate(model, rng=rng)
        poor += fit_check(case.model, infer(case.model), random_seed=i, draws=40).poor
    # binomial(20, 0.05): five or more has probability 0.003
    assert poor < 5


def test_a_shipped_case_is_explained() -> None:
    model = build_model(resolve(load_case("bic-2025-doxxing")))
    found = fit_check(model, infer(model), random_seed=1, draws=40)
    assert not found.poor


def test_too_few_draws() -> None:
    model = _case(["phone"], ["id_photo"])
    with pytest.raises(InputError, match="at least 20"):
        fit_check(model, infer(model), draws=5)
