"""The page on real cases says what the program computes, and what was decided."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from scipy.integrate import quad

from causation.analyses.verdict import Verdict
from causation.case import bundled_cases, data_path, load_case, parse_case
from causation.dossier.assessment import assess
from causation.errors import CaseError
from causation.terminal.cli import main
from causation.validation.real_cases import (
    Decision,
    agreement,
    court_report,
)
from tests.benchmarks.courts import as_markdown, summary

PAGE = Path(__file__).parents[2] / "docs" / "real-cases.md"
NUMBER = re.compile(r"[+-]?\d+\.\d+")


def printed(name: str) -> str:
    text = PAGE.read_text(encoding="utf-8")
    return text.split(f"<!-- {name} -->")[1].split(f"<!-- end of {name} -->")[0]


def kept() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(data_path("real_cases.yaml").read_text(encoding="utf-8"))
    return found


@pytest.mark.slow
def test_the_page_and_the_summary_are_what_is_computed() -> None:
    """The randomisation is seeded, but the last digit is not the same on every machine."""
    report = court_report()
    for name, table in as_markdown(report).items():
        ours, theirs = (NUMBER.findall(text) for text in (table, printed(name)))
        assert NUMBER.sub("#", table).split() == NUMBER.sub("#", printed(name)).split()
        for x, y in zip(ours, theirs, strict=True):
            assert float(y) == pytest.approx(float(x), abs=0.011)
    assert kept() == summary(report)


def test_the_page_has_every_decision_of_every_case_file() -> None:
    rows = [line.strip("| ").split(" | ") for line in printed("decisions").splitlines()[3:]]
    sets = {row[3] for row in rows}
    for name in bundled_cases():
        for found in load_case(name).court_found:
            label = name if found.victim is None else f"{name}, {found.victim}"
            word = {True: ("established", "known to"), False: ("not established", "known not")}
            stage = "known" if found.stage == "control" else f"({found.stage}"
            mine = [r for r in rows if r[0] == label and stage in r[1]]
            assert len([r for r in mine if r[1].startswith(word[found.established])]) >= len(sets)
    proof = [r for r in rows if r[7] == "yes" and ("(trial" in r[1] or "(appeal" in r[1])]
    for name, found in kept()["agreement"].items():
        assert found["agreed"] == sum(row[3] == name for row in proof)


def test_the_page_says_how_often_no_is_always_right() -> None:
    every = [f for name in bundled_cases() for f in load_case(name).court_found]
    proof = [f for f in every if f.stage in {"trial", "appeal"}]
    lost = sum(not f.established for f in proof)
    right = sum((f.burden == "defendant") == f.established for f in proof)
    text = " ".join(PAGE.read_text(encoding="utf-8").split())
    words = {4: "four", 5: "five", 10: "ten"}
    assert f"Of the {words[len(proof)]} decisions on proof, somebody who always answers" in text
    assert f"agrees in {words[right]}," in text
    assert f"the {words[lost]} that the claimant lost" in text


@pytest.mark.parametrize(
    ("held", "established", "burden", "agrees"),
    [
        (0.8, True, None, True),
        (0.7, True, "plaintiff", False),
        (0.7, False, "plaintiff", True),
        (0.8, False, None, False),
        (0.4, True, "defendant", True),  # he could not show that it was not him
        (0.2, True, "defendant", False),
        (0.2, False, "defendant", True),
    ],
)
def test_who_has_to_prove_reaches_the_standard_where_he_won(
    held: float, established: bool, burden: str | None, agrees: bool
) -> None:
    row = Decision("c", "p", None, "trial", burden, established, 0.1, held, held, 0.75,
                   Verdict.MEETS)  # fmt: skip
    assert row.agrees is agrees


@pytest.mark.parametrize(("agreed", "decisions"), [(5, 10), (0, 3), (3, 3)])
def test_the_interval_of_a_share_has_its_mass(agreed: int, decisions: int) -> None:
    found = agreement("neutral", "all", agreed, decisions)

    def density(x: float) -> float:
        return float(x ** (agreed - 0.5) * (1.0 - x) ** (decisions - agreed - 0.5))

    whole, inside = quad(density, 0, 1)[0], quad(density, found.lo, found.hi)[0]
    assert inside / whole == pytest.approx(0.9, abs=1e-4)
    assert quad(density, 0, found.lo)[0] / whole == pytest.approx(0.05, abs=1e-4)


def test_two_burdens_on_the_same_facts() -> None:
    """The share decides neither way: the firm loses where it has to prove, the customer too."""
    report = court_report(["homeplus-2024"], priors=["neutral"])
    trial, appeal, proven = report.decisions
    a = assess("homeplus-2024")
    assert trial.held == appeal.held == pytest.approx(a.victims["others"]["homeplus"])
    assert (trial.established, appeal.established) == (True, False)
    assert trial.agrees
    assert appeal.agrees
    assert proven.probability > 1.5 * appeal.probability
    assert proven.held > appeal.held
    others = {
        r.reading["en"]: r.probability["neutral"]
        for r in report.readings
        if r.reading["en"].startswith("others:")
    }
    few, many = (others[f"others: {x} customers' records sold"] for x in ("Few", "Nearly all"))
    assert few is not None
    assert many is not None
    assert few < appeal.held < many


OWN = """
schema: 2
id: own
jurisdiction: none
standard: 0.75
proposition: shop
sources: {shop: {kind: custodian, holds: [phone]}}
victims: [{id: p, plaintiff: true, disclosed: [phone]}]
"""


def test_own_files_are_compared_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "own.yaml"
    file.write_text(OWN + "court_found: {established: false, stage: trial}\n", encoding="utf-8")
    assert main(["cases", str(file), "--court"]) == 0
    shown = capsys.readouterr().out
    assert "own · outcome not established (trial) · comparison value 0.75" in shown
    assert "1 of 1" in shown
    assert max(map(len, shown.splitlines())) <= 80
    assert main(["cases", str(file), "--court", "--lang", "zh"]) == 0
    assert "own · 裁判结果 未认定（一审） · 对照值 0.75" in capsys.readouterr().out
    file.write_text(OWN, encoding="utf-8")
    assert main(["cases", str(file), "--court"]) == 2
    assert "court_found" in capsys.readouterr().err
    with pytest.raises(CaseError, match="no decision"):
        court_report([file])


@pytest.mark.parametrize("found", ["{established: true, victim: q}", "[{established: maybe}]"])
def test_what_was_decided_of_nobody_is_an_error(found: str) -> None:
    with pytest.raises(CaseError, match="court_found"):
        parse_case(OWN + f"court_found: {found}\n")
