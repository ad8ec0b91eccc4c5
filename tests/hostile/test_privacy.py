"""What is personal stays where it was asked for.

Markers stand in every text of a case. A test says where each may appear: titles and labels are
meant to be printed; notes and citations only in reports, with persons by pseudonym; leaked values
(a phone number, an ID number, an address, a card) and names nowhere by default.
"""

from __future__ import annotations

import json
import logging
import zipfile
from pathlib import Path
from typing import Any

import pytest

from causation.case import Case, dump_case, load_case
from causation.document.writing import plain
from tests.hostile.outcomes import run_command

NAMES = ("欧阳明珠", "Quentin Zarathustra")
LEAKED = {
    "phone": "13812345678",
    "id": "11010519491231002X",
    "email": "zara.q@example.net",
    "card": "4111111111111111",
}
TEXTS = (
    "title", "note", "label.source", "note.source", "label.victim", "note.victim",
    "label.finding", "note.finding", "note.security", "note.court", "citation", "exhibit", "scheme",
    "label.variant", "basis.variant",
)  # fmt: skip
MARKERS = {place: f"Marker{number:02d}q" for number, place in enumerate(TEXTS)}
LABELS = {"label.source", "label.victim", "label.finding", "label.variant"}
PRINTED = {"title", *LABELS}
"""What `assess` prints, beside identifiers; it is run by whoever has the case file."""


def _text(place: str) -> dict[str, str]:
    text = f"{MARKERS[place]} {' '.join(NAMES)} {' '.join(LEAKED.values())}"
    return {"en": text, "zh": text}


def marked_tree() -> dict[str, Any]:
    """A bundled case with a marker, the names and the leaked values in every text."""
    tree: dict[str, Any] = plain(load_case("bic-2025-doxxing"))
    tree["title"], tree["note"] = _text("title"), _text("note")
    tree["persons"] = [{"name": name} for name in NAMES]
    tree["citation"] = [{"text": _text("citation")["en"]}]
    for part, name in (
        *((p, "source") for p in tree["sources"].values()),
        *((p, "victim") for p in tree["victims"]),
        *((p, "finding") for p in tree["findings"]),
    ):
        part["label"], part["note"] = _text(f"label.{name}"), _text(f"note.{name}")
        if name != "source":
            part["exhibit"] = _text("exhibit")["en"]
    tree["security"]["platform"]["note"] = _text("note.security")
    tree["security"]["platform"]["certification"]["scheme"] = _text("scheme")["en"]
    tree["court_found"][0]["note"] = _text("note.court")
    for variant in tree["variants"].values():
        variant["label"], variant["basis"] = _text("label.variant"), _text("basis.variant")
    return tree


@pytest.fixture(scope="module")
def case_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("private") / "case.yaml"
    file.write_text(dump_case(Case.model_validate(marked_tree())), encoding="utf-8")
    return file


def found(text: str) -> set[str]:
    """Places whose marker stands in a text; ``name`` and the kinds of leaked values likewise."""
    flat = "".join(text.split())
    hits = {place for place, marker in MARKERS.items() if marker in flat}
    hits |= {"name" for name in NAMES if name.replace(" ", "") in flat}
    return hits | {kind for kind, value in LEAKED.items() if value in flat}


def test_the_markers_are_all_in_the_case(case_file: Path) -> None:
    assert found(case_file.read_text(encoding="utf-8")) == {*TEXTS, *LEAKED, "name"}


