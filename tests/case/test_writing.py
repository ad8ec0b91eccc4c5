"""Cases to YAML and back, and the JSON Schema."""

from __future__ import annotations

import datetime as dt
import json
import subprocess
import sys
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from causation.case import (
    Case,
    bundled_cases,
    bundled_prior_sets,
    case_json_schema,
    data_path,
    dump_case,
    fill,
    load_case,
    parse_case,
    prior_set_json_schema,
    starter_case,
)
from causation.document.reading import read_document
from causation.document.writing import plain
from causation.errors import CaseError

if TYPE_CHECKING:
    from pathlib import Path

_TEXT = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Cf", "Cn", "Zl", "Zp")),
    min_size=1,
    max_size=60,
).filter(str.strip)
_LABEL = st.one_of(_TEXT, st.fixed_dictionaries({}, optional={"en": _TEXT, "zh": _TEXT})).filter(
    bool
)
_OPEN = st.floats(1e-6, 1 - 1e-6)
_PROBABILITY = st.one_of(_OPEN, st.sampled_from([0, 1]), st.tuples(_OPEN, _OPEN).map(sorted))
_DISCLOSURE = st.one_of(_OPEN, st.tuples(_OPEN, _OPEN).map(sorted))
_SIZE = st.floats(1e-6, 1e6)
_POSITIVE = st.one_of(_SIZE, st.tuples(_SIZE, _SIZE).map(sorted))
_FIELDS = ("phone", "email", "real_name", "id_photo")
_ITEMS = ("anonymous", "handle_reuse", "public_traces")


_DATE = st.one_of(
    st.dates(dt.date(1950, 1, 1), dt.date(2022, 1, 1)),
    st.integers(1950, 2021),
    st.builds("{}-{:02d}".format, st.integers(1950, 2021), st.integers(1, 12)),
)


