"""The seven kinds of case: every file is a case, and what the page shows is what comes out."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from causation.case import load_case
from causation.terminal.cli import main

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "howto" / "seven-kinds-of-case.md"
BLOCK = re.compile(r"```console\n\$ causation assess (\S+)\n(.*?)```", re.DOTALL)
NUMBER = re.compile(r"\d+\.\d+")
SHOWN = BLOCK.findall(PAGE.read_text(encoding="utf-8"))
NEAR = 0.35
"""In per cent."""


def test_every_example_is_on_the_page_and_a_case_in_both_languages() -> None:
    files = sorted((ROOT / "docs" / "examples").glob("*.yaml"))
    assert [file.relative_to(ROOT).as_posix() for file in files] == sorted(f for f, _ in SHOWN)
    assert len(files) == 7
    text = PAGE.read_text(encoding="utf-8")
    for file in files:
        assert f"../examples/{file.name}" in text
        assert set(load_case(file).title or ()) == {"en", "zh"}


@pytest.mark.parametrize(
    ("file", "lines"),
    [pytest.param(*shown, marks=() if i in {2, 5} else pytest.mark.slow)
     for i, shown in enumerate(SHOWN)],
    ids=[Path(file).stem for file, _ in SHOWN],
)  # fmt: skip
def test_what_the_page_shows_comes_out(
    file: str, lines: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("COLUMNS", "80")
    assert main(["assess", file]) == 0
    out = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    for line in lines.splitlines():
        wanted = " ".join(line.split())
        pattern = NUMBER.sub("#", re.sub("[█·]", "", wanted))
        same = [x for x in out if NUMBER.sub("#", re.sub("[█·]", "", x)) == pattern]
        assert same, line
        want = [float(x) for x in NUMBER.findall(wanted)]
        found = [[float(x) for x in NUMBER.findall(x)] for x in same]
        assert any(
            all(abs(a - b) < NEAR for a, b in zip(mine, want, strict=True)) for mine in found
        ), line
