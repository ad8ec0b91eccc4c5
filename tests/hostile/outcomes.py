"""What may come of an input: a valid result, or one message; anything else is a defect."""

from __future__ import annotations

import contextlib
import io
import json
import math
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from causation.case import parse_case, resolve
from causation.dossier.assessment import assess
from causation.errors import InputError
from causation.terminal.cli import main

__all__ = ["LONGEST_MESSAGE", "Run", "check_message", "check_result", "outcome", "run_command"]

LONGEST_MESSAGE = 1_500
"""No message needs more characters: what it quotes is bounded."""


def check_message(message: str) -> None:
    """One line that a terminal can print and that does not go on for ever."""
    assert message.strip(), "an empty message"
    assert len(message) <= LONGEST_MESSAGE, f"a message of {len(message)} characters"
    assert message.isprintable(), f"a message with control characters: {message!r}"
    assert "Traceback" not in message


def _finite(value: Any, path: str) -> None:
    match value:
        case dict():
            for key, inner in value.items():
                _finite(inner, f"{path}.{key}")
        case list():
            for i, inner in enumerate(value):
                _finite(inner, f"{path}[{i}]")
        case float():
            assert math.isfinite(value), f"{path} is {value}"


def check_result(result: dict[str, Any]) -> None:
    """Probabilities in [0, 1] that sum to 1, no NaN or infinity, ends of intervals in order."""
    _finite(result, "")
    for table in ("prior", "posterior"):
        values = list(result[table].values())
        assert all(0.0 <= p <= 1.0 for p in values), (table, values)
        assert math.isclose(math.fsum(values), 1.0, abs_tol=1e-9), (table, values)
    p = result["probability"]
    assert 0.0 <= p <= 1.0
    inside = math.fsum(result["posterior"][s] for s in result["proposition"])
    assert math.isclose(p, min(inside, 1.0), abs_tol=1e-9)
    assert (result["verdict"] == "not_established") == (p < result["standard"]["threshold"])
    lo, hi = result["input_sensitivity"]["interval"]
    assert 0.0 <= lo <= hi <= 1.0
    assert 0.0 <= result["input_sensitivity"]["share_meeting_standard"] <= 1.0
    assert all(0.0 <= b["probability"] <= 1.0 for b in result["burden"])
    for source, log_evidence in result["log_evidence"].items():
        assert (log_evidence is None) == (source in result["excluded"]), source


def outcome(content: bytes) -> str:
    """Put one input through the whole path; ``valid``, or the name of the error.

    Raises
    ------
    AssertionError
        If the result or the message is not one that may be.
    """
    try:
        result = assess(resolve(parse_case(content, file="f.yaml"))).to_dict()
        json.dumps(result, allow_nan=False)
    except InputError as error:
        check_message(str(error))
        return type(error).__name__
    check_result(result)
    return "valid"


@dataclass(frozen=True, slots=True)
class Run:
    """What one command did."""

    code: int
    out: str
    err: str


def run_command(*args: str | Path) -> Run:
    """Run a command in this process."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = main([str(a) for a in args])
    sys.stdout.flush()
    return Run(code, out.getvalue(), err.getvalue())


def check_run(run: Run) -> None:
    """Exit 0 with output and no message, or exit 2 with one message and no output."""
    assert run.code in (0, 2), (run.code, run.err)
    if run.code == 2:
        assert run.err.startswith("causation: ")
        check_message(run.err.removesuffix("\n"))
        assert not run.out
    else:
        assert run.out
        assert not run.err