def _based(value: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """The number alone, or with what it rests on."""
    words = {"basis": _LABEL, "source": _LABEL, "status": st.sampled_from(["V", "U", "S"]),
             "n": st.integers(1, 1000)}  # fmt: skip
    return st.one_of(value, st.fixed_dictionaries({"value": value}, optional=words))


_KEYS = {
    "party": st.sampled_from(["plaintiff", "defendant", "court"]),
    "stage": st.sampled_from(["prima_facie", "rebuttal", "reply"]),
    "exhibit": st.one_of(_TEXT, st.integers(0, 99)),
    "note": _LABEL,
}


@st.composite
def _victim(draw: st.DrawFn, index: int) -> dict[str, Any]:
    fields = draw(st.permutations(_FIELDS))
    cut = draw(st.integers(1, 4))
    shown, rest = list(fields[:cut]), list(fields[cut:])
    if "id_photo" in shown:
        rest = [f for f in rest if f != "real_name"]
    hidden = draw(st.integers(0, len(rest)))
    record = st.fixed_dictionaries(
        {"of": st.just(["a"])},
        optional={"agrees": st.just(shown[:1]), "differs": st.just(shown[1:2]),
                  "not_compared": st.just(shown[2:])},
    )  # fmt: skip
    event = st.sampled_from(
        ["exposure", {"users_of": ["a"]}, {"published_all": shown}, {"published_any": shown[:1],
         "traits": ["anonymous"]}]
    )  # fmt: skip
    keys = {
        "not_disclosed": st.just(rest[:hidden]),
        "redacted": st.just(rest[hidden:]),
        "traits": st.fixed_dictionaries(
            {}, optional={"handle_reuse": st.booleans(), "public_traces": st.floats(0, 1)}
        ),
        "users_of": st.just(["a"]),
        "not_users_of": st.just(["c"]),
        "record": st.one_of(record, st.lists(record, max_size=2)),
        "dates": st.dictionaries(st.just(shown[0]), st.fixed_dictionaries({"since": _DATE})),
        "posted": st.dates(dt.date(2023, 1, 1), dt.date(2023, 12, 1)),
        **_KEYS,
    }
    others = {"count": st.integers(0, 10**7), "linkage": _based(_PROBABILITY), "known_by": event}
    first = {"id": f"g{index}", "plaintiff": True} if index == 0 else {"id": f"g{index}"}
    more = {"count": st.integers(1, 9)} if index == 0 else others
    return {**first, "disclosed": shown, **draw(st.fixed_dictionaries({}, optional=keys | more))}


@st.composite
def cases(draw: st.DrawFn) -> dict[str, Any]:
    """Trees of valid cases that use the keys of the format."""
    some = st.fixed_dictionaries
    source = {
        "label": _LABEL,
        "note": _LABEL,
        "weight": _based(_POSITIVE),
        "disclosure": st.dictionaries(st.sampled_from(_FIELDS), _based(_DISCLOSURE)),
        "correlation": _based(st.floats(0, 1)),
        "loadings": st.dictionaries(st.sampled_from(_FIELDS), st.floats(-1, 1)),
        "misfit": st.floats(0, 1),
        "age": _based(_POSITIVE),
        "reach": _based(_PROBABILITY),
    }
    custodian = {
        "holds": st.just(["phone", "email"]),
        "membership": _based(_PROBABILITY),
        "disclosure_not_user": st.dictionaries(st.sampled_from(_FIELDS), _DISCLOSURE),
        "one_service": st.just("x"),
    }
    names = ("a", "b", "c", "library", "unknown")
    likelihood = some(dict.fromkeys(names, _based(_PROBABILITY)), optional={"b/library": _OPEN})
    shared = {"group": st.just("x"), "count": st.integers(1, 9), "repeats": st.floats(0, 1)}
    findings = [
        {"id": f"f{i}", "about": ["a"], "likelihood": draw(likelihood),
         **draw(some({}, optional={**_KEYS, **shared}))}
        for i in range(draw(st.integers(0, 3)))
    ]  # fmt: skip
    odds = st.dictionaries(st.sampled_from(_ITEMS), _based(_POSITIVE))
    whole = {
        "title": _LABEL,
        "note": _LABEL,
        "standard": st.one_of(st.floats(0.01, 0.99), st.just("cn-more-likely")),
        "jurisdiction": st.sampled_from(["cn", "us", "uk", "jp"]),
        "account_of": st.just("c"),
        "fields": st.lists(st.sampled_from(_FIELDS), unique=True),
        "routes": st.sampled_from(["single", {}, {"b/library": 0.2, "a/c": 0}]),
        "actor": some({}, optional={"publishes": _based(_OPEN), "linkage": _PROBABILITY}),
        "agreement": st.dictionaries(st.sampled_from(["own", "phone"]), _based(_OPEN)),
        "background": st.sampled_from([{}, {"a": 1, "b/library": 0.5}]),
        "security": st.sampled_from(
            [
                {"a": {"incidents": {"count": 2, "years": 3.5}, "size": "large"}},
                {"a": {"incidents": {"dates": ["2020-01", 2019], "years": 5},
                       "certification": "none", "detection": [0.1, 0.2]}},
                {"c": {"certification": {"date": 2014, "expires": 2016, "half_life": 2}}},
            ]
        ),
        "variants": st.sampled_from([{}, {"v": {"set": {"sources.a.weight": [1, 2]}}},
                                     {"v": {"label": "x", "binding": True,
                                            "set": {"incident_date": "2024-06"}}}]),
    }  # fmt: skip
    tree: dict[str, Any] = {
        "schema": 2,
        "id": "drawn",
        "incident_date": "2023-12-02",
        "proposition": draw(
            st.sampled_from(["a", ["a"], ["b", "a"], {"source": "a", "role": "alone"}])
        ),
        "sources": {
            "a": {"kind": "custodian", **draw(some({}, optional=source | custodian))},
            "b": {"kind": "inference", **draw(some({"odds_ratio": odds}, optional=source))},
            "c": {"kind": "custodian", **draw(some({}, optional=source | custodian))},
        },
        "victims": [draw(_victim(index)) for index in range(draw(st.integers(0, 3)))],
        "findings": findings,
        **draw(some({}, optional=whole)),
    }
    if tree.get("routes") == "single":
        for finding in tree["findings"]:
            finding["likelihood"].pop("b/library", None)
    return tree


@settings(max_examples=60, deadline=None)
@given(cases())
def test_what_is_written_reads_back_the_same(tree: dict[str, Any]) -> None:
    case = Case.model_validate(tree)
    text = dump_case(case)
    again = parse_case(text)
    assert again == case
    assert plain(again) == plain(case)
    assert dump_case(again) == text
    assert case.sha256 == again.sha256
    assert parse_case(json.dumps(plain(case)), file="case.json") == case
    assert fill(again).numbers() == fill(case).numbers()


@settings(max_examples=60, deadline=None)
@given(cases())
def test_two_cases_are_equal_where_they_state_the_same(tree: dict[str, Any]) -> None:
    case = Case.model_validate(tree)
    shuffled = {key: tree[key] for key in reversed(tree)}
    shuffled["sources"] = {name: tree["sources"][name] for name in reversed(tree["sources"])}
    spelled = {"exhaustive": False, "priors": "neutral", **shuffled}
    assert Case.model_validate(spelled) == case
    assert Case.model_validate(spelled).sha256 == case.sha256
    other = {**tree, "id": "other"}
    assert Case.model_validate(other) != case


@pytest.mark.parametrize("name", bundled_cases())
def test_bundled_cases_read_back_the_same(name: str) -> None:
    case = load_case(name)
    assert parse_case(dump_case(case)) == case


@pytest.mark.parametrize(
    "text", ["1e5", "010", "true", "no", "null", "~", "- a", "a: b", "#", "1e999", "1:30"]
)
def test_texts_that_look_like_something_else_stay_texts(text: str) -> None:
    case = load_case("bic-2025-doxxing").replace(note=text)
    assert parse_case(dump_case(case)).note == {"en": text, "zh": text}


def test_a_case_built_in_code_is_checked_like_a_file() -> None:
    tree: dict[str, Any] = {
        "schema": 2, "id": "x", "proposition": "a", "sources": {"a": {"kind": "custodian"}},
    }  # fmt: skip
    assert Case(**tree).id == "x"
    misspelt = {**tree, "tilte": "x"}
    with pytest.raises(CaseError, match="unknown key"):
        Case(**misspelt)
    with pytest.raises(CaseError, match="unknown source"):
        Case(**{**tree, "proposition": "b"})


def test_a_case_says_in_one_line_what_it_is() -> None:
    case = load_case("bic-2025-doxxing")
    assert (
        repr(case)
        == str(case)
        == (
            "<Case bic-2025-doxxing: platform among platform, osint, library, unknown; "
            "6 victims, 1 finding>"
        )
    )


def test_cases_can_be_members_of_sets() -> None:
    case = load_case("bic-2025-doxxing")
    assert len({case, parse_case(dump_case(case))}) == 1
    assert case != "something else"


@cache
def _validator() -> Any:
    jsonschema = pytest.importorskip("jsonschema")
    return jsonschema.Draft202012Validator(case_json_schema())


def test_the_json_schema_accepts_what_ships_and_refuses_the_rest() -> None:
    validator = _validator()
    validator.check_schema(validator.schema)
    names: list[str | Path] = [*bundled_cases(), *data_path("published").glob("*-*.yaml")]
    for tree in [plain(load_case(name)) for name in names] + [plain(parse_case(starter_case()))]:
        assert not list(validator.iter_errors(tree))
        assert list(validator.iter_errors({**tree, "nonsense": 1}))
        assert list(validator.iter_errors({**tree, "standard": 2}))


@settings(max_examples=30, deadline=None)
@given(cases())
def test_the_json_schema_accepts_what_the_format_takes(tree: dict[str, Any]) -> None:
    validator = _validator()
    written = plain(Case.model_validate(tree))
    assert not [error.message for error in validator.iter_errors(written)]


def test_the_json_schema_of_prior_sets() -> None:
    jsonschema = pytest.importorskip("jsonschema")
    validator = jsonschema.Draft202012Validator(prior_set_json_schema())
    for name in bundled_prior_sets():
        tree = read_document(data_path("priors", f"{name}.yaml").read_bytes()).tree
        assert not [error.message for error in validator.iter_errors(tree)]
        assert list(validator.iter_errors({**tree, "nonsense": 1}))
        assert list(validator.iter_errors({k: v for k, v in tree.items() if k != "actor"}))


def test_the_package_imports_nothing_heavy() -> None:
    code = (
        "import sys, causation.case as c; c.fill(c.load_case('bic-2025-doxxing'));"
        "heavy = {'pymc', 'arviz', 'pandas', 'xarray', 'scipy.stats', 'jsonschema', 'matplotlib'};"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
