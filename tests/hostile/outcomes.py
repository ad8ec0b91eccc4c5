"""What may come of an input: a valid result, or one message; anything else is a defect."""

from __future__ import annotations

import contextlib
import io
import json
import math
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from causation.case import fill, parse_case
from causation.dossier.assessment import assess
from causation.errors import InputError
from causation.terminal.cli import main

__all__ = [
    "LONGEST_MESSAGE",
    "Run",
    "check_message",
    "check_result",
    "check_run",
    "outcome",
    "read",
    "run_command",
]

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


_VERDICTS = ("meets", "meets_not_robustly", "does_not_meet")


def _chance(value: Any, name: str) -> None:
    assert value is None or 0.0 <= value <= 1.0 + 1e-9, (name, value)


def check_result(result: dict[str, Any]) -> None:
    """Check one object of ``assess --json``: what must be so whatever the case.

    Probabilities in [0, 1] that sum to 1, no NaN or infinity, ends of intervals in order, and a
    verdict that agrees with the numbers beside it.
    """
    _finite(result, "")
    for table in ("prior", "posterior"):
        values = [p for p in result[table].values() if p is not None]
        for p in values:
            _chance(p, table)
        assert math.isclose(math.fsum(values), 1.0, abs_tol=1e-9), (table, values)
    for route, log_evidence in result["log_evidence"].items():
        excluded = result["posterior"][route] is None
        assert (log_evidence is None) == excluded == (result["error"][route] is None), route
    for name in ("probability", "probability_error"):
        _chance(result[name], name)
    _chance(result["held"]["probability"], "held")
    if (bound := result["held"]["bound"]) is not None and result["held"]["log10_lr"] is not None:
        assert abs(result["held"]["log10_lr"]) <= bound + 1e-9
    for place in ("sources", "victims"):
        for name, table in result[place].items():
            for kind, value in table.items():
                for p in value.values() if isinstance(value, dict) else [value]:
                    _chance(p, f"{place}.{name}.{kind}")
    _check_roles(result)
    if "verdict" in result:
        _check_whole(result)


def _check_roles(result: dict[str, Any]) -> None:
    """Roles cover entrances, and entrances what is alone; what is published has an entrance."""
    for name, table in result["sources"].items():
        assert table["alone"] <= table["entrance"] + 1e-6, name
        assert table["entrance"] <= table["role"] + 1e-6, name
    if result["sources"]:
        entrances = math.fsum(table["entrance"] for table in result["sources"].values())
        assert math.isclose(entrances, 1.0, abs_tol=1e-6), entrances


def _check_whole(result: dict[str, Any]) -> None:
    assert result["verdict"] in _VERDICTS
    meets = result["held"]["probability"] >= result["standard"]["threshold"]
    assert (result["verdict"] == "does_not_meet") == (not meets)
    assert bool(result["because"]) == (result["verdict"] != "meets"), result["because"]
    lo, hi = result["range_of_opinion"]
    assert 0.0 <= lo <= hi <= 1.0 + 1e-9
    redraws = result["redraws"]
    for key in ("interval", "held_interval"):
        lo, hi = redraws[key]
        assert 0.0 <= lo <= hi <= 1.0 + 1e-9
    _chance(redraws["share"], "share")
    for row in (*result["variants"], *result["sets"], *result["burden"]):
        _chance(row["probability"], str(row.get("id", row)))


def read(content: bytes) -> str:
    """Read one input and fill it; ``valid``, or the name of the error.

    Raises
    ------
    AssertionError
        If the message is not one that may be.
    """
    try:
        fill(parse_case(content, file="f.yaml"))
    except InputError as error:
        check_message(str(error))
        return type(error).__name__
    return "valid"


def outcome(content: bytes, *, whole: bool = False) -> str:
    """Put one input through the whole path; ``valid``, or the name of the error.

    Raises
    ------
    AssertionError
        If the result or the message is not one that may be.
    """
    try:
        result = assess(fill(parse_case(content, file="f.yaml"))).to_dict(whole=whole)
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
    """Run a command in this process; what ends it for its time has as a note what it had said."""
    out, err = io.StringIO(), io.StringIO()
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = main([str(a) for a in args])
    except TimeoutError as error:
        error.add_note(err.getvalue())
        raise
    sys.stdout.flush()
    return Run(code, out.getvalue(), err.getvalue())


def check_run(run: Run) -> None:
    """Exit 0 with output and no message, or exit 2 with one message and no output.

    Before either a run may say that a publication lies in the future, or that it takes long.
    """
    assert run.code in (0, 2), (run.code, run.err)
    said = run.err.removesuffix("\n").split("\n")
    if run.code == 2:
        message = said.pop()
        assert message.startswith("causation: ")
        check_message(message)
        assert "memory" not in message, message
        assert not run.out
    else:
        assert run.out
    for line in filter(None, said):
        assert re.fullmatch(
            r"causation: (The publication .* after .*|this takes about \d+ min .*"
            r"|this takes more than a minute .*)",
            line,
        ), line
