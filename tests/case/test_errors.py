"""Every kind of mistake in a case file: file, line, path, found, allowed."""

from __future__ import annotations

import pytest

from causation.case import data_path, fill, load_prior_set, parse_case, parse_prior_set
from causation.errors import CaseError

BASE = """\
schema: 2
id: a-case
incident_date: 2023-10-02
proposition: platform
sources:
  platform:
    kind: custodian
    holds: [phone]
  shop: {kind: custodian}
  osint: {kind: inference}
victims:
  - id: plaintiff
    plaintiff: true
    disclosed: [phone, id_photo]
    not_disclosed: []
    traits: {anonymous: true}
    users_of: [platform]
  - id: others
    count: 5
    disclosed: [phone]
    linkage: [0.7, 0.98]
    known_by: {users_of: [platform], published_all: [phone]}
    record: {of: [platform, shop], agrees: [phone]}
    dates: {phone: {since: 2023-06}}
security:
  platform:
    incidents: {count: 0, years: 5}
    certification: {date: 2014}
findings:
  - id: audit
    template: clean_access_log_audit
    about: platform
  - id: trail
    likelihood: {platform: 0.1, shop: 0.1, osint: 0.6, library: 0.2, unknown: 0.3}
    about: osint
    reliability: 0.9
    group: work
  - {id: asked, inquiry: access_log_audit, about: shop, outcome: clean}
"""


def refused(text: str) -> CaseError:
    with pytest.raises(CaseError) as caught:
        fill(parse_case(text, file="f.yaml"))
    return caught.value


def change(old: str, new: str) -> str:
    assert BASE.count(old) == 1, old
    return BASE.replace(old, new)


def test_the_base_is_right() -> None:
    assert parse_case(BASE).id == "a-case"


TOP = "schema: 2"
OSINT = "osint: {kind: inference}"
SHOP = "shop: {kind: custodian}"
LIBRARIES = (
    "shop: {{kind: custodian}}\n  a: {{kind: leaked_library, {}}}\n"
    "  b: {{kind: leaked_library, {}}}"
)
KNOWN = "{users_of: [platform], published_all: [phone]}"

