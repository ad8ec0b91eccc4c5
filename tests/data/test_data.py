"""The data that ships: cases, vocabulary, templates, inquiries, standards, starter."""

from __future__ import annotations

import math
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from causation.case import (
    bundled_cases,
    bundled_prior_sets,
    data_path,
    fill,
    load_case,
    load_prior_set,
    parse_case,
    starter_case,
)
from causation.case.library import (
    default_standards,
    load_fields,
    load_inquiries,
    load_standards,
    load_templates,
    load_traits,
)

CASES = (
    "benesse", "bic-2025-doxxing", "brinker-2023", "dresden-2025", "gao-2024", "hanting-2014",
    "homeplus-2024", "hutton-2018", "lamoureux-2022", "linan-2025", "pang-2017", "shen-2018",
)  # fmt: skip
ROLES = {"named", "custodian", "leaked_library", "inference", "residual"}
OUTCOMES = (
    "Causation found", "reversed", "apology", "jointly liable", "breached its duty",
    "effective measure", "认定因果关系", "改判", "赔礼道歉", "连带责任", "采取有效措施",
)  # fmt: skip
CHINESE = re.compile("[\u4e00-\u9fff]")


def _tree(*parts: str) -> Any:
    return yaml.safe_load(data_path(*parts).read_text(encoding="utf-8"))


def _logit(p: float) -> float:
    return math.log(p / (1 - p))


def test_what_is_bundled() -> None:
    assert bundled_cases() == CASES
    assert bundled_prior_sets() == ("claimant", "data-based", "neutral", "respondent")


# ---- cases


@pytest.mark.parametrize("name", CASES)
def test_cases_carry_their_file_name_a_citation_marks_and_what_the_court_found(name: str) -> None:
    case = load_case(name)
    assert case.id == name
    assert case.citation
    assert case.court_found
    for found in case.court_found:
        assert found.stage is not None
        assert set(found.note or ()) == {"en", "zh"}
    notes = [part.note for part in (*case.victims, *case.findings, *case.security.values())]
    notes += [source.note for source in case.sources.values() if source.note is not None]
    for note in notes:
        assert note is not None
        assert set(note) == {"en", "zh"}
        assert re.search(r"\[[SVU]", note["en"])
        assert re.search(r"\[[SVU]", note["zh"])


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("priors", ["claimant", "data-based", "neutral", "respondent"])
def test_cases_are_filled_under_every_set_and_every_number_has_its_basis(
    name: str, priors: str
) -> None:
    filled = fill(load_case(name), priors=priors)
    assert 0.5 <= filled.threshold <= 0.9
    for number in filled.numbers():
        assert set(number.basis) == {"en", "zh"}, number.path
        assert number.status in {"V", "U", "S", "judgement"}, number.path


@pytest.mark.parametrize("name", CASES)
def test_variants_are_readings_with_a_basis_that_change_something(name: str) -> None:
    case = load_case(name)
    assert case.variants
    for key, variant in case.variants.items():
        assert variant.label is not None
        assert variant.basis is not None
        assert set(variant.label) == set(variant.basis) == {"en", "zh"}
        assert not variant.binding
        patched = case.with_variant(key)
        assert patched.sha256 != case.sha256
        fill(patched)


@pytest.mark.parametrize("name", CASES)
def test_the_outcome_stands_under_court_found_alone(name: str) -> None:
    text = data_path("cases", f"{name}.yaml").read_text(encoding="utf-8")
    facts = text[: text.index("\ncourt_found:")]
    for word in OUTCOMES:
        assert word not in facts


