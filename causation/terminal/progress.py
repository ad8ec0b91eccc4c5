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
    from causation.sweeping.plan import Sweep

WORK = {
    "assess": (18, 2.5, 100),
    "inquire": (30, 0.0, 0),
    "plot": (15, 2.0, 0),
    "report": (45, 5.0, 100),
    "sensitivity": (15, 1.5, 0),
}
"""How many other cases a command evaluates, about; how often as many rows as its inputs give that
are drawn again and shifted, half of them under other prior sets; and how many rows besides for
every further plaintiff: 0 where it looks at no other prior set."""
_ASKED = 100
"""Sources up to which inquiries about them take no time."""
_OPEN = 16.0
"""Times what is long from which on nothing more is tried."""
_TRIED = ((0, 2, _OPEN), (2, 8, 4.0), (14, 28, 4.0))
"""Rows that are tried, and the factor by which what they say may be too much; more of them, which
are evaluated as very many are, where few leave open whether it takes long."""
_FEW = 4
"""Rows of a sweep for which nothing is tried."""
_LONG = 25.0
"""Seconds of the processor from which on it is said; the estimate may be half of what it takes."""
_LEFT_OUT = 2e-6
"""Seconds that every pair of groups and findings takes where each is left out in turn, about."""
_SHORT = 0.08
"""Seconds in which an answer has to be found for nothing to be tried."""


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
    if taken is not None and taken < _SHORT:
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
    _say(seconds, lang)


def say_if_sweep_long(plan: Sweep, *, lang: str) -> None:
    """Say the same of a sweep: some rows of its first model are tried.

    What is wrong with the sweep, the command says.
    """
    from causation.inference.evaluate import evaluate

    try:
        models, size = plan.integrals
        job = next((job for slab in plan.slabs() for job in plan.jobs(slab.region)), None)
        if job is None or max(models, size) < _FEW:
            return
        rows = job.rows

        def taken(n: int) -> float:
            began = time.process_time()
            evaluate(job.model, rows.take(_spread(len(rows), n)), settings=job.settings)
            return time.process_time() - began

        _say(_by_trial(taken, size, calls=models, base=taken(1)), lang)
    except CausationError:
        return


def _say(seconds: float, lang: str) -> None:
    if seconds > _LONG:
        echo(f"causation: {say('long', lang, minutes=max(1, round(seconds / 60.0)))}", error=True)


def _expected(model: Model, others: int, times: float, besides: int) -> float:
    """Seconds of the processor, from few and from more of the rows that a command evaluates.

    Rows share what is found for the first of them, so what counts is what more of them add. Inputs
    that are drawn again and that are shifted are tried in one call, as they are evaluated: where a
    loading is 1 as it stands, and not where it is drawn again, no grid does for both.
    """
    from causation.analyses.carriers import Plan as Shifted
    from causation.analyses.evaluating import Once
    from causation.analyses.redrawn import Plan as Redrawn
    from causation.analyses.sets import models_by_set
    from causation.analyses.spread import MOST_INPUTS
    from causation.model.structure import Model, concatenate

    once = Once()

    def evaluated(rows: Scenarios, one: Model = model) -> float:
        began = time.process_time()
        once(one, rows)
        return time.process_time() - began

    base = evaluated(model.base())
    if others * base > _OPEN * _LONG or not times:
        return others * base * (1.0 + times)
    every = [base]
    if besides and others * base < _LONG:  # it is long by itself, and they are as dear to try
        found = [m for m in models_by_set(model).values() if isinstance(m, Model)]
        every += [evaluated(m.base(), m) for m in found if m is not model]
    mean = sum(every) / len(every)  # under another prior set they may take much longer
    left_out = len(model.filled.groups) + len(model.filled.findings) if besides else 0
    seconds = others * mean + _LEFT_OUT * left_out**2
    times *= 0.5 * (1.0 + (mean / base if base else 1.0))
    tables = [Redrawn.of(model).rows]
    if len(model.numbers) <= MOST_INPUTS:
        tables.append(Shifted.of(model).rows)
    plaintiffs = sum(g.plaintiff or g.first for g in model.filled.groups)
    size = round(times * sum(map(len, tables))) + besides * max(0, plaintiffs - 1)

    def taken(n: int) -> float:
        parts = [x.take(_spread(len(x), n // len(tables))) for x in tables]
        return evaluated(concatenate(parts))

    return seconds + _by_trial(taken, size, calls=times + max(0, plaintiffs - 1), base=base)


def _by_trial(taken: Callable[[int], float], size: int, *, calls: float, base: float) -> float:
    """Seconds that rows take in some calls, from what none of them take, few, or more."""
    found, most = {0: base}, 0.0
    for few, more, off in _TRIED:
        again = few not in found  # then the larger of the two counts
        for n in (few, more):
            if n not in found:
                found[n] = taken(n)
        each = max(0.0, found[more] - found[few]) / (more - few)
        seconds = calls * found[few] + size * each
        most = max(most, seconds) if again else seconds
        if not _LONG / 4.0 < seconds < _LONG * off:
            break
    return most


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
