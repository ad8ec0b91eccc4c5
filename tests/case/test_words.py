"""What is said of a case: every id of the code has its words, in both languages alike."""

from __future__ import annotations

import pickle
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from causation import document
from causation.case import data_path, parse_case
from causation.case import library as case_room
from causation.document.problems import InvalidCaseError

ROOMS = [Path(case_room.__file__).parent, Path(document.__file__).parent]
CODE = "".join(path.read_text("utf-8") for room in ROOMS for path in sorted(room.glob("*.py")))


def _words(name: str) -> dict[str, Any]:
    tree: dict[str, Any] = yaml.safe_load(data_path(name).read_text("utf-8"))
    return tree


def _blanks(text: str) -> set[str]:
    return set(re.findall(r"(?<!\{)\{(\w+)\}", text))


def test_every_problem_is_said_in_both_languages_and_used() -> None:
    problems = _words("problems.yaml")["problems"]
    for name, row in problems.items():
        assert {"text"} <= set(row) <= {"text", "found", "allowed", "absent"}, name
        assert re.search("[一-龥]", row["text"]["zh"]), name
        for text in (row[key] for key in ("text", "found", "allowed") if key in row):
            if isinstance(text, dict):
                assert set(text) == {"en", "zh"}, name
                assert _blanks(text["en"]) == _blanks(text["zh"]), name
    used = set(re.findall(r'problem\(\s*"(\w+)"', CODE))
    used |= {
        f"{stem}_about_{what}" for stem in ("needs", "wrong") for what in ("template", "inquiry")
    }
    used |= set(re.findall(r'"(no_likelihood\w*|user_and_not|in_two_lists)"', CODE))
    assert used == set(problems)
    for thing in _words("problems.yaml")["things"]:
        assert f'"{thing}"' in CODE, thing


@pytest.mark.parametrize("part", ["notices", "left_out", "numbers", "converting"])
def test_every_notice_is_said_in_both_languages_and_used(part: str) -> None:
    for name, text in _words("notices.yaml")[part].items():
        assert set(text) == {"en", "zh"}, name
        zh = {"field" if b == "label" and part == "left_out" else b for b in _blanks(text["zh"])}
        assert _blanks(text["en"]) == zh, name
        assert f'"{name}"' in CODE, name


@pytest.mark.parametrize(
    ("change", "zh"),
    [
        (("proposition: a", "proposition: b"), ("未知的来源", "b", "a, library, osint, unknown")),
        (("disclosed: [phone]", "disclosed: []"), (
            "没有任何信息被公开的人", "无", "至少一项信息，或 known_by: attempt",
        )),
        (("custodian}", "custodian, odds_ratio: {anonymous: 1}}"), (
            "custodian 类来源没有此键", "kind: custodian", "kind: inference",
        )),
    ],
)  # fmt: skip
def test_an_error_is_said_in_chinese_to_its_end(
    change: tuple[str, str], zh: tuple[str, str, str]
) -> None:
    text = (
        "schema: 2\nid: x\nproposition: a\nsources: {a: {kind: custodian}}\n"
        "victims: [{id: p, disclosed: [phone]}]\n"
    )
    parse_case(text)
    with pytest.raises(InvalidCaseError) as caught:
        parse_case(text.replace(*change), file="f.yaml")
    assert caught.value.said("zh") == zh
    assert caught.value.problem == caught.value.said("en")[0]
    again = pickle.loads(pickle.dumps(caught.value))  # noqa: S301
    assert (str(again), again.said("zh")) == (str(caught.value), zh)
