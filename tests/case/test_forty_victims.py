"""Forty victims, each with what is known of him, from a workbook to an answer."""

from __future__ import annotations

import datetime as dt
import random
import re
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from causation.case import Case, build_case, fill, parse_case
from causation.inference.infer import infer
from causation.inference.integrate import DRAFT
from causation.terminal.cli import main

HEADS = (
    *("编号", "属同一系列的概率", "公开日期", "手机号码（起）", "账号与本人的对应关系"),
    *("手机号码", "真实姓名", "身份证照片", "前台匿名", "用户.platform"),
    "因下列信息均被公开而列入",
)
FIELDS = {"账号与本人的对应关系": "account_link", "手机号码": "phone", "真实姓名": "real_name",
          "身份证照片": "id_photo"}  # fmt: skip


def rows() -> list[dict[str, Any]]:
    """Forty rows; three of them with a date from which the number was the true one."""
    rng = random.Random(5)  # noqa: S311
    found = []
    for i in range(40):
        row: dict[str, Any] = {"编号": i + 1, "账号与本人的对应关系": "是", "用户.platform": "是"}
        row["属同一系列的概率"] = None if not i else rng.choice(["80%", 0.9, "９５％", None])
        row["公开日期"] = dt.date(2024, 5, 3) + dt.timedelta(days=rng.randrange(9))
        for field, p in (("手机号码", 0.6), ("真实姓名", 0.4), ("身份证照片", 0.15)):
            row[field] = rng.choices(["是", "否", "不详"], [p, 0.15, 0.85 - p])[0]
        row["前台匿名"] = rng.choices(["是", "否", None], [0.8, 0.1, 0.1])[0]
        if i in (4, 11, 30):
            row |= {"手机号码": "是", "手机号码（起）": dt.date(2021, 1 + i % 12, 1)}
        found.append(row)
    return found


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.append(["2024年5月开盒事件 被公开者一览"])
    sheet.merge_cells("A1:K1")
    sheet.append(HEADS)
    for row in rows():
        sheet.append([row.get(head) for head in HEADS])
    sheet["K4"] = "账号与本人的对应关系"
    sheet.merge_cells("K4:K42")
    path = tmp_path_factory.mktemp("forty") / "forty.xlsx"
    book.save(path)
    return path


def members(case: Case) -> dict[int, Any]:
    """Group of every row of the sheet, as its note says."""
    found = {}
    for group in case.victims:
        assert group.note is not None
        for span in re.findall(r"[\d–]+", group.note["en"]):
            lo, _, hi = span.partition("–")
            for number in range(int(lo), int(hi or lo) + 1):
                assert number not in found
                found[number] = group
    return found


def test_every_row_is_in_one_group_that_says_what_it_says(file: Path) -> None:
    case = build_case("forty", victims=file)
    place = members(case)
    assert sorted(place) == list(range(3, 43))
    assert sum(g.count for g in case.victims) == 40
    assert len(case.victims) > 20
    for number, row in enumerate(rows(), start=3):
        group = place[number]
        stated = {f: row[head] for head, f in FIELDS.items()}
        shown = {f for f, word in stated.items() if word == "是"}
        hidden = {f for f, word in stated.items() if word == "否"}
        assert set(group.disclosed) == shown
        assert set(group.not_disclosed) == hidden - (
            {"real_name"} if "id_photo" in shown else set()
        )
        assert group.traits.get("anonymous") == {"是": True, "否": False}.get(row["前台匿名"])
        assert str(group.posted) == row["公开日期"].isoformat()
        sure = row["属同一系列的概率"]
        assert group.linkage == (None if sure is None else {"80%": 0.8, 0.9: 0.9}.get(sure, 0.95))
        since = row.get("手机号码（起）")
        assert (str(group.dates["phone"].since) if group.dates else None) == (
            since.isoformat() if since else None
        )
        assert group.plaintiff is (True if number == 3 else None)
        if number > 3:
            assert group.known_by.published_all == ("account_link",)


def test_what_import_writes_is_the_same_case(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "forty.yaml"
    assert main(["import", str(file), "-o", str(output), "--lang", "zh"]) == 0
    assert "40行合为" in capsys.readouterr().out
    written = parse_case(output.read_bytes())
    assert written.replace(title=None) == build_case("forty", victims=file)
    assert written.title == {
        "en": "Publication of the data of 40 persons",
        "zh": "40人信息被公开一案",
    }
    assert main(["validate", str(output)]) == 0
    assert not fill(build_case("forty", victims=file)).notices


@pytest.mark.slow
def test_forty_different_victims_have_an_answer(file: Path) -> None:
    answer = infer(build_case("forty", victims=file), settings=DRAFT)
    assert 0.0 < answer.probability[0] < 1.0
    assert answer.error.max() < 0.05
