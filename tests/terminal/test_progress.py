"""Progress on a terminal and elsewhere; errors and their exit codes."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable
from types import SimpleNamespace

import numpy as np
import pytest

from causation.analyses import carriers, redrawn
from causation.analyses.evaluating import Once
from causation.case import fill, load_case
from causation.case.files import parse_case
from causation.errors import CaseError, CausationError, InputError, MissingExtraError, RefusalError
from causation.model.structure import Model, Scenarios, build_model
from causation.sweeping.sweep import plan_sweep
from causation.terminal import progress
from causation.terminal.drawing import PICTURES
from causation.terminal.progress import WORK, Work, progress_bar, working
from tests.hostile.loads import large_case


@pytest.mark.parametrize("terminal", [True, False])
def test_progress(
    terminal: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A bar on a terminal, on standard error; silence in a file."""
    monkeypatch.setenv("FORCE_COLOR" if terminal else "NO_COLOR", "1")
    if terminal:
        monkeypatch.delenv("NO_COLOR", raising=False)
    else:
        monkeypatch.delenv("FORCE_COLOR", raising=False)
    with progress_bar("sweep") as update:
        for share in (0.0, 0.5, 1.0):
            update(share)
    out, err = capsys.readouterr()
    assert out == ""
    assert ("sweep" in err) == terminal