CASES = [
    # what is changed, what it becomes, line, path, found, allowed
    # -- keys, types and ranges
    ("linkage:", "linkge:", 21, "victims[1].linkge", "did you mean linkage?", "linkage"),
    ("proposition:", "propositon:", 4, "propositon", "did you mean proposition?", "proposition"),
    ("date: 2014", "dat: 2014", 28, "security.platform.certification.dat", "date", "date"),
    (
        "{of: [platform",
        "{off: [platform",
        23,
        "victims[1].record[0].off",
        "did you mean of?",
        "agrees",
    ),
    (
        "users_of: [platform], p",
        "user_of: [platform], p",
        22,
        "victims[1].known_by.user_of",
        "users_of?",
        "published_any",
    ),
    ("schema: 2", "schema: 3", 1, "schema", "3", "2"),
    ("schema: 2", "schema: 1", 1, "schema", "1", "causation convert OLD NEW"),
    ("id: a-case", "id: a case", 2, "id", "a text", "letter"),
    ("id: a-case", "title: x", 1, "id", "nothing", "id: a value"),
    ("count: 5", "count: 5.5", 19, "victims[1].count", "5.5", "whole number"),
    ("count: 5", "count: true", 19, "victims[1].count", "true", "whole number"),
    ("count: 5", "count: -1", 19, "victims[1].count", "-1", "from 0"),
    ("count: 5", "count: 10000001", 19, "victims[1].count", "10000001", "10000000"),
    ("count: 5", "count: 1_000", 19, "victims[1].count", "1_000", "whole number"),
    ("count: 5", "count: {a: 1}", 19, "victims[1].count", "a mapping", "whole number"),
    ("[0.7, 0.98]", "[0.98, 0.7]", 21, "victims[1].linkage", "[0.98, 0.7]", "lo <= hi"),
    ("[0.7, 0.98]", "[0.7, 1]", 21, "victims[1].linkage", "[0.7, 1.0]", "1 - 1e-12"),
    ("[0.7, 0.98]", "1.5", 21, "victims[1].linkage", "1.5", "[0, 1]"),
    ("[0.7, 0.98]", "true", 21, "victims[1].linkage", "true", "[0, 1]"),
    ("[0.7, 0.98]", "[0.1, 0.2, 0.3]", 21, "victims[1].linkage", "a list of 3", "lo, hi"),
    ("[0.7, 0.98]", ".nan", 21, "victims[1].linkage", ".nan", "[0, 1]"),
    ("[0.7, 0.98]", "{valeu: 0.7}", 21, "victims[1].linkage.valeu", "value?", "basis"),
    ("[0.7, 0.98]", "{value: 2, basis: x}", 21, "victims[1].linkage", "2.0", "[0, 1]"),
    ("{anonymous: true}", "{anonymous: yes}", 16, "victims[0].traits.anonymous", "'yes'", "true"),
    ("{anonymous: true}", "{anonymos: true}", 16, "victims[0].traits.anonymos", "anonymous?", ""),
    ("kind: inference", "kind: guess", 10, "sources.osint.kind", "guess", "leaked_library"),
    ("incident_date: 2023-10-02", "incident_date: 2023-13", 3, "incident_date", "a text", "month"),
    (TOP, f"{TOP}\njurisdiction: de", 2, "jurisdiction", "de", "cn"),
    (TOP, f"{TOP}\ntitle: {{fr: x}}", 2, "title", "a mapping", "en"),
    (TOP, f"{TOP}\ntitle: ''", 2, "title", "empty", "a text"),
    (
        TOP,
        f"{TOP}\ncitation: [{{text: x, url: 'javascript:1'}}]",
        2,
        "citation[0].url",
        "a text",
        "https",
    ),
    # -- standards and prior sets
    (TOP, f"{TOP}\nstandard: cn-hihg-probability", 2, "standard", "cn-high-probability?", "jp"),
    (TOP, f"{TOP}\nstandard: 1", 2, "standard", "1", "strictly between"),
    (TOP, f"{TOP}\njurisdiction: kr", 1, "standard", "nothing", "kr-high-probability"),
    (TOP, f"{TOP}\njurisdiction: none", 1, "standard", "nothing", "a number"),
    (TOP, f"{TOP}\npriors: neutrl", 2, "priors", "neutral?", "claimant"),
    (TOP, f"{TOP}\npriors: no/where.yaml", 2, "priors", "no such file", "respondent"),
    # -- the proposition
    ("proposition: platform", "proposition: platfrom", 4, "proposition[0]", "platform?", "osint"),
    (
        "proposition: platform",
        "proposition: [platform, osint, shop, library, unknown]",
        4,
        "proposition",
        "all sources",
        "a part",
    ),
    ("proposition: platform", "proposition: []", 4, "proposition", "nothing", "platform"),
    (
        "proposition: platform",
        "proposition: {source: platform, role: supplier}",
        4,
        "proposition.role",
        "supplie",
        "supplied",
    ),
    (
        "proposition: platform",
        "proposition: {source: platform, role: sole}",
        4,
        "proposition.fields",
        "nothing",
        "supplied and sole",
    ),
    (
        "proposition: platform",
        "proposition: {source: platform, fields: [phone]}",
        4,
        "proposition.fields",
        "phone",
        "no other",
    ),
    (
        "proposition: platform",
        "proposition: {source: platform, role: sole, fields: [email]}",
        4,
        "proposition.fields[0]",
        "email",
        "phone",
    ),
    (
        "proposition: platform",
        "proposition: {source: platform, role: sole, fields: [birth_date], victim: others}",
        4,
        "proposition.fields[0]",
        "birth_date",
        "phone",
    ),
    (
        "proposition: platform",
        "proposition: {source: platform, victim: other}",
        4,
        "proposition.victim",
        "others?",
        "plaintiff",
    ),
    (
        "proposition: platform",
        "proposition: {sources: platform}",
        4,
        "proposition.sources",
        "source?",
        "role",
    ),
    (TOP, f"{TOP}\naccount_of: osint", 2, "account_of", "osint", "platform"),
    # -- sources
    (
        "kind: inference",
        "kind: inference, holds: [phone]",
        10,
        "sources.osint.holds",
        "infer",
        "custodian or kind: leaked_library",
    ),
    (
        "kind: inference",
        "kind: inference, membership: 1",
        10,
        "sources.osint.membership",
        "",
        "cust",
    ),
    (
        "kind: inference",
        "kind: inference, weight: 0",
        10,
        "sources.osint.weight",
        "0.0",
        "positive",
    ),
    (
        "kind: inference",
        "kind: inference, disclosure: {phone: 1}",
        10,
        "sources.osint.disclosure.phone",
        "1.0",
        "strictly between",
    ),
    (
        "kind: inference",
        "kind: inference, misfit: 1.1",
        10,
        "sources.osint.misfit",
        "1.1",
        "[0, 1]",
    ),
    (
        "kind: inference",
        "kind: inference, loadings: {phone: -2}",
        10,
        "sources.osint.loadings.phone",
        "-2",
        "[-1, 1]",
    ),
    (
        SHOP,
        f"{SHOP}\n  unknown: {{kind: residual, disclosure: {{phone: 0.5}}}}",
        10,
        "sources.unknown.disclosure",
        "kind residual",
        "kind: inference",
    ),
    (
        SHOP,
        f"{SHOP}\n  unknown: {{kind: residual, correlation: 0.5}}",
        10,
        "sources.unknown.correlation",
        "kind residual",
        "kind: inference",
    ),
    (
        SHOP,
        f"{SHOP}\n  unknown: {{kind: residual, misfit: 0}}",
        10,
        "sources.unknown.misfit",
        "kind residual",
        "kind: inference",
    ),
    ("holds: [phone]", "holds: [fone]", 8, "sources.platform.holds[0]", "phone?", "phone"),
    ("holds: [phone]", "odds_ratio: {anonymous: 2}", 8, "sources.platform.odds_ratio", "", "infer"),
    (
        SHOP,
        f"{SHOP}\n  library: {{kind: custodian}}",
        10,
        "sources.library",
        "library",
        "another name",
    ),
    (
        SHOP,
        "shop: {kind: custodian, share: 0.5}",
        9,
        "sources.shop.share",
        "no one_service",
        "one_service",
    ),
    (
        SHOP,
        LIBRARIES.format("share: 0.5", "share: 0.6"),
        11,
        "sources.b.share",
        "1.1",
        "add up to 1",
    ),
    (
        SHOP,
        f"{SHOP}\n  a: {{kind: leaked_library, share: 0.5}}\n  b: {{kind: leaked_library}}",
        11,
        "sources.b",
        "nothing",
        "share",
    ),
    (
        SHOP,
        LIBRARIES.format("weight: 2", "weight: [2, 3]"),
        11,
        "sources.b.weight",
        "[2.0, 3.0]",
        "2.0 as a has",
    ),
    (
        SHOP,
        f"{SHOP}\n  a: {{kind: leaked_library, origin: {{shop: 0.6, platform: 0.6}}}}",
        10,
        "sources.a.origin",
        "1.2",
        "at most 1",
    ),
    (
        SHOP,
        f"{SHOP}\n  a: {{kind: leaked_library, origin: {{osint: 0.6}}}}",
        10,
        "sources.a.origin.osint",
        "osint",
        "platform",
    ),
    # -- chains
    (TOP, f"{TOP}\nroutes: none", 2, "routes", "a text", "single"),
    (TOP, f"{TOP}\nroutes: {{osint-library: 0.1}}", 2, "routes.osint-library", "osint/library", ""),
    (TOP, f"{TOP}\nroutes: {{osint/osint: 0.1}}", 2, "routes.'osint/osint'", "'osint/osint'", ""),
    (TOP, f"{TOP}\nroutes: {{osint/unknown: 0.1}}", 2, "routes.'osint/unknown'", "unknown", ""),
    (TOP, f"{TOP}\nroutes: {{osint/library: 1.1}}", 2, "routes.'osint/library'", "1.1", "[0, 1]"),
    (
        TOP,
        f"{TOP}\nroutes: {{osint/library: 0.6, osint/shop: 0.6}}",
        2,
        "routes.'osint/shop'",
        "1.2",
        "at most 1",
    ),
    (TOP, f"{TOP}\nroutes: {{osint/shop: 0.9}}", 2, "routes", "1.15", "at most 1"),
    (TOP, f"{TOP}\nbackground: {{nobody: 1}}", 2, "background.nobody", "nobody", "osint"),
    (TOP, f"{TOP}\nbackground: {{osint: 0}}", 2, "background.osint", "0", "above 0"),
    (TOP, f"{TOP}\nbackground: {{osint: -1}}", 2, "background.osint", "-1", "single number in [0"),
    # -- fields and traits
    (TOP, f"{TOP}\nfields: [fone]", 2, "fields[0]", "phone?", "phone"),
    (TOP, f"{TOP}\nfields: [phone, phone]", 2, "fields[1]", "phone", "once"),
    (
        TOP,
        f"{TOP}\nfields: [{{id: pass, implies: [scan]}}, {{id: scan, implies: [pass]}}]",
        2,
        "fields[0].implies",
        "pass → scan → pass",
        "one of them",
    ),
    (TOP, f"{TOP}\nfields: {{phone: {{label: x}}}}", 2, "fields[0]", "phone", "new name"),
    (
        TOP,
        f"{TOP}\nactor: {{traits: {{anonymus: 0.5}}}}",
        2,
        "actor.traits.anonymus",
        "anonymous?",
        "handle_reuse",
    ),
    (TOP, f"{TOP}\nactor: {{users: {{osint: 0.5}}}}", 2, "actor.users.osint", "osint", "shop"),
    (TOP, f"{TOP}\nagreement: {{fone: 0.5}}", 2, "agreement.fone", "phone?", "phone"),
    # -- victims
    (
        "not_disclosed: []",
        "not_disclosed: [phone]",
        15,
        "victims[0].not_disclosed[0]",
        "phone",
        "one",
    ),
    ("not_disclosed: []", "redacted: [phone]", 15, "victims[0].redacted[0]", "phone", "one of"),
    (
        "not_disclosed: []",
        "redacted: [email]\n    not_disclosed: [email]",
        15,
        "victims[0].redacted[0]",
        "email",
        "one of",
    ),
    (
        "not_disclosed: []",
        "not_disclosed: [email, email]",
        15,
        "victims[0].not_disclosed[1]",
        "email",
        "once",
    ),
    (
        "not_disclosed: []",
        "not_disclosed: [real_name]",
        15,
        "victims[0].not_disclosed[0]",
        "real_name",
        "no published field implies",
    ),
    (
        "    users_of: [platform]\n",
        "    users_of: [osint]\n",
        17,
        "victims[0].users_of[0]",
        "osint",
        "shop",
    ),
    (
        "    users_of: [platform]\n",
        "    users_of: [shop]\n    not_users_of: [shop]\n",
        18,
        "victims[0].not_users_of[0]",
        "shop",
        "one of",
    ),
    (
        "    disclosed: [phone, id_photo]\n",
        "",
        12,
        "victims[0].disclosed",
        "nothing",
        "known_by: attempt",
    ),
    ("    plaintiff: true\n", "", 11, "victims", "2 groups", "plaintiff: true"),
    (
        "    plaintiff: true\n",
        "    plaintiff: true\n    linkage: 0.5\n",
        14,
        "victims[0].linkage",
        "plaintiff",
        "other victims",
    ),
    (
        "    plaintiff: true\n",
        "    plaintiff: true\n    count: 0\n",
        14,
        "victims[0].count",
        "0",
        "1",
    ),
    ("  - id: others", "  - id: plaintiff", 18, "victims[1].id", "plaintiff", "differ"),
    ("  - id: audit", "  - id: others", 30, "findings[0].id", "others", "differ"),
    # -- how they came to be known
    (
        "    plaintiff: true\n",
        "    plaintiff: true\n    known_by: exposure\n",
        14,
        "victims[0].known_by",
        "plaintiff",
        "other victims",
    ),
    (KNOWN, "exposed", 22, "victims[1].known_by", "a text", "exposure, attempt"),
    (KNOWN, "{}", 22, "victims[1].known_by", "nothing", "exposure"),
    (
        KNOWN,
        "{published_all: [email]}",
        22,
        "victims[1].known_by.published_all[0]",
        "email is not published",
        "phone",
    ),
    (
        KNOWN,
        "{published_any: [email, id_photo]}",
        22,
        "victims[1].known_by.published_any",
        "none of them",
        "phone",
    ),
    (
        KNOWN,
        "{users_of: [platform]}\n    not_users_of: [platform]",
        22,
        "victims[1].known_by.users_of[0]",
        "not users of platform",
        "users of it",
    ),
    (
        KNOWN,
        "{traits: [anonymous]}\n    traits: {anonymous: false}",
        22,
        "victims[1].known_by.traits[0]",
        "anonymous is false",
        "true",
    ),
    (KNOWN, "{users_of: [osint]}", 22, "victims[1].known_by.users_of[0]", "osint", "platform"),
    # -- registers and dates
    ("of: [platform, shop]", "of: [osint]", 23, "victims[1].record[0].of[0]", "osint", "platform"),
    ("of: [platform, shop]", "of: []", 23, "victims[1].record[0].of", "nothing", "platform"),
    ("agrees: [phone]", "agrees: [email]", 23, "victims[1].record[0].agrees[0]", "email", "phone"),
    (
        "agrees: [phone]",
        "agrees: [phone], differs: [phone]",
        23,
        "victims[1].record[0].differs[0]",
        "phone",
        "one of",
    ),
    (
        "{since: 2023-06}",
        "{since: 2023-06, until: 2022}",
        24,
        "victims[1].dates.phone.until",
        "2022",
        "2023-06",
    ),
    ("{since: 2023-06}", "{since: 2024}", 24, "victims[1].dates.phone.since", "2024", "2023-10-02"),
    ("{since: 2023-06}", "{}", 24, "victims[1].dates.phone", "nothing", "since"),
    (
        "{phone: {since: 2023-06}}",
        "{email: {since: 2023-06}}",
        24,
        "victims[1].dates.email",
        "email",
        "phone",
    ),
    # -- security records
    (
        "date: 2014",
        "date: 2023-10-03",
        28,
        "security.platform.certification.date",
        "2023-10-03",
        "2023-10-02",
    ),
    (
        "date: 2014",
        "date: 2014-02-30",
        28,
        "security.platform.certification.date",
        "a text",
        "a day",
    ),
    (
        "date: 2014",
        "date: 2014, expires: 2013",
        28,
        "security.platform.certification.expires",
        "2013",
        "2014",
    ),
    ("date: 2014", "scheme: mlps-3", 28, "security.platform.certification.date", "nothing", "date"),
    ("{date: 2014}", "nothing", 28, "security.platform.certification", "a text", "none, or"),
    (
        "{count: 0, years: 5}",
        "{count: 1, years: 0}",
        27,
        "security.platform.incidents.years",
        "0",
        "above 0",
    ),
    (
        "{count: 0, years: 5}",
        "{dates: [2020], years: 0}",
        27,
        "security.platform.incidents.years",
        "0",
        "above 0",
    ),
    (
        "{count: 0, years: 5}",
        "{count: 1, dates: [2020], years: 3}",
        27,
        "security.platform.incidents",
        "both",
        "count or dates",
    ),
    ("{count: 0, years: 5}", "{years: 3}", 27, "security.platform.incidents", "neither", "count"),
    ("security:\n  platform:", "security:\n  osint:", 26, "security.osint", "osint", "platform"),
    # -- findings
    (
        "clean_access_log_audit",
        "clean_acess_log_audit",
        31,
        "findings[0].template",
        "access",
        "stale",
    ),
    ("about: platform", "about: library", 32, "findings[0].about[0]", "library", "platform"),
    ("about: platform", "note: a text", 30, "findings[0].about", "nothing", "platform"),
    (", unknown: 0.3}", "}", 34, "findings[1].likelihood", "4 of 5", "residual"),
    (", unknown: 0.3}", ", unknwon: 0.3}", 34, "findings[1].likelihood.unknwon", "unknown?", ""),
    (
        ", unknown: 0.3}",
        ", unknown: 0.3, osint/unknown: 0.1}",
        34,
        "findings[1].likelihood.'osint/unknown'",
        "unknown",
        "",
    ),
    ("    about: osint\n", "", 33, "findings[1].about", "nothing", "osint"),
    ("outcome: clean", "outcome: cleen", 38, "findings[2].outcome", "clean?", "not_produced"),
    (", outcome: clean}", "}", 38, "findings[2].outcome", "nothing", "unexplained_access"),
    (
        "inquiry: access_log_audit",
        "inquiry: acess_log_audit",
        38,
        "findings[2].inquiry",
        "access_log_audit?",
        "",
    ),
    (
        "inquiry: access_log_audit",
        "template: clean_access_log_audit",
        38,
        "findings[2].outcome",
        "clean",
        "inquiry",
    ),
    (
        "inquiry: access_log_audit",
        "inquiry: access_log_audit, template: stale_value",
        38,
        "findings[2].inquiry",
        "a template and an inquiry",
        "one of",
    ),
    ("group: work", "overlap: 0.6", 37, "findings[1].overlap", "0.6", "[0, 0.5]"),
]


