"""From a case to arrays, and models on less evidence."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import numpy as np
import pytest

from causation.case.resolved import Stage
from causation.errors import CaseError
from causation.inference import infer
from causation.model.build import MAX_ITEMS, VAGUE, build_model
from tests.build import document, model_of_document, resolved


def test_arrays_say_what_the_case_says() -> None:
    model = model_of_document()
    assert model.sources == ("platform", "osint", "unknown")
    assert model.fields == ("phone", "real_name")
    assert model.items == ("anonymous",)
    assert model.custodians == ("platform",)
    assert model.groups == ("plaintiff", "others")
    assert model.proposition.tolist() == [True, False, False]
    assert model.profiled.tolist() == [False, True, False]
    assert model.count.tolist() == [1.0, 4.0]
    assert model.linkage[0] == 1.0
    assert 0.7 < model.linkage[1] < 0.95
    assert model.disclosed.tolist() == [[1.0, 1.0], [1.0, 0.0]]
    assert model.withheld.tolist() == [[0.0, 0.0], [0.0, 0.0]]
    assert model.profile.tolist() == [[1.0], [1.0]]
    assert model.user.tolist() == [[1.0], [1.0]]
    assert model.selected
    assert model.field_center[0, 0] == pytest.approx(
        0.5 * (math.log(0.2 / 0.8) + math.log(0.9 / 0.1)), rel=1e-12
    )
    assert model.effect_center[1, 0] == pytest.approx(0.5 * math.log(0.1 * 0.9), rel=1e-12)
    assert (model.effect_center[[0, 2]] == 0.0).all()
    assert np.exp(model.log_prior).sum() == pytest.approx(1.0, rel=1e-12)


def test_the_residual_is_vague() -> None:
    model = model_of_document()
    np.testing.assert_allclose(model.field_center[2], 0.0, atol=1e-12)
    np.testing.assert_allclose(model.field_sd[2], VAGUE.sd, rtol=1e-12)
    assert model.misfit[2] == 0.0


@pytest.mark.parametrize("element", ["conduct", "fault", "damage"])
def test_what_does_not_bear_on_the_source_changes_no_number(element: str) -> None:
    doc = document()
    victims = [
        *doc["victims"],
        {
            "id": "elsewhere",
            "count": 50,
            "disclosed": ["email"],
            "profile": {"public_traces": False},
            "bears_on": element,
        },
    ]
    findings = [
        *doc["findings"],
        {
            "id": "inaction",
            "likelihood": {"platform": 1, "osint": 0, "unknown": 0},
            "bears_on": element,
        },
    ]
    security = {"platform": {"incidents": {"count": 9, "years": 1}, "bears_on": element}}
    base = model_of_document()
    more = model_of_document(victims=victims, findings=findings, security=security)
    assert more.fields == base.fields
    assert more.items == base.items
    np.testing.assert_array_equal(infer(more).log_evidence, infer(base).log_evidence)
    np.testing.assert_array_equal(more.log_prior, base.log_prior)


def test_stages() -> None:
    doc = document()
    doc["victims"][1]["stage"] = "reply"
    security = {"platform": {"incidents": {"count": 2, "years": 1}, "stage": "rebuttal"}}
    model = model_of_document(victims=doc["victims"], security=security)
    first = model.up_to(Stage.PRIMA_FACIE)
    assert first.groups == ("plaintiff",)
    assert first.security == ()
    assert first.finding_groups == ()
    second = model.up_to(Stage.REBUTTAL)
    assert second.groups == ("plaintiff",)
    assert [r.id for r in second.security] == ["platform"]
    assert [f.id for f in second.finding_groups] == ["audit"]
    last = model.up_to(Stage.REPLY)
    np.testing.assert_array_equal(infer(last).log_evidence, infer(model).log_evidence)


def test_reduced() -> None:
    model = model_of_document()
    less = model.reduced(
        without_groups=["others"],
        without_fields=["phone"],
        without_items=["anonymous"],
        without_memberships=["platform"],
        without_findings=["audit"],
    )
    assert less.groups == ("plaintiff",)
    assert less.fields == model.fields
    assert less.disclosed.tolist() == [[0.0, 1.0]]
    assert np.isnan(less.profile).all()
    assert np.isnan(less.user).all()
    assert less.finding_groups == ()
    # the model it came from is as it was
    assert model.disclosed.tolist() == [[1.0, 1.0], [1.0, 0.0]]
    assert not np.isnan(model.profile).any()
    assert not np.isnan(model.user).any()


def test_a_finding_left_out_of_its_group() -> None:
    """What is left of the group keeps its reliability; the next finding becomes the first."""
    rows: list[dict[str, Any]] = [
        {
            "id": name,
            "likelihood": {"platform": p, "osint": 0.3, "unknown": 0.2},
            "group": "both",
            "reliability": 0.8,
            "repeats": 0.5,
        }
        for name, p in (("first", 0.9), ("second", 0.6))
    ]
    model = model_of_document(findings=rows).reduced(without_findings=["first"])
    (group,) = model.finding_groups
    assert group.findings == ("second",)
    assert (group.reliability, group.repeats) == (0.8, 0.5)
    np.testing.assert_allclose(np.exp(group.log_likelihood), [[0.6, 0.3, 0.2]], rtol=1e-12)


def test_too_many_profile_items() -> None:
    case = resolved()
    items = tuple(f"x{i}" for i in range(MAX_ITEMS + 1))
    with pytest.raises(CaseError, match="too many profile items; found 9"):
        build_model(dataclasses.replace(case, items=items))


def test_dependence_is_two_terms_that_name_one_latent() -> None:
    terms = model_of_document().terms()
    named = [t.evidence for t in terms if t.source == "osint" and "g[osint,anonymous]" in t.latents]
    assert named == [
        "victims.plaintiff.disclosed.phone",
        "victims.plaintiff.disclosed.real_name",
        "victims.others.disclosed.phone",
    ]
