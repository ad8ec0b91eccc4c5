"""Value of information: published numbers, closed forms, coherence."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

from causation.analyses.inquiry import InquiryRow, inquire, load_inquiries
from causation.case import Case, load_case
from causation.dossier.assessment import assess
from causation.errors import InputError

SUSPECTS = ("suspect_1", "suspect_2", "suspect_3")
ITEM = {"jewellery": (0.8, 0.1, 0.1), "electronics": (0.1, 0.8, 0.1), "money": (0.1, 0.1, 0.8)}
TIME = {"day": (0.1, 0.9, 0.25), "night": (0.9, 0.1, 0.75)}


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


def test_outcomes_are_what_an_assessment_with_the_finding_says() -> None:
    case = burglary(reliability=0.8)
    for outcome in own(case)["item"].outcomes:
        likelihood = dict(zip(SUSPECTS, ITEM[outcome.id], strict=True))
        after = case.with_finding("found", likelihood=likelihood, reliability=0.8)
        single = assess(after)
        assert outcome.probability == pytest.approx(single.probability, abs=1e-12)
        assert list(outcome.posterior.values()) == pytest.approx(
            single.posterior.probability.tolist(), abs=1e-12
        )


@pytest.mark.parametrize("name", ["bic-2025-doxxing", "pang-2017", "shen-2018", "gao-2024"])
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


def test_rankings() -> None:
    result = inquire("shen-2018")
    assert [r.bits for r in result.rows] == sorted((r.bits for r in result.rows), reverse=True)
    crossing = [r.chance_of_crossing for r in result.by("chance_of_crossing")]
    assert crossing == sorted(crossing, reverse=True)
    with pytest.raises(InputError, match="no ranking 'luck'"):
        result.by("luck")
    assert len(result.to_dataframe()) == len(result.rows)


def test_what_is_settled_is_not_asked_again() -> None:
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
    assert ("membership_survey", "third_party") in rows


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


@pytest.mark.parametrize("kind", load_inquiries().values(), ids=lambda kind: kind.id)
def test_shipped_inquiries_are_whole(kind: object) -> None:
    from causation.analyses.inquiry import InquiryKind
    from causation.case import load_templates

    assert isinstance(kind, InquiryKind)
    roles = {"named", "custodian", "leaked_library", "inference", "residual"}
    assert set(kind.probability) == roles
    for role, row in kind.probability.items():
        assert sum(row.values()) == pytest.approx(1.0, abs=1e-12), role
        assert kind.basis[role]
    assert set(kind.settled_by) <= set(load_templates())
    for texts in (kind.label, kind.explanation, *kind.outcomes.values()):
        assert set(texts) == {"en", "zh"}
    assert set(kind.asks) <= {"plaintiff", "defendant", "court"}