@pytest.mark.parametrize(("old", "new", "line", "path", "found", "allowed"), CASES)
def test_each_mistake(old: str, new: str, line: int, path: str, found: str, allowed: str) -> None:
    error = refused(change(old, new))
    assert error.file == "f.yaml"
    assert (error.line, error.path) == (line, path), str(error)
    assert error.found is not None
    assert found in error.found
    assert error.allowed is not None
    assert allowed in error.allowed
    assert str(error).startswith(f"f.yaml:{line}: {path}: ")


def test_what_needs_the_date_of_the_incident() -> None:
    text = change("incident_date: 2023-10-02\n", "")
    assert refused(text).path == "security.platform.certification.date"
    text = text.replace("    certification: {date: 2014}\n", "")
    assert refused(text).path == "victims[1].dates.phone"
    dated = text.replace("count: 5", "count: 5\n    posted: 2023-10").replace(
        "{count: 0, years: 5}", "{dates: [2020-01], years: 5}"
    )
    assert refused(dated).path == "security.platform.incidents.dates"
    assert parse_case(dated.replace("{dates: [2020-01], years: 5}", "{count: 1, years: 5}"))


ATTEMPT = BASE.replace(f"    linkage: [0.7, 0.98]\n    known_by: {KNOWN}", "    known_by: attempt")


