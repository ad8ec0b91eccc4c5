"""Every kind of mistake in a case file: file, line, path, found, allowed."""

from __future__ import annotations

import pytest

from causation.case import parse_case
from causation.errors import CaseError

BASE = """\
schema: 1
id: a-case
incident_date: 2023-10-02
proposition: platform
sources:
  platform:
    kind: custodian
    holds: [phone]
  osint: {kind: inference}
victims:
  - id: plaintiff
    disclosed: [phone]
    not_disclosed: []
    profile: {anonymous: true}
    users_of: {platform: true}
  - id: others
    count: 5
    disclosed: [phone]
    linkage: [0.7, 0.98]
security:
  platform:
    incidents: {count: 0, years: 5}
    certification: {date: 2014}
findings:
  - id: audit
    template: clean_access_log_audit
    about: platform
  - id: trail
    likelihood: {platform: 0.1, osint: 0.6, unknown: 0.3}
    reliability: 0.9
    group: work
"""


def refused(text: str) -> CaseError:
    with pytest.raises(CaseError) as caught:
        parse_case(text, file="f.yaml")
    return caught.value


def change(old: str, new: str) -> str:
    assert BASE.count(old) == 1, old
    return BASE.replace(old, new)


def test_the_base_is_right() -> None:
    assert parse_case(BASE).id == "a-case"


