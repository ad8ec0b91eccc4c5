"""Sensitivity from the shell: what is printed is what scripts have, and files have all of it."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path
from typing import Any

import pytest

from causation import tipping_points, tornado
from causation.analyses.bound import validated_bound
from causation.analyses.bounds import robust_bounds
from causation.analyses.inquiry import inquire
from causation.case import load_case
from causation.dossier.digits import percent
from causation.dossier.labels import LANGUAGES
from causation.terminal.cli import main
from causation.terminal.sensitivity import _SHOWN
from tests.build import document


@pytest.fixture(scope="module")
def case_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small case with one thing that moves much."""
    doc = document(victims=document()["victims"][:1], findings=None)
    doc = {k: v for k, v in doc.items() if v is not None}
    file = tmp_path_factory.mktemp("small") / "case.json"
    file.write_text(json.dumps(doc), encoding="utf-8")
    return file


def call(capsys: pytest.CaptureFixture[str], *arguments: Any) -> tuple[int, str, str]:
    code = main([str(a) for a in arguments])
    out, err = capsys.readouterr()
    return code, out, err


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_tornado(lang: str, case_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = tornado(load_case(case_file), bound=validated_bound())
    code, out, err = call(capsys, "sensitivity", case_file, "--lang", lang)
    assert (code, err) == (0, "")
    text, first = re.sub(r"\s", "", out), found.bars[0]
    for value in (
        first.probability_low, first.probability_high, first.held_low, first.held_high,
        found.probability,
    ):  # fmt: skip
        assert percent(value).replace(" ", "") in text
    assert "sources." not in out  # no dotted path


def test_files_have_all_of_it(
    case_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    case = load_case(case_file)
    _, out, _ = call(capsys, "sensitivity", case_file, "-o", "-")
    rows = list(csv.DictReader(io.StringIO(out)))
    bars = tornado(case, bound=validated_bound()).bars
    assert [r["path"] for r in rows] == [b.path for b in bars]
    assert float(rows[0]["probability_high"]) == pytest.approx(bars[0].probability_high)
    assert float(rows[0]["held_high"]) == pytest.approx(bars[0].held_high)
    _, out, _ = call(capsys, "sensitivity", case_file, "--what", "tipping", "-o", "-.csv")
    points = tipping_points(case, bound=validated_bound()).points
    assert [r["path"] for r in csv.DictReader(io.StringIO(out))] == [p.path for p in points]
    _, out, _ = call(capsys, "sensitivity", case_file, "--what", "bounds", "-o", "-")
    lines = {r["over"]: r for r in csv.DictReader(io.StringIO(out))}
    bounds = robust_bounds(case)
    assert float(lines["weights"]["lower"]) == pytest.approx(bounds.weights.lower)
    assert len(lines) == 5
    figure = tmp_path / "t.svg"
    assert call(capsys, "sensitivity", case_file, "-o", figure, "--lang", "zh")[0] == 0
    assert figure.read_text("utf-8").startswith("<?xml")


def test_inquiries_are_compared_as_an_assessment_is(
    case_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, out, _ = call(capsys, "inquire", case_file, "--json")
    limited = inquire(load_case(case_file), bound=validated_bound())
    assert json.loads(out) == json.loads(json.dumps(limited.to_dict()))
    free = inquire(load_case(case_file))
    assert limited.highest_pair is not None
    assert free.highest_pair is not None
    assert limited.highest_pair.probability < free.highest_pair.probability


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_would_reverse_the_comparison_is_said(
    lang: str, case_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, out, _ = call(capsys, "inquire", case_file, "--lang", lang)
    said = inquire(load_case(case_file), bound=validated_bound()).sentence[lang]
    assert "".join(said.split()) in "".join(out.split())
    assert not [line for line in out.splitlines() if line[:1] in "、，。；："[: len(line)]]


@pytest.mark.parametrize("what", ["tipping", "bounds"])
@pytest.mark.parametrize("lang", LANGUAGES)
def test_tables(what: str, lang: str, case_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    near = tornado(load_case(case_file)).probability + 0.02
    options = ("--what", what, "--lang", lang, "--standard", f"{near:.3f}")
    code, out, err = call(capsys, "sensitivity", case_file, *options)
    assert (code, err) == (0, "")
    assert len(out.splitlines()) > 3
    assert "sources." not in out


@pytest.mark.slow
@pytest.mark.parametrize("what", ["indices", "variants"])
def test_the_long_ones(what: str, case_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for extra in ((), ("-o", "-")):
        code, out, err = call(capsys, "sensitivity", case_file, "--what", what, *extra)
        assert (code, err) == (0, "")
        assert len(out.splitlines()) > 2


def test_what_is_not_there(
    case_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for what, output, words in (
        ("tornado", "x.txt", "no such format"),
        ("tipping", "x.png", "no figure of tipping"),
        ("torndo", "x.png", "torndo"),
    ):
        code, out, err = call(
            capsys, "sensitivity", case_file, "--what", what, "-o", tmp_path / output
        )
        assert (code, out) == (2, "")
        assert words in err
    assert not list(tmp_path.iterdir())
    assert set(_SHOWN) == {"tornado", "tipping", "bounds", "indices", "variants"}
