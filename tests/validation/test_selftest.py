"""The selftest reproduces every published number, and would notice if it did not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import yaml

from causation.case import data_path, load_case
from causation.dossier.assessment import assess
from causation.terminal.cli import main
from causation.validation import selftest
from causation.validation.selftest import SelftestRow, run_selftest


@pytest.fixture(scope="module")
def rows() -> tuple[SelftestRow, ...]:
    return run_selftest()


def test_every_published_number_is_reproduced(rows: tuple[SelftestRow, ...]) -> None:
    assert [r.name for r in rows if not r.agrees] == []
    names = " ".join(r.name for r in rows)
    for part in ("sally-clark", "two-item-network", "three-suspect-burglary", "repeats", "Cllr",
                 "shapley", "leave_one_out", "sequential", "bits", "contaminated", "chest-clinic",
                 "guilty-agent", "shared rate"):  # fmt: skip
        assert part in names
    assert len(rows) == 51
    assert all(r.citation for r in rows)


@pytest.mark.parametrize(("ours", "agrees"), [(0.12346, True), (0.12344, False), (0.1246, False)])
def test_agreement_is_to_the_digits_printed(ours: float, agrees: bool) -> None:
    row = SelftestRow("x", 0.1235, ours, 4, "c")
    assert row.agrees is agrees
    assert row.cells()[-1] == ("ok" if agrees else "DIFFERS")


def test_a_wrong_number_fails_the_command(
    rows: tuple[SelftestRow, ...],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    spoiled = (replace(rows[0], ours=rows[0].ours + 1e-3), *rows[1:])
    monkeypatch.setattr(selftest, "run_selftest", lambda: spoiled)
    assert main(["selftest"]) == 1
    shown = capsys.readouterr().out
    assert "50 of 51" in shown
    assert "DIFFERS" in shown


def test_objects_that_share_their_chances_prove_less_than_the_product() -> None:
    """The number on the page on published results; independent chances give the published one."""
    case = load_case(data_path("published", "guilty-agent.yaml"))
    wide = {f"sources.agent.disclosure.t{i}": [0.05, 0.95] for i in range(1, 9)}
    apart = case.replace(wide | {"sources.agent.correlation": 0.0})
    assert assess(apart).probability == pytest.approx(0.99609375, abs=1e-6)
    shared = case.replace(wide | {"sources.agent.correlation": 0.5})
    z = np.random.default_rng(1).standard_normal((200_000, 9))
    rate = 1.0 / (1.0 + np.exp(-np.log(19.0) / 1.6448536 * (z[:, :1] + z[:, 1:]) / np.sqrt(2.0)))
    assert assess(shared).probability == pytest.approx(
        1.0 - (1.0 - rate).prod(axis=1).mean(), abs=0.002
    )
    assert assess(shared).probability == pytest.approx(0.957, abs=0.001)


def test_the_record_that_reports_print_is_what_comes_out(rows: tuple[SelftestRow, ...]) -> None:
    found = yaml.safe_load(data_path("published", "reproduced.yaml").read_text(encoding="utf-8"))
    assert found["rows"] == [[*row.cells()[:3], row.agrees] for row in rows]
