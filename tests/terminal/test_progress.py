"""Progress on a terminal and elsewhere; errors and their exit codes."""

from __future__ import annotations

import itertools
from types import SimpleNamespace

import pytest

from causation.analyses import carriers, redrawn
from causation.analyses.evaluating import Once
from causation.case import fill, load_case
from causation.errors import CaseError, CausationError, InputError, MissingExtraError, RefusalError
from causation.model.structure import Scenarios, build_model
from causation.sweeping.sweep import plan_sweep
from causation.terminal import progress
from causation.terminal.progress import WORK, progress_bar, working


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


@pytest.mark.parametrize("command", WORK)
def test_a_command_that_takes_long_says_so_first(
    command: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The clock goes as fast as is wanted: no machine is measured."""
    case = load_case("shen-2018")
    monkeypatch.setattr(progress, "_ASKED", 3)
    for seconds, said in ((0.1, ""), (5.0, "min of the processor")):
        ticks = (seconds * k for k in itertools.count())
        clock = SimpleNamespace(process_time=lambda ticks=ticks: next(ticks))
        monkeypatch.setattr(progress, "time", clock)
        progress.say_if_long(case, command, lang="en")
        out, err = capsys.readouterr()
        assert (out, said in err, bool(err)) == ("", True, bool(said))
    minutes = int(err.split("about ")[1].split()[0])
    others, times, _ = WORK[command]
    assert minutes == round(5.0 * (others + times) / 60.0)  # more rows take the same here
    progress.say_if_long(case, command, lang="zh", taken=0.01)
    assert not capsys.readouterr().err
    progress.say_if_long(case, command, lang="zh", taken=10.0)
    assert f"约需{minutes}分钟" in capsys.readouterr().err


def test_rows_are_tried_as_they_are_evaluated(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where rows that are drawn again and shifted ones are dear only together, it is noticed."""
    model = build_model(fill(load_case("bic-2025-doxxing")))
    base, spent = model.base().center, [0.0]

    def evaluate(_: Once, __: object, rows: Scenarios) -> None:
        moved = (rows.center != base).sum(axis=1)
        if (moved == 1).any() and (moved > 1).any():
            spent[0] += len(rows)

    monkeypatch.setattr(Once, "__call__", evaluate)
    monkeypatch.setattr(progress, "time", SimpleNamespace(process_time=lambda: spent[0]))
    every = len(redrawn.Plan.of(model).rows) + len(carriers.Plan.of(model).rows)
    assert progress._expected(model, 7, 1.0, 0) == 2.0 + every
    assert progress._expected(model, 7, 0.0, 0) == 0.0


def test_leaving_out_very_many_one_by_one_takes_long(monkeypatch: pytest.MonkeyPatch) -> None:
    model = build_model(fill(load_case("bic-2025-doxxing")))
    monkeypatch.setattr(Once, "__call__", lambda *_: None)
    monkeypatch.setattr(progress, "time", SimpleNamespace(process_time=lambda: 0.0))
    monkeypatch.setattr(progress, "_LEFT_OUT", 1.0)
    items = len(model.filled.groups) + len(model.filled.findings)
    assert progress._expected(model, *WORK["assess"]) == items**2
    assert progress._expected(model, *WORK["plot"]) == 0.0


@pytest.mark.parametrize(("seconds", "models"), [(0.01, 4), (7.0, 1)])
def test_no_other_prior_set_is_tried_where_one_takes_long(
    seconds: float, models: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To say how long a case takes must not itself take long."""
    model = build_model(fill(load_case("bic-2025-doxxing")))
    tried: list[object] = []

    def evaluate(_: Once, one: object, rows: Scenarios) -> None:
        tried.extend([one] * len(rows))

    monkeypatch.setattr(Once, "__call__", evaluate)
    clock = SimpleNamespace(process_time=lambda: seconds * len(tried))
    monkeypatch.setattr(progress, "time", clock)
    assert progress._expected(model, *WORK["assess"]) > 18 * seconds
    assert len({*map(id, tried)}) == models
    assert seconds * len(tried) < 2.0 * progress._LONG


@pytest.mark.parametrize(
    ("taken", "seconds"),
    [
        ({2: 0.002}, 0.1),
        ({2: 20.0}, 1000.0),
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

    found = progress._by_trial(clock, 100, calls=1.0, base=0.0)
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
