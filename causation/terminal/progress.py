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
    from causation.model.structure import Model, Scenarios

WORK = {
    "assess": (18, 2.0),
    "inquire": (30, 0.0),
    "plot": (10, 1.0),
    "report": (45, 4.0),
    "sensitivity": (10, 0.5),
}
"""How many other cases a command evaluates, about, and how often as many rows as its inputs give
that are drawn again and shifted."""
_ASKED = 100
"""Sources up to which inquiries about them take no time."""
_TRIED = (2, 8)
_LONG = 25.0
"""Seconds of the processor from which on it is said; the estimate may be half of what it takes."""
_SHORT = 0.01
"""Share of that in which an answer has to be found for nothing to be tried."""


def say_if_long(
    case: Case, command: str, *, lang: str, taken: float | None = None, **options: Any
) -> None:
    """Say on standard error how long a command will take, where that may be more than a minute.

    Some of the evaluations that it makes are tried. What is wrong with the case, the command says.

    Parameters
    ----------
    case : Case
    command : str
        Of `WORK`.
    taken : float, optional
        Seconds that the answer took: where that was short nothing is tried.
    **options
        Prior set and standard, as `fill` takes them.
    """
    if taken is not None and taken < _SHORT * _LONG:
        return
    from causation.case import fill
    from causation.model.structure import build_model

    try:
        model = build_model(fill(case, **options))
        if command == "inquire" and len(model.filled.sources) <= _ASKED:
            return
        seconds = _expected(model, *WORK[command])
    except CausationError:
        return
    if seconds > _LONG:
        echo(f"causation: {say('long', lang, minutes=max(1, round(seconds / 60.0)))}", error=True)


def _expected(model: Model, others: int, times: float) -> float:
    """Seconds of the processor, from few and from more of the rows that a command evaluates.

    Rows share what is found for the first of them, so what counts is what more of them add. Inputs
    that are drawn again and that are shifted are tried in one call, as they are evaluated: where a
    loading is 1 as it stands, and not where it is drawn again, no grid does for both.
    """
    from causation.analyses.carriers import Plan as Shifted
    from causation.analyses.evaluating import Once
    from causation.analyses.redrawn import Plan as Redrawn
    from causation.analyses.spread import MOST_INPUTS
    from causation.model.structure import concatenate

    once = Once()

    def taken(rows: Scenarios) -> float:
        began = time.process_time()
        once(model, rows)
        return time.process_time() - began

    seconds = others * taken(model.base())
    if times:
        tables = [Redrawn.of(model).rows]
        if len(model.numbers) <= MOST_INPUTS:
            tables.append(Shifted.of(model).rows)
        few, more = (
            taken(concatenate([x.take(_spread(len(x), n // len(tables))) for x in tables]))
            for n in _TRIED
        )
        each = max(0.0, more - few) / (_TRIED[1] - _TRIED[0])
        seconds += times * (few + each * sum(map(len, tables)))
    return seconds


def _spread(size: int, some: int) -> list[int]:
    """Some places among so many, evenly."""
    return [n * size // (some + 1) for n in range(1, some + 1)]


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
