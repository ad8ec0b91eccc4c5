"""What a case leaves out, and from where it comes."""

from __future__ import annotations

import datetime as dt

import pytest

from causation.case import load_case, parse_case, resolve
from causation.case.filling import age_in_years
from causation.case.resolved import BearsOn, Kind, ResolvedCase
from causation.errors import CaseError
from causation.scales import Elicited, Scale

TEXT = """\
schema: 1
id: a-case
incident_date: 2023-10-02
proposition: [platform]
sources:
  platform: {kind: custodian, holds: [phone]}
  osint: {kind: inference, odds_ratio: {anonymous: [0.1, 0.5]}, disclosure: {phone: 0.2}}
  library: {kind: custodian, class: leaked_library}
victims:
  - {id: other, disclosed: [bank_account], profile: {public_traces: 0.5}, bears_on: damage}
  - id: plaintiff
    disclosed: [phone, email]
    profile: {anonymous: true}
    users_of: {platform: true}
  - {id: more, count: 3, disclosed: [phone], not_disclosed: [real_name]}
security:
  platform: {breach_rate: {shape: 2}, incidents: {count: 1, years: 5}}
findings:
  - {id: audit, template: clean_access_log_audit, about: platform, likelihood: {osint: 0.5}}
  - {id: admission, template: discloser_admission, about: library, group: audit}
  - {id: late, bears_on: fault}
"""


@pytest.fixture
def resolved() -> ResolvedCase:
    return resolve(parse_case(TEXT))


def test_the_union_of_what_bears_on_the_source(resolved: ResolvedCase) -> None:
    assert resolved.fields == ("email", "phone", "real_name")
    assert resolved.items == ("anonymous",)
    assert resolved.custodians == ("platform",)
    assert [g.bears_on for g in resolved.groups] == [
        BearsOn.DAMAGE, BearsOn.SOURCE, BearsOn.SOURCE,
    ]  # fmt: skip


def test_a_residual_is_added_last_and_is_vague(resolved: ResolvedCase) -> None:
    residual = resolved.sources[-1]
    assert (residual.name, residual.kind) == ("unknown", Kind.RESIDUAL)
    assert residual.label["zh"]
    vague = Elicited(0.05, 0.95, Scale.PROBABILITY)
    assert all(item.value == vague for item in residual.disclosure.values())
    assert residual.membership["platform"].value == vague
    assert residual.misfit.value.lo == 0


def test_columns_follow_kind_class_and_holds(resolved: ResolvedCase) -> None:
    platform, osint, library, _ = resolved.sources
    assert (platform.disclosure["phone"].value.lo, platform.disclosure["phone"].value.hi) == (
        0.55,
        0.99,
    )
    assert platform.disclosure["email"].value.lo == 0.1
    assert library.disclosure["phone"].value.lo == 0.5
    assert library.weight.value == Elicited(2, 8, Scale.POSITIVE)
    assert osint.disclosure["phone"].value == Elicited(0.2, 0.2, Scale.PROBABILITY)
    assert osint.disclosure["phone"].origin == "case"
    assert osint.disclosure["email"].origin == "priors:neutral"
    assert osint.odds_ratio["anonymous"].value == Elicited(0.1, 0.5, Scale.POSITIVE)
    assert platform.odds_ratio == {}


def test_a_library_with_holds_lacks_the_rest() -> None:
    text = TEXT.replace("leaked_library}", "leaked_library, holds: [phone]}")
    library = resolve(parse_case(text)).sources[2]
    assert library.disclosure["phone"].value.lo == 0.5
    assert library.disclosure["email"].value.lo == 0.1


def test_memberships(resolved: ResolvedCase) -> None:
    own, other = (s.membership["platform"].value for s in resolved.sources[:2])
    assert (own.lo, own.hi) == (0.98, 0.9999)
    assert (other.lo, other.hi) == (0.3, 0.95)


def test_the_plaintiff_is_the_first_group_that_bears_on_the_source(resolved: ResolvedCase) -> None:
    linkages = [g.linkage.value for g in resolved.groups]
    assert linkages[1].lo == linkages[1].hi == 1.0
    assert (linkages[2].lo, linkages[2].hi) == (0.7, 0.98)


def test_security(resolved: ResolvedCase) -> None:
    (record,) = resolved.security
    assert record.breach_shape.value.lo == 2
    assert record.breach_rate.value.lo == 4
    assert record.breach_rate.origin == "priors:neutral"
    assert (record.incidents, record.incident_years) == (1, 5.0)
    assert record.hazard_ratio is None
    assert record.half_life is None
    assert record.reference is None
    assert record.age_years is None


def test_ages_of_certificates() -> None:
    day = dt.date(2023, 10, 2)
    assert age_in_years(dt.date(2022, 10, 2), day) == pytest.approx(365 / 365.25, abs=1e-12)
    assert age_in_years(2014, day) == pytest.approx((day - dt.date(2014, 7, 2)).days / 365.25)
    assert 0 < age_in_years(2023, day) < 0.5
    assert age_in_years(2014, 2016) == pytest.approx(2, abs=0.01)
    assert age_in_years(2014, 2014) >= 0


def test_findings(resolved: ResolvedCase) -> None:
    audit, admission, late = resolved.findings
    assert audit.likelihood["osint"].origin == "case"
    assert audit.likelihood["platform"].origin == "template:clean_access_log_audit"
    assert admission.likelihood["library"].value.lo == 0.4
    assert audit.group == admission.group == "audit"
    assert audit.reliability.value == admission.reliability.value
    assert late.likelihood == {}
    assert late.bears_on is BearsOn.FAULT


def test_stated_reliability_holds_for_the_whole_group() -> None:
    case = parse_case(TEXT).replace(
        {"findings.audit.reliability": 0.5, "findings.audit.repeats": 0}
    )
    audit, admission, _ = resolve(case).findings
    assert admission.reliability.value.lo == audit.reliability.value.lo == 0.5
    assert admission.repeats.value.lo == 0


def test_inputs_are_named_uniquely(resolved: ResolvedCase) -> None:
    paths = [item.path for item in resolved.inputs()]
    assert len(paths) == len(set(paths))


def test_overrides() -> None:
    case = load_case("bic-2025-doxxing")
    assert resolve(case).standard_id == "cn-high-probability"
    assert resolve(case, standard=0.6).threshold == 0.6
    assert resolve(case, standard=0.6).standard_id == "custom"
    assert resolve(case, standard="jp-high-probability").threshold == 0.8
    assert resolve(case, priors="claimant").prior_set == "claimant"
    with pytest.raises(CaseError, match="did you mean jp-high-probability"):
        resolve(case, standard="jp-hgh-probability")
    with pytest.raises(CaseError, match="not a threshold"):
        resolve(case, standard=1.0)
    with pytest.raises(CaseError, match="unknown prior set"):
        resolve(case, priors="claiment")


def test_a_label_in_one_language_stands_for_both() -> None:
    case = parse_case(TEXT + "title: {zh: 标题}\n")
    assert resolve(case).title == {"en": "标题", "zh": "标题"}
    assert resolve(parse_case(TEXT)).title == {"en": "a-case", "zh": "a-case"}
