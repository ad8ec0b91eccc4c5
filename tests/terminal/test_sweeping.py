"""Sweeps from the shell: what scripts have, and nothing dropped."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from causation.sweeping.sweep import sweep
from causation.terminal.cli import main


def test_cases_sets_standards_and_paths_cross(tmp_path: Path) -> None:
    target = tmp_path / "x.csv"
    asked = ["sweep", "bic-2025-doxxing", "gao-2024", "--priors", "neutral,claimant"]
    asked += ["--standard", "0.5,cn-high-probability", "--vary", "actor.publishes=[.2,.6],.8"]
    asked += ["--variables", "probability, met", "--bound", "1", "-o", str(target)]
    assert main(asked) == 0
    table = pd.read_csv(target)
    assert list(table) == [
        "case", "priors", "standard", "actor.publishes", "probability", "met",
    ]  # fmt: skip
    assert len(table) == 2 * 2 * 2 * 2
    own = sweep(
        ["bic-2025-doxxing", "gao-2024"], {"actor.publishes": [(0.2, 0.6), 0.8]},
        priors=["neutral", "claimant"], standard=[0.5, "cn-high-probability"], bound=1.0,
    )  # fmt: skip
    same = own["probability"].to_numpy().ravel()
    assert table["probability"].to_numpy() == pytest.approx(same, rel=1e-12)
    assert table["met"].tolist() == own["met"].to_numpy().ravel().tolist()


def test_impossible_scenarios_are_named_or_left_empty(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "x.csv"
    asked = ["sweep", "bic-2025-doxxing", "--vary", "routes.platform/library=.5,.9"]
    asked += ["--vary", "routes.platform/osint=.05,.4", "-o", str(target)]
    assert main(asked) == 2
    message = capsys.readouterr().err
    assert "routes.platform/library = 0.9, routes.platform/osint = 0.4" in message
    assert "--gaps" in message
    assert main([*asked, "--gaps"]) == 0
    assert pd.read_csv(target)["probability"].isna().tolist() == [False, False, False, True]
    assert main([*asked, "--gaps", "--zip", "--overwrite"]) == 0
    assert len(pd.read_csv(target)) == 2


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ([], "nothing varies"),
        (["--vary", "sources.nobody.weight=1"], "no such source"),
        (["--vary", "standard=.5", "--bound", "nan"], "bounds nothing"),
        (["--vary", "standard=.5", "--bound", "-1"], "bounds nothing"),
        (["--vary", "standard=.5", "--variables", "odds"], "no such variable: odds"),
        (["--standard", ".5,nan"], "probability in"),
    ],
)
def test_mistakes(
    options: list[str], message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "x.csv"
    assert main(["sweep", "bic-2025-doxxing", *options, "-o", str(target)]) == 2
    assert message in capsys.readouterr().err
    assert not target.exists()


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_sweep_is_drawn_where_the_name_is_that_of_a_figure(
    lang: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    vary = ["--vary", "sources.osint.weight=log:.1:10:9"]
    lines, heat = tmp_path / "lines.svg", tmp_path / "heat.png"
    asked = ["sweep", "bic-2025-doxxing", *vary, "--lang", lang]
    assert main([*asked, "--priors", "neutral,claimant", "-o", str(lines)]) == 0
    assert lines.read_bytes().startswith(b"<?xml")
    assert main([*asked, "--vary", "sources.library.weight=log:.1:10:9", "-o", str(heat)]) == 0
    assert heat.read_bytes().startswith(b"\x89PNG")
    assert ("已写入" if lang == "zh" else "written") in capsys.readouterr().out


def test_nobody_in_a_group_is_a_value(tmp_path: Path) -> None:
    target = tmp_path / "x.csv"
    vary = "victims.co_victims.count=0,1"
    assert main(["sweep", "bic-2025-doxxing", "--vary", vary, "-o", str(target)]) == 0
    alone = sweep("bic-2025-doxxing", {"victims.co_victims.count": [0]})
    found = pd.read_csv(target)["probability"][0]
    assert found == pytest.approx(float(alone["probability"][0]), abs=1e-12)