def test_beijing_says_what_is_known_and_no_more() -> None:
    case = load_case("bic-2025-doxxing")
    plaintiff, others = case.victims
    assert (plaintiff.id, plaintiff.plaintiff, others.id, others.count) == (
        "plaintiff", True, "co_victims", 5,
    )  # fmt: skip
    assert others.disclosed == ("account_link",)
    filled = fill(case)
    group = filled.groups[1]
    assert group.known_by.users_of == ("platform",)
    assert group.known_by.published_all == ("account_link",)
    assert group.users == {"platform": True}
    assert (filled.account_of, filled.jurisdiction) == ("platform", "cn")
    assert [s.name for s in filled.sources] == ["platform", "osint", "library", "unknown"]
    (record,) = filled.security
    assert record.certificate is not None
    assert record.certificate.expired
    assert record.incidents == 0
    assert [finding.id for finding in filled.findings] == ["no_alternative_route"]
    same = fill(case.with_variant("same_fields"))
    assert same.groups[1].disclosed == same.groups[0].disclosed


def test_pang_has_the_phone_held_but_not_tied_to_the_order() -> None:
    case = load_case("pang-2017")
    filled = fill(case)
    assert filled.proposition.sources == ("qunar", "airline")
    fields = load_prior_set("neutral").fields["phone"]
    for firm in ("qunar", "airline"):
        number = filled.number(f"sources.{firm}.disclosure.phone")
        assert number.origin == "case"
        assert number.source is not None
        assert "ujuu.xyz/2020/B200619" in number.source["en"]
        for end, ours in ((0, number.lo), (1, number.hi)):  # half way between held and not held
            held, not_held = fields.custodian_holding.value, fields.custodian_not_holding.value
            assert isinstance(held, tuple)
            assert isinstance(not_held, tuple)
            assert _logit(ours) == pytest.approx(
                (_logit(held[end]) + _logit(not_held[end])) / 2, abs=0.05
            )
    assert "phone" not in (case.sources["agent"].holds or ())
    assert {s.one_service for s in filled.sources if s.kind == "custodian"} == {"booking"}
    earlier = fill(case.with_variant("phone_not_held"))
    for firm in ("qunar", "airline"):
        number = earlier.number(f"sources.{firm}.disclosure.phone")
        assert number.origin == "priors:neutral"
        assert (number.lo, number.hi) == pytest.approx((0.02, 0.4))
    apart = fill(case.with_variant("separate_hazards"))
    assert {s.one_service for s in apart.sources} == {None}


@pytest.mark.parametrize("folder", ["cases", "priors"])
def test_private_people_are_named_by_surname_alone(folder: str) -> None:
    for path in sorted(data_path(folder).glob("*.yaml")):
        text = path.read_text(encoding="utf-8")
        assert not re.search(
            "[庞申](?!某|请)|(?<!主)张(?!某)|(?<![提最])高(?!某|度|院|明|级)", text
        ), path
        assert not re.search(r"\b(Pang|Shen|Gao|Zhang) (?!v\.)[A-Z]", text), path


# ---- vocabulary


def test_the_vocabulary() -> None:
    fields = load_fields()
    assert {name: set(f.implies) for name, f in fields.items() if f.implies} == {
        "id_photo": {"real_name", "id_number", "birth_date", "face_photo"}
    }
    assert {"sex", "check_in_time"} <= set(fields)
    assert set(load_traits()) == {"anonymous", "handle_reuse", "public_traces"}
    for label in [t.label for t in fields.values()] + [t.label for t in load_traits().values()]:
        assert set(label) == {"en", "zh"}


# ---- templates and inquiries


def test_templates_have_every_role_and_usable_numbers() -> None:
    required = {
        "alias_or_canary", "breached_database_hit", "clean_access_log_audit", "logs_not_produced",
        "osint_trail_demonstrated", "value_never_held", "value_only_in_current_record",
        "stale_value", "discloser_admission", "no_alternative_shown", "openly_retrievable",
        "records_taken",
    }  # fmt: skip
    templates = load_templates()
    assert set(templates) == required
    for template in templates.values():
        assert set(template.likelihood) == ROLES
        assert set(template.about) <= ROLES - {"named", "residual"}
        assert set(template.label) == set(template.explanation) == {"en", "zh"}
        for entry in (*template.likelihood.values(), template.reliability):
            assert isinstance(entry.value, tuple)
            assert 0 < entry.value[0] < entry.value[1] < 1
        entries = [*template.likelihood.values(), template.reliability]
        if template.overlap is not None:
            assert 0 <= template.overlap.value <= 0.5
            entries.append(template.overlap)
        for entry in entries:
            assert entry.basis is not None
            assert entry.basis["en"].startswith("judgement: ")
            assert entry.basis["zh"].startswith("判断：")
            assert entry.status in ({"judgement"} if entry.source is None else {"V", "U"})
    repeating = {name for name, template in templates.items() if template.repeats_holds}
    assert repeating == {"value_never_held", "value_only_in_current_record"}


