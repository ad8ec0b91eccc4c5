"""The Python and the commands of the guides and the README run as they stand."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path

import pytest
from matplotlib import pyplot as plt

from causation.case import data_path, starter_case
from causation.terminal.cli import main

ROOT = Path(__file__).resolve().parents[2]
PAGES = ("README.md", "docs/howto/work-in-a-notebook.md", "docs/howto/write-a-prior-set.md")
FENCE = re.compile(r"^( *)```(\w+)\n(.*?)^\1```", flags=re.MULTILINE | re.DOTALL)
TABLE = """id,count,linkage_lo,linkage_hi,phone,real_name,profile.anonymous,users_of.platform
plaintiff,1,,,yes,yes,yes,yes
others,5,0.7,0.98,yes,,yes,yes
"""


@pytest.fixture
def _desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder with what the guides have just written."""
    monkeypatch.chdir(tmp_path)
    Path("my-case.yaml").write_text(starter_case(), encoding="utf-8")
    neutral = data_path("priors", "neutral.yaml").read_text(encoding="utf-8")
    Path("mine.yaml").write_text(neutral.replace("id: neutral", "id: mine"), encoding="utf-8")
    Path("victims.csv").write_text(TABLE, encoding="utf-8")


def _blocks(page: str, language: str) -> list[str]:
    text = (ROOT / page).read_text(encoding="utf-8")
    return [textwrap.dedent(body) for _, kind, body in FENCE.findall(text) if kind == language]


@pytest.mark.usefixtures("_desk")
@pytest.mark.parametrize("page", PAGES)
def test_python_of_a_page_runs_from_top_to_bottom(page: str) -> None:
    blocks = _blocks(page, "python")
    assert blocks
    names: dict[str, object] = {}
    for block in blocks:
        exec(compile(block, page, "exec"), names)  # noqa: S102
    plt.close("all")


@pytest.mark.usefixtures("_desk")
def test_commands_of_the_tutorial_run(capsys: pytest.CaptureFixture[str]) -> None:
    Path("my-case.yaml").unlink()
    block = _blocks("docs/tutorial/index.md", "console")[0]
    commands = [line.removeprefix("$ causation ") for line in block.splitlines()]
    assert [c.split()[0] for c in commands] == ["new", "assess", "report"]
    for command in commands:
        assert main(command.split()) == 0, capsys.readouterr().err
    assert Path("my-report.pdf").read_bytes().startswith(b"%PDF")


@pytest.mark.usefixtures("_desk")
def test_commands_on_prior_sets_run() -> None:
    commands = [
        line.removeprefix("$ causation ")
        for block in _blocks("docs/howto/write-a-prior-set.md", "console")
        for line in block.splitlines()
        if line.startswith("$ causation ")
    ]
    assert commands
    for command in commands:
        assert main(command.split()) == 0


@pytest.mark.usefixtures("_desk")
def test_a_number_without_a_basis_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    text = Path("mine.yaml").read_text(encoding="utf-8")
    Path("mine.yaml").write_text(re.sub(r", basis: \{[^}]*\}", "", text, count=1), encoding="utf-8")
    assert main(["assess", "my-case.yaml", "--priors", "./mine.yaml"]) == 2
    assert "basis" in capsys.readouterr().err
