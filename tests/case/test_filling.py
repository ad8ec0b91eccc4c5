"""What a case leaves out, and from where it comes."""

from __future__ import annotations

import datetime as dt

import pytest

from causation.case import Case, Filled, SourceKind, fill, load_case, load_prior_set, parse_case
from causation.case.evidence_filling import age_in_years
from causation.document.dates import When
from causation.document.terms import BearsOn
from causation.errors import CaseError
from causation.scales import Scale

TEXT = """\
schema: 2
id: a-case
incident_date: 2023-10-02
proposition: [platform]
sources:
  platform: {kind: custodian, holds: [phone, account_link]}
  shop: {kind: custodian, holds: [phone], disclosure_not_user: {phone: 0.01}}
  osint: {kind: inference, odds_ratio: {anonymous: [0.1, 0.5]}, disclosure: {phone: 0.2}}
  library: {kind: leaked_library}
victims:
  - {id: other, disclosed: [bank_account], traits: {public_traces: 0.5}, bears_on: damage}
  - id: plaintiff
    plaintiff: true
    disclosed: [phone, email]
    traits: {anonymous: true}
    users_of: [platform]
  - id: more
    count: 3
    disclosed: [phone]
    not_disclosed: [real_name]
    redacted: [home_address]
    not_users_of: [shop]
    known_by: {published_any: [phone, employer], users_of: [platform]}
  - {id: own, disclosed: [phone], linkage: 0.5, known_by: exposure, posted: 2023-11}
  - {id: nobody, count: 0, disclosed: [transaction]}
security:
  platform: {breach_rate: {shape: 2}, incidents: {count: 1, years: 5}}
findings:
  - {id: audit, template: clean_access_log_audit, about: platform, likelihood: {osint: 0.5}}
  - {id: admission, template: discloser_admission, about: library, group: audit}
  - {id: late, bears_on: fault}
"""


@pytest.fixture(scope="module")
def filled() -> Filled:
    return fill(parse_case(TEXT))


def ends(filled: Filled, path: str) -> tuple[float, float]:
    number = filled.number(path)
    return number.lo, number.hi


def test_the_union_of_what_the_series_names(filled: Filled) -> None:
    assert filled.fields == ("email", "employer", "home_address", "phone", "real_name")
    assert filled.traits == ("anonymous",)
    assert filled.custodians == ("platform", "shop")
    assert [g.id for g in filled.groups] == ["plaintiff", "more", "own"]
    assert filled.all_groups[0].bears_on is BearsOn.DAMAGE
    assert len(filled.all_groups) == 5


def test_groups(filled: Filled) -> None:
    plaintiff, more, own = filled.groups
    assert (plaintiff.first, plaintiff.plaintiff, plaintiff.linkage) == (True, True, None)
    assert (more.first, more.plaintiff, more.linkage) == (False, False, None)
    assert more.users == {"platform": True, "shop": False}
    assert (more.known_by.how, more.known_by.published_any) == ("list", ("employer", "phone"))
    assert (plaintiff.known_by.how, own.known_by.how) == ("unstated", "exposure")
    assert own.linkage is not None
    assert own.linkage is filled.number("victims.own.linkage")
    assert own.posted == (dt.date(2023, 11, 1), dt.date(2023, 11, 30))
    assert plaintiff.posted == (dt.date(2023, 10, 2), dt.date(2023, 10, 2))
    assert plaintiff.traits == {"anonymous": 1.0}
    assert plaintiff.disclosed == ("email", "phone")


def test_sources_that_are_not_listed_are_added_last(filled: Filled) -> None:
    assert [s.name for s in filled.sources] == ["platform", "shop", "osint", "library", "unknown"]
    residual = filled.source("unknown")
    assert (residual.kind, residual.listed) == (SourceKind.RESIDUAL, False)
    assert residual.label["zh"] == "未知或其他来源"
    assert ends(filled, "sources.unknown.weight") == (0.25, 1)
    assert filled.optional("sources.unknown.disclosure.phone") is None
    alone = fill(parse_case("schema: 2\nid: x\nproposition: a\nsources: {a: {kind: custodian}}"))
    assert [(s.name, s.kind.value) for s in alone.sources[1:]] == [
        ("library", "leaked_library"), ("osint", "inference"), ("unknown", "residual"),
    ]  # fmt: skip


