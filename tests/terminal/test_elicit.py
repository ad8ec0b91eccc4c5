"""`causation elicit` as it is used: typed answers, a session broken off, a panel, errors."""

from __future__ import annotations

import io
import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from causation.case import load_prior_set
from causation.document.forms import Panel
from causation.document.stated import Stated
from causation.elicitation.questions import seeds
from causation.terminal.cli import main

PHONE, NUMBER = "fields.phone.leaked_library", "fields.id_number.leaked_library"
ASKED = ("--field", "phone", "--field", "id_number")
type Run = Callable[..., tuple[int, str, str]]


def panel_of(entry: Stated) -> Panel:
    assert isinstance(entry.form, Panel)
    return entry.form


@pytest.fixture
def elicit(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> Run:
    """Run the command with lines that are piped in; its status and what it says."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str, typed: str = "") -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "stdin", io.StringIO(typed))
        code = main(["elicit", "panel.yaml", *arguments])
        out, err = capsys.readouterr()
        return code, out, err

    return run


def test_one_source_from_the_first_question_to_an_assessable_set(elicit: Run) -> None:
    typed = "Li\ny\n50\n98\n85\ny\nseen in listings\n0.2\n5\n\ny\n\n"
    code, out, err = elicit(*ASKED, typed=typed)
    assert (code, err) == (0, "")
    assert "Of 100 persons exposed through a leaked library" in out
    assert "What is a share of what: Exposures of persons like the plaintiff" in re.sub(
        r"\s+", " ", out
    )
    assert re.search(r"30\.9 +60\.6 +87\.5 +96\.96 +99\.097", out)  # 1 10 50 90 99 %
    assert "differs by more than its own width" in out
    assert "--priors panel.yaml" in out
    assert all(len(line) <= 80 for line in out.splitlines() if not line.startswith("Keep"))
    entries = load_prior_set(Path("panel.yaml")).entries()
    assert entries[PHONE].value == pytest.approx((0.5, 0.98))
    (member,) = panel_of(entries[PHONE]).members
    assert (member.name, member.median) == ("Li", 0.85)
    assert member.rationale == {"en": "seen in listings", "zh": "seen in listings"}
    assert entries[NUMBER].value == pytest.approx((0.002, 0.05))


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_panel_in_either_language(elicit: Run, lang: str) -> None:
    option = ("--lang", lang)
    for name, answers in (("Li", "50\n98\n\ny\n\n"), ("Wang", "10\n60\n\ny\n\n")):
        code, out, _ = elicit("--expert", name, "--field", "phone", *option, typed=f"n\n{answers}")
        assert code == 0
        assert ("已知案件结果" if lang == "zh" else "the outcome was known") in out
    code, out, _ = elicit("--group", *option, typed="30\n90\n60\ny\nmerged\n")
    assert code == 0
    assert "17.3" in out  # the 10 % point of the linear pool
    assert ("中立的观察者" if lang == "zh" else "impartial observer") in out
    entry = load_prior_set(Path("panel.yaml")).entries()[PHONE]
    assert entry.value == pytest.approx((0.3, 0.9))
    typed = "".join("10\n60\n30\n" for _ in seeds())
    code, out, _ = elicit("--seeds", "--expert", "Li", *option, typed=typed)
    assert code == 0
    assert "0.014" in out
    code, _, err = elicit("--cooke", *option)
    assert code == 2
    assert "Wang" in err
    code, out, _ = elicit("--pool", "log", *option)
    assert (code, panel_of(load_prior_set(Path("panel.yaml")).entries()[PHONE]).pool) == (0, "log")


def test_stopping_and_skipping_lose_nothing(elicit: Run) -> None:
    code, out, _ = elicit(*ASKED, "--expert", "Li", typed="y\ns\n1\n5\n\ny\n\n")
    assert code == 0
    code, out, _ = elicit(*ASKED, "--expert", "Li", typed="q\n")
    assert "Question 1 of 2" in out  # it keeps its number
    assert "phone number" in out
    code, _, err = elicit(*ASKED, "--expert", "Li", typed="50\n")
    assert code == 130  # the input ended
    assert "the same command goes on there" in err
    assert NUMBER in load_prior_set(Path("panel.yaml")).entries()


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("y\n98\n50\n", "the most is less than the least: 98 to 50"),
        ("y\n20\n60\n80\n", "the middle 80 does not lie between 20 and 60"),
        ("y\nsome\n", "not a number of persons of 100"),
        ("y\n0\n", "more than 0 and less than 100"),
    ],
)
def test_an_answer_that_nobody_can_correct_ends_with_one_message(
    elicit: Run, typed: str, text: str
) -> None:
    code, _, err = elicit(*ASKED, "--expert", "Li", typed=typed)
    assert code == 2
    assert text in err
    assert err.count("\n") == 1


def test_stopping_at_the_reason_keeps_the_answer(elicit: Run) -> None:
    code, out, _ = elicit(*ASKED, "--expert", "Li", typed="y\n50\n98\n\ny\nq\n")
    assert (code, "ID-card" in out) == (0, False)
    assert "numbers elicited from Li: 1" in out
    (member,) = panel_of(load_prior_set(Path("panel.yaml")).entries()[PHONE]).members
    assert member.rationale is None
    code, out, _ = elicit(*ASKED, "--expert", "Li", typed="20\n90\n\nq\n")  # not kept
    assert (code, load_prior_set(Path("panel.yaml")).entries()[NUMBER].form) == (0, None)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_kept_answer_is_corrected(elicit: Run, lang: str) -> None:
    option = ("--lang", lang, *ASKED, "--expert", "Li")
    # the second question: back to the first, another answer, and on
    code, out, _ = elicit(*option, typed="y\n50\n98\n\ny\n\nb\n40\n90\n\ny\n\n1\n5\n\ny\n\n")
    assert code == 0
    said = "此前的回答：每100人中50至98" if lang == "zh" else "Answered before: 50 to 98 of 100"
    assert said in out
    assert load_prior_set(Path("panel.yaml")).entries()[PHONE].value == pytest.approx((0.4, 0.9))
    code, out, _ = elicit(*option, typed="")
    assert (code, "--again" in out) == (0, True)
    code, out, _ = elicit(*option, "--again", typed="s\n2\n6\n\ny\n\n")
    assert (code, "40" in out) == (0, True)
    entries = load_prior_set(Path("panel.yaml")).entries()
    assert entries[PHONE].value == pytest.approx((0.4, 0.9))
    assert entries[NUMBER].value == pytest.approx((0.02, 0.06))


def test_what_cannot_be_elicited(elicit: Run) -> None:
    for arguments, text in (
        (("--group",), "no such file"),
        (("--pool", "log"), "no such file"),
        (("--field", "phon"), "did you mean phone"),
        (("--source", "library"), "leaked_library"),
        (("--base", "neutrl"), "unknown prior set"),
    ):
        code, _, err = elicit(*arguments, typed="")
        assert (code, Path("panel.yaml").exists()) == (2, False)
        assert text in err
    elicit("--expert", "Li", "--field", "phone", typed="y\n50\n98\n\ny\n\n")
    code, _, err = elicit("--group")
    assert code == 2
    assert "two experts" in err


def test_a_session_broken_off_at_a_terminal_goes_on(tmp_path: Path) -> None:
    """A real terminal, an interrupt in the middle of an answer, and the same command again."""
    command = [sys.executable, "-m", "causation", "elicit", "panel.yaml", "--expert", "Li", *ASKED]

    def session(lines: list[str], *, interrupt: bool) -> tuple[int, str]:
        leader, follower = pty.openpty()
        process = subprocess.Popen(
            command, stdin=follower, stdout=follower, stderr=follower, cwd=tmp_path,
            close_fds=True, env={**os.environ, "COLUMNS": "80", "TERM": "dumb"},
            start_new_session=True,
            # who runs in the background ignores interrupts, and so would the program
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509
        )  # fmt: skip
        os.close(follower)
        seen = ""
        for line in lines:
            seen += _until_asked(leader)
            os.write(leader, f"{line}\n".encode())
        if interrupt:
            seen += _until_asked(leader)
            _until_waiting(process.pid)
            process.send_signal(signal.SIGINT)
        try:
            while select.select([leader], [], [], 60)[0]:
                seen += os.read(leader, 4096).decode(errors="replace")
            process.kill()  # it waits for another answer
        except OSError:  # the terminal is gone with the program
            pass
        return process.wait(60), seen

    code, seen = session(["y", "abc", "50", "98", "85", "y", "seen", "1"], interrupt=True)
    assert code == 130
    assert "not a number of persons of 100: abc" in seen  # said, and asked again
    assert "the same command goes on there" in seen
    assert load_prior_set(tmp_path / "panel.yaml").entries()[PHONE].form is not None
    code, seen = session(["1", "30", "8", "y", ""], interrupt=False)
    assert code == 0
    assert "Question 2 of 2" in seen
    entries = load_prior_set(tmp_path / "panel.yaml").entries()
    assert entries[NUMBER].value == pytest.approx((0.01, 0.3))
    assert entries[PHONE].value == pytest.approx((0.5, 0.98))


def _until_waiting(pid: int) -> None:
    """Until a process sleeps and has used no processor time since it was last looked at."""
    before, end = ("", ""), time.monotonic() + 120
    while True:
        assert time.monotonic() < end
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        now = (fields[0], " ".join(fields[11:13]))
        if now[0] == "S" and now == before:
            return
        before = now
        time.sleep(0.1)


def _until_asked(leader: int) -> str:
    seen, end = "", time.monotonic() + 120
    while not seen.endswith(": "):
        assert time.monotonic() < end, seen
        seen += os.read(leader, 4096).decode(errors="replace")
    return seen
