"""The proposition about every group of victims, and at any remove."""

from __future__ import annotations

import numpy as np
import pytest

from causation.analyses.bound import held
from causation.analyses.claimants import at_any_remove
from causation.case import load_case
from causation.dossier.assessment import assess
from causation.errors import InputError
from causation.inference.evaluate import evaluate
from causation.inference.roles import Part, find_roles
from causation.model.structure import build_model
from tests.analyses.tables import case_of

TWO = [
    {"id": "first", "plaintiff": True, "disclosed": ["phone", "real_name"]},
    {"id": "second", "plaintiff": True, "disclosed": ["id_number"]},
    {"id": "other", "plaintiff": False, "count": 2, "disclosed": ["phone"], "linkage": 0.8,
     "known_by": "exposure"},
]  # fmt: skip
"""The shop never held what was published of the second plaintiff."""


@pytest.mark.parametrize("role", ["role", "entrance", "alone"])
def test_a_claimant_is_the_case_about_him(role: str) -> None:
    case = case_of(victims=TWO, proposition={"source": "shop", "role": role})
    a = assess(case)
    rows = {c.group: c for c in a.claimants}
    assert list(rows) == ["first", "second", "other"]
    assert rows["first"].probability == pytest.approx(a.probability, abs=2e-3)
    assert rows["first"].verdict == a.verdict
    about = evaluate(build_model(case.replace({"proposition.victim": "second"})))
    assert rows["second"].probability == pytest.approx(float(about.probability[0]), abs=2e-3)
    limited = held(about, a.bound).probability[0]
    assert rows["second"].held == pytest.approx(float(limited), abs=2e-3)
    assert rows["second"].meets is (rows["second"].held >= a.threshold)
    assert rows["other"].verdict is None
    if role == "role":
        assert rows["other"].probability == pytest.approx(a.victims["other"]["shop"], abs=1e-9)
        assert rows["second"].probability <= rows["first"].probability
    else:
        assert rows["second"].probability == pytest.approx(rows["first"].probability, abs=2e-3)


def test_about_another_victim() -> None:
    a = assess(case_of(victims=TWO))
    assert a.about("first") is a
    assert a.about("second") is a.about("second")
    assert a.about("second").filled.proposition.victim == "second"
    with pytest.raises(InputError, match="no victim group 'nobody'"):
        a.about("nobody")


def test_a_field_that_not_everybody_has_is_not_compared() -> None:
    claim = {"source": "shop", "role": "supplied", "fields": ["phone"]}
    assert assess(case_of(victims=TWO, proposition=claim)).claimants == ()


def test_at_any_remove_by_hand() -> None:
    """Single routes: the library's share that descends from the shop is added."""
    sources = {
        "shop": {"kind": "custodian", "holds": ["phone", "real_name"]},
        "lib": {"kind": "leaked_library", "origin": {"shop": 0.25}},
    }
    a = assess(case_of(sources=sources, routes="single"))
    expected = a.posterior["shop"] + 0.25 * a.posterior["lib"]
    assert a.propositions["shop"]["any_remove"] == pytest.approx(expected, abs=1e-12)
    assert set(a.propositions["lib"]) == {"role", "entrance", "alone", "supplied", "sole"}


def test_at_any_remove_in_chains() -> None:
    sources = {
        "shop": {"kind": "custodian", "holds": ["phone", "real_name"]},
        "lib": {"kind": "leaked_library", "origin": {"shop": 0.25}},
    }
    model = build_model(case_of(sources=sources))
    answer = evaluate(model)
    part = find_roles(model, answer).parts["first"]
    at = dict(zip(model.route_names, answer.posterior[0], strict=True))
    second = dict(zip(model.route_names, part.second, strict=True))
    assert {"shop/lib", "osint/lib", "osint/shop"} & set(at)
    by_hand = sum(
        p * {"shop": 1.0, "lib": 0.25}.get(z.split("/")[0], 0.0)
        + p
        * (1.0 - {"shop": 1.0, "lib": 0.25}.get(z.split("/")[0], 0.0))
        * second[z]
        * {"shop": 1.0, "lib": 0.25}.get(z.partition("/")[2], 0.0)
        for z, p in at.items()
    )
    assert at_any_remove(answer, part)["shop"] == pytest.approx(by_hand, abs=1e-12)


def test_strangers_have_routes_of_their_own() -> None:
    """Half linked, half not: the mean of both."""
    part = Part(np.array([1.0, 0.5]), np.zeros(2), np.array([0.3, 0.7]), np.zeros(2))
    first, none = np.array([1.0, 0.0]), np.zeros(2)
    found = part.chance(np.array([0.4, 0.6]), first, none)
    assert found == pytest.approx(0.4 + (1.0 - 0.7) * 0.3)


def test_security_factors() -> None:
    """The factor is what the record does to the prior odds of a single route."""
    case = load_case("bic-2025-doxxing").replace(routes="single")
    a = assess(case)
    (found,) = a.security
    less = assess(case.without("platform"))
    odds = [x.source_prior["platform"] / (1 - x.source_prior["platform"]) for x in (a, less)]
    assert found.source == "platform"
    assert found.factor == pytest.approx(odds[0] / odds[1], rel=1e-9)
    assert found.factor == pytest.approx(found.incidents * found.certificate)
