"""The data that ships: prior sets, standards, vocabularies, templates, cases."""

from __future__ import annotations

import itertools
import math
import re
from typing import Any

import pytest
from pydantic import BaseModel

from causation.case import (
    Case,
    PriorSet,
    bundled_cases,
    bundled_prior_sets,
    data_path,
    dump_case,
    load_case,
    load_fields,
    load_prior_set,
    load_profile_items,
    load_standards,
    load_templates,
    parse_case,
    parse_prior_set,
    resolve,
    starter_case,
)
from causation.case.reading import read_document
from causation.errors import CaseError
from causation.scales import Elicited, Scale

PUBLISHED = ("sally-clark", "three-suspect-burglary", "two-item-network")


def test_what_is_bundled() -> None:
    assert bundled_cases() == ("bic-2025-doxxing", "gao-2024", "pang-2017", "shen-2018")
    assert bundled_prior_sets() == ("claimant", "neutral", "respondent")


@pytest.mark.parametrize("name", bundled_cases())
def test_bundled_cases_carry_their_file_name_a_citation_and_marks(name: str) -> None:
    case = load_case(name)
    assert case.id == name
    assert case.citation
    assert case.court_found is not None
    for group in case.victims:
        assert group.note is not None
        assert any(mark in group.note["en"] for mark in ("[S]", "[V]", "[U]"))
    for priors in bundled_prior_sets():
        resolved = resolve(case, priors=priors)
        assert all(item.basis for item in resolved.inputs())


def test_what_is_not_known_of_the_beijing_case_is_left_out() -> None:
    case = load_case("bic-2025-doxxing")
    assert case.security["platform"].incidents is None
    assert case.victims[1].disclosed == ("account_link",)
    assert case.security["platform"].certification is not None
    assert case.security["platform"].certification.date == 2014
    inaction = case.findings[1]
    assert (inaction.bears_on, inaction.likelihood) == ("conduct", {})


def test_prior_sets_cover_the_vocabularies_and_every_number_has_a_basis() -> None:
    for name in bundled_prior_sets():
        priors = load_prior_set(name)
        assert priors.id == name
        assert set(priors.fields) == set(load_fields())
        assert set(priors.odds_ratio) == set(load_profile_items())
        assert set(priors.reference_profile) == set(load_profile_items())
        entries = list(_entries(priors))
        assert len(entries) > 80
        for entry in entries:
            assert set(entry.basis) == {"en", "zh"}
            assert len(entry.basis["en"].removeprefix("judgement:").strip()) > 5
            assert re.search("[\u4e00-\u9fff]", entry.basis["zh"])
            assert entry.source is None or entry.source["en"] != entry.source["zh"]


def _entries(part: Any) -> Any:
    if isinstance(part, BaseModel) and "basis" in type(part).model_fields:
        yield part
    elif isinstance(part, BaseModel):
        for name in type(part).model_fields:
            yield from _entries(getattr(part, name))
    elif isinstance(part, dict):
        for inner in part.values():
            yield from _entries(inner)


def test_the_sides_differ_from_neutral_in_their_own_direction() -> None:
    claimant, neutral, respondent = (
        load_prior_set(name) for name in ("claimant", "neutral", "respondent")
    )

    def mean(value: Any, scale: Scale = Scale.PROBABILITY) -> float:
        lo, hi = value if isinstance(value, tuple) else (value, value)
        return Elicited(lo, hi, scale).mean()

    for field in load_fields():
        for column in ("inference", "leaked_library"):
            values = [
                mean(getattr(p.fields[field], column).value)
                for p in (claimant, neutral, respondent)
            ]
            assert values == sorted(values)
            assert len(set(values)) == 3
        holding = [
            mean(p.fields[field].custodian_holding.value) for p in (respondent, neutral, claimant)
        ]
        assert holding == sorted(holding)
    assert (
        mean(respondent.linkage.value) < mean(neutral.linkage.value) < mean(claimant.linkage.value)
    )
    other = [mean(p.membership.other.value) for p in (claimant, neutral, respondent)]
    assert other == sorted(other)
    anonymous = [
        mean(p.odds_ratio["anonymous"].value, Scale.POSITIVE)
        for p in (claimant, neutral, respondent)
    ]
    assert anonymous == sorted(anonymous)


