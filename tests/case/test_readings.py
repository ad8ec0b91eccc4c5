"""Other readings of a case: structural ones, its own variants, and what it is told of."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import pytest

from causation.case import Case, build_case, fill, load_case, parse_case
from causation.case.notices import future_notice
from causation.case.readings import READINGS, reading
from causation.document.writing import plain
from causation.errors import CaseError

TEXT = """\
schema: 2
id: a-case
incident_date: 2023-10-02
proposition: platform
fields: [email, id_photo]
sources:
  platform: {kind: custodian, holds: [phone, transaction]}
  shop: {kind: custodian, holds: [phone]}
victims:
  - {id: plaintiff, plaintiff: true, disclosed: [phone, account_link], redacted: [employer]}
  - id: a
    count: 2
    disclosed: [phone, account_link, id_photo]
    users_of: [platform, shop]
    traits: {anonymous: true}
  - {id: b, disclosed: [phone, account_link], users_of: [platform], not_disclosed: [id_number]}
  - {id: c, disclosed: [email], known_by: {published_any: [email, phone]}}
variants:
  more: {label: More, basis: x, binding: true, set: {victims.a.count: 4}}
  less: {unset: [victims.b, victims.a.traits]}
  gone: {set: {victims.nobody.count: 4}}
"""


@pytest.fixture
def case() -> Case:
    return parse_case(TEXT)


def by_id(case: Case) -> dict[str, object]:
    return {group.id: group for group in case.victims}


def test_as_listed_takes_what_all_have_in_common_who_say_nothing(case: Case) -> None:
    listed = case.reading("as_listed")
    for group in listed.victims[1:3]:
        assert group.known_by is not None
        assert group.known_by.users_of == ("platform",)
        assert group.known_by.published_all == ("account_link", "phone")
    assert listed.victims[0] == case.victims[0]
    assert listed.victims[3] == case.victims[3]
    assert "known_by_not_stated" not in {n.id for n in fill(listed).notices}
    assert case.victims[1].known_by is None


def test_as_listed_takes_what_a_photo_shows_for_published(case: Case) -> None:
    """A name that one's photo shows and another's entry states is common to both."""
    for shown in (["id_photo"], ["id_photo", "real_name"]):
        both = case.replace(
            {"victims.a.disclosed": shown, "victims.b.disclosed": ["phone", "real_name"]}
        )
        (event,) = {g.known_by for g in both.reading("as_listed").victims[1:3]}
        assert event is not None
        assert event.published_all == ("real_name",)
    alike: dict[str, object] = {"victims.b.not_disclosed": None}
    alike |= {f"victims.{g}.disclosed": ["id_photo", "real_name"] for g in ("a", "b")}
    event = case.replace(alike).reading("as_listed").victims[1].known_by
    assert event is not None
    assert event.published_all == ("id_photo",)


def test_as_listed_without_anything_in_common_changes_nothing(case: Case) -> None:
    apart = case.replace(
        {
            "victims.b.disclosed": ["email"],
            "victims.b.users_of": None,
            "victims.b.not_users_of": ["platform"],
        }
    )
    assert apart.reading("as_listed") is apart
    stated = case.replace({"victims.a.known_by": "exposure", "victims.b.known_by": "exposure"})
    assert stated.reading("as_listed") is stated


def test_silence_is_taken_for_non_publication(case: Case) -> None:
    named = {"phone", "account_link", "employer", "id_photo", "id_number", "email"}
    plaintiff = case.reading("silence_plaintiff")
    assert set(plaintiff.victims[0].not_disclosed) == named - {"phone", "account_link", "employer"}
    assert plaintiff.victims[1:] == case.victims[1:]
    others = case.reading("silence_others")
    assert others.victims[0] == case.victims[0]
    implied = {"real_name", "id_number", "birth_date", "face_photo"}
    hidden = [set(group.not_disclosed) for group in others.victims[1:]]
    assert hidden[0] == named - {"phone", "account_link", "id_photo"} - implied
    assert hidden[1] == named - {"phone", "account_link"}
    assert hidden[2] == named - {"email"}
    for group in others.victims:  # what is stated stays
        assert set(group.disclosed) == set(by_id(case)[group.id].disclosed)  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", READINGS)
def test_readings_have_no_variants_and_fill(name: str, case: Case) -> None:
    other = reading(case, name)
    assert other.variants == {}
    assert fill(other).numbers()


def test_there_is_no_such_reading(case: Case) -> None:
    with pytest.raises(CaseError, match="did you mean as_listed"):
        case.reading("as_liste")


def test_variants_are_patches(case: Case) -> None:
    more = case.with_variant("more")
    assert more.victims[1].count == 4
    assert more.variants == {}
    less = case.with_variant("less")
    assert [g.id for g in less.victims] == ["plaintiff", "a", "c"]
    assert less.victims[1].traits == {}
    assert case.variants["more"].binding is True
    assert case.variants["more"].changes == {"victims.a.count": 4}
    with pytest.raises(CaseError, match="no such member"):
        case.with_variant("gone")
    with pytest.raises(CaseError, match="did you mean more"):
        case.with_variant("moree")


def test_the_variant_that_ships() -> None:
    case = load_case("bic-2025-doxxing")
    same = case.with_variant("same_fields")
    assert set(same.victims[1].disclosed) == set(same.victims[0].disclosed)
    assert case.victims[1].disclosed == ("account_link",)


def notices(text: str) -> dict[str, dict[str, str]]:
    found = fill(parse_case(text)).notices
    assert all(set(n.text) == {"en", "zh"} and all(n.text.values()) for n in found)
    return {n.id: dict(n.text) for n in found}


def test_a_missing_known_by_and_a_variant_without_place_are_named() -> None:
    found = notices(TEXT)
    assert found["known_by_not_stated"]["en"].count("a, b") == 1
    assert "gone" in found["variant_without_place"]["zh"]
    stated = TEXT.replace("    count: 2\n", "    count: 2\n    known_by: exposure\n").replace(
        "id: b,", "id: b, known_by: exposure,"
    )
    assert "known_by_not_stated" not in notices(stated)


def test_the_notice_says_what_they_have_in_common_as_a_case_file_would(case: Case) -> None:
    found = {n.id: n.text for n in fill(case).notices}["known_by_not_stated"]
    event = "known_by: {users_of: [platform], published_all: [account_link, phone]}"
    assert event in found["en"]
    assert event in found["zh"]
    answer = {"users_of": ["platform"], "published_all": ["account_link", "phone"]}
    said = case.replace({f"victims.{name}.known_by": answer for name in ("a", "b")})
    assert "known_by_not_stated" not in {n.id for n in fill(said).notices}
    assert said.reading("as_listed") == said


def test_a_notice_names_few_of_many() -> None:
    groups: list[Mapping[str, Any]] = [
        {"id": f"v{i}", "disclosed": ["phone"], "plaintiff": i == 0} for i in range(40)
    ]
    found = {n.id: n.text for n in fill(build_case("many", victims=groups)).notices}
    text = found["known_by_not_stated"]
    assert "v6 and 33 more" in text["en"]
    assert "v6等39组" in text["zh"]


def test_a_variant_that_a_change_of_the_case_contradicts_is_named() -> None:
    variant = "  more: {set: {victims.a.disclosed: [real_name]}}\n"
    case = parse_case(TEXT[: TEXT.index("  more:")] + variant)
    changed = case.replace(
        {"victims.a.disclosed": ["phone"], "victims.a.not_disclosed": ["real_name"]}
    )
    assert "variant_contradicts" in {n.id for n in fill(changed).notices}


def test_uneven_memberships_are_named() -> None:
    assert "users_of_uneven" not in notices(TEXT)
    uneven = TEXT.replace("users_of: [platform, shop]", "users_of: [platform]")
    assert "shop" in notices(uneven)["users_of_uneven"]["en"]
    without = uneven.replace("users_of: [platform]", "users_of: []")
    assert "users_of_uneven" not in notices(without)


def test_what_all_listed_victims_have_in_common_is_named() -> None:
    assert "common_to_all" not in notices(TEXT)
    shared = TEXT.replace("disclosed: [email], known_by", "disclosed: [email, phone], known_by")
    stated = shared.replace("    count: 2\n", "    count: 2\n    known_by: exposure\n").replace(
        "id: b,", "id: b, known_by: exposure,"
    )
    assert "phone number" in notices(stated)["common_to_all"]["en"]
    defined = stated.replace("known_by: exposure", "known_by: {published_all: [phone]}")
    assert "common_to_all" not in notices(defined)


def test_custodians_who_can_only_dilute_the_answer_are_named() -> None:
    case = load_case("brinker-2023")
    tree = plain(case)
    tree["sources"]["kiosk"] = {"kind": "custodian", "holds": [], "label": {"en": "K", "zh": "K"}}
    idle = {n.id: n.text for n in fill(Case.model_validate(tree)).notices}
    assert "K" in idle["holds_nothing_published"]["en"]
    assert "nobody_uses" not in idle
    for entry in tree["victims"]:
        entry["not_users_of"] = [*entry.get("not_users_of", []), "kiosk"]
    unused = {n.id: n.text for n in fill(Case.model_validate(tree)).notices}
    assert "K" in unused["nobody_uses"]["zh"]
    assert not {"holds_nothing_published", "nobody_uses"} & {n.id for n in fill(case).notices}


def test_linkage_by_default_in_a_class_action_is_named() -> None:
    assert "default_linkage" not in notices(TEXT)
    many = TEXT.replace("count: 2", "count: 200")
    assert "default_linkage" in notices(many)
    own = many.replace("count: 200", "count: 200\n    linkage: 0.5")
    for name in ("b", "c"):
        own = own.replace(f"id: {name},", f"id: {name}, linkage: 0.5,")
    assert "default_linkage" not in notices(own)
    stated = many.replace("id: a-case", "id: a-case\nactor: {linkage: [0.5, 0.9]}")
    assert "default_linkage" not in notices(stated)


def test_a_rate_stated_as_a_point_without_a_source_is_named() -> None:
    assert "rate_without_source" not in notices(TEXT)
    point = TEXT.replace("holds: [phone]}", "holds: [phone], disclosure: {phone: 0.5}}")
    assert "sources.shop.disclosure.phone" in notices(point)["rate_without_source"]["en"]
    for better in ("[0.4, 0.6]", "{value: 0.5, source: Li 2018}"):
        assert "rate_without_source" not in notices(point.replace("phone: 0.5", f"phone: {better}"))


def test_custodians_of_one_transaction_are_named() -> None:
    assert "one_transaction" not in notices(TEXT)
    two = TEXT.replace("holds: [phone]}", "holds: [transaction]}")
    assert "platform, shop" in notices(two)["one_transaction"]["en"]
    one = two.replace("kind: custodian,", "kind: custodian, one_service: x,")
    assert "one_transaction" not in notices(one)


def test_a_published_account_of_somebody_who_is_no_user_is_named() -> None:
    text = TEXT.replace("id: a-case", "id: a-case\naccount_of: shop")
    assert "account_of_non_user" not in notices(text)
    denied = text.replace("users_of: [platform], not_d", "not_users_of: [shop], not_d")
    assert "b" in notices(denied)["account_of_non_user"]["en"]


def test_a_reach_without_a_basis_is_named() -> None:
    text = TEXT.replace("known_by: {published_any: [email, phone]}", "known_by: attempt").replace(
        "holds: [phone", "reach: {value: 0.5, basis: x}, holds: [phone"
    )
    listed = text.replace(
        "victims:",
        "  library: {kind: leaked_library, reach: {value: 0.5, basis: x}}\n"
        "  osint: {kind: inference, reach: {value: 0.5, basis: x}}\n"
        "  unknown: {kind: residual, reach: [0.1, 0.9]}\nvictims:",
        1,
    )
    assert "unknown" in notices(listed)["reach_without_basis"]["en"]
    based = listed.replace("reach: [0.1, 0.9]", "reach: {value: [0.1, 0.9], basis: x}")
    assert "reach_without_basis" not in notices(based)


def test_a_template_that_says_again_what_holds_counts_is_named() -> None:
    finding = "findings: [{id: f, template: value_never_held, about: shop}]\n"
    assert "template_repeats_holds" in notices(TEXT + finding)
    assert "template_repeats_holds" not in notices(TEXT.replace(", holds: [phone]}", "}") + finding)


def test_incidents_from_after_the_publication_are_named_and_not_counted() -> None:
    tree = plain(load_case("bic-2025-doxxing"))
    tree["security"] = {"platform": {"incidents": {"dates": ["2019-03"], "years": 9}}}
    before = fill(Case.model_validate(tree))
    assert "breach_after_publication" not in {n.id for n in before.notices}
    tree["security"]["platform"]["incidents"]["dates"] += ["2093", "2091-02-03"]
    after = fill(Case.model_validate(tree))
    said = next(n.text for n in after.notices if n.id == "breach_after_publication")
    assert [row.incidents for row in (*before.security, *after.security)] == [1, 1]
    assert "2093, 2091-02-03" in said["en"]
    assert "2093、2091-02-03" in said["zh"]


def test_only_a_publication_can_lie_in_the_future() -> None:
    case = load_case("bic-2025-doxxing").replace(
        {"incident_date": "2024-05", "victims.plaintiff.posted": "2031"}
    )
    assert future_notice(case, dt.date(2031, 1, 1)) is None
    found = future_notice(case, dt.date(2030, 12, 31))
    assert found is not None
    assert "victims.plaintiff.posted: 2031" in found.text["zh"]
    assert "incident_date" not in found.text["en"]
    both = future_notice(case, dt.date(2024, 4, 30))
    assert both is not None
    assert "incident_date: 2024-05, victims.plaintiff.posted: 2031" in both.text["en"]
    assert fill(case).notices == fill(load_case("bic-2025-doxxing")).notices, "no clock in these"