CASES = [
    # what is changed, what it becomes, line, path, found, allowed
    ("linkage:", "linkge:", 19, "victims[1].linkge", "did you mean linkage?", "linkage"),
    ("proposition:", "propositon:", 4, "propositon", "did you mean proposition?", "proposition"),
    ("date: 2014", "dat: 2014", 23, "security.platform.certification.dat", "date", "date"),
    ("schema: 1", "schema: 2", 1, "schema", "2", "1"),
    ("id: a-case", "id: a case", 2, "id", "a text", "letter"),
    ("id: a-case", "title: x", 1, "id", "nothing", "id: a value"),
    ("count: 5", "count: 5.5", 17, "victims[1].count", "5.5", "whole number"),
    ("count: 5", "count: true", 17, "victims[1].count", "true", "whole number"),
    ("count: 5", "count: 0", 17, "victims[1].count", "0", "from 1"),
    ("count: 5", "count: 10000001", 17, "victims[1].count", "10000001", "10000000"),
    ("count: 5", "count: 1_000", 17, "victims[1].count", "1_000", "whole number"),
    ("count: 5", "count: {a: 1}", 17, "victims[1].count", "a mapping", "whole number"),
    ("[0.7, 0.98]", "[0.98, 0.7]", 19, "victims[1].linkage", "[0.98, 0.7]", "lo <= hi"),
    ("[0.7, 0.98]", "[0.7, 1]", 19, "victims[1].linkage", "[0.7, 1.0]", "hi < 1"),
    ("[0.7, 0.98]", "1.5", 19, "victims[1].linkage", "1.5", "[0, 1]"),
    ("[0.7, 0.98]", "true", 19, "victims[1].linkage", "true", "[0, 1]"),
    ("[0.7, 0.98]", "[0.1, 0.2, 0.3]", 19, "victims[1].linkage", "a list of 3", "lo, hi"),
    ("[0.7, 0.98]", ".nan", 19, "victims[1].linkage", ".nan", "[0, 1]"),
    ("{anonymous: true}", "{anonymous: yes}", 14, "victims[0].profile.anonymous", "'yes'", "true"),
    ("{anonymous: true}", "{anonymos: true}", 14, "victims[0].profile.anonymos", "anonymous?", ""),
    ("{platform: true}", "{platform: no}", 15, "victims[0].users_of.platform", "'no'", "false"),
    ("{platform: true}", "{osint: true}", 15, "victims[0].users_of.osint", "osint", "platform"),
    ("proposition: platform", "proposition: platfrom", 4, "proposition[0]", "platform?", "osint"),
    (
        "proposition: platform",
        "proposition: [platform, osint, unknown]",
        4,
        "proposition",
        "all sources",
        "a part",
    ),
    ("proposition: platform", "proposition: []", 4, "proposition", "nothing", "platform"),
    ("kind: inference", "kind: guess", 9, "sources.osint.kind", "guess", "inference"),
    ("kind: inference", "kind: inference, holds: [phone]", 9, "sources.osint.holds", "", "custod"),
    ("kind: inference", "kind: residual, weight: 0", 9, "sources.osint.weight", "0.0", "positive"),
    (
        "kind: inference",
        "kind: inference, disclosure: {phone: 1}",
        9,
        "sources.osint.disclosure.phone",
        "1.0",
        "strictly between",
    ),
    (
        "kind: inference",
        "kind: inference, misfit: 1.1",
        9,
        "sources.osint.misfit",
        "1.1",
        "[0, 1]",
    ),
    ("holds: [phone]", "holds: [fone]", 8, "sources.platform.holds[0]", "phone?", "real_name"),
    ("holds: [phone]", "odds_ratio: {anonymous: 2}", 8, "sources.platform.odds_ratio", "", "infer"),
    ("not_disclosed: []", "not_disclosed: [phone]", 13, "victims[0].not_disclosed[0]", "phone", ""),
    (
        "not_disclosed: []",
        "not_disclosed: [email, email]",
        13,
        "victims[0].not_disclosed[1]",
        "email",
        "once",
    ),
    ("  - id: others", "  - id: plaintiff", 16, "victims[1].id", "plaintiff", "differ"),
    ("  - id: audit", "  - id: others", 25, "findings[0].id", "others", "differ"),
    (
        "clean_access_log_audit",
        "clean_acess_log_audit",
        26,
        "findings[0].template",
        "access",
        "stale",
    ),
    ("about: platform", "about: osint", 27, "findings[0].about", "osint", "platform"),
    ("about: platform", "note: a text", 25, "findings[0].about", "nothing", "platform"),
    (", unknown: 0.3}", "}", 29, "findings[1].likelihood", "2 of 3", "residual"),
    (", unknown: 0.3}", ", unknwon: 0.3}", 29, "findings[1].likelihood.unknwon", "unknown?", ""),
    (
        "date: 2014",
        "date: 2023-10-03",
        23,
        "security.platform.certification.date",
        "2023-10-03",
        "2023-10-02",
    ),
    (
        "date: 2014",
        "date: 2014-02-30",
        23,
        "security.platform.certification.date",
        "a text",
        "2014",
    ),
    (
        "incident_date: 2023-10-02\n",
        "",
        22,
        "security.platform.certification.date",
        "incident_date",
        "",
    ),
    ("security:\n  platform:", "security:\n  osint:", 21, "security.osint", "osint", "platform"),
    (
        "schema: 1",
        "schema: 1\nstandard: cn-hihg-probability",
        2,
        "standard",
        "cn-high-probability?",
        "jp",
    ),
    ("schema: 1", "schema: 1\nstandard: 1", 2, "standard", "1", "strictly between"),
    ("schema: 1", "schema: 1\npriors: neutrl", 2, "priors", "neutral?", "claimant"),
    ("schema: 1", "schema: 1\npriors: no/where.yaml", 2, "priors", "no such file", "respondent"),
    (
        "schema: 1",
        "schema: 1\nexhaustive: true",
        30,
        "findings[1].likelihood.unknown",
        "unknown",
        "osint",
    ),
    ("schema: 1", "schema: 1\nfields: {phone: {label: x}}", 2, "fields.phone", "phone", "new"),
    (
        "schema: 1",
        "schema: 1\nreference_profile: {x: 1}",
        2,
        "reference_profile.x",
        "x",
        "anonymous",
    ),
    (
        "schema: 1",
        "schema: 1\ncitation: [{text: x, url: 'javascript:1'}]",
        2,
        "citation[0].url",
        "a text",
        "https",
    ),
    ("schema: 1", "schema: 1\ntitle: {fr: x}", 2, "title", "a mapping", "en"),
    ("schema: 1", "schema: 1\ntitle: ''", 2, "title", "empty", "a text"),
    ("schema: 1", "schema: 1\nselection: some", 2, "selection", "some", "attempted"),
]


@pytest.mark.parametrize(("old", "new", "line", "path", "found", "allowed"), CASES)
def test_each_mistake(old: str, new: str, line: int, path: str, found: str, allowed: str) -> None:
    error = refused(change(old, new))
    assert error.file == "f.yaml"
    assert (error.line, error.path) == (line, path)
    assert error.found is not None
    assert found in error.found
    assert error.allowed is not None
    assert allowed in error.allowed
    assert str(error).startswith(f"f.yaml:{line}: {path}: ")


def test_a_finding_needs_a_template_or_a_likelihood() -> None:
    error = refused(change("likelihood: {platform: 0.1, osint: 0.6, unknown: 0.3}", "stage: reply"))
    assert error.path == "findings[1]"
    assert "template" in str(error.allowed)
    error = refused(change("    group: work", "    about: platform"))
    assert error.path == "findings[1].about"