def test_what_a_discloser_says_is_never_taken_as_certain() -> None:
    value = load_templates()["discloser_admission"].reliability.value
    assert isinstance(value, tuple)
    assert value[1] < 0.99
    assert "binds nobody but himself" in load_templates()["discloser_admission"].explanation["en"]


@pytest.mark.parametrize("template", sorted(load_templates()))
def test_every_template_can_be_used(template: str) -> None:
    case = load_case("bic-2025-doxxing")
    shipped = load_templates()[template]
    names = {"custodian": "platform", "leaked_library": "library", "inference": "osint"}
    for kind in shipped.about:
        about = names[kind]
        filled = fill(case.with_finding("extra", template=template, about=about))
        finding = filled.findings[-1]
        assert set(finding.likelihood) == {"platform", "osint", "library", "unknown"}
        for source, number in finding.likelihood.items():
            role = "named" if source == about else {v: k for k, v in names.items()}.get(source)
            stated = shipped.likelihood[role or "residual"].value
            assert (number.lo, number.hi) == pytest.approx(stated)
            assert number.origin == f"template:{template}"
        reliability = shipped.reliability.value
        assert (finding.reliability.lo, finding.reliability.hi) == pytest.approx(reliability)


def test_inquiries_make_sense_and_their_rows_add_up() -> None:
    inquiries = load_inquiries()
    for name, inquiry in inquiries.items():
        assert set(inquiry.probability) == ROLES, name
        assert set(inquiry.label) == set(inquiry.explanation) == {"en", "zh"}
        assert set(inquiry.asks) <= {"court", "plaintiff", "defendant"}
        assert set(inquiry.settled_by) <= set(load_templates())
        for label in inquiry.outcomes.values():
            assert set(label) == {"en", "zh"}
        for row in _tree("inquiries.yaml")["inquiries"][name]["probability"].values():
            numbers = [row[outcome] for outcome in inquiry.outcomes]
            assert math.fsum(numbers) == pytest.approx(1, abs=1e-12)
            assert all(0 < p < 1 for p in numbers)
            assert set(row["basis"]) == {"en", "zh"}
            assert CHINESE.search(row["basis"]["zh"])
            assert row["status"] in ({"V", "U"} if "source" in row else {"judgement"})
    # nobody is a user of a leaked library, gives it an alias, or audits its logs
    for name in ("access_log_audit", "membership_survey", "alias_test", "incident_records"):
        assert inquiries[name].about == ("custodian",)
    assert inquiries["breach_database_lookup"].about == ("leaked_library",)
    for name in ("clean_access_log_audit", "logs_not_produced", "alias_or_canary"):
        assert load_templates()[name].about == ("custodian",)


@pytest.mark.parametrize("inquiry", sorted(load_inquiries()))
def test_every_outcome_of_an_inquiry_can_be_entered_as_a_finding(inquiry: str) -> None:
    case = load_case("bic-2025-doxxing")
    names = {"custodian": "platform", "leaked_library": "library", "inference": "osint"}
    shipped = load_inquiries()[inquiry]
    for kind in shipped.about:
        about = names[kind]
        for outcome in shipped.outcomes:
            entered = case.with_finding("made", inquiry=inquiry, about=about, outcome=outcome)
            finding = fill(entered).findings[-1]
            assert (finding.inquiry, finding.outcome) == (inquiry, outcome)
            named = finding.likelihood[about]
            assert named.is_point
            assert named.mean() == pytest.approx(shipped.probability["named"][outcome].value)
            unknown = finding.likelihood["unknown"]
            assert unknown.mean() == pytest.approx(shipped.probability["residual"][outcome].value)