def test_no_log_and_no_table_has_a_text(
    case_file: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    vary = ("--vary", "standard=0.5,0.9")
    assert run_command("assess", case_file, "--json").code == 0
    for arguments in (
        ("validate", case_file),
        ("sweep", case_file, *vary, "-o", tmp_path / "s.csv"),
        ("sweep", case_file, *vary, "-o", tmp_path / "s.nc"),
        ("sweep", case_file, *vary, "-o", tmp_path / "s.parquet"),
        ("sweep", case_file, *vary, "-o", tmp_path / "s.zarr"),
    ):
        run = run_command(*arguments)
        assert run.code == 0, run.err
        assert not found(run.out + run.err), arguments
    assert not found(caplog.text)
    files = [p for p in tmp_path.rglob("*") if p.is_file()]
    assert len(files) > 4
    for file in files:
        assert not found(file.read_bytes().decode("latin-1")), file
        assert not found(file.read_bytes().decode("utf-8", "ignore")), file


def test_the_terminal_has_title_and_labels_and_no_note(case_file: Path) -> None:
    run = run_command("assess", case_file)
    assert run.code == 0
    assert found(run.out) & set(TEXTS) == PRINTED


def test_the_json_has_labels_and_no_note(case_file: Path) -> None:
    run = run_command("assess", case_file, "--json")
    assert run.code == 0
    assert found(run.out) & set(TEXTS) <= LABELS
    assert "label.variant" in found(run.out)


def _spoiled() -> list[tuple[str, dict[str, Any]]]:
    """The marked case, broken in many ways, with what may be quoted."""
    spoiled = []

    def add(name: str, change: Any) -> None:
        tree = marked_tree()
        change(tree)
        spoiled.append((name, tree))

    text = _text("title")["en"]
    add("title is a list", lambda t: t.update(title=[text]))
    add("title has a language of its own", lambda t: t.update(title={"xx": text}))
    add("note is a number", lambda t: t.update(note=5))
    add("id is a text", lambda t: t.update(id=text))
    add("date is a text", lambda t: t.update(incident_date=text))
    add("proposition is a text", lambda t: t.update(proposition=text))
    add("standard is a text", lambda t: t.update(standard=text))
    add("priors is a text", lambda t: t.update(priors=text))
    add("priors is a path", lambda t: t.update(priors="/nowhere/x.yaml"))
    add("jurisdiction is a text", lambda t: t.update(jurisdiction=text))
    add("account_of is a text", lambda t: t.update(account_of=text))
    add("known_by is a text", lambda t: t["victims"][1].update(known_by=text))
    add("a custodian is a text", lambda t: t["victims"][1].update(users_of=[text]))
    add("a window is a text", lambda t: t["victims"][0].update(dates={"phone": {"since": text}}))
    add("kind is a text", lambda t: t["sources"]["platform"].update(kind=text))
    add("weight is a text", lambda t: t["sources"]["platform"].update(weight=text))
    add("holds is a text", lambda t: t["sources"]["platform"].update(holds=[text]))
    add("a field is a text", lambda t: t["victims"][0].update(disclosed=[text]))
    add("a count is a phone", lambda t: t["victims"][0].update(count=LEAKED["phone"]))
    add("linkage is a text", lambda t: t["victims"][1].update(linkage=text))
    add("a degree is a text", lambda t: t["victims"][0].update(traits={"anonymous": text}))
    add("party is a text", lambda t: t["victims"][0].update(party=text))
    add("exhibit is a list", lambda t: t["victims"][0].update(exhibit=[text]))
    add("template is a text", lambda t: t["findings"][0].update(template=text))
    add("about is a text", lambda t: t["findings"][0].update(about=text))
    add("likelihood is a text", lambda t: t["findings"][0].update(likelihood={"osint": text}))
    add("a citation is a text", lambda t: t.update(citation=[text]))
    add("a url is a text", lambda t: t["citation"][0].update(url=text))
    add("a person is a text", lambda t: t.update(persons=[text]))
    add("court_found is a text", lambda t: t.update(court_found=text))
    add("a certificate's date is a text",
        lambda t: t["security"]["platform"]["certification"].update(date=text))  # fmt: skip
    return spoiled


@pytest.mark.parametrize(("name", "tree"), _spoiled(), ids=[n for n, _ in _spoiled()])
def test_an_error_quotes_no_text(name: str, tree: dict[str, Any], tmp_path: Path) -> None:
    file = tmp_path / "case.json"
    file.write_text(json.dumps(tree, ensure_ascii=False), encoding="utf-8")
    for command in ("validate", "assess"):
        run = run_command(command, file)
        assert run.code == 2, name
        assert not found(run.out + run.err), run.err


def test_an_unknown_key_is_named_and_what_stands_under_it_is_not(tmp_path: Path) -> None:
    tree = marked_tree()
    tree["victims"][0]["nickname"] = _text("title")["en"]
    file = tmp_path / "case.json"
    file.write_text(json.dumps(tree), encoding="utf-8")
    run = run_command("validate", file)
    assert "victims[0].nickname" in run.err
    assert not found(run.err)


def _content(file: Path) -> str:
    data = file.read_bytes()
    if file.suffix == ".docx":
        with zipfile.ZipFile(file) as archive:
            return "".join(archive.read(n).decode("utf-8", "ignore") for n in archive.namelist())
    if file.suffix == ".pdf":
        import pdfplumber

        with pdfplumber.open(file) as pdf:
            return "".join(page.extract_text() for page in pdf.pages) + str(pdf.metadata)
    return data.decode()


@pytest.mark.slow
@pytest.mark.parametrize("suffix", ["md", "html", "docx", "pdf"])
def test_a_report_has_no_name_and_no_leaked_value(
    suffix: str, case_file: Path, tmp_path: Path
) -> None:
    output = tmp_path / f"report.{suffix}"
    run = run_command("report", case_file, "-o", output)
    assert run.code == 0, run.err
    assert not found(run.out + run.err)
    text = _content(output)
    assert not found(text) & {"name", *LEAKED}
    assert "title" in found(text)


@pytest.mark.slow
def test_the_copy_of_the_case_inside_a_report_is_redacted(case_file: Path, tmp_path: Path) -> None:
    from causation.report.manifest import MARK, decode

    output = tmp_path / "report.md"
    assert run_command("report", case_file, "-o", output).code == 0
    text = output.read_text(encoding="utf-8")
    start = text.index(MARK)
    line = max(text[start:].replace("-->", " ").split(), key=len)
    manifest = json.dumps(decode(line), ensure_ascii=False)
    assert "Marker" in manifest
    assert not found(manifest) & {"name", *LEAKED}


@pytest.mark.slow
def test_a_report_identifies_only_where_it_is_asked_to(case_file: Path, tmp_path: Path) -> None:
    output = tmp_path / "report.md"
    assert run_command("report", case_file, "-o", output, "--identify").code == 0
    hits = found(output.read_text(encoding="utf-8"))
    assert "name" in hits
    assert not hits & set(LEAKED)