def test_the_neutral_table_is_as_it_was_set() -> None:
    fields = load_prior_set("neutral").fields
    phone = fields["phone"]
    assert phone.custodian_holding.value == (0.55, 0.99)
    assert phone.custodian_not_holding.value == (0.02, 0.4)
    assert phone.inference.value == (0.05, 0.5)
    assert phone.leaked_library.value == (0.5, 0.98)
    assert fields["id_photo"].inference.value == (0.002, 0.05)


def test_standards() -> None:
    table = {row.id: row for row in load_standards()}
    assert len(table) == 9
    assert table["cn-high-probability"].threshold == 0.75
    assert all(0 < row.threshold < 1 for row in table.values())
    assert {row.status for row in table.values()} == {"verified", "unverified", "weak"}
    assert all(set(row.label) == set(row.basis) == {"en", "zh"} for row in table.values())


def test_templates_have_every_role_and_usable_numbers() -> None:
    roles = {"named", "custodian", "leaked_library", "inference", "residual"}
    required = {
        "alias_or_canary", "breached_database_hit", "clean_access_log_audit", "logs_not_produced",
        "osint_trail_demonstrated", "value_never_held", "value_only_in_current_record",
        "stale_value", "discloser_admission", "no_alternative_shown",
    }  # fmt: skip
    templates = load_templates()
    assert required <= set(templates)
    for template in templates.values():
        assert set(template.likelihood) == roles
        assert set(template.about) <= roles - {"named", "residual"}
        assert set(template.label) == set(template.explanation) == {"en", "zh"}
        for entry in (*template.likelihood.values(), template.reliability):
            assert isinstance(entry.value, tuple)
            assert 0 < entry.value[0] < entry.value[1] < 1
            assert entry.basis["en"].startswith("judgement: ")
            assert entry.basis["zh"].startswith("判断：")


@pytest.mark.parametrize("template", sorted(load_templates()))
def test_every_template_can_be_used(template: str) -> None:
    case = load_case("bic-2025-doxxing")
    kinds = {"custodian": "platform", "leaked_library": "third_party", "inference": "osint"}
    about = kinds[load_templates()[template].about[0]]
    resolved = resolve(case.with_finding("extra", template=template, about=about))
    finding = resolved.findings[-1]
    assert set(finding.likelihood) == {"platform", "osint", "third_party", "unknown"}
    named = load_templates()[template].likelihood["named"]
    assert (finding.likelihood[about].value.lo, finding.likelihood[about].value.hi) == named.value
    assert finding.likelihood[about].origin == f"template:{template}"


def test_the_starter_case_is_valid_as_it_is() -> None:
    case = parse_case(starter_case())
    assert resolve(case).proposition == ("platform",)
    assert "#" in starter_case()


@pytest.mark.parametrize("name", PUBLISHED)
def test_published_cases_state_every_number_themselves(name: str) -> None:
    case = load_case(data_path("published", f"{name}.yaml"))
    resolved = resolve(case)
    assert resolved.exhaustive
    assert not resolved.groups
    assert all(s.misfit.value.lo == 0 for s in resolved.sources)
    assert all(f.reliability.value.lo == 1 and f.repeats.value.lo == 0 for f in resolved.findings)
    stated = [i for i in resolved.inputs() if not i.path.endswith("correlation")]
    assert all(item.origin == "case" for item in stated)
    assert parse_case(dump_case(case)) == case


def _posterior(case: Case) -> dict[str, float]:
    resolved = resolve(case)
    joint = {
        s.name: s.weight.value.lo
        * math.prod(f.likelihood[s.name].value.lo for f in resolved.findings)
        for s in resolved.sources
    }
    total = math.fsum(joint.values())
    answer = {name: value / total for name, value in joint.items()}
    return answer | {"proposition": math.fsum(answer[name] for name in resolved.proposition)}


