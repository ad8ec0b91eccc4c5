"""Files: the same bytes again, whole or not at all, one message where something is wrong."""

from __future__ import annotations

import io
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from causation.case import data_path
from causation.errors import InputError, OutputError
from causation.report import FORMATS, write_report, write_reports
from causation.report.build import Report, build_report
from causation.report.document import block_inlines, plain
from causation.report.language import load_language
from causation.report.material import gather
from causation.report.write import format_of, render

FileOf = Callable[[str, str, str], bytes]
CASE = "gao-2024"


@pytest.mark.parametrize("kind", sorted(FORMATS))
def test_the_same_inputs_give_the_same_bytes(file_of: FileOf, kind: str) -> None:
    language = load_language("zh")
    material = gather(CASE, language=language, priors=None, standard=None, identify=False)
    again = render(build_report(material, language).document, kind)
    assert again == file_of(CASE, "zh", kind)


def test_another_process_writes_the_same_bytes(tmp_path: Path, file_of: FileOf) -> None:
    path = tmp_path / "r.html"
    code = f"from causation.report import write_report; write_report({CASE!r}, {str(path)!r})"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=300)
    assert path.read_bytes() == file_of(CASE, "en", "html")


def test_docx_carries_no_clock(file_of: FileOf) -> None:
    with zipfile.ZipFile(io.BytesIO(file_of(CASE, "en", "docx"))) as archive:
        assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert b"2000-01-01" in archive.read("docProps/core.xml")
        assert len(archive.namelist()) == len(set(archive.namelist()))


def test_docx_opens_and_has_headings_and_repeated_header_rows(file_of: FileOf) -> None:
    import docx

    document = docx.Document(io.BytesIO(file_of(CASE, "zh", "docx")))
    headings = [p for p in document.paragraphs if p.style and p.style.name.startswith("Heading")]
    assert len(headings) > 30
    assert len(document.inline_shapes) == 5
    assert document.element.xml.count("w:tblHeader") >= 15


def test_pdf_has_an_outline_and_vector_figures(
    file_of: FileOf, build: Callable[[str, str], Report]
) -> None:
    from pypdf import PdfReader

    reader = PdfReader(io.BytesIO(file_of(CASE, "en", "pdf")))
    assert len(reader.outline) >= 8
    assert not any(page.images for page in reader.pages)
    assert reader.attachments
    assert len(build(CASE, "en").document.figures) == 5


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a.html", "html"),
        ("a.htm", "html"),
        ("a.MD", "md"),
        ("a.markdown", "md"),
        ("a.docx", "docx"),
    ],
)
def test_suffixes(name: str, kind: str) -> None:
    assert format_of(Path(name)) == kind


def test_errors_come_first_and_leave_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = tmp_path / "r.pdf"
    old.write_bytes(b"old")
    with pytest.raises(InputError, match="no report in the format 'odt'; allowed: docx, html, md"):
        write_report(CASE, tmp_path / "r.odt")
    with pytest.raises(InputError, match="without a suffix"):
        write_report(CASE, tmp_path / "r")
    with pytest.raises(InputError, match="no report in the language 'fr'; allowed: en, zh"):
        write_report(CASE, old, lang="fr")
    with pytest.raises(OutputError, match="there is no folder"):
        write_report(CASE, tmp_path / "none" / "r.html")
    with pytest.raises(OutputError, match="is a folder"):
        write_report(CASE, tmp_path, format="html")
    with pytest.raises(InputError, match="exists already"):
        write_report(CASE, old, overwrite=False)
    with pytest.raises(InputError, match="unknown case"):
        write_report("no-such-case", old)
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    with pytest.raises(InputError, match="needs the font Noto Sans SC"):
        write_report(CASE, old)
    assert old.read_bytes() == b"old"
    assert [p.name for p in tmp_path.iterdir()] == ["r.pdf"]


def test_what_fails_is_a_named_gap_and_costs_nothing_else(
    monkeypatch: pytest.MonkeyPatch, build: Callable[[str, str], Report]
) -> None:
    from causation.report import build as building
    from causation.report import charts
    from causation.report.results import Results

    class Failing(Results):
        @property
        def tipping(self) -> object:  # type: ignore[override]
            raise InputError("too many inputs to search")

    def broken(*_args: object, **_keys: object) -> None:
        raise ValueError("no room for the figure")

    monkeypatch.setattr(charts, "tornado", broken)
    monkeypatch.setattr(building, "Results", Failing)
    language = load_language("en")
    material = gather(CASE, language=language, priors=None, standard=None, identify=False)
    document = build_report(material, language).document
    whole = build(CASE, "en").document
    for kind in FORMATS:
        render(document, kind)
    text = "\n".join(plain(run) for b in document.blocks for run in block_inlines(b))
    assert text.count("could not be computed: too many inputs to search") == 2
    assert "could not be drawn (The inputs that matter most): no room" in text
    assert whole.figures.keys() - document.figures.keys() == {"f-tornado"}
    assert {h.id for h in document.headings()} == {h.id for h in whole.headings()}
    lost = whole.quantities.keys() - document.quantities.keys()
    assert lost
    assert all(key.startswith("tip_") for key in lost)


def test_several_formats_at_once_are_those_one_by_one(tmp_path: Path, file_of: FileOf) -> None:
    paths = [tmp_path / f"r.{kind}" for kind in ("docx", "html", "pdf")]
    assert write_reports(CASE, paths, lang="zh") == paths
    for path in paths:
        assert path.read_bytes() == file_of(CASE, "zh", path.suffix[1:])


def test_several_formats_are_written_only_if_all_can_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from causation.report import write

    html = tmp_path / "r.html"
    with pytest.raises(InputError, match="no report in the format 'odt'"):
        write_reports(CASE, [html, tmp_path / "r.odt"])
    with pytest.raises(InputError, match="named twice"):
        write_reports(CASE, [html, html])
    with pytest.raises(InputError, match="or none"):
        write_reports(CASE, [])

    real = write.render

    def one_fails(document: object, kind: str) -> bytes:
        if kind == "md":
            raise ValueError("no Markdown")
        return real(document, kind)  # type: ignore[arg-type]

    monkeypatch.setattr(write, "render", one_fails)
    with pytest.raises(ValueError, match="no Markdown"):
        write_reports(CASE, [html, tmp_path / "r.md"])
    assert list(tmp_path.iterdir()) == []


def test_the_case_is_not_replaced_by_its_report(tmp_path: Path) -> None:
    case = tmp_path / "case.md"
    case.write_bytes(data_path("cases", f"{CASE}.yaml").read_bytes())
    before = case.read_bytes()
    with pytest.raises(OutputError, match="is read for this"):
        write_report(case, case)
    assert case.read_bytes() == before


def test_figures_do_not_follow_the_settings_of_the_user(file_of: FileOf) -> None:
    import matplotlib as mpl

    language = load_language("zh")
    material = gather(CASE, language=language, priors=None, standard=None, identify=False)
    with mpl.rc_context({"font.size": 25.0, "axes.grid": True, "savefig.dpi": 30.0}):
        again = render(build_report(material, language).document, "docx")
    assert again == file_of(CASE, "zh", "docx")
