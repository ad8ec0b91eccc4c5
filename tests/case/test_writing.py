"""Cases to YAML and back, and the JSON Schema."""

from __future__ import annotations

import datetime as dt
import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from causation.case import (
    Case,
    bundled_cases,
    case_json_schema,
    data_path,
    dump_case,
    load_case,
    parse_case,
    starter_case,
)
from causation.case.writing import tree_of
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


@st.composite
def cases(draw: st.DrawFn) -> dict[str, Any]:
    """Trees of valid cases that use every key of the format."""
    some = st.fixed_dictionaries
    evidence = {
        "party": st.sampled_from(["plaintiff", "defendant", "court"]),
        "stage": st.sampled_from(["prima_facie", "rebuttal", "reply"]),
        "exhibit": st.one_of(_TEXT, st.integers(0, 99)),
        "note": _LABEL,
    }
    table = st.dictionaries(st.sampled_from(_FIELDS), _DISCLOSURE)
    source = {
        "label": _LABEL,
        "weight": _POSITIVE,
        "disclosure": table,
        "membership": st.dictionaries(st.just("a"), _PROBABILITY),
        "correlation": st.floats(0, 1),
        "misfit": st.floats(0, 1),
    }
    groups = draw(st.integers(0, 3))
    victims = []
    for index in range(groups):
        fields = draw(st.permutations(_FIELDS))
        cut = draw(st.integers(1, 4))
        rest = {
            "count": st.integers(1, 10**7),
            "linkage": _PROBABILITY,
            "not_disclosed": st.just(list(fields[cut:])),
            "profile": st.dictionaries(
                st.sampled_from(_ITEMS), st.one_of(st.booleans(), st.floats(0, 1))
            ),
            "users_of": st.dictionaries(st.just("a"), st.booleans()),
            **evidence,
        }
        victims.append(
            {"id": f"g{index}", "disclosed": list(fields[:cut]), **draw(some({}, optional=rest))}
        )
    likelihood = some(dict.fromkeys(("a", "b", "unknown"), _PROBABILITY))
    findings = [
        {"id": f"f{i}", "likelihood": draw(likelihood), **draw(some({}, optional=evidence))}
        for i in range(draw(st.integers(0, 3)))
    ]
    odds = st.dictionaries(st.sampled_from(_ITEMS), _POSITIVE)
    return {
        "schema": 1,
        "id": "drawn",
        "proposition": draw(st.sampled_from(["a", ["a"], ["b", "a"]])),
        "sources": {
            "a": {"kind": "custodian", **draw(some({}, optional=source))},
            "b": {"kind": "inference", **draw(some({"odds_ratio": odds}, optional=source))},
        },
        "victims": victims,
        "findings": findings,
        **draw(
            some(
                {},
                optional={
                    "title": _LABEL,
                    "note": _LABEL,
                    "standard": st.one_of(st.floats(0.01, 0.99), st.just("cn-more-likely")),
                    "selection": st.sampled_from(["selected", "attempted"]),
                    "incident_date": st.one_of(
                        st.dates(dt.date(1950, 1, 1), dt.date(2150, 1, 1)), st.integers(1950, 2100)
                    ),
                    "security": st.just({"a": {"incidents": {"count": 2, "years": 3.5}}}),
                },
            )
        ),
    }


@given(cases())
def test_what_is_written_reads_back_the_same(tree: dict[str, Any]) -> None:
    case = Case.model_validate(tree)
    text = dump_case(case)
    again = parse_case(text)
    assert again == case
    assert dump_case(again) == text
    assert case.sha256 == again.sha256
    assert parse_case(json.dumps(tree_of(case)), file="case.json") == case


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
    with pytest.raises(CaseError, match="unknown key"):
        Case(schema=1, id="x", proposition="a", sources={}, tilte="x")
    with pytest.raises(CaseError, match="at least two"):
        Case(schema=1, id="x", proposition="a", sources={"a": {"kind": "custodian"}})


def test_cases_can_be_members_of_sets() -> None:
    case = load_case("bic-2025-doxxing")
    assert len({case, parse_case(dump_case(case))}) == 1
    assert case != "something else"


def test_the_json_schema_accepts_what_ships_and_refuses_the_rest() -> None:
    jsonschema = pytest.importorskip("jsonschema")
    schema = case_json_schema()
    validator = jsonschema.Draft202012Validator(schema)
    validator.check_schema(schema)
    names: list[str | Path] = [*bundled_cases(), data_path("published", "sally-clark.yaml")]
    for tree in [tree_of(load_case(name)) for name in names] + [
        tree_of(parse_case(starter_case()))
    ]:
        assert not list(validator.iter_errors(tree))
        assert list(validator.iter_errors({**tree, "nonsense": 1}))
        assert list(validator.iter_errors({**tree, "standard": 2}))


def test_the_package_imports_nothing_heavy() -> None:
    code = (
        "import sys, causation.case as c; c.resolve(c.load_case('bic-2025-doxxing'));"
        "heavy = {'pymc', 'arviz', 'pandas', 'xarray', 'scipy', 'jsonschema', 'matplotlib'};"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