def test_an_attempt_needs_the_reach_of_every_source_the_residual_included() -> None:
    assert refused(ATTEMPT).path == "victims[1].known_by"
    stated = (
        ATTEMPT.replace("holds: [phone]", "holds: [phone]\n    reach: 0.5")
        .replace(SHOP, "shop: {kind: custodian, reach: [0.1, 0.2]}")
        .replace(OSINT, "osint: {kind: inference, reach: 1}\n"
                 "  library: {kind: leaked_library, reach: 0.5}")
    )  # fmt: skip
    error = refused(stated)
    assert error.found == "no sources.unknown.reach"
    residual = "unknown: {kind: residual, reach: 0.5}"
    whole = stated.replace(
        "kind: inference, reach: 1}", f"kind: inference, reach: 1}}\n  {residual}"
    )
    assert fill(parse_case(whole)).number("sources.unknown.reach").middle == 0.5
    start, end = whole.index("    disclosed: [phone]\n"), whole.index("security:")
    nothing = whole[:start] + "    known_by: attempt\n" + whole[end:]
    assert parse_case(nothing).victims[1].disclosed == ()
    linked = whole.replace("known_by: attempt", "known_by: attempt\n    linkage: 0.5")
    assert refused(linked).path == "victims[1].linkage"


def test_one_group_is_the_plaintiffs_unless_it_says_that_it_is_not() -> None:
    head = BASE[: BASE.index("  - id: others")].replace("    plaintiff: true\n", "")
    tail = BASE[BASE.index("security:") :]
    case = parse_case(head + tail)
    assert case.first_plaintiff is case.victims[0]
    denied = head.replace("- id: plaintiff\n", "- id: plaintiff\n    plaintiff: false\n") + tail
    assert refused(denied).path == "victims"


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
        ("group: work", "repeats: 1.5", "1.5"),
        ("group: work", "count: 0", "0"),
        ("proposition: platform", "proposition: platform\ncitation: {}", "a mapping"),
        ("proposition: platform", "proposition: 5", "5"),
        ("{anonymous: true}", "[anonymous]", "a list of 1"),
        ("{anonymous: true}", "{anonymous: 2}", "2"),
        (KNOWN, "[phone]", "a list of 1"),
        (KNOWN, "{how: attempt}", "how"),
        ("{date: 2014}", "{none: true}", "none"),
        (TOP, f"{TOP}\nroutes: [osint]", "a list of 1"),
        (TOP, f"{TOP}\nfields: {{phone: 1}}", "1"),
        (TOP, f"{TOP}\nvariants: {{a: {{set: 1}}}}", "1"),
    ):
        assert found in str(refused(change(old, new)).found), new


