"""What the first edition got wrong, each as a test on a small file.

Numbers are the model's with the neutral set; they come from the reference as well (see
``tests/reference``: the Beijing case), so that they are two people's.
"""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest

from causation.case import Case, fill
from causation.dossier.assessment import assess
from causation.inference.evaluate import Answer, evaluate
from causation.model.structure import build_model
from tests.reference.copying import from_filled
from tests.reference.evidence import Evidence

NEAR = 0.02
CASE: dict[str, Any] = {
    "schema": 2,
    "id": "beijing",
    "jurisdiction": "none",
    "standard": 0.75,
    "incident_date": "2023-10-02",
    "proposition": {"source": "platform", "role": "entrance"},
    "sources": {
        "platform": {
            "kind": "custodian",
            "holds": ["account_link", "phone", "real_name", "id_photo"],
        }
    },
    "victims": [
        {
            "id": "plaintiff",
            "plaintiff": True,
            "disclosed": ["account_link", "phone", "real_name", "id_photo"],
            "traits": {"anonymous": True},
        }
    ],
}
FIVE: dict[str, Any] = {
    "id": "five",
    "count": 5,
    "disclosed": ["account_link"],
    "users_of": ["platform"],
    "traits": {"anonymous": True},
    "known_by": "exposure",
}
LISTED = {"users_of": ["platform"], "published_all": ["account_link"]}
NOT_USERS: dict[str, Any] = {"id": "x", "disclosed": ["phone"], "not_users_of": ["platform"]}


def answer(*further: dict[str, Any], **changes: Any) -> Answer:
    tree = copy.deepcopy(CASE) | changes
    tree["victims"] = [*tree["victims"], *further]
    return evaluate(build_model(fill(Case.model_validate(tree))))


def probability(*further: dict[str, Any], **changes: Any) -> float:
    return float(answer(*further, **changes).probability[0])


def test_the_plaintiff_by_himself() -> None:
    assert probability() == pytest.approx(0.708, abs=NEAR)


def test_1_a_hundred_anonymous_victims_do_not_prove_an_inference() -> None:
    """Their anonymity teaches the base rate; it never speaks for the entrance it makes rarer."""
    crowd = {"id": "x", "count": 100, "disclosed": ["account_link"], "linkage": 1.0,
             "traits": {"anonymous": True}}  # fmt: skip
    assert probability(crowd) == pytest.approx(0.940, abs=NEAR)


def test_2_findings_in_another_order_are_the_same_evidence() -> None:
    shared = {"group": "g", "overlap": 0.4, "reliability": 0.9, "about": "platform"}
    said = ({"platform": 0.8, "osint": 0.2, "library": 0.1, "unknown": 0.3},
            {"platform": 0.3, "osint": 0.6, "library": 0.5, "unknown": 0.5})  # fmt: skip
    one, two = ({"id": f"f{i}", "likelihood": p, **shared} for i, p in enumerate(said))
    first, second = answer(findings=[one, two]), answer(findings=[two, one])
    np.testing.assert_array_equal(first.log_evidence, second.log_evidence)
    assert first.probability[0] != pytest.approx(probability(), abs=0.01)


def test_3_five_in_a_group_are_five_groups_of_one() -> None:
    whole = probability({**NOT_USERS, "count": 5})
    apart = probability(*({**NOT_USERS, "id": f"x{i}"} for i in range(5)))
    assert whole == pytest.approx(apart, abs=1e-9)


@pytest.mark.parametrize(("count", "expected"), [(1, 0.18), (5, 0.016), (50, 0.013)])
def test_3_contrary_victims_bring_it_down_and_keep_it_there(count: int, expected: float) -> None:
    got = probability({**NOT_USERS, "count": count})
    assert got == pytest.approx(expected, abs=min(NEAR, 0.3 * expected))


@pytest.mark.parametrize("stranger", [{"disclosed": ["phone"]}, NOT_USERS])
def test_4_a_stranger_of_linkage_zero_moves_nothing(stranger: dict[str, Any]) -> None:
    entry = {**stranger, "id": "x", "count": 3, "linkage": 0.0}
    assert probability(entry) == pytest.approx(probability(), abs=0.003)


