"""Value of information: published numbers, closed forms, coherence with findings entered."""

from __future__ import annotations

import json
import math
from itertools import combinations

import numpy as np
import pytest

from causation.analyses.candidates import candidates
from causation.analyses.inquiry import InquiryRow, inquire
from causation.case.files import load_case
from causation.case.library import Inquiry, load_inquiries, load_templates
from causation.case.schema import Case
from causation.errors import ImpossibleEvidenceError
from causation.inference.evaluate import evaluate
from causation.model.structure import build_model

SUSPECTS = ("suspect_1", "suspect_2", "suspect_3")
ITEM = {"jewellery": (0.8, 0.1, 0.1), "electronics": (0.1, 0.8, 0.1), "money": (0.1, 0.1, 0.8)}
TIME = {"day": (0.1, 0.9, 0.25), "night": (0.9, 0.1, 0.75)}
NAMES = ["bic-2025-doxxing", "pang-2017", "shen-2018", "gao-2024"]


def burglary(reliability: float = 1.0) -> Case:
    case = load_case("data/published/three-suspect-burglary.yaml").without("item", "time")
    return case.replace(
        inquiries=[
            {
                "id": name,
                "reliability": reliability,
                "outcomes": {o: dict(zip(SUSPECTS, p, strict=True)) for o, p in table.items()},
            }
            for name, table in (("item", ITEM), ("time", TIME))
        ]
    )


def own(case: Case) -> dict[str, InquiryRow]:
    return {row.id: row for row in inquire(case).rows if row.about is None}


def test_information_as_published() -> None:
    """Liefgreen 2020: the item tells 0.663034 bits, the time 0.396779."""
    rows = own(burglary())
    assert rows["item"].bits == pytest.approx(0.663034, abs=5e-7)
    assert rows["time"].bits == pytest.approx(0.396779, abs=5e-7)


@pytest.mark.parametrize("name", ["bic-2025-doxxing", "pang-2017"])
def test_outcomes_are_what_the_case_with_the_finding_says(name: str) -> None:
    """Every outcome that is listed can be entered; chains take what `about` says."""
    case = load_case(name)
    result = inquire(case)
    for row in result.rows[::3]:
        for outcome in row.outcomes:
            entered = case.with_outcome(row.id, outcome.id, about=row.about)
            single = evaluate(build_model(entered))
            assert outcome.probability == pytest.approx(single.probability[0], abs=1e-9)
            assert list(outcome.posterior.values()) == pytest.approx(
                single.posterior[0].tolist(), abs=1e-9
            )
        left = {(r.id, r.about) for r in inquire(entered).rows}
        assert (row.id, row.about) not in left  # what is known is not asked again


def test_outcomes_of_the_cases_own_inquiries() -> None:
    case = burglary(reliability=0.8)
    for outcome in own(case)["item"].outcomes:
        after = case.with_outcome("item", outcome.id)
        assert "item" not in own(after)
        single = evaluate(build_model(after))
        assert outcome.probability == pytest.approx(single.probability[0], abs=1e-12)


@pytest.mark.parametrize("name", NAMES)
def test_what_is_expected_is_what_is_known(name: str) -> None:
    """The posterior is a martingale: averaged over outcomes it is the present one."""
    result = inquire(name)
    assert result.rows
    for row in result.rows:
        chance = np.array([o.chance for o in row.outcomes])
        assert chance.sum() == pytest.approx(1.0, abs=1e-12)
        after = np.array([o.probability for o in row.outcomes])
        assert chance @ after == pytest.approx(result.probability, abs=1e-12)
        crosses = sum(
            o.chance
            for o in row.outcomes
            if o.meets_standard != (result.probability >= result.threshold)
        )
        assert row.chance_of_crossing == pytest.approx(crosses, abs=1e-12)
        assert 0.0 <= row.bits <= math.log2(len(row.outcomes))
        assert row.plaintiff_bans >= 0.0 <= row.defendant_bans
        assert row.lowest <= result.probability <= row.highest
        assert "{" not in row.label["en"] + row.label["zh"]


