"""The key `inquiries` of a case file."""

from __future__ import annotations

import pytest

from causation.case import Case, dump_case, load_case, parse_case
from causation.errors import CaseError

ASKED = {
    "id": "courier",
    "label": {"en": "Ask the courier", "zh": "询问快递员"},
    "outcomes": {
        "yes": {"platform": 0.6, "osint": 0.1, "library": 0.2, "unknown": 0.3},
        "no": {"platform": 0.4, "osint": 0.9, "library": 0.8, "unknown": 0.7},
    },
    "reliability": 0.9,
}


def with_inquiry(**changes: object) -> Case:
    return load_case("bic-2025-doxxing").replace(inquiries=[{**ASKED, **changes}])


def test_a_case_states_inquiries_and_writes_them() -> None:
    case = with_inquiry()
    assert case.inquiries[0].outcomes["yes"]["platform"] == 0.6
    assert parse_case(dump_case(case)) == case


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"outcomes": {"yes": ASKED["outcomes"]["yes"]}}, "too few outcomes"),  # type: ignore[index]
        (
            {"outcomes": {"yes": {"platform": 0.6}, "no": {"platform": 0.4}}},
            "the outcomes under the source osint do not add up to 1",
        ),
        (
            {"outcomes": {**ASKED["outcomes"], "maybe": {"plattform": 0.0}}},  # type: ignore[dict-item]
            "unknown source",
        ),
    ],
)
def test_what_breaks_the_format_is_said(changes: dict[str, object], message: str) -> None:
    with pytest.raises(CaseError, match=message):
        with_inquiry(**changes)


def test_an_id_stands_once() -> None:
    with pytest.raises(CaseError, match="an id stands twice"):
        load_case("bic-2025-doxxing").replace(inquiries=[ASKED, ASKED])
