"""New cases from a case."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from causation.case import (
    Case,
    build_case,
    bundled_cases,
    dump_case,
    fill,
    load_case,
    load_fields,
    parse_case,
)
from causation.document.stated import bare
from causation.document.writing import plain
from causation.errors import CaseError


@pytest.fixture
def case() -> Case:
    return load_case("bic-2025-doxxing")


@pytest.mark.parametrize("name", bundled_cases())
def test_every_number_can_be_set_to_what_it_is(name: str) -> None:
    case = load_case(name)
    numbers = case.numbers()
    for path, value in numbers.items():
        assert case.replace({path: value}).numbers() == numbers
    assert case.replace(numbers).numbers() == numbers
    read = {n.path for n in fill(case).numbers()}
    assert {path for path in read if not path.startswith("chains.")} <= set(numbers)


def test_values_by_path(case: Case) -> None:
    new = case.replace(
        {
            "victims.co_victims.count": np.int64(9),
            "victims[1].linkage": {"value": [0.5, 0.6], "basis": "x"},
            "sources.osint.weight": np.float64(3.0),
            "sources.platform.disclosure.phone": 0.5,
            "security.platform.breach_rate.rate": 2,
            "findings.no_alternative_route.likelihood.osint": 0.25,
            "victims.plaintiff.traits.handle_reuse": True,
            "actor.linkage": [0.5, 0.6],
            "routes.osint/library": 0.25,
            "proposition.role": "entrance",
            "victims.co_victims.known_by": "exposure",
            "security.platform.certification": "none",
        },
        jurisdiction="jp",
        standard=0.9,
    )
    assert new.victims[1].count == 9
    linkage: Any = new.victims[1].linkage
    assert bare(linkage) == (0.5, 0.6)
    assert new.sources["osint"].weight == 3.0
    numbers = new.numbers()
    assert numbers["sources.platform.disclosure.phone"] == 0.5
    assert numbers["security.platform.breach_rate.rate"] == 2
    assert numbers["security.platform.breach_rate.shape"] == 1
    assert numbers["findings.no_alternative_route.likelihood.osint"] == 0.25
    assert (new.standard, new.jurisdiction) == (0.9, "jp")
    assert numbers["routes.osint/library"] == 0.25
    assert new.actor.linkage == (0.5, 0.6)
    assert (new.proposition.source, new.proposition.role) == (("platform",), "entrance")
    assert new.victims[1].known_by is not None
    assert new.victims[1].known_by.how == "exposure"
    assert new.security["platform"].certification is not None
    assert new.security["platform"].certification.none
    assert case.victims[1].count == 5
    assert new.replace({"victims.co_victims.count": 0}).series == new.victims[:1]


def test_ends_of_intervals(case: Case) -> None:
    assert case.replace({"sources.osint.weight[1]": 6}).sources["osint"].weight == (1.0, 6.0)
    both = case.replace({"sources.osint.weight.lo": 5, "sources.osint.weight.hi": 6})
    assert both.sources["osint"].weight == (5.0, 6.0)
    point = case.replace({"sources.osint.weight": 2.0})
    assert point.replace({"sources.osint.weight[0]": 1}).sources["osint"].weight == (1.0, 2.0)
    with pytest.raises(CaseError, match="inverted"):
        case.replace({"sources.osint.weight[0]": 5})
    based = case.replace({"sources.osint.weight": {"value": [1, 2], "basis": "x"}})
    assert based.replace({"sources.osint.weight.hi": 6}).sources["osint"].weight == (1.0, 6.0)


def test_none_gives_a_key_back_to_the_prior_set(case: Case) -> None:
    stated = case.replace({"sources.osint.weight": 7})
    assert stated.replace({"sources.osint.weight": None}) == case


def test_sources_that_are_added_can_be_changed() -> None:
    case = parse_case("schema: 2\nid: x\nproposition: a\nsources: {a: {kind: custodian}}\n")
    for name, kind in (
        ("unknown", "residual"),
        ("osint", "inference"),
        ("library", "leaked_library"),
    ):
        added = case.replace({f"sources.{name}.weight": 3})
        assert added.sources[name].weight == 3
        assert added.sources[name].kind == kind
        assert set(added.source_names) == set(case.source_names)


def test_a_source_that_is_none_is_told_all_that_are() -> None:
    case = build_case("mine", victims=[{"id": "a", "disclosed": ["phone"]}])
    with pytest.raises(CaseError) as caught:
        case.replace({"sources.plattform.weight": 3})
    assert caught.value.allowed == "library, osint, platform, unknown"
    assert caught.value.found == "plattform (did you mean platform?)"
    with pytest.raises(CaseError) as caught:
        case.replace({"sources.library.disclosure.shoe": 0.5})
    listed = (caught.value.allowed or "").split(", ")
    assert sorted(listed) == sorted(load_fields()), "all sixteen"


def test_the_weight_of_a_kind_changes_for_all_that_state_it() -> None:
    case = parse_case(
        "schema: 2\nid: x\nproposition: a\nsources:\n  a: {kind: custodian, weight: 1}\n"
        "  b: {kind: leaked_library, weight: 2}\n  c: {kind: leaked_library, weight: 2}\n"
        "  d: {kind: leaked_library}\n"
    )
    new = case.replace({"sources.b.weight": 5})
    assert [new.sources[n].weight for n in "abcd"] == [1, 5, 5, None]
    with pytest.raises(CaseError, match="unequal weights"):
        case.replace({"sources.b.weight": 5, "sources.c.weight": 6})


def test_what_findings_share_changes_for_the_whole_group(case: Case) -> None:
    two = case.with_finding(
        "again", template="stale_value", about="platform", group="g", reliability=0.9
    ).with_finding("more", template="stale_value", about="platform", group="g", reliability=0.9)
    new = two.replace({"findings.again.reliability": 0.5})
    assert [f.reliability for f in new.findings[-2:]] == [0.5, 0.5]
    with pytest.raises(CaseError, match="different reliability"):
        two.replace({"findings.again.reliability": 0.5, "findings.more.reliability": 0.6})


def test_members_of_lists_can_be_set_and_taken_away(case: Case) -> None:
    assert case.replace({"victims.co_victims": None}) == case.without("co_victims")
    new = case.replace({"victims[0].disclosed[0]": "email"})
    assert new.victims[0].disclosed == ("email", "phone", "real_name", "id_photo")
    group = case.victims[1]
    assert case.replace({"victims[1]": group, "findings": list(case.findings)}) == case
    with_years = case.replace({"security.platform.incidents": {"count": 1, "years": 4}})
    numbers = with_years.numbers()
    assert (numbers["security.platform.incidents.count"], numbers["standard"]) == (1, 0.75)


def test_without(case: Case) -> None:
    assert [g.id for g in case.without("co_victims").victims] == ["plaintiff"]
    assert case.without("no_alternative_route").findings == ()
    assert case.without("platform").security == {}
    assert case.without("security.platform") == case.without("platform")
    assert case.without("victims.co_victims.traits.anonymous").victims[1].traits == {}
    fields = case.without("victims.plaintiff.disclosed.phone").victims[0].disclosed
    assert fields == ("account_link", "real_name", "id_photo")
    assert case.without("victims.plaintiff.fields.phone").victims[0].disclosed == fields
    assert case.without("victims.plaintiff.users.platform").victims[0].users_of == ()
    assert case.without("findings.no_alternative_route").findings == ()
    assert case.without("victims.co_victims").victims == case.without("co_victims").victims
    assert case.without("plaintiff", "co_victims").victims == ()
    with pytest.raises(CaseError, match="did you mean co_victims"):
        case.without("covictims")
    with pytest.raises(CaseError, match="nothing to take away"):
        case.without("victims.co_victims.traits.public_traces")


def test_with_finding(case: Case) -> None:
    new = case.with_finding("hit", template="breached_database_hit", about="library")
    assert new.findings[-1].id == "hit"
    spelled = {"platform": 0.1, "osint": [0.1, 0.2], "library": 0.3, "unknown": 0.4}
    own = case.with_finding(
        "own", likelihood=spelled, about="platform", reliability=1, party="court"
    )
    assert own.findings[-1].likelihood["osint"] == (0.1, 0.2)
    with pytest.raises(CaseError, match="an id stands twice"):
        new.with_finding("hit", template="breached_database_hit", about="library")


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("sources.osnt.weight", "did you mean osint"),
        ("sources.osint.wieght", "did you mean weight"),
        ("victims.covictims.count", "did you mean co_victims"),
        ("victims[7].count", "no such member"),
        ("victms.x", "did you mean victims"),
        ("victms", "did you mean victims"),
        ("findings.none.reliability", "no such member"),
        ("sources.osint.weight.lo.more", "unknown key"),
        ("standard.x.y", "beyond a value"),
        ("victims[1", "not a path"),
        ("", "not a path"),
        ("a..b", "not a path|no such key"),
        ("id", "not an identifier"),
        ("victims.nobody", "no such member"),
        ("standard.x", "beyond a value"),
        ("[0]", "no such|beyond"),
    ],
)
def test_paths_that_lead_nowhere(case: Case, path: str, words: str) -> None:
    with pytest.raises(CaseError, match=words):
        case.replace({path: 1})


def test_a_new_case_is_checked_and_has_its_own_digest(case: Case) -> None:
    with pytest.raises(CaseError, match="unknown source"):
        case.replace(proposition="nobody")
    new = case.replace({"victims.co_victims.count": 6})
    assert new != case
    assert new.sha256 != case.sha256
    assert len(new.sha256) == 64
    assert new.replace({"victims.co_victims.count": 5}) == case


def test_parts_that_are_not_touched_are_those_of_the_case(case: Case) -> None:
    new = case.replace({"victims.co_victims.count": 6, "sources.osint.note": "x"})
    assert new.victims[0] is case.victims[0]
    assert new.victims[1].known_by is case.victims[1].known_by
    assert new.sources["platform"] is case.sources["platform"]
    assert new.sources["osint"] is not case.sources["osint"]
    assert new == parse_case(dump_case(new))


def test_what_was_decided_about_somebody_goes_with_him() -> None:
    case = load_case("brinker-2023")
    decided, name = [found.victim for found in case.court_found], "outside"
    assert name in decided
    assert case.without(name).court_found == tuple(f for f in case.court_found if f.victim != name)
    nobody = case.replace({f"victims.{name}.count": 0})
    assert [found.victim for found in nobody.court_found] == decided


@pytest.mark.parametrize("key", ["victims", "findings", "security", "sources", "court_found"])
@pytest.mark.parametrize("apart", [True, False])
def test_what_is_no_case_is_refused_whatever_a_reading_takes_away(
    case: Case, key: str, apart: bool
) -> None:
    unset = [["co_victims"], ["security.platform"], ["nobody"], ["findings.no_alternative_route"]]
    for value in (True, 7, "x", [1], [[1]], {"a": 1}):
        for names in unset:
            patch = {"victims.co_victims.count": 6} | ({} if apart else {key: value})
            variant = {"label": "x", "basis": "x", "set": patch, "unset": names}
            tree = plain(case) | ({key: value} if apart else {}) | {"variants": {"v": variant}}
            with pytest.raises(CaseError):
                parse_case(json.dumps(tree)).with_variant("v")