def test_lists_numbers_and_texts_of_the_wrong_type() -> None:
    for old, new, found in (
        ("holds: [phone]", "holds: {phone: 1}", "a mapping"),
        ("holds: [phone]", "holds: [1]", "1"),
        ("years: 5", "years: -1", "-1.0"),
        ("years: 5", "years: 1001", "1001.0"),
        ("{date: 2014}", "{date: 2014, half_life: 0}", "0.0"),
        ("{date: 2014}", "{date: 1066}", "1066"),
        ("{date: 2014}", "{date: [1]}", "a list of 1"),
        ("group: work", "exhibit: 1.5", "1.5"),
        ("group: work", "note: {en: 5}", "5"),
        ("group: work", "note: " + "x" * 20_001, "20001 characters"),
        ("group: work", "template: [1]", "a list of 1"),
        ("proposition: platform", "proposition: platform\ncitation: {}", "a mapping"),
        ("{anonymous: true}", "[anonymous]", "a list of 1"),
        ("{anonymous: true}", "{anonymous: 2}", "2"),
        ("proposition: platform", "proposition: platform\nstandard: ''", "an empty text"),
    ):
        assert found in str(refused(change(old, new)).found)


def test_a_group_without_disclosed_field() -> None:
    text = BASE.replace("    disclosed: [phone]\n    not_disclosed: []\n", "", 1)
    error = refused(text)
    assert error.path == "victims[0].disclosed"
    assert "attempted" in str(error.allowed)
    assert parse_case(text.replace("schema: 1", "schema: 1\nselection: attempted")).victims


def test_one_source_is_too_few() -> None:
    error = refused("schema: 1\nid: x\nproposition: a\nsources: {a: {kind: custodian}}\n")
    assert (error.line, error.path, error.found) == (4, "sources", "1")


def test_residual_sources() -> None:
    text = change("kind: inference}", "kind: residual}\n  rest: {kind: residual}")
    assert refused(text.replace("unknown: 0.3", "rest: 0.3")).path == "sources.rest"
    taken = change("osint: {kind: inference}", "unknown: {kind: inference}")
    assert refused(taken.replace("osint: 0.6, ", "")).path == "sources.unknown"
    both = change("kind: inference", "kind: residual").replace(
        "schema: 1", "schema: 1\nexhaustive: true"
    )
    assert refused(both.replace(", unknown: 0.3", "")).path == "sources.osint.kind"


def test_a_custom_field_needs_a_stated_disclosure() -> None:
    text = BASE.replace("schema: 1", "schema: 1\nfields: {badge: {label: badge}}").replace(
        "disclosed: [phone]\n    not", "disclosed: [phone, badge]\n    not"
    )
    error = refused(text)
    assert error.path == "sources.platform"
    assert "disclosure.badge" in str(error.found)
    stated = text.replace(
        "kind: custodian", "kind: custodian\n    disclosure: {badge: 0.5}"
    ).replace("kind: inference", "kind: inference, disclosure: {badge: [0.1, 0.2]}")
    assert "badge" in parse_case(stated).fields


def test_findings_of_one_group_agree() -> None:
    text = (
        BASE
        + "  - {id: more, template: stale_value, about: platform, group: work, reliability: 0.8}\n"
    )
    error = refused(text)
    assert error.path == "findings[2].reliability"
    assert "0.9" in str(error.allowed)


def test_the_first_problem_in_the_file_is_told_and_the_others_counted() -> None:
    text = (
        change("count: 5", "count: 0").replace("linkage", "linkge").replace("id: a-case", "id: 1")
    )
    error = refused(text)
    assert error.line == 2
    assert "the first of 3 problems" in str(error)
    assert "\n" not in str(error)


def test_no_text_written_by_people_is_quoted() -> None:
    marker = "Zhang San 13800138000"
    for key in ("title", "note"):
        for text in (
            f"{key}: {{fr: {marker}}}",
            f"{key}: ['{marker}']",
            f"{key}: {{en: ['{marker}']}}",
        ):
            assert marker not in str(refused(f"{BASE}{text}\n"))
    for old in ("count: 5", "[0.7, 0.98]", "kind: inference", "date: 2014", "id: a-case"):
        key = old.split(":")[0]
        new = f"{key}: {marker}" if ":" in old else marker
        assert "Zhang" not in str(refused(change(old, new)))


def test_control_characters_in_keys_are_escaped() -> None:
    error = refused('"a\\tb\\nc": 1\n' + BASE)
    assert "\n" not in str(error)
    assert "\t" not in str(error)


def test_limits_on_size() -> None:
    many = "".join(f"  s{i}: {{kind: residual}}\n" for i in range(1001))
    error = refused(f"schema: 1\nid: x\nproposition: s0\nsources:\n{many}")
    assert "too many" in error.problem or "second residual" in error.problem
    crowd = BASE.replace("count: 5", "count: 10000000")
    groups = "".join(f"  - {{id: g{i}, count: 10000000, disclosed: [phone]}}\n" for i in range(101))
    error = refused(crowd.replace("security:", f"{groups}security:"))
    assert error.path == "victims"
    assert "1000000000" in str(error.allowed)
