"""Bytes to plain data, with files that may be hostile."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from causation.document import building
from causation.document.building import MAX_DEPTH, plain_scalar
from causation.document.reading import (
    MAX_BYTES,
    Document,
    line_of,
    read_document,
    read_file,
)
from causation.errors import CaseError

if TYPE_CHECKING:
    from pathlib import Path


def refused(content: str | bytes, file: str = "f.yaml") -> CaseError:
    with pytest.raises(CaseError) as caught:
        read_document(content, file=file)
    assert caught.value.file == file
    return caught.value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1", 1),
        ("-7", -7),
        ("1e-6", 1e-6),
        ("1e5", 1e5),
        (".5", 0.5),
        ("5.", 5.0),
        ("1_000", "1_000"),
        ("010", "010"),
        ("0x1F", "0x1F"),
        ("1:30", "1:30"),
        ("yes", "yes"),
        ("no", "no"),
        ("on", "on"),
        ("true", True),
        ("FALSE", False),
        ("2023-10-02", "2023-10-02"),
        (".inf", ".inf"),
        (".nan", ".nan"),
        ("~", None),
    ],
)
def test_scalars_follow_yaml_1_2(text: str, value: object) -> None:
    found = plain_scalar(text)
    assert found == value
    assert type(found) is type(value)


def test_lines_of_keys_members_and_things_that_are_not_there() -> None:
    document = read_document("a: 1\nb:\n  - x: 2\n  - [1,\n     2]\nc: {d: 3}\n")
    assert isinstance(document, Document)
    lines = document.lines
    assert line_of(lines, ("a",)) == 1
    assert line_of(lines, ("b",)) == 2
    assert line_of(lines, ("b", 0, "x")) == 3
    assert line_of(lines, ("b", 1, 1)) == 5
    assert line_of(lines, ("c", "d")) == 6
    assert line_of(lines, ("b", 7, "nothing")) == 2


def test_a_byte_order_mark_is_harmless() -> None:
    data = b"\xef\xbb\xbfa: 1\n"
    document = read_document(data)
    assert document.tree == {"a": 1}


def test_json_with_surrogate_pairs_and_backslashes_reads_as_json_does() -> None:
    text = json.dumps({"a": "\U00020bb7 \\ud842\\udfb7 /", "b": [1, 2.5, True]}, indent=1)
    assert read_document(text, file="f.json").tree == json.loads(text)
    assert read_document(text).tree == json.loads(text)
    assert read_document('{"a": "\\/"}').tree == {"a": "/"}


@pytest.mark.parametrize(
    ("content", "line", "words"),
    [
        ("", 1, "empty"),
        ("# only a comment\n", 1, "empty"),
        (" \n\n", 1, "empty"),
        ("- 1\n", 1, "not a mapping"),
        ("word", 1, "not a mapping"),
        ("a: 1\nb: 2\na: 3\n", 3, "stands twice"),
        ("a: 1\nb: *x\n", 2, "without its anchor"),
        ("a: 1\nb: &x [*x]\n", 2, "without its anchor"),
        ("a: &x {b: 1}\nc:\n  <<: *x\n", 3, "merge keys"),
        ("a: &x {b: 1}\nc: {<<: [*x]}\n", 2, "merge keys"),
        ("a: &x b\n*x : 1\n", 2, "not a text"),
        ("a: &x !!str 1\n", 1, "tags"),
        ("a: &x\nb: *x\n", 1, "empty value"),
        ("a: 1\nb: !!python/object/apply:os.system ['id']\n", 2, "tags"),
        ("a: !secret 1\n", 1, "tags"),
        ("a: 1\n2: b\n", 2, "not a text"),
        ("true: b\n", 1, "not a text"),
        ("[a]: b\n", 1, "not a text"),
        ("a: 1\nb:\n", 2, "empty value"),
        ("a: null\n", 1, "empty value"),
        ("a: 1\n---\nb: 2\n", 2, "more than one document"),
        ("a: 1\nb: [1, 2\nc: 3\n", 3, "YAML syntax"),
        ("a: 1\n\tb: 2\n", 2, "YAML syntax"),
        ("a: 1\nb: \x00\n", 2, "character"),
        ("a: 1\nb: \x1b[31m\n", 2, "character"),
        ('a: 1\nb: "\\0"\n', 2, "character"),
        ('a: 1\nb: "\\u202e"\n', 2, "character"),
        ('a: 1\nb: "\\ud800"\n', 2, "YAML syntax"),
        ("a: 1\nb: \ud800\n", 2, "encoding"),
        ("a: 1" + "0" * 5000, 1, "digits"),
        ("a: 1e999", 1, "too large"),
        (b"a: 1\nb: \xd5\xc5\n", 2, "encoding"),
        (b"\xff\xfea\x00", 1, "encoding"),
        ("a: 1\nb: " + "[" * 40 + "]" * 40, 2, "nested"),
        ("a: " + "[" * 100_000, 1, "nested"),
    ],
)
def test_what_cannot_be_read_is_named_with_its_line(
    content: str | bytes, line: int, words: str
) -> None:
    error = refused(content)
    assert words in error.problem
    assert error.line == line
    assert error.allowed is not None


def test_json_that_is_not_json() -> None:
    error = refused('{"a": 1,\n "b": }', "f.json")
    assert (error.line, "JSON syntax" in error.problem) == (2, True)
    assert "not finite" in refused('{"a": NaN}', "f.json").problem
    assert "nested" in refused('{"a": ' + "[" * 200_000, "f.json").problem


def test_the_path_of_a_doubled_key_is_given() -> None:
    error = refused("a:\n  - b: 1\n    b: 2\n")
    assert error.path == "a[0].b"


def test_anchors_and_aliases_are_read() -> None:
    text = """\
