"""The Python and the commands of the guides and the README run as they stand."""

from __future__ import annotations

import doctest
import io
import re
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest
from matplotlib import pyplot as plt

from causation import evidence
from causation.case import data_path, starter_case
from causation.terminal.cli import main

ROOT = Path(__file__).resolve().parents[2]
PAGES = (
    "README.md",
    "docs/howto/add-a-kind-of-evidence.md",
    "docs/howto/elicit.md",
    "docs/howto/sensitivity.md",
    "docs/howto/work-in-a-notebook.md",
    "docs/howto/write-a-prior-set.md",
)
SESSIONS = (
    "docs/explanation/what-changed.md",
    "docs/howto/chains.md",
    "docs/howto/dates.md",
    "docs/howto/how-victims-were-found.md",
    "docs/howto/values-that-agree-or-differ.md",
    "docs/real-cases.md",
)
"""Pages with prompts and what they answer."""
COMMANDS = (
    "docs/howto/sensitivity.md",
    "docs/howto/use-the-shell.md",
    "docs/howto/victims-from-a-spreadsheet.md",
    "docs/howto/write-a-prior-set.md",
)
FENCE = re.compile(r"^( *)```(\w+)\n(.*?)^\1```", flags=re.MULTILINE | re.DOTALL)
NUMBER = re.compile(r"-?\d+\.\d+")
NEAR = 0.011
"""How far a printed number may be from the computed one: one step of its second decimal."""
TABLE = """id,count,linkage,account_link,phone,real_name,anonymous,users_of.platform
plaintiff,1,,yes,yes,yes,yes,yes
others,5,80%,yes,,,yes,yes
"""


def _filled_in(starter: str) -> str:
    return re.sub(r"<(\w+)>", r"\1", starter)


@pytest.fixture
def _desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A folder with what the guides have just written; kinds of evidence as they were after it."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(evidence, "KINDS", evidence.KINDS)
    Path("my-case.yaml").write_text(_filled_in(starter_case()), encoding="utf-8")
    neutral = data_path("priors", "neutral.yaml").read_text(encoding="utf-8")
    Path("mine.yaml").write_text(neutral.replace("id: neutral", "id: mine"), encoding="utf-8")
    Path("victims.csv").write_text(TABLE, encoding="utf-8")
    yield
    plt.close("all")


def _blocks(page: str, language: str) -> list[str]:
    text = (ROOT / page).read_text(encoding="utf-8")
    return [textwrap.dedent(body) for _, kind, body in FENCE.findall(text) if kind == language]


def _commands(page: str) -> list[str]:
    return [
        line.removeprefix("$ causation ")
        for block in _blocks(page, "console")
        for line in block.splitlines()
        if line.startswith("$ causation ")
    ]


class _Near(doctest.OutputChecker):
    """Compares what is printed, numbers with decimals to a tolerance."""

    def check_output(self, want: str, got: str, optionflags: int) -> bool:
        ours, theirs = NUMBER.findall(got), NUMBER.findall(want)
        return (
            len(ours) == len(theirs)
            and all(abs(float(x) - float(y)) < NEAR for x, y in zip(ours, theirs, strict=True))
            and super().check_output(NUMBER.sub("#", want), NUMBER.sub("#", got), optionflags)
        )


@pytest.mark.usefixtures("_desk")
@pytest.mark.parametrize("page", PAGES)
def test_python_of_a_page_runs_from_top_to_bottom(page: str) -> None:
    blocks = _blocks(page, "python")
    assert blocks
    if any("elicit(" in block for block in blocks):
        pytest.importorskip("ipywidgets")
    names: dict[str, object] = {"__name__": page}
    for block in blocks:
        exec(compile(block, page, "exec"), names)  # noqa: S102


@pytest.mark.usefixtures("_desk")
@pytest.mark.parametrize("page", SESSIONS)
def test_what_a_page_says_that_lines_answer_is_what_they_answer(page: str) -> None:
    text = "\n".join(_blocks(page, "pycon"))
    session = doctest.DocTestParser().get_doctest(text, {}, page, page, 0)
    assert session.examples
    said = io.StringIO()
    runner = doctest.DocTestRunner(checker=_Near(), optionflags=doctest.NORMALIZE_WHITESPACE)
    runner.run(session, out=said.write)
    assert runner.summarize(verbose=False).failed == 0, said.getvalue()


@pytest.mark.parametrize(
    ("ours", "theirs", "same"),
    [("0.76\n", "0.757\n", True), ("0.76\n", "0.78\n", False), ("a 0.7\n", "b 0.7\n", False),
     ("0\n", "1\n", False), ("0.1 0.2\n", "0.1\n", False)],
)  # fmt: skip
def test_near_is_near(ours: str, theirs: str, same: bool) -> None:
    assert _Near().check_output(theirs, ours, doctest.NORMALIZE_WHITESPACE) is same


@pytest.mark.usefixtures("_desk")
def test_numbers_of_the_readme_are_those_of_the_real_cases() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| .* \| (\.\d+) \|$", text, flags=re.MULTILINE)
    session = _blocks("docs/real-cases.md", "pycon")[0]
    computed = re.findall(r" (0\.\d+) 0\.\d+$", session, flags=re.MULTILINE)
    assert len(rows) == 4
    assert [float(x) for x in rows] == pytest.approx([float(x) for x in computed], abs=0.006)


@pytest.mark.usefixtures("_desk")
def test_commands_of_the_tutorial_run(capsys: pytest.CaptureFixture[str]) -> None:
    file = Path("my-case.yaml")
    file.unlink()
    new, assess, report = (c.split() for c in _commands("docs/tutorial/index.md"))
    assert main(new) == 0
    assert main(assess) == 2, "placeholders are refused"
    assert "<" in capsys.readouterr().err
    file.write_text(_filled_in(file.read_text(encoding="utf-8")), encoding="utf-8")
    for command in (assess, report):
        assert main(command) == 0, capsys.readouterr().err
    assert Path("my-report.pdf").read_bytes().startswith(b"%PDF")


@pytest.mark.usefixtures("_desk")
@pytest.mark.parametrize("page", COMMANDS)
def test_commands_of_a_page_run(page: str, capsys: pytest.CaptureFixture[str]) -> None:
    commands = _commands(page)
    assert commands
    for command in commands:
        assert main(command.split()) == 0, capsys.readouterr().err


@pytest.mark.usefixtures("_desk")
def test_a_number_without_a_basis_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    text = Path("mine.yaml").read_text(encoding="utf-8")
    Path("mine.yaml").write_text(re.sub(r", basis: \{[^}]*\}", "", text, count=1), encoding="utf-8")
    assert main(["assess", "my-case.yaml", "--priors", "./mine.yaml"]) == 2
    assert "basis" in capsys.readouterr().err
