"""Standard streams: results on them, streams that are full or closed, and one edge for texts."""

from __future__ import annotations

import ast
import io
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from rich.cells import cell_len

import causation
from causation.case import bundled_cases
from causation.document.shipped import data_path
from causation.errors import CaseError, OutputError
from causation.output import check_folder, check_writable, write_whole
from causation.terminal.cli import main
from causation.terminal.failures import error_text, language_of, refused_by_system
from causation.terminal.layout import console, echo, print_json, table
from causation.terminal.targets import is_stdout, target
from tests.build import document
from tests.sources import dotted, parsed

ROOM = Path(causation.__file__).parent / "terminal"
EDGE = {"layout", "failures", "targets", "progress"}
"""Modules that write to a stream: the rest says what, and the edge makes it printable."""
CSI = "\x1b[2J\x9b31m\u202e\nsame"


def call(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> tuple[int, str, str]:
    code = main([str(a) for a in arguments])
    out, err = capsys.readouterr()
    return code, out, err


def shell(command: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    """Run the command line, written as CAUSATION, by a shell."""
    command = command.replace("CAUSATION", f"{sys.executable} -m causation")
    return subprocess.run(
        ["/bin/sh", "-c", command], capture_output=True, check=False,
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1", **environment},
    )  # fmt: skip


def said(err: bytes) -> str:
    text = err.decode()
    assert text.count("\n") == 1, text
    assert text.startswith("causation: ")
    return text


# ------------------------------------------------------------------ one edge


def test_nothing_in_the_room_prints_but_the_edge() -> None:
    for path in ROOM.glob("*.py"):
        if path.stem in EDGE:
            continue
        for node in ast.walk(parsed(path)):
            name = dotted(node) if isinstance(node, (ast.Attribute, ast.Name)) else ""
            assert name not in {"print", "typer.echo", "sys.stdout.write", "sys.stderr.write",
                                "click.echo"}, path  # fmt: skip
            if isinstance(node, ast.ImportFrom):
                names = {alias.name for alias in node.names}
                assert node.module != "rich.text", path
                assert not (node.module == "rich.console" and "Console" in names), path


def test_everything_that_is_shown_is_printable(capsys: pytest.CaptureFixture[str]) -> None:
    echo(CSI)
    made = table((CSI, "l"))
    made.add_row(CSI)
    console().print(made)
    out = capsys.readouterr().out
    assert not any(c in out for c in "\x1b\x9b\u202e")
    assert out.count("same") == 3
    assert not any(line.strip() == "same" for line in out.splitlines())
    print_json({"a": CSI})
    out = capsys.readouterr().out
    assert json.loads(out) == {"a": CSI}
    assert not any(c in out for c in "\x1b\x9b\u202e")


def test_what_a_report_says_of_itself_cannot_write_a_line(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Found:
        same = False

        @staticmethod
        def summary() -> str:
            return "different\n\x1b[2J\x1b[1;1Hsame"

    monkeypatch.setattr("causation.report.verify_report", lambda *_, **__: Found)
    code, out, _ = call(capsys, "verify", "report.html")
    assert code == 1
    assert "\x1b" not in out
    assert out.splitlines()[0] == "different"


# ------------------------------------------------------------------ - and -.suffix


def test_what_is_standard_output() -> None:
    assert all(is_stdout(Path(name)) for name in ("-", "-.pdf"))
    assert not any(is_stdout(Path(name)) for name in ("./x/-", "a-", "-x.pdf", "/a/-"))


def test_results_on_standard_output(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing but the result, whatever the command."""
    monkeypatch.chdir(tmp_path)
    code, starter, err = call(capsys, "new", "-", "--lang", "zh")
    assert (code, err) == (0, "")
    assert starter.startswith("# causation")
    case = tmp_path / "case.json"
    case.write_text(json.dumps(document()), encoding="utf-8")
    code, out, _ = call(capsys, "sweep", case, "--vary", "standard=0.5,0.9", "-o", "-")
    assert code == 0
    assert len(out.splitlines()) == 3
    (tmp_path / "v.csv").write_text("phone\nyes\nno\n", encoding="utf-8")
    code, out, err = call(capsys, "import", "v.csv", "-o", "-")
    assert code == 0
    assert "victims:" in out
    assert "row 3 left out" in err
    code, out, _ = call(capsys, "import", "--template", "-")
    assert (code, out[1:3]) == (0, "id")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["case.json", "v.csv"]
    code, _, err = call(capsys, "sweep", case, "--vary", "standard=0.5,0.9", "-o", "-.zarr")
    assert code == 2
    assert "takes one file" in err


def test_bytes_on_standard_output(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    monkeypatch.setattr(sys, "stdout", stream)
    with target(Path("-.bin"), usual=".csv") as place:
        assert place.suffix == ".bin"
        place.write_bytes(b"\xff\x00")
    assert stream.buffer.getvalue() == b"\xff\x00"


# ------------------------------------------------------------------ one rule for files that exist


def test_one_rule_for_existing_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    case = tmp_path / "case.json"
    case.write_text(json.dumps(document()), encoding="utf-8")
    victims = tmp_path / "v.csv"
    victims.write_text("phone\nyes\n", encoding="utf-8")
    old = tmp_path / "old.csv"
    vary = ("--vary", "standard=0.5,0.9")
    commands: list[tuple[tuple[str | Path, ...], Path]] = [
        (("new",), old),
        (("import", victims, "-o"), old),
        (("import", "--template"), old),
        (("sensitivity", case, "-o"), old),
        (("sweep", case, *vary, "-o"), old),
        (("plot", case, "routes", "-o"), tmp_path / "old.svg"),
        (("report", case, "-o"), tmp_path / "old.md"),
        (("calibrate", "--cases", "100", "-o"), tmp_path),
    ]
    for name in ("old.csv", "old.svg", "old.md"):
        (tmp_path / name).write_text("old", encoding="utf-8")
    for command, output in commands:
        code, _, err = call(capsys, *command, output)
        assert code == 2, command
        assert "exists already" in err
    for mode, extra in ((0o444, ("--overwrite",)), (0o444, ())):
        for file in tmp_path.iterdir():
            file.chmod(mode)
        for command, output in commands:
            code, _, err = call(capsys, *command, output, *extra)
            assert code == 2, command
            assert "read-only" in err, command
    for name in ("old.csv", "old.svg", "old.md"):
        assert (tmp_path / name).read_text("utf-8") == "old"
    (tmp_path / "old.csv").chmod(0o644)
    assert call(capsys, "new", tmp_path / "old.csv", "--overwrite")[0] == 0


def test_the_input_is_not_the_output(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    victims = tmp_path / "v.csv"
    victims.write_text("phone\nyes\n", encoding="utf-8")
    code, _, err = call(capsys, "import", victims, "-o", victims, "--overwrite")
    assert code == 2
    assert "is read for this" in err


@pytest.mark.parametrize(
    "arguments",
    [
        ("sweep", "gao-2024", "--vary", "standard=0.5", "-o", "{}.zarr"),
        ("plot", "gao-2024", "routes", "-o", "{}.svg"),
        ("report", "gao-2024", "-o", "{}.md"),
        ("report", "gao-2024", "--priors", "{}", "-o", "x.md"),
        ("sweep", "gao-2024", "--priors", "neutral,{}", "-o", "x.csv"),
        ("calibrate", "-o", "{}"),
        ("elicit", "{}.yaml", "--expert", "A"),
        ("new", "{}.yaml"),
        ("verify", "{}"),
        ("validate", "case.yaml"),
    ],
)
def test_a_name_that_the_system_does_not_take_is_a_message(
    arguments: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    text = data_path("cases", "gao-2024.yaml").read_text(encoding="utf-8")
    text = text.replace("priors: neutral", f"priors: {'x' * 300}.yaml")
    Path("case.yaml").write_text(text, encoding="utf-8")
    assert main([a.format("x" * 300) for a in arguments]) == 2
    said = capsys.readouterr().err
    assert said.startswith("causation: ")
    assert "failure of the program" not in said
    assert [p.name for p in tmp_path.iterdir()] == ["case.yaml"]


def test_folders(tmp_path: Path) -> None:
    file = tmp_path / "f"
    file.write_text("x", encoding="utf-8")
    with pytest.raises(OutputError, match="is a file"):
        check_folder(file)
    with pytest.raises(OutputError, match="exists already"):
        check_folder(tmp_path, overwrite=False)
    assert check_folder(tmp_path / "new", overwrite=False) == tmp_path / "new"


@pytest.mark.parametrize("length", [250, 255])
def test_names_as_long_as_the_system_allows(length: int, tmp_path: Path) -> None:
    file = tmp_path / ("n" * (length - 5) + ".yaml")
    assert write_whole(check_writable(file), "a").read_text("utf-8") == "a"
    assert len(list(tmp_path.iterdir())) == 1
    with pytest.raises(OutputError, match="cannot be written"):
        write_whole(tmp_path / ("n" * 256), "a")


# ------------------------------------------------------------------ full and closed streams


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no full device here")
def test_a_full_device_is_said_once() -> None:
    for command in ("new -", "cases", "schema"):
        done = shell(f"CAUSATION {command} > /dev/full")
        assert done.returncode == 2, done.stderr
        assert "no space left" in said(done.stderr)
    assert shell("CAUSATION cases > /dev/full 2> /dev/full").returncode == 2


def test_closed_streams(tmp_path: Path) -> None:
    done = shell("CAUSATION cases >&-")
    assert done.returncode == 2
    assert "the output cannot be written" in said(done.stderr)
    assert shell("CAUSATION validate no-such-case 2>&-").returncode == 2
    done = shell("CAUSATION validate no-such-case <&- >&- 2>&-")
    assert (done.returncode, done.stdout, done.stderr) == (2, b"", b"")
    file = tmp_path / "new.yaml"
    shell(f"CAUSATION new {file} >&- 2>&-")
    assert b"schema: 2" in file.read_bytes()
    assert b"written" not in file.read_bytes()  # no message went into the file by its number
    done = shell("CAUSATION validate - <&-")
    assert done.returncode == 2
    assert "empty" in said(done.stderr)


def test_what_the_system_refuses() -> None:
    assert "enough memory" in str(refused_by_system(MemoryError()))
    assert refused_by_system(OSError(2, "none")) is None
    assert refused_by_system(ValueError()) is None


# ------------------------------------------------------------------ the language of messages


def test_messages_in_the_language_asked_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    case = tmp_path / "case.json"
    case.write_text(json.dumps(document(propositon="x")), encoding="utf-8")
    code, _, err = call(capsys, "assess", case, "--lang", "zh")
    assert code == 2
    assert "未知的键" in err
    assert "实际为：propositon（是否为proposition？）；可填：" in err
    assert not re.search(r"\b(found|allowed|did you mean|unknown|more)\b", err)
    code, _, err = call(capsys, "assess", "no-such-case", "--lang=zh")
    assert "未知的案件；实际为：" in err
    code, _, err = call(capsys, "new", case, "--lang", "zh")
    assert "已存在" in err
    code, out, _ = call(capsys, "validate", "pang-2017", "--lang", "zh")
    assert out.startswith("pang-2017：格式无误")


def test_language_of_a_command_line() -> None:
    assert language_of(["assess", "x", "--lang", "zh"]) == "zh"
    assert language_of(["assess", "x", "--lang=zh"]) == "zh"
    assert language_of(["assess", "--lang"]) == "en"
    assert language_of([]) == "en"


def test_an_error_with_all_its_parts_in_chinese() -> None:
    error = CaseError("unknown trait (the first of 3 problems)", file="案.yaml", line=3,
                      path="victims[1]", found="nothing", allowed="a, b")  # fmt: skip
    assert error_text(error, "zh") == (
        "案.yaml:3：victims[1]：未知的特征（共3处问题，此为第一处）；实际为：无；可填：a, b"
    )
    assert error_text(error, "en") == str(error)


def test_cases_are_listed_in_the_language_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    found = {lang: call(capsys, "cases", "--lang", lang)[1] for lang in ("en", "zh")}
    for lang, title in (("en", "v."), ("zh", "开盒")):
        lines = found[lang].splitlines()
        assert max(map(cell_len, lines)) <= 80
        assert title in found[lang]
        assert "…" not in found[lang]
        for name in bundled_cases():
            assert any(line.startswith(name) for line in lines)
    assert "played a role" not in found["zh"]
    assert "参与泄露链条" not in found["en"]


def test_where_nothing_temporary_can_be_written_one_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("tempfile.tempdir", None)
    monkeypatch.setattr("tempfile._candidate_tempdir_list", lambda: ["/dev/null/nowhere"])
    code, out, err = call(capsys, "new", "-")
    assert (code, out) == (2, "")
    assert "TMPDIR" in said(err.encode())