@pytest.mark.parametrize("terminal", [True, False])
def test_that_something_is_going_on_is_seen_on_a_terminal_alone(
    terminal: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TTY_COMPATIBLE", "1" if terminal else "0")
    monkeypatch.delenv("FORCE_COLOR", raising=False)
    if terminal:  # an older rich knows this one alone
        monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    with working("computing"):
        pass
    out, err = capsys.readouterr()
    assert out == ""
    assert ("computing" in err) == terminal


@pytest.mark.parametrize("slow", [True, False])
def test_what_is_long_by_itself_is_said_while_it_is_tried(
    slow: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    spent = iter(range(1000))
    clock = SimpleNamespace(process_time=lambda: 30.0 * next(spent) * slow)
    monkeypatch.setattr(progress, "time", clock)
    with progress.said_if_long("en"):
        for _ in range(500 if slow else 3):
            if err := capsys.readouterr().err:
                break
            threading.Event().wait(0.02)
    assert bool(err) == slow
    assert not slow or err == "causation: this takes more than a minute of the processor\n"


def test_a_missing_extra_says_what_to_install() -> None:
    error = MissingExtraError("zarr", extra="cluster", purpose="writing zarr")
    assert "pip install 'causation[cluster]'" in str(error)
    assert (error.package, error.extra) == ("zarr", "cluster")


def test_a_case_error_says_where_and_what() -> None:
    full = CaseError("wrong", file="a.yaml", line=3, path="x.y", found="1", allowed="2")
    assert str(full) == "a.yaml:3: x.y: wrong; found 1; allowed: 2"
    assert str(CaseError("wrong")) == "wrong"


def test_the_tree() -> None:
    assert issubclass(RefusalError, InputError)
    assert issubclass(InputError, CausationError)
    assert not issubclass(CausationError, ValueError)


@pytest.mark.parametrize("command", ["assess", "inquire", "plot", "report", "sensitivity"])
def test_a_command_that_takes_long_says_so_first(
    command: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The clock goes as fast as is wanted: no machine is measured."""
    case = load_case("shen-2018")
    monkeypatch.setattr(progress, "_ASKED", 3)
    for seconds, said in ((0.01, ""), (8.0, "min of the processor")):
        ticks = (seconds * k for k in itertools.count())
        clock = SimpleNamespace(process_time=lambda ticks=ticks: next(ticks))
        monkeypatch.setattr(progress, "time", clock)
        progress.say_if_long(case, command, lang="en")
        out, err = capsys.readouterr()
        assert (out, said in err, bool(err)) == ("", True, bool(said))
    minutes = int(err.split("about ")[1].split()[0])
    assert minutes >= 1
    progress.say_if_long(case, command, lang="zh", taken=0.01)
    assert not capsys.readouterr().err
    progress.say_if_long(case, command, lang="zh", taken=10.0)
    assert f"约需{minutes}分钟" in capsys.readouterr().err


def test_everything_that_can_be_asked_for_is_expected_to_take_something() -> None:
    kinds = {name.partition(" ")[0] for name in WORK}
    assert kinds <= WORK.keys()
    assert {name.removeprefix("plot ") for name in WORK if name[:5] == "plot "} <= set(PICTURES)


def _timed(monkeypatch: pytest.MonkeyPatch, price: Callable[[Model, Scenarios], float]) -> None:
    """Let rows take the processor as long as they are priced."""
    spent = [0.0]

    def evaluate(_: Once, one: Model, rows: Scenarios) -> None:
        spent[0] += price(one, rows)

    monkeypatch.setattr(Once, "__call__", evaluate)
    monkeypatch.setattr(progress, "time", SimpleNamespace(process_time=lambda: spent[0]))


def test_rows_are_tried_as_they_are_evaluated(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where rows that are drawn again and shifted ones are dear only together, it is noticed."""
    model = build_model(fill(load_case("bic-2025-doxxing")))
    base = model.base().center

    def price(_: Model, rows: Scenarios) -> float:
        moved = (rows.center != base).sum(axis=1)
        together = (moved == 1).any() and (moved > 1).any()
        return float(len(rows)) if together or len(rows) == 1 else 0.0

    _timed(monkeypatch, price)
    every = len(redrawn.Plan.of(model).rows) + len(carriers.Plan.of(model).rows)
    assert progress._expected(model, Work(7, 1.0)) == 7.0 + 2.0 + every
    assert progress._expected(model, Work(7)) == 7.0


@pytest.mark.parametrize("dear", ["neutral", "data-based"])
def test_rows_that_are_dear_under_one_prior_set_alone_count(
    dear: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = build_model(fill(load_case("bic-2025-doxxing"), priors="neutral"))

    def price(one: Model, rows: Scenarios) -> float:
        return 0.1 + (0.2 * len(rows) if one.filled.priors.name == dear else 0.0)

    _timed(monkeypatch, price)
    found = progress._expected(model, WORK["assess"])
    rows = len(redrawn.Plan.of(model, fewer=0).rows)
    if dear == "neutral":
        rows = len(redrawn.Plan.of(model).rows) + len(carriers.Plan.of(model).rows)
    assert 0.2 * rows < found < 0.2 * rows + 12.0


def test_rows_far_from_the_case_are_among_those_tried() -> None:
    model = build_model(fill(load_case("bic-2025-doxxing")))
    rows = redrawn.Plan.of(model).rows
    order = rows.outwards(model.base())
    off = ((rows.center - model.base().center) ** 2).sum(axis=1)[order]
    assert off[0] == 0.0
    assert (np.diff(off) >= 0.0).all()
    assert progress._spread(len(rows), 2)[-1] == len(rows) - 1
    assert progress._spread(10, 10) == list(range(10))


def test_leaving_out_very_many_one_by_one_takes_long(monkeypatch: pytest.MonkeyPatch) -> None:
    model = build_model(parse_case(large_case(groups=300)))

    def price(_: Model, rows: Scenarios) -> float:
        return float((~rows.present).any(axis=1).sum())

    _timed(monkeypatch, price)
    assert progress._expected(model, WORK["assess"]) == pytest.approx(4 * 300, rel=0.02)
    assert progress._expected(model, WORK["plot"]) == 0.0


@pytest.mark.parametrize(("seconds", "models"), [(0.5, 4), (7.5, 1)])
def test_no_other_prior_set_is_tried_where_one_takes_long(
    seconds: float, models: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To say how long a case takes must not itself take long."""
    model = build_model(fill(load_case("bic-2025-doxxing")))
    tried: list[object] = []

    def price(one: Model, _: Scenarios) -> float:
        tried.append(one)
        return seconds

    _timed(monkeypatch, price)
    assert progress._expected(model, WORK["assess"]) > 18 * seconds
    assert len({*map(id, tried)}) == models
    assert seconds * len(tried) < 2.0 * progress._LONG


@pytest.mark.parametrize(
    ("taken", "seconds"),
    [
        ({2: 0.002, 8: 0.008}, 0.102),
        ({2: 0.2, 8: 20.0}, 330.2),
        ({2: 0.2, 8: 0.8, 14: 1.4, 28: 1.4}, 10.2),
        ({2: 0.2, 8: 0.8, 14: 2.0, 28: 16.0}, 102.0),
    ],
)
def test_more_rows_are_tried_where_few_leave_it_open(
    taken: dict[int, float], seconds: float
) -> None:
    asked: list[int] = []

    def clock(rows: int) -> float:
        asked.append(rows)
        return taken[rows]

    found = progress._by_trial(clock, 100, calls=1.0)
    assert asked == list(taken)
    assert found == pytest.approx(seconds)


@pytest.mark.parametrize(("seconds", "said"), [(0.001, False), (60.0, True)])
def test_a_sweep_that_takes_long_says_so_first(
    seconds: float, said: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    plan = plan_sweep("bic-2025-doxxing", {"actor.publishes": "0.1:0.9:20"})
    ticks = (seconds * k for k in itertools.count())
    monkeypatch.setattr(progress, "time", SimpleNamespace(process_time=lambda: next(ticks)))
    progress.say_if_sweep_long(plan, lang="en")
    assert ("about 1 min of the processor" in capsys.readouterr().err) == said
    progress.say_if_sweep_long(plan_sweep("bic-2025-doxxing", {"standard": [0.5]}), lang="en")
    assert not capsys.readouterr().err
