"""A progress bar, a sign that something is going on, and a word where that will take long."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from causation.errors import CausationError
from causation.terminal.layout import echo, say

if TYPE_CHECKING:
    from causation.case.schema import Case

ROWS = {"assess": 250, "inquire": 30, "plot": 100, "report": 600, "sensitivity": 80}
"""How often a command evaluates a case with other inputs, about, at the price of the first few."""
_ASKED = 100
"""Sources up to which inquiries about them take no time."""
_TRIED = 4
_LONG = 25.0
"""Seconds of the processor from which on it is said; the estimate may be half of what it takes."""


def say_if_long(
    case: Case, command: str, *, lang: str, taken: float | None = None, **options: Any
) -> None:
    """Say on standard error how long a command will take, where that may be more than a minute.

    A few of the evaluations that it makes are tried. What is wrong with the case, the command says.

    Parameters
    ----------
    case : Case
    command : str
        Of `ROWS`.
    taken : float, optional
        Seconds that the answer took: where all will be short at that rate nothing is tried.
    **options
        Prior set and standard, as `fill` takes them.
    """
    if taken is not None and taken * ROWS[command] < _LONG:
        return
    from causation.analyses.evaluating import draft
    from causation.analyses.redrawn import redrawn_rows
    from causation.case import fill
    from causation.model.structure import build_model

    began = time.process_time()
    try:
        model = build_model(fill(case, **options))
        if command == "inquire" and len(model.filled.sources) <= _ASKED:
            return
        draft(model, redrawn_rows(model, model.filled.elicitation_sd, _TRIED, random_seed=0))
    except CausationError:
        return
    seconds = (time.process_time() - began) / _TRIED * ROWS[command]
    if seconds > _LONG:
        echo(f"causation: {say('long', lang, minutes=max(1, round(seconds / 60.0)))}", error=True)


@contextmanager
def progress_bar(title: str) -> Iterator[Callable[[float], None]]:
    """Show a bar on standard error; yields a function that takes the share done, 0 to 1."""
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        Progress,
        TaskProgressColumn,
        TextColumn,
        TimeRemainingColumn,
    )

    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda _: None
        return
    columns = (TextColumn(title), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console) as bar:
        task = bar.add_task(title, total=1.0)
        yield lambda share: bar.update(task, completed=share)


@contextmanager
def working(what: str) -> Iterator[None]:
    """Show on standard error, where it is a terminal, that something is computed."""
    from rich.console import Console

    console = Console(stderr=True)
    if not console.is_terminal:
        yield
        return
    with console.status(what):
        yield