def test_a_finding_needs_a_template_an_inquiry_or_a_likelihood() -> None:
    text = change(
        "    likelihood: {platform: 0.1, shop: 0.1, osint: 0.6, library: 0.2, unknown: 0.3}\n", ""
    )
    error = refused(text)
    assert error.path == "findings[1]"
    assert "template" in str(error.allowed)
    assert parse_case(text.replace("group: work", "bears_on: fault")).findings[1].likelihood == {}


def test_about_may_be_left_out_where_it_does_not_matter() -> None:
    without = change("    about: osint\n", "")
    assert parse_case(without.replace(TOP, f"{TOP}\nroutes: single"))
    same = without.replace(
        "{platform: 0.1, shop: 0.1, osint: 0.6, library: 0.2, unknown: 0.3}",
        "{platform: 0.1, shop: 0.1, osint: 0.1, library: 0.1, unknown: 0.3}",
    )
    assert parse_case(same)


def test_an_inquiry_about_nobody_takes_no_about() -> None:
    text = change("inquiry: access_log_audit, about: shop, outcome: clean",
                  "inquiry: discloser_account, about: shop, outcome: x")  # fmt: skip
    assert "about" in str(refused(text).path) or "outcome" in str(refused(text).path)


def test_one_source_is_too_few() -> None:
    text = "schema: 2\nid: x\nproposition: a\nexhaustive: true\nsources: {a: {kind: custodian}}\n"
    error = refused(text)
    assert (error.line, error.path, error.found) == (5, "sources", "1")
    assert parse_case(text.replace("exhaustive: true\n", "")).source_names == (
        "a", "library", "osint", "unknown",
    )  # fmt: skip