def test_columns_follow_kind_and_holds(filled: Filled) -> None:
    table = load_prior_set("neutral").fields
    assert (
        ends(filled, "sources.platform.disclosure.phone") == table["phone"].custodian_holding.value
    )
    assert (
        ends(filled, "sources.platform.disclosure.email")
        == table["email"].custodian_not_holding.value
    )
    assert ends(filled, "sources.library.disclosure.email") == table["email"].leaked_library.value
    assert ends(filled, "sources.osint.disclosure.phone") == (0.2, 0.2)
    assert filled.number("sources.osint.disclosure.phone").origin == "case"
    assert filled.number("sources.osint.disclosure.email").origin == "priors:neutral"
    assert ends(filled, "sources.osint.odds_ratio.anonymous") == (0.1, 0.5)
    assert filled.optional("sources.platform.odds_ratio.anonymous") is None


def test_a_library_with_holds_lacks_the_rest() -> None:
    text = TEXT.replace("leaked_library}", "leaked_library, holds: [phone]}")
    filled = fill(parse_case(text))
    table = load_prior_set("neutral").fields
    assert ends(filled, "sources.library.disclosure.phone") == table["phone"].leaked_library.value
    assert (
        ends(filled, "sources.library.disclosure.email")
        == table["email"].custodian_not_holding.value
    )


def test_numbers_of_those_who_are_no_users(filled: Filled) -> None:
    read = {n.path for n in filled.numbers()}
    assert ends(filled, "sources.shop.disclosure_not_user.phone") == (0.01, 0.01)
    assert "sources.shop.disclosure_not_user.email" in read
    assert "sources.platform.disclosure_not_user.phone" not in read
    table = load_prior_set("neutral").fields
    assert (
        ends(filled, "sources.platform.disclosure_not_user.phone")
        == table["phone"].custodian_not_holding.value
    )


def test_each_number_is_named_once_and_says_whose_it_is(filled: Filled) -> None:
    numbers = filled.numbers()
    assert len({n.path for n in numbers}) == len(numbers)
    assert all(n.owner and n.sort and n.basis["en"] and n.basis["zh"] for n in numbers)
    owners = {n.path: n.owner for n in numbers}
    assert owners["actor.users.shop"] == "actor"
    assert owners["chains.inference/leaked_library"] == "osint"
    assert owners["findings.audit.likelihood.library"] == "platform"
    assert owners["sources.shop.disclosure_not_user.email"] == "shop"
    assert {n.sort for n in numbers} >= {
        "weight", "chain", "disclosure", "correlation", "misfit", "odds_ratio", "membership",
        "publishes", "traits", "users", "linkage", "likelihood", "reliability", "overlap",
        "security",
    }  # fmt: skip
    units = {n.sort for n in numbers if n.scale is Scale.UNIT}
    assert units == {"correlation", "misfit", "overlap"}
    with pytest.raises(CaseError, match="neither the case nor its prior set") as caught:
        filled.number("sources.platform.reach")
    assert caught.value.path == "sources.platform.reach"


LIBRARIES = TEXT.replace(
    "library: {kind: leaked_library}",
    "lib1: {kind: leaked_library, share: 0.7, weight: [1, 2], origin: {shop: 0.2}}\n"
    "  lib2: {kind: leaked_library, share: 0.3}",
).replace("about: library, group", "about: lib1, group")


def test_one_weight_for_a_kind() -> None:
    filled = fill(parse_case(LIBRARIES))
    assert filled.weight_of("lib1") is filled.weight_of("lib2")
    assert filled.weight_of("lib2").path == "sources.lib1.weight"
    assert filled.number("sources.lib2.weight") is filled.weight_of("lib1")
    assert filled.members_of("lib2") == ("lib1", "lib2")
    assert (filled.share_of("lib1"), filled.share_of("lib2"), filled.share_of("shop")) == (
        0.7,
        0.3,
        1,
    )
    assert filled.source("lib1").origin == {"shop": 0.2}
    weights = [n for n in filled.numbers() if n.sort == "weight"]
    assert [n.path for n in weights] == [
        f"sources.{name}.weight" for name in ("platform", "shop", "osint", "lib1", "unknown")
    ]