# ---- standards


def test_standards() -> None:
    thresholds = {row.id: row.threshold for row in load_standards()}
    assert thresholds == {
        "cn-high-probability": 0.75,
        "cn-high-probability-strict": 0.85,
        "cn-beyond-reasonable-doubt": 0.95,
        "cn-more-likely": 0.5,
        "balance-of-probabilities": 0.5,
        "us-clear-and-convincing": 0.71,
        "us-beyond-reasonable-doubt": 0.91,
        "swiss-as-practised": 0.63,
        "jp-high-probability": 0.8,
        "us-preponderance": 0.5,
        "kr-high-probability": 0.8,
        "de-full-conviction": 0.9,
        "qc-balance-of-probabilities": 0.5,
    }
    assert {row.status for row in load_standards()} == {"verified", "unverified", "weak"}
    assert all(set(row.label) == set(row.basis) == {"en", "zh"} for row in load_standards())
    law = {row.id: row.jurisdiction for row in load_standards()}
    assert {"cn", "us", "uk", "jp", "kr"} < set(law.values())
    assert all(law[row] == where for where, row in default_standards().items())
    assert dict(default_standards()) == {
        "cn": "cn-high-probability",
        "jp": "jp-high-probability",
        "us": "us-preponderance",
        "uk": "balance-of-probabilities",
    }


# ---- starter


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_starter_case_is_a_case_with_placeholders_and_teaches_known_by(lang: str) -> None:
    text = starter_case(lang)
    assert text == _tree("starter.yaml")[lang]
    case = parse_case(text)
    filled = fill(case)
    assert filled.proposition.sources == ("platform",)
    assert filled.groups[1].known_by.how == "list"
    comments = [line for line in text.splitlines() if line.strip().startswith("#")]
    for word in ("exposure", "attempt", "users_of", "published_all", "reach"):
        assert any(word in line for line in comments)
    assert len(re.findall("<[^<>]+>", text.split("schema: 2")[1])) == 3
    if lang == "zh":
        assert all(CHINESE.search(line) for line in comments if re.fullmatch(r" *# [^:{]+", line))


def test_the_starters_say_the_same() -> None:
    texts = _tree("starter.yaml")
    bare = {}
    for lang in ("en", "zh"):
        tree = yaml.safe_load(texts[lang])
        tree.pop("title")
        tree["sources"]["platform"].pop("label")
        bare[lang] = tree
    assert bare["en"] == bare["zh"]


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_what_the_starter_has_as_comments_is_valid_too(lang: str) -> None:
    text = _tree("starter.yaml")[lang]
    rows = []
    for line in text.splitlines():
        bare = re.match(r"( *)# ( *(- )?(\{|[a-z_]+: ?[\[{a-z0-9]|[a-z_]+:$).*)$", line)
        taken = bare and "..." not in line and "vendor" not in line
        rows.append(f"{bare[1]}{bare[2]}" if bare and taken else line)
    case = parse_case("\n".join(rows))
    assert "library" in case.sources
    assert case.security["platform"].size == "average"
    assert [f.id for f in case.findings] == ["audit", "asked", "own_finding"]
    assert list(case.variants) == ["all_fields"]
    fill(case)
    fill(case.with_variant("all_fields"))
    vendor = re.sub("(?m)^# (  vendor: )", r"\1", text)
    assert "vendor" in parse_case(vendor).sources


def test_no_file_of_the_first_edition_is_left() -> None:
    for path in sorted(Path(data_path()).rglob("*.yaml")):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"^\s*schema: 1\b", text, flags=re.MULTILINE), path
        assert "reference_profile" not in text or path.name == "notices.yaml", path