def test_residual_sources() -> None:
    two = change(OSINT, "left: {kind: residual}\n  more: {kind: residual}")
    assert refused(two.replace("osint: 0.6", "osint: 0.6, left: 1, more: 1")).path == "sources.more"
    both = change(OSINT, "unknown: {kind: residual}").replace(TOP, f"{TOP}\nexhaustive: true")
    assert refused(both).path in ("sources.unknown.kind", "findings[1].likelihood.osint")


def test_names_that_stand_for_something_else() -> None:
    """Ratios are against the rest too; `agreement.own` is a register's."""
    error = refused(change(OSINT, "rest: {kind: inference}").replace("osint", "rest"))
    assert (error.path, error.found) == ("sources.rest", "rest")
    error = refused(BASE.replace(TOP, f"{TOP}\nfields: [{{id: own, label: own}}]"))
    assert (error.path, error.found) == ("fields[0]", "own")


def test_a_custom_field_needs_a_stated_disclosure_of_every_source() -> None:
    text = BASE.replace(TOP, f"{TOP}\nfields: [{{id: badge, label: badge, implies: [email]}}]")
    error = refused(text)
    assert error.path == "sources"
    assert "disclosure.badge" in str(error.found)
    stated = (
        text.replace("kind: custodian\n", "kind: custodian\n    disclosure: {badge: 0.5}\n")
        .replace(SHOP, "shop: {kind: custodian, disclosure: {badge: 0.5}}")
        .replace(OSINT, "osint: {kind: inference, disclosure: {badge: [0.1, 0.2]}}\n"
                 "  library: {kind: leaked_library, disclosure: {badge: 0.3}}")
    )  # fmt: skip
    filled = fill(parse_case(stated))
    assert "badge" in filled.fields
    assert filled.implies["badge"] == {"email"}
    assert filled.labels("fields", "badge")["zh"] == "badge"