def test_the_weight_of_one_service_is_that_of_the_proposition_else_the_largest() -> None:
    text = TEXT.replace("[phone, account_link]}", "[phone], one_service: x, weight: 1}").replace(
        "disclosure_not_user: {phone: 0.01}}", "one_service: x, weight: 3}"
    )
    filled = fill(parse_case(text))
    assert filled.weight_of("shop").path == "sources.platform.weight"
    assert filled.share_of("shop") == 0.5
    other = fill(parse_case(text.replace("proposition: [platform]", "proposition: library")))
    assert other.weight_of("platform").path == "sources.shop.weight"


def test_chains_of_kinds_and_of_pairs() -> None:
    text = TEXT.replace(
        "id: a-case", "id: a-case\nroutes: {osint/library: 0.3, platform/library: 0}"
    )
    filled = fill(parse_case(text))
    stated, kinds = filled.chain("osint", "library"), filled.chain("shop", "library")
    assert stated is not None
    assert kinds is not None
    assert (stated[0].middle, stated[0].path, stated[1]) == (0.3, "routes.osint/library", True)
    assert (kinds[0].path, kinds[1]) == ("chains.custodian/leaked_library", False)
    nought = filled.chain("platform", "library")
    assert nought is not None
    assert (nought[0].middle, nought[1]) == (0.0, True)
    for pair in (
        ("platform", "shop"),
        ("osint", "osint"),
        ("osint", "unknown"),
        ("unknown", "osint"),
    ):
        assert filled.chain(*pair) is None
    single = fill(parse_case(TEXT.replace("id: a-case", "id: a-case\nroutes: single")))
    assert single.single
    assert single.chain("osint", "library") is None
    assert not [n for n in single.numbers() if n.sort == "chain"]


def test_chains_that_add_up_to_more_than_one_with_those_of_the_prior_set() -> None:
    text = TEXT.replace("id: a-case", "id: a-case\nroutes: {osint/platform: 0.8}")
    with pytest.raises(CaseError, match="add up to more than 1"):
        fill(parse_case(text))
    assert fill(parse_case(text.replace("0.8", "0.7")))


def test_whose_account_it_is(filled: Filled) -> None:
    assert filled.account_of == "platform"
    assert fill(parse_case(TEXT.replace("[platform]\ns", "shop\ns", 1))).account_of is None
    stated = parse_case(TEXT.replace("id: a-case", "id: a-case\naccount_of: shop"))
    assert fill(stated).account_of == "shop"


def test_implied_fields_are_transitive(filled: Filled) -> None:
    assert filled.implies["id_photo"] >= {"real_name", "id_number", "birth_date", "face_photo"}


def test_registers_and_dates_bring_their_numbers() -> None:
    text = TEXT.replace(
        "    redacted: [home_address]\n",
        "    redacted: [home_address]\n    record: [{of: [platform], agrees: [phone]}]\n"
        "    dates: {phone: {since: 2023-06, until: 2023-09-15}}\n",
    ).replace("id: a-case", "id: a-case\nagreement: {phone: [0.3, 0.9]}")
    filled = fill(parse_case(text))
    more = filled.groups[1]
    assert more.records[0].of == ("platform",)
    window = more.dates["phone"]
    assert window.since == (dt.date(2023, 6, 1), dt.date(2023, 6, 30))
    assert window.until == (dt.date(2023, 9, 15), dt.date(2023, 9, 15))
    assert filled.number("agreement.phone").origin == "case"
    assert filled.number("agreement.own").origin == "priors:neutral"
    ages = [n for n in filled.numbers() if n.sort == "age"]
    assert [n.path for n in ages] == [f"sources.{s.name}.age" for s in filled.sources]


def test_security(filled: Filled) -> None:
    (record,) = filled.security
    breach = load_prior_set("neutral").security.breach
    assert record.shape.middle == 2
    assert record.rate.middle == breach.average.rate.value
    assert (record.incidents, record.years, record.certificate) == (1, 5.0, None)
    large = fill(parse_case(TEXT.replace("{breach_rate: {shape: 2},", "{size: large,")))
    assert large.security[0].rate.middle == breach.large.rate.value


def _security(text: str) -> Filled:
    return fill(
        parse_case(TEXT.replace("{breach_rate: {shape: 2}, incidents: {count: 1, years: 5}}", text))
    )


def test_dated_incidents_after_the_disclosure_do_not_count() -> None:
    dates = "[2019, 2023-10-01, 2023-10-02, 2023-10-03, 2024]"
    (record,) = _security(f"{{incidents: {{dates: {dates}, years: 5}}}}").security
    assert (record.incidents, record.years) == (3, 5.0)