def test_two_outcomes_together_by_enumeration(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the burglary's own inquiries: every pair of outcomes, suspect 1 out of three like ones."""
    monkeypatch.setattr("causation.analyses.candidates.load_inquiries", dict)
    result = inquire(burglary())
    every = {}
    for (a, one), (b, two) in combinations((("item", ITEM), ("time", TIME)), 2):
        for i, p in one.items():
            for j, q in two.items():
                joint = np.array(p) * np.array(q) / 3.0
                every[a, i, b, j] = (joint[0] / joint.sum(), joint.sum())
    ends = min(every, key=lambda k: every[k][0]), max(every, key=lambda k: every[k][0])
    for pair, (_, i, _, j) in zip((result.lowest_pair, result.highest_pair), ends, strict=True):
        assert pair is not None
        assert pair.outcomes == (i, j)
        expected = every["item", i, "time", j]
        assert (pair.probability, pair.chance) == pytest.approx(expected, abs=1e-12)
    assert result.lowest_pair is not None
    assert result.lowest_pair.labels[0]["en"] == "item: electronics"


def test_who_names_one_source_does_not_name_another() -> None:
    """The discloser is examined once: two answers of his never make a pair."""
    model = build_model("shen-2018")
    asked = [c for c in candidates(model) if c.id == "discloser_account"]
    assert len(asked) > 1
    assert all(c.once for c in asked)
    for pair in (inquire(model).lowest_pair, inquire(model).highest_pair):
        assert pair is not None
        assert [name for name, _ in pair.inquiries] != ["discloser_account"] * 2
    known = model.filled.case.with_outcome("discloser_account", "silent", about="ctrip")
    assert "discloser_account" not in {r.id for r in inquire(known).rows}


def test_what_would_reverse_the_comparison(monkeypatch: pytest.MonkeyPatch) -> None:
    """Jewellery makes a third .8, jewellery at night .894 (Liefgreen 2020)."""
    monkeypatch.setattr("causation.analyses.candidates.load_inquiries", dict)
    case = burglary()
    for standard, expected in ((0.75, "one"), (0.85, "two"), (0.9, "none")):
        found = inquire(case, standard=standard)
        assert found.reversal == expected, standard
        assert set(found.sentence) == {"en", "zh"}
        assert found.to_dict()["reversal"] == expected
    pair = inquire(case, standard=0.85).adverse_pair
    assert pair is not None
    assert pair.outcomes == ("jewellery", "night")
    assert "jewellery" in inquire(case, standard=0.85).sentence["en"]


def test_what_the_case_states_is_not_asked_again() -> None:
    case = load_case("gao-2024")
    rows = {(r.id, r.about) for r in inquire(case).rows}
    assert ("incident_records", "broker") in rows
    stated = case.replace(security={"broker": {"incidents": {"count": 0, "years": 5}}})
    rows = {(r.id, r.about) for r in inquire(stated).rows}
    assert ("incident_records", "broker") not in rows


def test_no_inquiry_is_about_a_source_where_it_makes_no_sense() -> None:
    """A library has no users and no access logs; traces have no records."""
    held = {"access_log_audit", "membership_survey", "alias_test", "incident_records",
            "freshness_comparison", "victims_outside"}  # fmt: skip
    for name in NAMES:
        model = build_model(name)
        kinds = {s.name: s.kind for s in model.filled.sources}
        for row in inquire(model).rows:
            if row.id in held:
                assert kinds[str(row.about)] == "custodian"
            assert row.about is None or kinds[row.about] != "residual"


def test_an_unreliable_inquiry_tells_nothing() -> None:
    for row in own(burglary(reliability=0.0)).values():
        assert row.bits == pytest.approx(0.0, abs=1e-15)
        assert row.chance_of_crossing == 0.0


def test_parties_gain_in_closed_form() -> None:
    row = own(burglary())["time"]
    given = np.array([[0.1, 0.9], [0.575, 0.425]])  # suspect 1; the mean of the others
    ratio = np.log10(given[0] / given[1])
    assert row.plaintiff_bans == pytest.approx(float(given[0] @ ratio), rel=1e-12)
    assert row.defendant_bans == pytest.approx(float(-given[1] @ ratio), rel=1e-12)


def test_the_bound_limits_what_an_outcome_can_do() -> None:
    """A ratio of 9 for suspect 1 at night against the mean of the others is held to 10^0.1."""
    free, limited = (
        {r.id: r for r in inquire(burglary(), bound=b).rows}["time"] for b in (None, 0.1)
    )
    night = {o.id: o.probability for o in free.outcomes}["night"]
    assert night == pytest.approx(0.9 / 1.75)
    held = 10.0**0.1 / (10.0**0.1 + 2.0)
    assert {o.id: o.probability for o in limited.outcomes}["night"] == pytest.approx(held)


def test_rankings() -> None:
    result = inquire("shen-2018")
    assert [r.bits for r in result.rows] == sorted((r.bits for r in result.rows), reverse=True)


def test_what_a_template_settles_is_not_asked_again() -> None:
    case = load_case("shen-2018")
    about = ("access_log_audit", "ctrip")
    assert about in {(r.id, r.about) for r in inquire(case).rows}
    audited = case.with_finding("audit", template="clean_access_log_audit", about="ctrip")
    left = {(r.id, r.about) for r in inquire(audited).rows}
    assert about not in left
    assert ("access_log_audit", "airline") in left


def test_known_memberships_are_not_surveyed() -> None:
    rows = {(r.id, r.about) for r in inquire("bic-2025-doxxing").rows}
    assert ("membership_survey", "platform") not in rows
    rows = {(r.id, r.about) for r in inquire("gao-2024").rows}
    assert ("membership_survey", "broker") in rows


def test_json_even_where_an_outcome_is_decisive() -> None:
    case = burglary().replace(
        inquiries=[
            {
                "id": "sure",
                "outcomes": {
                    "yes": {"suspect_1": 1.0, "suspect_2": 0.0, "suspect_3": 0.0},
                    "no": {"suspect_1": 0.0, "suspect_2": 1.0, "suspect_3": 1.0},
                },
            }
        ]
    )
    text = json.dumps(inquire(case).to_dict(), allow_nan=False)
    row = next(r for r in json.loads(text)["inquiries"] if r["id"] == "sure")
    assert row["plaintiff_bans"] is None
    assert row["bits"] == pytest.approx(math.log2(3.0) - 2.0 / 3.0, rel=1e-12)


def test_evidence_that_excludes_everything_is_said() -> None:
    nothing = dict.fromkeys(SUSPECTS, 0.0)
    with pytest.raises(ImpossibleEvidenceError, match="excludes every route"):
        inquire(burglary().with_finding("no", likelihood=nothing, reliability=1))


@pytest.mark.parametrize("kind", load_inquiries().values(), ids=lambda kind: kind.id)
def test_shipped_inquiries_are_whole(kind: Inquiry) -> None:
    roles = {"named", "custodian", "leaked_library", "inference", "residual"}
    assert set(kind.probability) == roles - (set() if kind.about else {"named"})
    for role, row in kind.probability.items():
        assert sum(entry.value for entry in row.values()) == pytest.approx(1.0, abs=1e-12), role
        assert all(entry.basis for entry in row.values())
    assert set(kind.settled_by) <= set(load_templates())
    for texts in (kind.label, kind.explanation, *kind.outcomes.values()):
        assert set(texts) == {"en", "zh"}
    assert set(kind.asks) <= {"plaintiff", "defendant", "court"}