def test_findings_of_one_group_agree() -> None:
    for key, value in (("reliability", 0.8), ("overlap", 0.1)):
        text = BASE.replace("group: work", "group: work\n    overlap: 0.2") + (
            "  - {id: more, template: stale_value, about: platform, group: work, "
            f"{key}: {value}}}\n"
        )
        error = refused(text)
        assert error.path == f"findings[3].{key}"
        assert "the same in the whole group work" in str(error.allowed)


def test_a_variant_is_checked_when_it_is_read() -> None:
    def with_variant(patch: str) -> str:
        return f"{BASE}variants:\n  other:\n    set: {{{patch}}}\n"

    assert parse_case(with_variant("victims.others.count: 7"))
    assert parse_case(with_variant("victims.nobody.count: 7"))  # named in a notice
    for patch, found in (
        ("victims.others.count: x", "a text"),
        ("victims.others.not_disclosed: [phone]", "phone"),
        ("proposition: nobody", "nobody"),
    ):
        error = refused(with_variant(patch))
        assert (error.line, error.path) == (41, "variants.other.set")
        assert found in str(error.found)
    assert refused(f"{BASE}variants: {{other: {{label: x}}}}\n").path == "variants.other"


def test_the_first_problem_in_the_file_is_told_and_the_others_counted() -> None:
    text = (
        change("count: 5", "count: -1").replace("linkage", "linkge").replace("id: a-case", "id: 1")
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
    for old in ("count: 5", "[0.7, 0.98]", "kind: inference", "date: 2014", "id: a-case", KNOWN,
                "outcome: clean", "proposition: platform", "{since: 2023-06}"):  # fmt: skip
        key = old.split(":")[0]
        new = f"{key}: {marker}" if ":" in old and old[0] != "{" else marker
        assert "Zhang" not in str(refused(change(old, new)))
    basis = f"[0.7, 0.98], note: {{value: 1, basis: {{fr: {marker}}}}}"
    assert "Zhang" not in str(refused(change("linkage: [0.7, 0.98]", f"linkage: {basis[12:]}")))


def test_control_characters_in_keys_are_escaped() -> None:
    error = refused('"a\\tb\\nc": 1\n' + BASE)
    assert "\n" not in str(error)
    assert "\t" not in str(error)


def test_limits_on_size() -> None:
    many = "".join(f"  s{i}: {{kind: residual}}\n" for i in range(1001))
    error = refused(f"schema: 2\nid: x\nproposition: s0\nsources:\n{many}")
    assert "too many" in error.problem or "second residual" in error.problem
    crowd = BASE.replace("count: 5", "count: 10000000")
    groups = "".join(f"  - {{id: g{i}, count: 10000000, disclosed: [phone]}}\n" for i in range(101))
    error = refused(crowd.replace("security:", f"{groups}security:"))
    assert error.path == "victims"
    assert "1000000000" in str(error.allowed)


def test_a_prior_set_breaks_in_one_message() -> None:
    text = data_path("priors", "neutral.yaml").read_text(encoding="utf-8")
    assert parse_prior_set(text) == load_prior_set("neutral")
    for old, new, path in (
        ("schema: 2", "schema: 1", "schema"),
        ("elicitation_sd:", "elicitation_sdd:", "elicitation_sdd"),
        ("inference/leaked_library:", "inference/residual:", "chains.'inference/residual'"),
    ):
        with pytest.raises(CaseError) as caught:
            parse_prior_set(text.replace(old, new, 1), file="p.yaml")
        assert (caught.value.file, caught.value.path) == ("p.yaml", path)
        assert caught.value.line is not None