def test_certificates_expired_denied_and_current() -> None:
    (current,) = _security("{certification: {date: 2022-10-02, expires: 2024}}").security
    assert current.certificate is not None
    assert not current.certificate.expired
    assert current.certificate.age_years == pytest.approx(365 / 365.25)
    assert current.certificate.hazard_ratio.origin == "priors:neutral"
    filled = _security("{certification: {date: 2014, expires: 2015}}")
    (expired,) = filled.security
    assert expired.certificate is not None
    assert expired.certificate.expired
    assert not [n for n in filled.numbers() if "certification" in n.path]
    (denied,) = _security("{certification: none}").security
    assert denied.certificate is not None
    assert denied.certificate.none
    (other,) = _security("{bears_on: conduct, certification: none}").all_security
    assert not _security("{bears_on: conduct, certification: none}").security
    assert other.certificate is not None


def test_ages_of_certificates() -> None:
    def age(issued: object, incident: object) -> float:
        first, second = When.read(issued), When.read(incident)
        assert first is not None
        assert second is not None
        return age_in_years(first, second)

    day = dt.date(2023, 10, 2)
    assert age("2022-10-02", day) == pytest.approx(365 / 365.25, abs=1e-12)
    assert age(2014, day) == pytest.approx((day - dt.date(2014, 7, 2)).days / 365.25)
    assert 0 < age(2023, day) < 0.5
    assert age(2014, 2016) == pytest.approx(2, abs=0.01)
    assert age(2014, 2014) >= 0
    assert age("2023-09", day) == pytest.approx(17 / 365.25)


def test_findings(filled: Filled) -> None:
    audit, admission = filled.findings
    late = filled.all_findings[2]
    assert audit.likelihood["osint"].origin == "case"
    assert audit.likelihood["platform"].origin == "template:clean_access_log_audit"
    assert audit.about == ("platform",)
    assert set(admission.likelihood) == {"platform", "shop", "osint", "library", "unknown"}
    assert audit.group == admission.group == "audit"
    assert audit.reliability is admission.reliability
    assert audit.overlap is admission.overlap
    assert (audit.count, audit.repeats.sort) == (1, "repeats")
    assert (late.likelihood, late.bears_on) == ({}, BearsOn.FAULT)


def test_the_least_reliable_template_of_a_group_serves_and_what_is_stated_wins() -> None:
    audit, _ = fill(parse_case(TEXT)).findings
    means = {
        name: fill(
            parse_case(TEXT.replace(", group: audit", "").replace("id: late", f"id: late{name}"))
        )
        .findings[index]
        .reliability.mean()
        for index, name in enumerate(("a", "b"))
    }
    assert audit.reliability.mean() == min(means.values())
    case = parse_case(TEXT).replace(
        {"findings.admission.reliability": 0.5, "findings.audit.overlap": 0}
    )
    first, second = fill(case).findings
    assert first.reliability is second.reliability
    assert first.reliability.path == "findings.admission.reliability"
    assert first.reliability.middle == 0.5
    assert fill(case).number("findings.audit.reliability") == first.reliability
    assert second.overlap.middle == 0


def test_routes_and_lists_of_what_a_finding_is_about() -> None:
    text = TEXT.replace(
        "about: platform, likelihood: {osint: 0.5}",
        "about: [platform, shop], likelihood: {osint: 0.5, osint/library: 0.9}",
    )
    audit = fill(parse_case(text)).findings[0]
    assert audit.about == ("platform", "shop")
    assert audit.likelihood["osint/library"].middle == 0.9
    assert audit.likelihood["shop"] != audit.likelihood["library"]
    assert audit.likelihood["shop"].center == audit.likelihood["platform"].center


def test_the_outcome_of_an_inquiry_is_a_finding() -> None:
    from causation.case import load_inquiries

    inquiry = load_inquiries()["access_log_audit"]
    for outcome in inquiry.outcomes:
        text = TEXT.replace(
            "template: clean_access_log_audit, about: platform, likelihood: {osint: 0.5}",
            f"inquiry: access_log_audit, outcome: {outcome}, about: platform",
        )
        audit = fill(parse_case(text)).findings[0]
        assert audit.likelihood["platform"].middle == inquiry.probability["named"][outcome].value
        assert audit.likelihood["shop"].middle == inquiry.probability["custodian"][outcome].value
        assert audit.likelihood["osint"].origin == "inquiry:access_log_audit"
        assert (audit.inquiry, audit.outcome) == ("access_log_audit", outcome)


