"""What notebooks and prompts show: tables, DataTrees, cases built in code."""

from __future__ import annotations

import html.parser
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from causation import assess, build_case, from_datatree, load_case, show, sweep
from causation.case import Case
from causation.case.tables import read_victims, victims_from_frame
from causation.dossier.assessment import Assessment
from causation.dossier.labels import (
    LANGUAGES,
    evidence_label,
    proposition_label,
    standard_label,
    word,
)
from causation.dossier.tables import TABLES, case_victims, to_frame
from causation.errors import CaseError, InputError
from causation.notebook.display import html_of

HOSTILE = "<script>alert(1)</script> & \u202e =cmd()"


@pytest.fixture(scope="module")
def beijing() -> Assessment:
    return assess("bic-2025-doxxing")


class _Checker(html.parser.HTMLParser):
    """Collects tags, and fails where they do not close in order."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)
        assert not any(name.startswith("on") for name, _ in attrs)
        if tag != "br":
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)
        assert not any(name.startswith("on") for name, _ in attrs)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def _tags(text: str) -> set[str]:
    checker = _Checker()
    checker.feed(text)
    assert checker.open == []
    return checker.seen


@pytest.mark.parametrize("lang", LANGUAGES)
def test_html_is_whole_and_says_the_numbers(lang: str, beijing: Assessment) -> None:
    text = html_of(beijing, lang=lang)
    assert {"table", "svg", "bdi"} <= _tags(text)
    assert f"{beijing.probability:.3f}" in text
    most = beijing.validated_log10_lr or np.inf
    for row in beijing.likelihood_ratios:
        assert (f"{row.log10:+.2f}" in text) == (row.log10 <= most)
    assert ("平台后台" if lang == "zh" else "Platform backend") in text
    for thing in (beijing.posterior, load_case("bic-2025-doxxing")):
        assert "table" in _tags(html_of(thing, lang=lang))


def test_html_takes_hostile_text_literally() -> None:
    case = load_case("bic-2025-doxxing").replace(
        {
            "title": {"en": HOSTILE, "zh": HOSTILE},
            "sources.platform.label": {"en": HOSTILE, "zh": HOSTILE},
            "victims.plaintiff.label": {"en": HOSTILE, "zh": HOSTILE},
        }
    )
    for thing in (case, assess(case)):
        tags = _tags(html_of(thing))
        assert "script" not in tags
        assert "&lt;script&gt;" in html_of(thing)


def test_notebook_and_prompt_use_these(beijing: Assessment) -> None:
    assert beijing._repr_html_() == html_of(beijing)
    assert beijing.posterior._repr_html_() == html_of(beijing.posterior)
    case = load_case("bic-2025-doxxing")
    assert case._repr_html_() == html_of(case)
    assert repr(case) == (
        "<Case bic-2025-doxxing: platform among platform, osint, third_party, unknown; "
        "6 victims, 2 findings>"
    )
    assert repr(beijing).startswith("<Assessment bic-2025-doxxing: the data came through Platform")
    shown = show(case, lang="zh")
    assert repr(shown).startswith("案件 bic-2025-doxxing")
    assert shown._repr_html_() == html_of(case, lang="zh")
    assert "osint" in repr(show(beijing.posterior))


def test_nothing_else_is_shown(beijing: Assessment) -> None:
    with pytest.raises(InputError, match="cannot show a int"):
        show(3)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="allowed: en, zh"):
        show(beijing, lang="fr")


def test_probabilities_near_the_ends_keep_their_digits() -> None:
    case = load_case("bic-2025-doxxing").replace({"sources.platform.weight": 1e6})
    p = assess(case)
    assert 1 - p.probability < 1e-6
    assert "0.9999999" in html_of(p)


def test_ratios_beyond_validation_are_not_given_in_digits() -> None:
    a = assess("bic-2025-doxxing")
    a.__dict__["validated_log10_lr"] = 2.0
    text = html_of(a)
    assert "&gt; +2.00" in text
    assert f"{a.likelihood_ratios[0].log10:+.2f}" not in text


def test_an_excluded_source_is_shown() -> None:
    case = load_case("bic-2025-doxxing").with_finding(
        "alibi",
        likelihood={"platform": 0.5, "osint": 0.0, "third_party": 0.5, "unknown": 0.5},
        reliability=1.0,
    )
    assert "∞" in html_of(assess(case))


def test_a_sweep_is_shown() -> None:
    table = sweep("bic-2025-doxxing", {"victims.co_victims.count": [1, 5]})
    assert "table" in _tags(table.causation._repr_html_())
    assert (
        table.causation.to_frame()["probability"].tolist() == table.probability.to_numpy().tolist()
    )
    assert table.causation.plot_lines().get_xlabel() == "victims.co_victims.count"
    both = sweep("bic-2025-doxxing", {"standard": [0.5, 0.9], "sources.osint.weight": [1.0, 9.0]})
    assert both.causation.plot_heat(threshold=0.9).get_xlabel() == "standard"
    assert both.causation.plot_tipping_plane(threshold=0.9).get_ylabel() == "sources.osint.weight"


@pytest.mark.parametrize("name", TABLES)
def test_every_table_is_a_frame(name: str, beijing: Assessment) -> None:
    frame = beijing.to_frame(name)
    assert isinstance(frame, pd.DataFrame)
    assert not frame.empty
    assert frame.index.name


def test_frames_hold_the_numbers(beijing: Assessment) -> None:
    sources = to_frame(beijing)
    assert sources.posterior.tolist() == beijing.posterior.probability.tolist()
    ratios = to_frame(beijing, "likelihood_ratios")
    assert ratios.loc["rest", "log10_lr"] == beijing.likelihood_ratio_rest.log10
    shapley = to_frame(beijing, "contributions")["shapley_bans"].sum()
    assert shapley == pytest.approx(beijing.contributions.total, abs=1e-9)
    assert len(to_frame(beijing, "inputs")) == len(beijing.case.inputs())
    assert to_frame(assess("pang-2017"), "co_victims").empty
    with pytest.raises(InputError, match="no table 'nothing'"):
        beijing.to_frame("nothing")


def test_datatree_out_and_in(beijing: Assessment, tmp_path: Path) -> None:
    import xarray as xr

    tree = beijing.to_datatree()
    assert tree["source_evidence"].attrs["case_sha256"] == beijing.case.sha256
    tree.to_netcdf(tmp_path / "posterior.nc", engine="h5netcdf")
    with xr.open_datatree(tmp_path / "posterior.nc", engine="h5netcdf") as again:
        posterior = from_datatree(again.load())
    before = beijing.posterior
    assert posterior.sources == before.sources
    assert np.array_equal(posterior.log_evidence_replicates, before.log_evidence_replicates)
    assert posterior.proposition_probability == before.proposition_probability
    assert posterior.tree is None
    with pytest.raises(InputError, match="source_evidence"):
        from_datatree(xr.DataTree())


def test_datatree_keeps_the_draws(beijing: Assessment) -> None:
    import dataclasses

    import xarray as xr

    draws = xr.DataTree.from_dict({"posterior": xr.Dataset({"u": ("draw", [1.0, 2.0])})})
    with_draws = dataclasses.replace(beijing.posterior, tree=draws)
    again = from_datatree(with_draws.to_datatree())
    assert again.tree["posterior"]["u"].to_numpy().tolist() == [1.0, 2.0]
    assert "source_evidence" not in again.tree.children


# --- cases built in code --------------------------------------------------------------------

SOURCES = {"platform": {"kind": "custodian", "holds": ["phone"]}, "osint": "inference"}


def _built(**keys: object) -> Case:
    return build_case("mine", sources=SOURCES, proposition="platform", **keys)  # type: ignore[arg-type]


def test_victims_go_to_a_frame_and_back() -> None:
    case = load_case("bic-2025-doxxing").replace({"victims.co_victims.linkage": [0.6, 0.9]})
    frame = case_victims(case)
    tree = [{k: v for k, v in g.items() if k in CARRIED} for g in victims_from_frame(frame)]
    again = case.replace(victims=tree)
    for before, after in zip(case.victims, again.victims, strict=True):
        assert (after.id, after.count, after.linkage) == (before.id, before.count, before.linkage)
        assert set(after.disclosed) == set(before.disclosed)
        assert (after.profile, after.users_of) == (before.profile, before.users_of)


CARRIED = {"id", "count", "linkage", "disclosed", "not_disclosed", "profile", "users_of"}


def test_table_reads_yes_no_and_empty() -> None:
    frame = pd.DataFrame(
        {
            "phone": ["是", "no", None],
            "real_name": [1, 0, np.nan],
            "profile.anonymous": ["0.5", True, ""],
            "users_of.platform": ["y", "n", pd.NA],
            "linkage": [None, "0.8", 0.7],
            "party": ["plaintiff", None, None],
        }
    )
    first, second, third = victims_from_frame(frame)
    assert first["id"], second["id"] == ("plaintiff", "victim_2")
    assert first["disclosed"] == ["phone", "real_name"]
    assert second["not_disclosed"] == ["phone", "real_name"]
    assert third == {"id": "victim_3", "linkage": 0.7}
    assert first["profile"] == {"anonymous": 0.5}
    assert second["users_of"] == {"platform": False}
    assert first["party"] == "plaintiff"
    assert second["linkage"] == 0.8


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"phone": ["13800000000"]}, "no personal value belongs in the table"),
        ({"count": ["two"]}, "'count': not a number"),
        ({"count": [1.5]}, "not a whole number"),
        ({"linkage_lo": [0.1]}, "linkage_lo and linkage_hi"),
        ({"profile.anonymous": ["perhaps"]}, "not a number"),
    ],
)
def test_cells_that_cannot_be_read(columns: dict[str, list[object]], message: str) -> None:
    with pytest.raises(InputError, match=message) as caught:
        victims_from_frame(pd.DataFrame(columns))
    assert "13800000000" not in str(caught.value)


def test_a_column_twice_is_refused() -> None:
    frame = pd.DataFrame([["yes", "no"]], columns=["phone", "phone"])
    with pytest.raises(InputError, match="'phone' stands twice"):
        victims_from_frame(frame)


def test_an_unknown_field_is_refused_by_the_format() -> None:
    with pytest.raises(CaseError, match="shoe_size"):
        _built(victims=pd.DataFrame({"shoe_size": ["yes"]}))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_spreadsheet_as_text(encoding: str, tmp_path: Path) -> None:
    file = tmp_path / "victims.csv"
    file.write_text("id,phone,count\nplaintiff,是,\nothers,是,3\n", encoding=encoding)
    case = _built(victims=file)
    assert [(g.id, g.count) for g in case.victims] == [("plaintiff", 1), ("others", 3)]
    assert case == _built(victims=str(file))


def test_spreadsheet_as_workbook(tmp_path: Path) -> None:
    pytest.importorskip("openpyxl")
    file = tmp_path / "victims.xlsx"
    pd.DataFrame({"id": ["plaintiff"], "phone": ["yes"], "users_of.platform": [True]}).to_excel(
        file, index=False
    )
    assert _built(victims=file).victims[0].users_of == {"platform": True}
    file.write_bytes(b"no workbook")
    with pytest.raises(InputError, match="not a workbook"):
        read_victims(file)


def test_no_such_spreadsheet(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        read_victims(tmp_path / "missing.csv")
    with pytest.raises(InputError, match=r"allowed: \.csv, \.tsv, \.xlsx"):
        read_victims(tmp_path / "victims.pdf")
    (tmp_path / "empty.csv").write_bytes(b"")
    with pytest.raises(InputError, match="not a table"):
        read_victims(tmp_path / "empty.csv")
    (tmp_path / "odd.tsv").write_bytes(b"\xff\xff\xff")
    with pytest.raises(InputError, match="neither UTF-8 nor"):
        read_victims(tmp_path / "odd.tsv")


def test_sources_by_kind() -> None:
    case = build_case("two", sources={"a": "leaked_library", "b": "residual"}, proposition=["a"])
    assert case.sources["a"].class_ == "leaked_library"
    assert case.victims == ()


# --- labels ---------------------------------------------------------------------------------


def test_every_item_of_evidence_has_a_label_in_both_languages(beijing: Assessment) -> None:
    for row in beijing.contributions.rows:
        en, zh = (evidence_label(beijing.case, row.item, lang) for lang in LANGUAGES)
        assert en != zh
        assert "_" not in en
        assert any(ord(c) > 0x2E80 for c in zh)
    assert proposition_label(assess("pang-2017").case, "zh") == "趣拿公司（去哪儿网）或东方航空公司"


def test_words_and_standards() -> None:
    assert word("strong", "zh") == "强"
    assert standard_label("0.8", "en") == "as stated"