def test_published_numbers_follow_from_the_published_cases_by_bayes() -> None:
    entries = read_document(data_path("published", "expected.yaml").read_bytes()).tree["results"]
    rows = [row for row in entries if "case" in row]
    assert [row["case"] for row in rows] == ["sally-clark", "two-item-network",
                                             "three-suspect-burglary"]  # fmt: skip
    for row, scenario in itertools.chain(*([(r, s) for s in r["scenarios"]] for r in rows)):
        case = load_case(data_path("published", f"{row['case']}.yaml"))
        dropped = [f.id for f in case.findings if f.id not in scenario["keep"]]
        case = case.without(*dropped)
        changes = scenario.get("likelihood", {})
        case = case.replace({f"findings.{f}.likelihood": table for f, table in changes.items()})
        ours = _posterior(case)
        for name, value in scenario["posterior"].items():
            assert round(ours[name], scenario["decimals"]) == pytest.approx(value, abs=1e-15)


def test_a_prior_set_of_ones_own(tmp_path: Any) -> None:
    text = data_path("priors", "neutral.yaml").read_text(encoding="utf-8")
    own = text.replace("id: neutral", "id: own").replace("value: [0.7, 0.98]", "value: 0.25")
    (tmp_path / "own.yaml").write_text(own, encoding="utf-8")
    case_text = dump_case(load_case("bic-2025-doxxing")).replace(
        "priors: neutral", "priors: own.yaml"
    )
    (tmp_path / "case.yaml").write_text(case_text, encoding="utf-8")
    case = load_case(tmp_path / "case.yaml")
    resolved = resolve(case)
    assert resolved.prior_set == "own"
    assert resolved.groups[1].linkage.value.lo == 0.25
    assert resolve(case.replace({"victims.co_victims.count": 2})).prior_set == "own"
    assert isinstance(load_prior_set(tmp_path / "own.yaml"), PriorSet)
    assert resolve(case, priors="neutral").prior_set == "neutral"


def test_mistakes_in_a_prior_set_are_named() -> None:
    text = data_path("priors", "neutral.yaml").read_text(encoding="utf-8")
    line = next(i for i, row in enumerate(text.splitlines(), 1) if row.startswith("linkage:"))
    with pytest.raises(CaseError) as caught:
        parse_prior_set(
            text.replace("linkage: {value: [0.7, 0.98]", "linkage: {value: [0.98, 0.7]"),
            file="p.yaml",
        )
    assert (caught.value.file, caught.value.line) == ("p.yaml", line)
    assert caught.value.path == "linkage.value"
    with pytest.raises(CaseError, match="did you mean linkage"):
        parse_prior_set(text.replace("\nlinkage:", "\nlinkge:"))
    with pytest.raises(CaseError, match="unknown prior set"):
        load_prior_set("neutrl")
    with pytest.raises(CaseError, match="no such file"):
        load_prior_set("neutrl.yaml")


def test_a_prior_set_that_lacks_a_field_of_the_case() -> None:
    text = data_path("priors", "neutral.yaml").read_text(encoding="utf-8")
    rows = text.splitlines()
    start = rows.index("  id_photo:")
    priors = parse_prior_set("\n".join(rows[:start] + rows[start + 5 :]))
    with pytest.raises(CaseError) as caught:
        resolve(load_case("bic-2025-doxxing"), priors=priors)
    assert caught.value.path == "sources.platform.disclosure.id_photo"
    assert "no number" in caught.value.problem


def test_unknown_bundled_case() -> None:
    with pytest.raises(CaseError, match="did you mean bic-2025-doxxing"):
        load_case("bic-2025-doxing")
    with pytest.raises(CaseError, match="no such file"):
        load_case("bic-2025-doxxing.yaml")


@pytest.mark.parametrize(
    ("stated", "basis"),
    [
        ('"judgement: mine"', {"en": "judgement: mine", "zh": "judgement: mine"}),
        ('{en: "judgement: mine", zh: 判断}', {"en": "judgement: mine", "zh": "判断"}),
        ("{zh: 判断}", {"zh": "判断"}),
    ],
)
def test_a_basis_is_one_text_or_one_by_language(stated: str, basis: dict[str, str]) -> None:
    text = data_path("priors", "neutral.yaml").read_text(encoding="utf-8")
    text, count = re.subn(r"(elicitation_sd: .*basis: )\{[^}]*\}", rf"\g<1>{stated}", text)
    assert count == 1
    assert parse_prior_set(text).elicitation_sd.basis == basis
    with pytest.raises(CaseError, match="language"):
        parse_prior_set(text.replace(stated, "{fr: jugement}"))