def test_every_number_can_be_stated() -> None:
    """A case may state all its numbers; then nothing of the prior set is read."""
    case = parse_case(TEXT)
    numbers = fill(case).numbers()
    changes = {
        n.path: n.middle if n.is_point else [n.lo, n.hi]
        for n in numbers
        if not n.path.startswith("chains.")
    }
    pairs = {
        f"routes.{a}/{b}": 0.1
        for a in ("platform", "shop", "osint", "library")
        for b in ("platform", "shop", "osint", "library")
        if a != b
    }
    filled = fill(case.replace(changes | pairs))
    assert {n.origin for n in filled.numbers()} == {"case"}
    before = {n.path: (n.center, n.sd) for n in numbers}
    for n in filled.numbers():
        if n.path in before:
            assert (n.center, n.sd) == pytest.approx(before[n.path], abs=1e-9)


def test_a_basis_travels_with_its_number() -> None:
    text = TEXT.replace(
        "disclosure: {phone: 0.2}",
        "disclosure: {phone: {value: [0.1, 0.2], basis: {zh: 调查}, source: Li 2018, status: U, "
        "n: 61}}",
    )
    number = fill(parse_case(text)).number("sources.osint.disclosure.phone")
    assert (number.lo, number.hi) == (0.1, 0.2)
    assert number.basis == {"en": "调查", "zh": "调查"}
    assert number.source == {"en": "Li 2018", "zh": "Li 2018"}
    assert (number.status, number.n, number.origin) == ("U", 61, "case")


def test_overrides() -> None:
    case = load_case("bic-2025-doxxing")
    assert fill(case).standard_id == "cn-high-probability"
    assert fill(case, standard=0.6).threshold == 0.6
    assert fill(case, standard=0.6).standard_id == "custom"
    assert fill(case, standard="jp-high-probability").threshold == 0.8
    assert fill(case, priors="claimant").priors.id == "claimant"
    with pytest.raises(CaseError, match="did you mean jp-high-probability"):
        fill(case, standard="jp-hgh-probability")
    with pytest.raises(CaseError, match="not a threshold"):
        fill(case, standard=1.0)
    with pytest.raises(CaseError, match="unknown prior set"):
        fill(case, priors="claiment")


@pytest.mark.parametrize(
    ("jurisdiction", "standard", "threshold"),
    [
        ("cn", "cn-high-probability", 0.75),
        ("jp", "jp-high-probability", 0.8),
        ("us", "us-preponderance", 0.5),
        ("uk", "balance-of-probabilities", 0.5),
    ],
)
def test_the_rule_of_a_jurisdiction(jurisdiction: str, standard: str, threshold: float) -> None:
    text = TEXT.replace("id: a-case", f"id: a-case\njurisdiction: {jurisdiction}")
    filled = fill(parse_case(text))
    assert (filled.standard_id, filled.threshold) == (standard, threshold)
    assert filled.jurisdiction == jurisdiction


def test_the_proposition_in_all_its_forms() -> None:
    def claim(text: str) -> object:
        case = parse_case(TEXT.replace("proposition: [platform]", f"proposition: {text}"))
        return fill(case).proposition

    one = claim("platform")
    assert one == claim("[platform]") == claim("{source: platform}")
    assert one == claim("{source: [platform], role: role, any: false}")
    sole = claim("{source: [platform, shop], role: sole, fields: [phone], any: true, victim: more}")
    assert (sole.sources, sole.role, sole.fields, sole.any, sole.victim) == (  # type: ignore[attr-defined]
        ("platform", "shop"), "sole", ("phone",), True, "more",
    )  # fmt: skip


def test_a_label_in_one_language_stands_for_both() -> None:
    case = parse_case(TEXT + "title: {zh: 标题}\n")
    assert fill(case).title == {"en": "标题", "zh": "标题"}
    assert fill(parse_case(TEXT)).title == {"en": "a-case", "zh": "a-case"}
    assert fill(parse_case(TEXT)).labels("fields", "phone")["zh"] == "手机号码"
    assert fill(parse_case(TEXT)).labels("users", "shop") == {"en": "shop", "zh": "shop"}


def test_filling_twice_is_the_same(filled: Filled) -> None:
    assert fill(Case.model_validate(parse_case(TEXT))) == filled
