"""Cases built in code, and from tables of victims."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
import pytest

from causation.case import build_case, fill, parse_case, read_victims, victims_template
from causation.case.headings import heading_of, known_headings, load_columns, meanings_of
from causation.case.library import load_fields, load_traits
from causation.case.writing import dump_case
from causation.document.shipped import shipped
from causation.errors import CaseError, InputError


def frame(text: str) -> pd.DataFrame:
    """Make a table of text cells from lines with ``|`` between them."""
    head, *rows = ([cell.strip() for cell in line.split("|")] for line in text.strip().splitlines())
    return pd.DataFrame(rows, columns=head, dtype=str).replace("", None)


def workbook(path: Path, rows: Sequence[Sequence[object]], *merged: str, title: str = "a") -> Path:
    """Write rows as the first sheet of a workbook, with merged cells."""
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.title = title
    for row in rows:
        sheet.append(list(row))
    for area in merged:
        sheet.merge_cells(area)
    book.save(path)
    return path


def english(table: Any) -> list[str]:
    return [notice.text["en"] for notice in table.left_out]


TABLE = """\
编号 | Phone  | 真实姓名 | ID_photo | Anonymous | users_of.shop | Count | How sure
 v1  | yes   | TRUE    |          | 是        | yes           |       | 50%
 v2  | １    | no      |          | 0.5       | 否            | 2     | ８０%
 v3  | √     | 否      | unknown  | 0.5       | no            | 3     | 0.8
 v4  | no    | no      | no       |           |               |       |
 v5  |       | 否      | √        |           |               |       |