def test_5_what_defined_the_list_is_no_evidence() -> None:
    """Five further users of the platform whose accounts were linked: how did they come in?"""
    assert probability(FIVE) == pytest.approx(0.870, abs=NEAR)
    listed = probability({**FIVE, "known_by": LISTED})
    assert listed == pytest.approx(0.714, abs=NEAR)
    assert listed - probability() < NEAR
    # the same four fields once more are evidence, list or not
    held = {**FIVE, "disclosed": CASE["victims"][0]["disclosed"], "known_by": LISTED}
    assert probability(held) == pytest.approx(0.859, abs=NEAR)


def test_6_it_rises_with_its_own_prior_and_the_standard_is_met_once() -> None:
    """From one side to the other: nothing is established at a low prior and not at a high one."""
    tree = copy.deepcopy(CASE)
    tree["victims"] += [FIVE, {**NOT_USERS, "linkage": 0.3}]
    model = build_model(fill(Case.model_validate(tree)))
    weights = np.geomspace(1e-3, 1e3, 40)
    got = evaluate(model, model.rows([{"sources.platform.weight": float(w)} for w in weights]))
    assert np.all(np.diff(got.prior) > 0.0)
    assert np.all(np.diff(got.probability) > 0.0)
    met = got.probability >= 0.75
    assert 0 < met.sum() < met.size
    assert np.flatnonzero(met)[0] == met.size - met.sum()


def test_7_a_library_in_ten_parts_is_the_library() -> None:
    split = {f"lib{i}": {"kind": "leaked_library"} for i in range(10)}
    whole, parts = answer(FIVE), answer(FIVE, sources={**CASE["sources"], **split})
    assert parts.probability[0] == pytest.approx(whole.probability[0], abs=0.005)

    def libraries(a: Answer) -> float:
        inside = [r.entrance.kind == "leaked_library" for r in a.model.routes]
        return float(a.posterior[0][np.array(inside)].sum())

    assert libraries(parts) == pytest.approx(libraries(whole), abs=0.005)


def test_8_chains_are_routes_of_their_own() -> None:
    """An account that a library hardly has, an address that the platform has not."""
    entry = {**CASE["victims"][0],
             "disclosed": ["account_link", "phone", "real_name", "home_address"],
             "traits": {"public_traces": True, "handle_reuse": True}}  # fmt: skip
    tree = copy.deepcopy(CASE) | {"victims": [entry]}
    with_chains, without = answer(victims=[entry]), answer(victims=[entry], routes="single")
    names = with_chains.model.route_names
    mine = dict(zip(names, with_chains.posterior[0], strict=True))
    single = max(p for z, p in mine.items() if "/" not in z)
    assert mine["osint/library"] + mine["library/osint"] > single
    assert with_chains.probability[0] < without.probability[0] - 0.02
    copied = from_filled(fill(Case.model_validate(tree)))
    theirs = Evidence(copied, "importance", {"tolerance": 0.006, "draws": 4000}, log2=9).posterior
    for z, p in theirs.items():
        assert mine["/".join(z)] == pytest.approx(p, abs=0.012), z


def test_9_values_that_contradict_the_register_do_not_speak_for_its_holder() -> None:
    def recorded(**said: list[str]) -> float:
        entry = {**CASE["victims"][0], "record": {"of": ["platform"], **said}}
        return probability(victims=[entry])

    fields = ["phone", "real_name", "id_photo"]
    against, for_it = recorded(differs=fields), recorded(agrees=fields)
    assert against < 0.15 < probability() < for_it + NEAR


def test_10_silence_about_fields_that_it_holds_speaks_against_it() -> None:
    silent = {**FIVE, "not_disclosed": ["phone", "real_name", "id_photo"], "known_by": LISTED}
    assert probability(silent) == pytest.approx(0.12, abs=NEAR)
    one = {**FIVE, "not_disclosed": ["phone"], "known_by": LISTED}
    assert probability(silent) < probability(one) < probability({**FIVE, "known_by": LISTED})


def test_11_the_range_of_opinion_holds_every_set_and_the_interval_says_its_mass() -> None:
    """The interval of redrawn inputs never claimed to hold another expert's set; the range does."""
    tree = copy.deepcopy(CASE)
    tree["victims"].append({**FIVE, "known_by": LISTED})
    a = assess(Case.model_validate(tree))
    lo, hi = a.range_of_opinion.lo, a.range_of_opinion.hi
    assert {s.id for s in a.sets} >= {"neutral", "claimant", "respondent"}
    for s in a.sets:
        assert s.probability is not None
        assert lo <= s.probability <= hi
    for v in a.variants:
        if v.probability is not None:
            assert lo <= v.probability <= hi
    assert hi - lo > 0.2
