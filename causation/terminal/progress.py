"""A progress bar, a sign that something is going on, and a word where that will take long."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, NamedTuple

from causation.errors import CausationError
from causation.terminal.layout import echo, say

if TYPE_CHECKING:
    from causation.case.schema import Case
    from causation.model.structure import Model, Scenarios
    from causation.sweeping.plan import Sweep


class Work(NamedTuple):
    """What a command evaluates, about.

    `calls` of other cases; `moved` times as many rows as its inputs give that are drawn again and
    shifted. Under every other prior set `sets` calls, one table of inputs drawn again, and all that
    is left out in turn: 0 where it looks at no other prior set.
    """

    calls: float
    moved: float = 0.0
    sets: float = 0.0


WORK = {
    "assess": Work(8, 1.0, 4),
    "inquire": Work(30),
    "plot": Work(4),
    "plot routes": Work(4, 0.8),
    "plot sources": Work(4, 0.8),
    "plot redraws": Work(4, 0.8),
    "plot opinions": Work(8, 0.0, 2),
    "plot standing": Work(8, 0.8, 4),
    "plot claimants": Work(4, 0.0, 1),
    "plot contributions": Work(15),
    "plot carriers": Work(4, 0.4),
    "plot uncertainty": Work(4, 0.4),
    "report": Work(20, 3.0, 7),
    "sensitivity": Work(4, 0.5),
    "sensitivity tipping": Work(10, 1.5),
    "sensitivity bounds": Work(10, 1.0),
    "sensitivity indices": Work(10, 25.0),
    "sensitivity variants": Work(12, 0.0),
}
"""By the command, and what it is asked for where that takes more or less."""
_ASKED = 100
"""Sources up to which inquiries about them take no time."""
_OPEN = 16.0
"""Times what is long from which on nothing more is tried."""
_TRIED = ((2, 8, 2.0), (14, 28, 4.0))
"""Rows that are tried, and the factor by which what they say may be too much; more of them, which
are evaluated as very many are, where few leave open whether it takes long."""
_FEW = 4
"""Rows of a sweep for which nothing is tried."""
_LONG = 20.0
"""Seconds of the processor from which on it is said; it may take more than twice as long."""
_MORE = 40.0
"""Times what a command's calls take that its rows may take besides, at the most."""
_AT_ONCE = 10
"""Rows that are tried for one where each of very many is left out."""
_OTHERS = 3
"""Prior sets beside a case's own."""
_PER_PLAINTIFF = 100
"""Rows for every further plaintiff."""
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
        Of `WORK`, and what it is asked for.
    taken : float, optional
        Seconds that the answer took: where that was short nothing is tried.
    **options
        Prior set and standard, as `fill` takes them.
    """
    if taken is not None and taken < _SHORT:
        return
    from causation.case import fill
    from causation.model.structure import build_model

    began = time.process_time()
    try:
        model = build_model(fill(case, **options))
        if command == "inquire" and len(model.filled.sources) <= _ASKED:
            return
        work = WORK.get(command) or WORK[command.partition(" ")[0]]
        with said_if_long(lang):
            seconds = _expected(model, work, built=time.process_time() - began)
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

        with said_if_long(lang):
            taken(1)  # what is found for the first is there for all
            seconds = _by_trial(taken, size, calls=models)
        _say(seconds, lang)
    except CausationError:
        return


@contextmanager
def said_if_long(lang: str) -> Iterator[None]:
    """Say on standard error that it takes long while what one evaluation takes is long itself."""
    began, done = time.process_time(), threading.Event()

    def watch() -> None:
        while not done.wait(1.0):
            if time.process_time() - began > _LONG:
                with suppress(OSError, ValueError):  # nobody listens
                    echo(f"causation: {say('long_by_itself', lang)}", error=True)
                return

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def _say(seconds: float, lang: str) -> None:
    if seconds > _LONG:
        echo(f"causation: {say('long', lang, minutes=max(1, round(seconds / 60.0)))}", error=True)


def _expected(model: Model, work: Work, *, built: float = 0.0) -> float:
    """Seconds of the processor, from few and from more of the rows that a command evaluates.

    Rows share what is found for the first of them, so what counts is what more of them add. Inputs
    that are drawn again and that are shifted are tried in one call, as they are evaluated: where a
    loading is 1 as it stands, and not where it is drawn again, no grid does for both.

    Parameters
    ----------
    built : float
        Seconds that the model took to be built, as every other one does.
    """
    from causation.analyses.carriers import Plan as Shifted
    from causation.analyses.evaluating import Once
    from causation.analyses.redrawn import Plan as Redrawn
    from causation.analyses.sets import models_by_set
    from causation.analyses.spread import MOST_INPUTS
    from causation.analyses.variant_plan import uncertain_groups
    from causation.model.structure import Model, concatenate

    once = Once()

    def evaluated(rows: Scenarios, one: Model = model) -> float:
        began = time.process_time()
        sampled = once.memos[one].evidence  # then rows that are drawn again take fewer points
        (once.drawn if sampled else once)(one, rows)
        return time.process_time() - began

    base = evaluated(model.base()) + built
    plaintiffs = [g for g in model.filled.groups if work.sets and (g.plaintiff or g.first)]
    further = max(0, len(plaintiffs) - 1)
    calls = work.calls * base
    if calls > _LONG:  # it is long by itself, and other prior sets are as dear to try
        others, calls = {}, calls + work.sets * _OTHERS * base
        if calls > _OPEN * _LONG or not work.moved:
            return 2.0 * calls if work.moved else calls
    else:
        found = models_by_set(model).values() if work.sets else ()
        mine = (m for m in found if isinstance(m, Model) and m is not model)
        others = {m: evaluated(m.base(), m) + built for m in mine}
        calls += work.sets * sum(others.values())
    left = uncertain_groups(model) if work.sets else ()
    if _MORE * calls < _LONG and len(left) + further < _PER_PLAINTIFF:
        return calls

    def moved(one: Model, tables: Sequence[Scenarios]) -> Callable[[int], float]:
        parts = [(x, x.outwards(one.base())) for x in tables]

        def taken(n: int) -> float:
            some = [x.take(o[_spread(len(o), n // len(parts))]) for x, o in parts]
            return evaluated(concatenate(some), one)

        return taken

    def without(n: int) -> float:
        chosen = _spread(len(left), _AT_ONCE * n)
        return evaluated(model.without([[f"victims.{left[i].id}"] for i in chosen]))

    tables = [Redrawn.of(model).rows]
    if len(model.numbers) <= MOST_INPUTS:
        tables.append(Shifted.of(model).rows)
    size = round(work.moved * sum(map(len, tables))) + _PER_PLAINTIFF * further
    own = _by_trial(moved(model, tables), size, calls=work.moved + further) if size else 0.0
    seconds = calls + own
    if work.sets and not others:
        seconds += own * _OTHERS * len(tables[0]) / size / 2.0
    price = 1.0  # of a set's rows, to that of its case
    for m, first in others.items() if work.moved else ():
        tried = price * first
        if seconds < 2.0 * _LONG:  # else that is said in any case
            table = Redrawn.of(m, fewer=0).rows
            tried = _by_trial(moved(m, [table]), len(table), calls=1.0)
            price = tried / first if first else 0.0
        seconds += tried
    if len(left) >= _PER_PLAINTIFF:
        seconds += _by_trial(without, len(left) * (1 + _OTHERS) // _AT_ONCE, calls=1.0)
    return seconds


def _by_trial(taken: Callable[[int], float], size: int, *, calls: float) -> float:
    """Seconds that rows take in some calls, from what few of them take, and more."""
    most = 0.0
    for few, more, off in _TRIED:
        first = taken(few)
        each = max(0.0, taken(more) - first) / (more - few)
        most = max(most, calls * first + size * each)
        if not _LONG / 4.0 < most < _LONG * off:
            break
    return most


def _spread(size: int, some: int) -> list[int]:
    """Some places among so many, evenly, the last among them."""
    return [(n * size - 1) // some for n in range(1, some + 1)]


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
