"""What reading every page brought up: kinds of faults that no other test looks for."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from itertools import pairwise
from types import SimpleNamespace
from typing import cast

import pytest

from causation.document.terms import BearsOn
from causation.dossier.labels import LANGUAGES
from causation.report.build import Report
from causation.report.content.context import Context
from causation.report.content.materials import treated
from causation.report.document import Num, Paragraph, Table, block_inlines, plain

type Build = Callable[[str, str], Report]


def _text(report: Report) -> str:
    return "\n".join(
        plain(run)
        for b in report.document.blocks
        if type(b).__name__ != "Code"
        for run in block_inlines(b)
    )


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_number_has_an_exponent_and_no_note_the_id_of_a_variant(build: Build, lang: str) -> None:
    text = _text(build("bic-2025-doxxing", lang))
    assert not re.search(r"\b\d+(\.\d+)?e[-+]\d", text)
    assert "same_fields" not in text


def test_chinese_is_not_broken_by_the_lines_of_its_file(build: Build) -> None:
    broken = re.search(r"[\u3400-\u9fff\uff0c] [\u3400-\u9fff]", _text(build("gao-2024", "zh")))
    assert broken is None, broken


def test_a_ratio_beyond_the_range_is_said_in_good_chinese(build: Build) -> None:
    text = _text(build("bic-2025-doxxing", "zh"))
    assert "的超过" not in text
    assert re.search(r"的可能性，超过信息经由.*时的[\d.]+倍", text)


@pytest.mark.parametrize(
    ("day", "key"),
    [
        (dt.date(2014, 10, 13), "fault_before"),
        (dt.date(2023, 10, 2), "fault"),
        (None, "fault_undated"),
    ],
)
def test_the_presumption_of_fault_is_that_of_its_date(day: dt.date | None, key: str) -> None:
    incident = day and SimpleNamespace(days=(day, day))
    context = SimpleNamespace(law="cn", case=SimpleNamespace(incident_date=incident))
    assert treated(cast("Context", context), BearsOn.FAULT) == f"elements.{key}"
    abroad = SimpleNamespace(law="us", case=SimpleNamespace(incident_date=incident))
    assert treated(cast("Context", abroad), BearsOn.FAULT) == "elements.fault"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_would_turn_a_lost_case_round_is_what_would_add_most(build: Build, lang: str) -> None:
    report = build("bic-2025-doxxing", lang)
    assert report.assessment.held.probability < report.assessment.threshold
    keys = [
        i.key
        for b in report.document.blocks
        if isinstance(b, Table) and b.id == "t-questions"
        for run in block_inlines(b)
        for i in run
        if isinstance(i, Num)
    ]
    assert "pair.highest" in keys
    assert "pair.lowest" not in keys


def test_a_sentence_before_a_table_stays_with_it(build: Build) -> None:
    blocks = build("gao-2024", "en").document.blocks
    pairs = pairwise(blocks)
    led = [p for p, after in pairs if isinstance(p, Paragraph) and isinstance(after, Table)]
    assert led
    assert all(p.announces for p in led)
