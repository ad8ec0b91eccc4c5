"""Case files of the first edition, written anew."""

from __future__ import annotations

import pytest

from causation.case import convert_case, fill, parse_case
from causation.errors import CaseError

OLD = """\
schema: 1
id: old
title: {en: Old, zh: 旧}
incident_date: 2023-10-02
proposition: platform
priors: neutral
selection: selected
reference_profile: {anonymous: 0.4}
fields: {badge: {label: badge}}
sources:
  platform:
    kind: custodian
    holds: [phone]
    weight: [0.5, 2]
    disclosure: {phone: [0.5, 0.9], badge: 0.5}
    membership: {platform: 0.99}
  osint:
    kind: inference
    disclosure: {badge: 0.1}
    odds_ratio: {anonymous: [0.1, 0.9]}
    membership: {platform: [0.3, 0.9]}
  lib1: {kind: custodian, class: leaked_library, weight: 2, disclosure: {badge: 0.1}}
  lib2: {kind: custodian, class: leaked_library, weight: 3}
  others: {kind: residual, disclosure: {phone: 0.5}, weight: 1, correlation: 0.2}
victims:
  - {id: p, disclosed: [phone, id_photo], not_disclosed: [real_name, email], linkage: 0.9,
     profile: {anonymous: true}, users_of: {platform: true}}
  - {id: q, count: 3, disclosed: [phone], linkage: [0.5, 0.9], users_of: {platform: false}}
  - {id: r, disclosed: [], not_disclosed: [phone]}
security:
  platform: {breach_rate: {shape: 1, rate: 4}, certification: {date: 2014}}
findings:
  - {id: f, template: clean_access_log_audit, about: platform, repeats: 0.7, group: g}
  - {id: h, likelihood: {platform: 0.1, osint: 0.6, lib1: 0.2, lib2: 0.2, others: 0.3}}
  - {id: i, bears_on: conduct}
inquiries:
  - id: ask
    outcomes:
      yes: {platform: 0.6, osint: 0.1, lib1: 0.5, lib2: 0.5, others: 0.5}
      no: {platform: 0.4, osint: 0.9, lib1: 0.5, lib2: 0.5, others: 0.5}
court_found: {established: true}
"""


def left_out(text: str = OLD) -> dict[str, str]:
    return {n.text["en"].partition(": ")[0]: n.id for n in convert_case(text).left_out}


def test_what_can_be_carried_over_is() -> None:
    converted = convert_case(OLD, file="old.yaml")
    case = converted.case
    assert case.sources["lib1"].kind == "leaked_library"
    assert case.sources["platform"].disclosure == {"phone": (0.5, 0.9), "badge": 0.5}
    assert case.sources["platform"].membership == 0.99
    assert case.sources["others"].weight == 1.0
    p, q = case.victims
    assert (p.plaintiff, p.traits, p.users_of) == (True, {"anonymous": True}, ("platform",))
    assert p.not_disclosed == ("email",)
    assert (q.not_users_of, q.linkage, q.count) == (("platform",), (0.5, 0.9), 3)
    assert case.fields[0].id == "badge"
    assert case.findings[0].overlap == 0.5
    assert case.findings[1].about == ("platform",)
    assert case.inquiries[0].outcomes["yes"]["others"] == 0.5
    assert case.court_found
    assert (case.jurisdiction, case.standard) == ("cn", "cn-high-probability")
    assert parse_case(converted.text) == case
    assert fill(case).numbers()


def test_what_cannot_is_named() -> None:
    assert left_out() == {
        "reference_profile.anonymous": "reference_profile",
        "sources.osint.membership.platform": "membership",
        "sources.osint.odds_ratio": "odds_ratio",
        "sources.lib1.weight": "weight",
        "sources.lib2.weight": "weight",
        "sources.lib2.disclosure.badge": "vague",
        "sources.platform.disclosure_not_user.badge": "vague",
        "sources.others.disclosure": "residual",
        "sources.others.correlation": "residual",
        "victims.p.not_disclosed.real_name": "implied",
        "victims.p.linkage": "linkage",
        "victims.q": "known_by",
        "victims.r": "nothing_published",
        "findings.f.repeats": "repeats",
        "findings.h.about": "about",
    }
    assert all(set(n.text) == {"en", "zh"} for n in convert_case(OLD).left_out)


def test_sources_that_the_first_edition_did_not_add_are_named_and_stated() -> None:
    text = """\
schema: 1
id: few
proposition: platform
standard: us-beyond-reasonable-doubt
priors: mine/set.yaml
selection: attempted
fields: {badge: {label: badge}}
sources:
  platform: {kind: custodian, disclosure: {badge: 0.5}}
  osint: {kind: custodian, disclosure: {badge: 0.5}}
findings:
  - {id: h, likelihood: {platform: 0.1, osint: 0.6, unknown: 0.3}}
inquiries:
  - id: ask
    outcomes:
      a: {platform: 0.6, osint: 0.1, unknown: 0.5}
      b: {platform: 0.4, osint: 0.9, unknown: 0.5}
"""
    case = convert_case(text).case
    assert case.source_names == ("platform", "osint", "osint_2", "library", "unknown")
    assert case.kinds["osint_2"] == "inference"
    assert case.jurisdiction == "us"
    assert case.findings[0].likelihood["library"] == case.findings[0].likelihood["unknown"] == 0.3
    assert case.sources["library"].disclosure == {"badge": (0.05, 0.95)}
    assert case.inquiries[0].outcomes["a"]["osint_2"] == 0.5
    named = left_out(text)
    assert {named[k] for k in ("priors", "selection", "sources.library")} == {
        "priors", "attempted", "added",
    }  # fmt: skip


_RENAMED = """\
schema: 1
id: x
proposition: a
sources: {a: {kind: custodian}, %s: {kind: inference}}
"""


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("schema: 2\nid: x\n", "not a case file of the first edition"),
        ("id: x\n", "allowed: schema: 1"),
        ("schema: 1\nid: x\n", "its parts are not what that edition had"),
        ("schema: 1\nsources: [a]\n", "its parts are not what that edition had"),
        ("schema: 1\nid: x\nproposition: b\nsources: {a: {kind: custodian}}\n", "unknown source"),
        (f"{_RENAMED % 'rest'}victims: []\n", "a name that stands for something else; found rest"),
        (f"{_RENAMED % 'b'}fields: {{own: {{label: {{en: o, zh: o}}}}}}\n", "found own"),
        ("a: [", "YAML syntax"),
    ],
)  # fmt: skip
def test_what_is_no_case_of_the_first_edition(text: str, words: str) -> None:
    with pytest.raises(CaseError, match=words) as caught:
        convert_case(text, file="old.yaml")
    assert caught.value.file == "old.yaml"


def test_the_new_reader_names_the_way() -> None:
    with pytest.raises(CaseError, match="causation convert OLD NEW") as caught:
        parse_case(OLD, file="old.yaml")
    assert (caught.value.line, caught.value.path) == (1, "schema")
    assert "problems" not in str(caught.value)
