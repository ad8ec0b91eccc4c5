"""Cases built in code, and from tables of victims."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from causation.case import build_case, fill, parse_case, read_victims, victims_from_frame
from causation.case.tables import table_of
from causation.case.writing import dump_case
from causation.errors import CaseError, InputError


def frame(text: str) -> pd.DataFrame:
    """Make a table of text cells from lines with ``|`` between them."""
    head, *rows = ([cell.strip() for cell in line.split("|")] for line in text.strip().splitlines())
    return pd.DataFrame(rows, columns=head, dtype=str).replace("", None)


TABLE = """\
编号 | Phone  | 真实姓名 | ID_photo | Anonymous | users_of.shop | Count | How sure
 一号 | yes   | TRUE    |          | 是        | yes           |       | 50%
 二号 | １    | no      |          | 0.5       | 否            | 2     | ８０%
 三号 | x     | 否      | unknown  | 0.5       | no            | 3     | 0.8
 四号 | no    | no      | no       |           |               |       |
 五号 |       | 否      | √        |           |               |       |
"""


def ascii_ids(text: str) -> str:
    for index, name in enumerate("一二三四五", start=1):
        text = text.replace(f"{name}号", f"v{index}")
    return text


def test_headings_and_cells_in_either_language() -> None:
    first, pooled, last = victims_from_frame(frame(ascii_ids(TABLE)))
    assert first == {
        "id": "v1", "plaintiff": True, "disclosed": ["phone", "real_name"],
        "traits": {"anonymous": True}, "users_of": ["shop"],
    }  # fmt: skip
    assert pooled == {
        "id": "v2", "count": 5, "linkage": 0.8, "disclosed": ["phone"],
        "not_disclosed": ["real_name"], "traits": {"anonymous": 0.5}, "not_users_of": ["shop"],
    }  # fmt: skip
    assert last == {"id": "v5", "disclosed": ["id_photo"]}


def test_rows_and_cells_that_are_left_out_are_named() -> None:
    table = table_of(frame(ascii_ids(TABLE)))
    assert [n.text["en"] for n in table.left_out] == [
        "row 4 left out: no published field",
        "row 5, real_name left out: a published field shows it",
    ]
    assert all(n.text["zh"] for n in table.left_out)
    assert table.fields == ("id_photo", "phone", "real_name")


def test_the_case_of_a_table_is_one_that_fills() -> None:
    case = build_case(
        "mine",
        victims=frame(ascii_ids(TABLE)),
        sources={"platform": "custodian", "shop": "custodian"},
    )
    assert (case.jurisdiction, case.standard) == ("none", 0.75)
    assert fill(case).threshold == 0.75
    assert case.first_plaintiff is case.victims[0]
    assert parse_case(dump_case(case)) == case


def test_a_column_says_who_is_a_plaintiff() -> None:
    groups = victims_from_frame(
        frame("id | phone | plaintiff\n a | yes | no\n b | yes | yes\n c | yes | yes\n d | yes |")
    )
    assert [(g["id"], g.get("plaintiff"), g.get("count", 1)) for g in groups] == [
        ("a", None, 2), ("b", True, 1), ("c", True, 1),
    ]  # fmt: skip
    numbered = victims_from_frame(frame("phone | email\n yes | \n yes | yes"))
    assert [g["id"] for g in numbered] == ["plaintiff", "victim_2"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("fone\nyes", "did you mean phone"),
        ("phone | Phone\nyes | yes", "stands twice"),
        ("phone\n13800138000", "no personal value belongs in the table"),
        ("phone | count\nyes | 1.5", "not a whole number"),
        ("phone | count\nyes | many", "not a number"),
        ("phone | linkage_lo\nyes | 0.5", "linkage_lo and linkage_hi"),
    ],
)
def test_what_cannot_be_read(text: str, words: str) -> None:
    with pytest.raises(InputError, match=words) as caught:
        victims_from_frame(frame(text))
    assert "13800138000" not in str(caught.value)


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_text_files(separator: str, encoding: str, tmp_path: Path) -> None:
    file = tmp_path / "victims.csv"
    rows = (("编号", "手机号码", "真实姓名"), ("a", "是", "否"), ("b", "是", "不详"))
    file.write_bytes("\n".join(separator.join(row) for row in rows).encode(encoding))
    case = build_case("mine", victims=file)
    assert [g.id for g in case.victims] == ["a", "b"]
    assert case.sources["platform"].holds == ("phone", "real_name")
    assert len(read_victims(file)) == 2


def test_files_that_are_none(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="there is no such file"):
        read_victims(tmp_path / "missing.csv")
    with pytest.raises(InputError, match="not a table of victims"):
        read_victims(tmp_path / "victims.pdf")
    empty = tmp_path / "empty.csv"
    empty.write_bytes(b"")
    with pytest.raises(InputError, match="not a table"):
        read_victims(empty)


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
        build_case("bad", victims=groups, proposition="nobody")