a: &interval [0.1, 0.5]
b: &basis
  en: judgement
  deep: {x: *interval}
c: {value: *interval, basis: *basis}
d: [*interval, &word one, *word]
&key e: *basis
"""
    tree = read_document(text).tree
    assert tree["c"] == {
        "value": [0.1, 0.5],
        "basis": {"en": "judgement", "deep": {"x": [0.1, 0.5]}},
    }
    assert tree["d"] == [[0.1, 0.5], "one", "one"]
    assert tree["e"] == tree["b"]


def test_an_anchor_that_is_set_again_means_its_last_value_before_the_alias() -> None:
    assert read_document("a: &x 1\nb: *x\nc: &x 2\nd: *x\n").tree == {
        "a": 1, "b": 1, "c": 2, "d": 2,
    }  # fmt: skip


def test_what_an_alias_stands_for_has_the_line_of_its_anchor_inside() -> None:
    lines = read_document("a: &x\n  b: 1\n  c: 2\nd: *x\n").lines
    assert (line_of(lines, ("d",)), line_of(lines, ("d", "c"))) == (4, 3)


def test_what_a_script_dumps_with_aliases_loads() -> None:
    shared = [0.2, 0.9]
    tree = {"a": {"phone": shared, "email": shared}, "b": [shared, {"c": shared}]}
    text = yaml.safe_dump(tree)
    assert "*" in text
    assert read_document(text).tree == tree


def test_a_billion_laughs_end_at_once() -> None:
    bomb = 'a: &a ["x"]\n' + "".join(
        f"{chr(98 + i)}: &{chr(98 + i)} [{','.join(['*' + chr(97 + i)] * 9)}]\n" for i in range(9)
    )
    start = time.perf_counter()
    assert "too many values" in refused(bomb).problem
    assert time.perf_counter() - start < 1.0


def test_aliases_are_as_deep_as_what_they_stand_for() -> None:
    half = MAX_DEPTH // 2
    deep = "a: &a " + "[" * half + "]" * half
    assert read_document(f"{deep}\nb: " + "[" * (half - 1) + "*a" + "]" * (half - 1)).tree["b"]
    assert "nested" in refused(f"{deep}\nb: " + "[" * half + "*a" + "]" * half).problem


@pytest.mark.parametrize(
    "text", ["a: [" + "1," * 1001 + "1]", "a: &x [" + "1," * 300 + "1]\nb: [*x, *x, *x]"]
)
def test_too_many_values_are_refused(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(building, "MAX_NODES", 1000)
    error = refused(text)
    assert "too many values" in error.problem
    assert "1000" in str(error.allowed)


def test_depth_up_to_the_limit_is_read() -> None:
    levels = MAX_DEPTH - 1
    assert read_document("a: " + "[" * levels + "]" * levels).tree["a"] is not None


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    folder = tmp_path
    with pytest.raises(CaseError, match="a directory"):
        read_file(folder)
    with pytest.raises(CaseError, match="no such file"):
        read_file(folder / "missing.yaml")
    with pytest.raises(CaseError, match="unusable file name"):
        read_file("a\0b.yaml")
    large = folder / "large.yaml"
    with large.open("wb") as stream:
        stream.truncate(MAX_BYTES + 1)
    with pytest.raises(CaseError, match="too large"):
        read_file(large)
    with pytest.raises(CaseError, match="too large"):
        read_document(b"a" * (MAX_BYTES + 1))


@given(st.one_of(st.binary(max_size=200), st.text(max_size=200)))
def test_any_bytes_or_text_give_a_mapping_or_a_case_error(content: bytes | str) -> None:
    try:
        tree: object = read_document(content).tree
        message = ""
    except CaseError as error:
        tree, message = {}, str(error)
    assert isinstance(tree, dict)
    assert "\n" not in message


_SCALARS = st.one_of(
    st.booleans(),
    st.integers(-(10**17), 10**17),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Zs"))),
)
_TREES = st.recursive(
    _SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(st.text("abc-:# é", max_size=5), inner)
    ),
    max_leaves=12,
)


@given(st.dictionaries(st.text("abcé", min_size=1), _TREES, min_size=1))
def test_json_reads_as_the_json_module_reads_it(tree: dict[str, object]) -> None:
    assert read_document(json.dumps(tree), file="f.json").tree == tree