"""


def test_headings_and_cells_in_either_language() -> None:
    table = read_victims(frame(TABLE))
    first, pooled, last = table.groups
    assert first == {
        "id": "v1", "plaintiff": True, "disclosed": ["phone", "real_name"],
        "traits": {"anonymous": True}, "users_of": ["shop"],
    }  # fmt: skip
    assert pooled == {
        "id": "v2", "count": 5, "linkage": 0.8, "disclosed": ["phone"],
        "not_disclosed": ["real_name"], "traits": {"anonymous": 0.5}, "not_users_of": ["shop"],
    }  # fmt: skip
    assert last == {"id": "v5", "disclosed": ["id_photo"]}
    assert (table.rows, table.services) == (((1,), (2, 3), (5,)), {"shop": "shop"})


@pytest.mark.parametrize(
    ("heads", "keys"),
    [
        ("姓名 手机号 身份证号 住址 生日 账号 性别 职业",
         "real_name phone id_number home_address birth_date account_link sex occupation"),
        ("单位 邮箱 银行卡号 订单 入住时间 家人 身份证照 人脸",
         "employer email bank_account transaction check_in_time social_ties id_photo face_photo"),
        ("Name Mobile Address Birthday Account Gender Company E-Mail",
         "real_name phone home_address birth_date account_link sex employer email"),
        ("手机号是否公开 是否泄露姓名 住址（是否公开） phone_published? 手机号（起） 生日.until",
         "phone real_name home_address phone since.phone until.birth_date"),
        ("匿名 相同昵称 公开发帖", "traits.anonymous traits.handle_reuse traits.public_traces"),
        ("是否原告 曝光日期 把握 如何得知 序号", "plaintiff posted linkage known_by id"),
        ("是否公开 已公开 published 用户.店", "None disclosed disclosed users_of.店"),
    ],
)  # fmt: skip
def test_usual_words_are_headings(heads: str, keys: str) -> None:
    assert [str(heading_of(head)) for head in heads.split()] == keys.split()


@pytest.mark.parametrize(("word", "field"), [("手机号", "phone"), ("住址", "home_address")])
def test_a_usual_word_in_a_case_file_is_told_its_field(word: str, field: str) -> None:
    with pytest.raises(
        CaseError, match=rf"unknown field .*found a text \(did you mean {field}\?\)"
    ):
        build_case("mine", victims=[{"id": "a", "disclosed": [word]}])


def test_rows_and_cells_that_are_left_out_are_named() -> None:
    table = read_victims(frame(TABLE))
    assert english(table) == [
        "row 4 left out: no published field",
        "row 5, real_name left out: a published field shows it",
    ]
    assert [n.text["zh"][:4] for n in table.left_out] == ["第4行略", "第5行“"]
    assert table.fields == ("id_photo", "phone", "real_name")


def test_the_case_of_a_table_is_one_that_fills() -> None:
    case = build_case(
        "mine", victims=frame(TABLE), sources={"platform": "custodian", "shop": "custodian"}
    )
    assert (case.jurisdiction, case.standard) == ("none", 0.75)
    assert fill(case).threshold == 0.75
    assert case.first_plaintiff is case.victims[0]
    assert parse_case(dump_case(case)) == case


def test_services_that_the_table_names_are_custodians() -> None:
    case = build_case("mine", victims=frame(TABLE))
    assert case.proposition.source == ("shop",)
    assert case.sources["shop"].holds == ("id_photo", "phone", "real_name")
    other = build_case("mine", victims=frame(TABLE), proposition="airline")
    assert [(n, s.holds is None) for n, s in other.sources.items()] == [
        ("airline", False), ("shop", True),
    ]  # fmt: skip


def test_services_with_names_that_are_no_identifiers() -> None:
    """They are called by numbers and keep their names as labels, wherever the table has them."""
    text = """\
    手机号 | 用户：甲平台 | 用户.shop | 因系其用户而列入 | 非其用户
    是 | 是 | | |
    是 | 否 | 是 | |
    是 | 是 | | 甲平台、乙店 | shop
    """
    table = read_victims(frame(text))
    assert table.services == {"service_1": "甲平台", "shop": "shop", "service_3": "乙店"}
    assert table.groups[2]["known_by"] == {"users_of": ["service_1", "service_3"]}
    case = build_case("mine", victims=frame(text))
    assert case.proposition.source == ("service_1",)
    assert [source.label for source in case.sources.values()] == [
        {"en": "甲平台", "zh": "甲平台"}, None, {"en": "乙店", "zh": "乙店"},
    ]  # fmt: skip
    assert (case.victims[1].users_of, case.victims[1].not_users_of) == (("shop",), ("service_1",))
    other = build_case("mine", victims=frame(text), proposition="乙店")
    assert other.proposition.source == ("service_3",)
    assert other.sources["service_3"].holds == ("phone",)
    assert parse_case(dump_case(other)) == other


def test_who_is_a_plaintiff() -> None:
    table = read_victims(
        frame("id | phone | plaintiff\n a | yes | no\n b | yes | yes\n c | yes | yes\n d | yes |")
    )
    assert [(g["id"], g.get("plaintiff"), g.get("count", 1)) for g in table.groups] == [
        ("a", None, 2), ("b", True, 1), ("c", True, 1),
    ]  # fmt: skip
    numbered = read_victims(frame("phone | email\n yes | \n yes | yes"))
    assert [g["id"] for g in numbered.groups] == ["plaintiff", "victim_2"]
    second = read_victims(frame("phone | plaintiff\n yes | no\n yes |"))
    assert [g.get("plaintiff") for g in second.groups] == [None, True]


def test_every_kind_of_column() -> None:
    """Dates, how they came to be known, blacked out, lists in a cell, documents of evidence."""
    text = """\
    id | phone | email | phone.since | 手机号码（止） | HEAD | exhibit
    a | yes | yes | 2023-01-02 | | 2024年5月3日 | exposure | | 原告 | | 3
    b | yes | 已遮盖 | 2023/1/2 | 2024.06 | 2024 | 因信息被公开而知悉 | | | |
    c | yes | | | | | | shop, platform | defendant | 反证 | B 2
    """
    more = "posted | known by | known as a user of | party | stage"
    a, b, c = read_victims(frame(text.replace("HEAD", more))).groups
    assert (a["posted"], a["dates"], a["party"], a["exhibit"]) == (
        "2024-05-03", {"phone": {"since": "2023-01-02"}}, "plaintiff", "3",
    )  # fmt: skip
    assert "known_by" not in a  # the first plaintiff makes the case
    assert (b["redacted"], b["known_by"], b["posted"]) == (["email"], "exposure", "2024")
    assert b["dates"] == {"phone": {"since": "2023-01-02", "until": "2024-06"}}
    assert c["known_by"] == {"users_of": ["shop", "platform"]}
    assert (c["party"], c["stage"], c["exhibit"]) == ("defendant", "rebuttal", "B 2")
    lists = read_victims(frame("disclosed | 未公开 | 系其用户\n phone、电子邮箱 | sex | shop"))
    assert lists.groups[0] == {
        "id": "plaintiff", "plaintiff": True, "disclosed": ["phone", "email"],
        "not_disclosed": ["sex"], "users_of": ["shop"],
    }  # fmt: skip


def test_own_fields_of_a_case_are_columns() -> None:
    case = build_case(
        "mine",
        victims=pd.DataFrame({"phone": ["yes"], "loyalty": ["yes"], "loyalty.since": ["2020"]}),
        fields={"loyalty": {"label": "loyalty number"}},
        incident_date="2024-05-03",
        sources={
            "shop": {
                "kind": "custodian",
                "holds": ["loyalty"],
                "disclosure": {"loyalty": [0.1, 0.9]},
            },
            "web": {"kind": "inference", "disclosure": {"loyalty": [0.1, 0.9]}},
            "leak": {"kind": "leaked_library", "disclosure": {"loyalty": [0.1, 0.9]}},
        },
    )
    assert case.proposition.source == ("shop",)
    assert case.victims[0].disclosed == ("phone", "loyalty")
    assert str(case.victims[0].dates["loyalty"].since) == "2020"


@pytest.mark.parametrize(
    "missing",
    [None, "", " ", float("nan"), np.float64("nan"), pd.NA, pd.NaT, Decimal("NaN"), Decimal("sNaN"),
     np.datetime64("NaT", "s"), "unknown", "不详", "N/A", "？"],
)  # fmt: skip
def test_what_is_empty(missing: object) -> None:
    table = pd.DataFrame({"phone": ["yes", "yes"], "email": [missing, "yes"]}, dtype=object)
    assert "email" not in str(read_victims(table).groups[0])


def test_ids() -> None:
    """The text NA is an id; a number becomes one; what is none is not copied."""
    table = read_victims(pd.DataFrame({"id": ["NA", "7", 8.0, "张三", None], "phone": ["yes"] * 5,
                                       "linkage": [None, 0.5, 0.6, 0.7, 0.8]}))  # fmt: skip
    assert [g["id"] for g in table.groups] == ["NA", "v7", "v8", "victim_4", "victim_5"]
    assert len(english(table)) == 1
    assert "张三" not in repr(table)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("fone\nyes", r"column A: unknown heading .*did you mean phone"),
        ("phone | 电话机\nyes | yes", r"B: unknown heading .* found a text \(did you mean phone"),
        ("phone | 王小明\nyes | yes", r"column B: unknown heading .* found a text; allowed"),
        ("phone | 照片\nyes | yes", r"column B: .* several; found: 照片; allowed: face_photo \(人"),
        ("phone | ID Card\nyes | yes", r"several; found: id card; allowed: id_number .*, id_photo"),
        ("phone | 昵称\nyes | yes", r"several; .* account_link .*, handle_reuse \(在"),
        ("phone | Phone\nyes | yes", "stands twice"),
        ("phone\n13800138000", r"row 1, column 'phone': .* no personal value"),
        ("phone\nx", "neither yes, no nor empty"),  # a tick in English, a cross in Chinese
        ("phone | count\nyes | 1.5", "not a whole number"),
        ("phone | count\nyes | 0", "not a whole number from 1"),
        ("phone | count\nyes | many", "not a number"),
        ("phone | linkage_lo\nyes | 0.5", "linkage_lo and linkage_hi"),
        ("phone | how sure\nyes | 80", "write 0.8, or 80%"),
        ("phone | how sure\nyes | 120%", "not from 0 to 1"),
        ("phone | posted\nyes | 5/3/2024", "row 1, column 'posted': not a date"),
        ("phone | posted\nyes | 2024-02-30", "not a date"),
        ("phone | since.phone\nyes | 45415", "not a date"),
        ("phone | since.hope\nyes | 2024", "unknown heading"),
        ("phone | known by\nyes | \nyes | somehow", "row 2, column 'known_by': unknown value"),
        ("phone | known by | known for\nyes | | \nyes | exposure | anonymous", "not both"),
        ("phone | known for\nyes | \nyes | phone, tall", "no names of traits"),
        ("phone | disclosed\nyes | emial", "no names of fields"),
        ("id | phone\na | yes\nb | yes\na | no", "row 3, column 'id': the same as in row 1"),
        ("phone | plaintiff\nyes | no\nyes | no", "no row is the plaintiff"),
        ("phone\nno\nyes", "row 1: the plaintiff, of whom nothing was published"),
        ("phone |\nyes | yes", "column B: it has values and no heading"),
    ],
)  # fmt: skip
def test_what_cannot_be_read(text: str, words: str) -> None:
    with pytest.raises(InputError, match=words) as caught:
        read_victims(frame(text))
    assert "13800138000" not in str(caught.value)
    assert "电话机" not in str(caught.value)


def test_an_unknown_heading_is_named_with_the_known_ones() -> None:
    with pytest.raises(InputError) as caught:
        read_victims(frame("phone | Shoesize\nyes | yes"))
    message = str(caught.value)
    assert "found Shoesize;" in message
    for name in (*load_fields(), *load_traits(), "linkage", "known_by", "users_of.SERVICE"):
        assert name in message


def test_what_the_case_refuses_is_said_of_the_row() -> None:
    text = "phone | id_photo | since.id_photo\nyes | yes | \nyes | yes | 2024-01\nyes | | 2023"
    with pytest.raises(CaseError, match=r"row 3, dates\.id_photo: a value that was not published"):
        build_case("mine", victims=frame(text), incident_date="2024-05-03")


def test_tables_without_anybody() -> None:
    with pytest.raises(InputError, match="headings and no rows"):
        read_victims(pd.DataFrame({"phone": []}))
    with pytest.raises(InputError, match="the table is empty"):
        read_victims(pd.DataFrame())


# ------------------------------------------------------------------ files of text


@pytest.mark.parametrize("separator", [",", ";", "\t", "；"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
def test_text_files(separator: str, encoding: str, tmp_path: Path) -> None:
    file = tmp_path / "victims.csv"
    rows = (("编号", "手机号码", "真实姓名"), ("a", "是", "否"), ("b", "是", "不详"))
    file.write_bytes("\r\n".join(separator.join(row) for row in rows).encode(encoding))
    case = build_case("mine", victims=file)
    assert [g.id for g in case.victims] == ["a", "b"]
    assert case.sources["platform"].holds == ("phone", "real_name")
    assert len(read_victims(file).groups) == 2


def text_file(folder: Path, text: str) -> Path:
    file = folder / "victims.csv"
    file.write_text(text, encoding="utf-8")
    return file


def test_blank_and_border_rows_are_named_by_the_row_of_the_sheet(tmp_path: Path) -> None:
    text = (
        "Co-victims of 2024,,\n,,\nid,phone,email\n-----,-----,---\na,yes,no\n,,\n,,\nb,yes,\n"
        "id,phone,email\nc,no,no\nd,yes,yes\n,,\n"
    )
    table = read_victims(text_file(tmp_path, text))
    assert [g["id"] for g in table.groups] == ["a", "b", "d"]
    assert table.rows == ((5,), (8,), (11,))
    assert english(table) == [
        "row 9 left out: the headings again",
        "row 4, 6–7 left out: empty",
        "row 10 left out: no published field",
    ]
    assert table.groups[0]["note"] == {"en": "row 5 of the table", "zh": "表格第5行"}


def test_a_first_line_names_the_separator(tmp_path: Path) -> None:
    table = read_victims(text_file(tmp_path, 'sep=;\nid;"phone"\n"NA";yes\nb;no\n'))
    assert [g["id"] for g in table.groups] == ["NA"]
    assert english(table) == ["row 3 left out: no published field"]


def test_a_column_of_notes_is_not_read(tmp_path: Path) -> None:
    table = read_victims(text_file(tmp_path, "id,phone,备注\na,yes,张三的手机\n"))
    assert english(table) == ["column 'note' left out: not read"]
    assert "张三" not in repr(table)


def test_files_that_are_none(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        read_victims(tmp_path / "missing.csv")
    with pytest.raises(InputError, match="not a table of victims"):
        read_victims(tmp_path / "victims.pdf")
    for name, content, words in (
        ("empty.csv", b"", "the table is empty"),
        ("blank.csv", b"\n\n ,, \n", "the table is empty"),
        ("heads.csv", b"id,phone\n,\n", "headings and no rows"),
        ("none.csv", b"id,phone\na,no\n", "row 2: the plaintiff, of whom nothing"),
        ("wide.csv", b"id,phone\na,yes,yes\n", "row 2, column C: beyond the headings"),
        ("bytes.csv", b"\xff\xff\x00\x81\xff", "neither UTF-8"),
        ("quote.csv", b'id,phone\n"a,yes\n', "not a table of text"),
        ("book.xlsx", b"PK\x03\x04 no workbook", "not a workbook"),
    ):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(InputError, match=words) as caught:
            read_victims(tmp_path / name)
        assert name in str(caught.value)
    with pytest.raises(InputError, match="only a workbook"):
        read_victims(text_file(tmp_path, "phone\nyes\n"), sheet="a")


# ------------------------------------------------------------------ workbooks


def test_cells_as_a_workbook_has_them(tmp_path: Path) -> None:
    file = workbook(
        tmp_path / "victims.xlsx",
        [
            ("序号", "phone", "email", "posted", "how sure", "前台匿名"),
            (1, True, 1, dt.datetime(2024, 5, 3), None, "是"),  # noqa: DTZ001 - as Excel has it
            (2, "TRUE", False, dt.date(2024, 5, 4), 0.8, None),
            (3.0, "１", 0.0, "2024-05-05 00:00:00", "８０％", None),
        ],
    )
    first, second, third = read_victims(file).groups
    assert (first["id"], first["disclosed"], first["posted"]) == (
        "v1", ["phone", "email"], "2024-05-03",
    )  # fmt: skip
    assert (second["not_disclosed"], second["linkage"]) == (["email"], 0.8)
    assert (third["id"], third["linkage"], third["posted"]) == ("v3", 0.8, "2024-05-05")


def test_merged_cells_are_filled(tmp_path: Path) -> None:
    """A value that stands for several rows counts for each of them."""
    rows: list[tuple[object, ...]] = [
        ("id", "phone", "email", "anonymous"),
        ("a", "yes", "yes", "yes"), ("b", "yes", "no", None), ("c", None, "no", None),
    ]  # fmt: skip
    merged = read_victims(workbook(tmp_path / "m.xlsx", rows, "B3:B4", "D2:D4"))
    assert [g.get("count", 1) for g in merged.groups] == [1, 2]
    assert merged.groups[1]["traits"] == {"anonymous": True}
    plain = read_victims(
        workbook(
            tmp_path / "p.xlsx",
            [rows[0], rows[1], ("b", "yes", "no", "yes"), ("c", "yes", "no", "yes")],
        )
    )
    assert merged.groups == plain.groups
    assert merged.groups[1]["label"] == {"en": "rows 3–4", "zh": "第3–4行"}
    assert "label" not in merged.groups[0]
    titled = workbook(
        tmp_path / "t.xlsx",
        [("Victims of May 2024", None, None), ("id", "phone", "email"), ("a", "yes", "no")],
        "A1:C1",
    )
    assert [g["id"] for g in read_victims(titled).groups] == ["a"]


@pytest.mark.parametrize(("area", "key"), [("A3:A4", "id"), ("C3:C4", "count")])
def test_merged_cells_that_belong_to_one_row_are_refused(
    area: str, key: str, tmp_path: Path
) -> None:
    rows: list[tuple[object, ...]]
    rows = [("id", "phone", "count"), ("a", "yes", 1), ("b", "yes", 5), (None, "yes", None)]
    with pytest.raises(InputError, match=f"row 4, column '{key}': merged cells"):
        read_victims(workbook(tmp_path / "m.xlsx", rows, area))


def test_sheets(tmp_path: Path) -> None:
    file = tmp_path / "two.xlsx"
    book = openpyxl.Workbook()
    book.worksheets[0].title = "Cover"
    sheet = book.create_sheet("表二")
    sheet.append(("id", "phone"))
    sheet.append(("a", "yes"))
    book.save(file)
    with pytest.raises(InputError, match=r"sheet 'Cover' has no rows.*sheets: 'Cover', '表二'"):
        read_victims(file)
    assert read_victims(file, sheet="表二").groups[0]["id"] == "a"
    with pytest.raises(InputError, match="no such sheet"):
        read_victims(file, sheet="third")


def test_a_formula_without_its_value_is_not_taken_as_empty(tmp_path: Path) -> None:
    rows = [("id", "phone", "email"), ("a", "yes", '=IF(TRUE,"yes","no")')]
    with pytest.raises(InputError, match="row 2, column C: a formula"):
        read_victims(workbook(tmp_path / "f.xlsx", rows))


def test_formats_below_the_table_are_not_rows(tmp_path: Path) -> None:
    file = tmp_path / "bordered.xlsx"
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    for row in (("id", "phone"), ("a", "yes"), ("b", "yes")):
        sheet.append(row)
    thin = openpyxl.styles.Side("thin")
    for number in range(1, 300):
        sheet.cell(number, 1).border = openpyxl.styles.Border(bottom=thin)
    book.save(file)
    table = read_victims(file)
    assert [g["id"] for g in table.groups] == ["a", "b"]
    assert not table.left_out


# ------------------------------------------------------------------ the empty table


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("suffix", [".xlsx", ".csv"])
def test_the_template_is_read_once_it_is_filled_in(lang: str, suffix: str, tmp_path: Path) -> None:
    content = victims_template(lang, suffix=suffix)
    file = tmp_path / f"template{suffix}"
    file.write_bytes(content)
    with pytest.raises(InputError, match="headings and no rows"):
        read_victims(file)
    yes = "yes" if lang == "en" else "是"
    if suffix == ".csv":
        heads = content.decode("utf-8-sig").strip().split(",")
    else:
        book = openpyxl.load_workbook(io.BytesIO(content))
        table, words = book.worksheets
        heads = [str(cell.value) for cell in table[1]]
        assert [row[0].value for row in words.iter_rows()] == heads
        assert all(row[1].value for row in words.iter_rows())
    keys = [heading_of(head) for head in heads]
    assert len(set(keys)) == len(keys)
    assert {*load_fields(), *(f"traits.{t}" for t in load_traits()), "users_of.platform"} < {*keys}
    row = [yes if key in ("phone", "traits.anonymous") else "" for key in keys]
    if suffix == ".csv":
        file.write_text(content.decode("utf-8-sig") + ",".join(row), encoding="utf-8")
    else:
        table.append(row)
        book.save(file)
    assert build_case("mine", victims=file).victims[0].disclosed == ("phone",)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_template_of_the_guide_is_the_one_that_is_written(lang: str) -> None:
    guide = Path(__file__).parents[2] / "docs" / "howto" / f"victims-{lang}.xlsx"
    made = openpyxl.load_workbook(io.BytesIO(victims_template(lang)))
    for ours, theirs in zip(made.worksheets, openpyxl.load_workbook(guide).worksheets, strict=True):
        assert list(ours.values) == list(theirs.values)


def test_there_are_templates_of_two_kinds() -> None:
    with pytest.raises(InputError, match="no language"):
        victims_template("fr")
    with pytest.raises(InputError, match=r"allowed: \.csv, \.xlsx"):
        victims_template(suffix=".ods")


def test_headings_are_one_to_one() -> None:
    """No heading means two columns, and every column has one in both languages."""
    for key, column in load_columns().items():
        assert {heading_of(column.heading[lang]) for lang in ("en", "zh")} == {key}
        assert all(heading_of(other) == key for other in column.also)
        assert column.hidden or column.explained is not None
    assert len(known_headings()) > 300
    table = shipped("columns.yaml")
    assert set(table["also"]) == {*load_fields(), *load_traits()}
    for name, words in table["also"].items():
        keys = {heading_of(word) for word in words}
        assert keys == {name if name in load_fields() else f"traits.{name}"}
    for word, keys in table["several"].items():
        assert heading_of(word) is None
        assert {heading_of(key) for key in keys} == {*meanings_of(word)} - {*load_traits()} | {
            f"traits.{key}" for key in keys if key in load_traits()
        }
        assert len(keys) > 1
    assert heading_of("用户：平台") == "users_of.平台"
    assert heading_of("Users of my-shop") == "users_of.my-shop"


# ------------------------------------------------------------------ groups as in a case file


def test_groups_as_in_a_case_file() -> None:
    groups: list[Mapping[str, Any]] = [
        {"id": "a", "disclosed": ["phone"]},
        {"id": "b", "disclosed": ["email"]},
    ]
    case = build_case(
        "two",
        sources={"x": "leaked_library", "y": {"kind": "custodian", "holds": ["email"]}},
        proposition=["y"],
        victims=groups,
        standard="jp-high-probability",
        jurisdiction="jp",
    )
    assert case.victims[0].plaintiff is True
    assert "plaintiff" not in groups[0]
    assert fill(case).standard_id == "jp-high-probability"
    with pytest.raises(CaseError, match="unknown source"):
        build_case("bad", victims=groups, sources={"x": "custodian"}, proposition="nobody")
