"""Messages in Chinese: every text of an error in the files that users write has one."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import causation
from causation.document.reading import read_document
from causation.document.shipped import data_path
from causation.errors import CaseError
from causation.terminal.cli import main
from causation.terminal.failures import error_text, translated
from tests.sources import dotted, parsed

ROOT = Path(causation.__file__).parent
ROOMS = ("case", "document", "elicitation", "report", "sweeping", "terminal")
FILES = [ROOT / "output.py", *(file for room in ROOMS for file in (ROOT / room).glob("*.py"))]
TOLD = {
    "CaseError", "InputError", "OutputError", "Problem", "_fail", "_interval", "_no_such", "fault",
    "number_between", "reject",
}  # fmt: skip
ELSEWHERE = ("there is no language", "module ", "simulation: ", "written anew, ", "{}: {}",
             "the role {} {} fields", "of: ")  # fmt: skip
"""What only a script can meet, what is put together of parts, and a key that is a word."""
CHINESE = re.compile("[\u4e00-\u9fff]")


def _texts(path: Path) -> Iterator[str]:
    """Texts of errors, ``{}`` where something is put in."""
    for node in ast.walk(parsed(path)):
        parts: list[ast.expr] = []
        if isinstance(node, ast.Call) and dotted(node.func).split(".")[-1] in TOLD:
            named = [k.value for k in node.keywords if k.arg in {"text", "found", "allowed"}]
            parts = [*node.args, *named]
        elif isinstance(node, ast.Assign) and dotted(node.targets[0]) in {"found", "allowed"}:
            parts = [node.value]
        for part in parts:
            if isinstance(part, ast.Constant) and isinstance(part.value, str):
                yield part.value
            elif isinstance(part, ast.JoinedStr):
                yield "".join(
                    str(x.value) if isinstance(x, ast.Constant) else "{}" for x in part.values
                )


ALL = sorted({text for path in FILES for text in _texts(path)})


@pytest.mark.parametrize("text", [t for t in ALL if not t.startswith(ELSEWHERE)])
def test_an_error_has_its_chinese(text: str) -> None:
    english = text.replace("{}", "x7")
    words = re.findall(r"[A-Za-z]{3,}", re.sub(r"[\w.]*[_.=][\w.]*", "", english))
    if not words or " " not in text.replace("{} ", ""):
        return  # a name, a value, a number
    said = translated(english)
    assert CHINESE.search(said), said
    assert not re.search(r"\b(the|of|is|are|not|and|with|for)\b", said), said


def test_what_is_put_in_is_said_too_and_names_stay() -> None:
    assert translated("unknown key (did you mean linkage?)") == "未知的键（是否为linkage？）"
    assert translated("受害人.csv: row 3, column 'phone': not a number; found abc; allowed: 1") == (
        "受害人.csv：第3行，'phone'栏：不是数；实际为：abc；可填：1"
    )
    assert translated("sources.platform.weight") == "sources.platform.weight"
    assert translated("no such thing as this") == "no such thing as this"
    assert translated("there is no figure in 'x.jpg'; allowed: pdf, png") == (
        "'x.jpg'不是图片格式；可填：pdf, png"
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("proposition：platform\nvictims: []", "冒号须为半角"),
        ('title: "张三" 诉', "冒号、引号须为半角"),
        ("holds: [phone， email", "缺少半角逗号"),
        ("title: `x`", "制表符"),
        ('title: "张三', "引号没有闭合"),
        ("sources:\n\tplatform: {}", "制表符"),
    ],
)
def test_what_the_parser_of_yaml_says_has_its_chinese(text: str, said: str) -> None:
    with pytest.raises(CaseError) as caught:
        read_document(text)
    assert said in error_text(caught.value, "zh")


def test_every_message_keeps_what_is_put_in() -> None:
    table = read_document(data_path("messages.yaml").read_text(encoding="utf-8")).tree
    for english, chinese in table.items():
        assert english.count("{}") >= str(chinese).count("{}"), english
        assert CHINESE.search(str(chinese)) or not re.search(r"[a-z]{3}", english), english


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("assess", "--lang", "zh"), "缺少参数'case'；参见："),
        (("assess", "x", "--nope", "--lang", "zh"), "没有此选项：--nope；参见："),
        (("asses", "x", "--lang", "zh"), "没有此命令：'asses'。是否为'assess', 'cases'"),
        (("plot", "x", "routes", "--lang", "zh"), "缺少选项'-o' / '--output'"),
    ],
)  # fmt: skip
def test_wrong_usage_is_said_in_chinese(
    arguments: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(list(arguments)) == 2
    assert said in capsys.readouterr().err.replace("'CASE'", "'case'")  # as an older Typer has it
