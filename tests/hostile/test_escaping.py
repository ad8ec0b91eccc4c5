"""Nothing in a case file, a file name or an argument is obeyed by what shows it."""

from __future__ import annotations

import csv
import html.parser
import io
import re
import zipfile
from pathlib import Path

import pytest

from causation.case import Case, dump_case, load_case
from causation.document.writing import plain
from causation.sweeping.grid import parse_vary
from causation.terminal.cli import main
from tests.hostile.outcomes import check_message, run_command

HOSTILE = (
    "<script>alert(1)</script><img src=x onerror=alert(2)> "
    "</td></table>]]>&amp; {{7*7}} {% raw %} "
    '#eval("1+1") #read("/etc/passwd") $ x^2 $ *b* _i_ <label> @ref \\ '
    "[click](javascript:alert(3)) ![p](http://example.org/p.png) | a | `c` "
    '=HYPERLINK("http://example.org") ${jndi:x} \' " %s {0}'
)


def hostile_case() -> Case:
    """A bundled case with hostile text wherever a text may stand."""
    base = load_case("bic-2025-doxxing")
    tree = plain(base)
    text = {"en": HOSTILE, "zh": HOSTILE}
    tree["title"] = tree["note"] = text
    tree["citation"] = [{"text": HOSTILE, "url": "https://example.org/?a=1&c=d"}]
    for part in (*tree["sources"].values(), *tree["victims"], *tree["findings"]):
        part["label"] = part["note"] = text
    for part in (*tree["victims"], *tree["findings"]):
        part["exhibit"] = HOSTILE
    tree["security"]["platform"]["note"] = text
    tree["security"]["platform"]["certification"]["scheme"] = HOSTILE
    for variant in tree["variants"].values():
        variant["label"] = variant["basis"] = variant["source"] = text
    tree["court_found"][0]["note"] = text
    return Case.model_validate(tree)


@pytest.fixture(scope="module")
def case_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("hostile") / "case.yaml"
    file.write_text(dump_case(hostile_case()), encoding="utf-8")
    return file


def report(case_file: Path, suffix: str) -> bytes:
    output = case_file.with_name(f"report.{suffix}")
    if not output.exists():
        run = run_command("report", case_file, "-o", output)
        assert run.code == 0, run.err
    return output.read_bytes()


_OWN_HTML = re.compile(r'<a id="[a-z0-9-]+">|</a>|<!-- [a-z-]+ [0-9a-f]{64} [A-Za-z0-9+/=]+ -->')
"""Markup of HTML that the report itself puts into Markdown."""


class _Tags(html.parser.HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


@pytest.mark.slow
def test_html_runs_its_own_script_alone(case_file: Path, tmp_path: Path) -> None:
    page = _Tags()
    page.feed(report(case_file, "html").decode())
    plain = tmp_path / "plain.html"
    assert run_command("report", "bic-2025-doxxing", "-o", plain).code == 0
    expected = _Tags()
    expected.feed(plain.read_text(encoding="utf-8"))
    for tag in ("script", "iframe", "object", "embed", "form", "link", "base", "style"):
        counts = [[t for t, _ in p.tags].count(tag) for p in (page, expected)]
        assert counts[0] == counts[1], tag
    for tag, attributes in page.tags:
        assert not any(a.startswith("on") for a in attributes), (tag, attributes)
        for name in ("src", "href", "xlink:href", "action"):
            target = attributes.get(name) or ""
            allowed: tuple[str, ...] = ("data:image/", "#", "https://example.org/", "https://")
            if (tag, "download" in attributes) == ("a", True):  # the numbers, attached as data
                allowed = ("data:text/csv;", "data:application/json;")
            assert not target or target.startswith(allowed), (tag, target)
        assert tag != "img" or (attributes["src"] or "").startswith("data:image/")
    policies = [a["content"] or "" for t, a in page.tags if t == "meta" and "http-equiv" in a]
    assert len(policies) == 1
    assert "default-src 'none'" in policies[0]
    assert "unsafe-inline" not in policies[0].split("style-src")[0]


@pytest.mark.slow
def test_markdown_has_no_live_markup_of_the_case(case_file: Path) -> None:
    """Read by a CommonMark parser: texts stand as texts and in the code block of the case."""
    from markdown_it import MarkdownIt

    text = report(case_file, "md").decode()
    tokens = MarkdownIt("commonmark").enable("table").parse(text)
    flat = [t for token in tokens for t in (token, *(token.children or ()))]
    live = [t for t in flat if t.type in ("html_block", "html_inline")]
    assert not [t.content[:80] for t in live if not _OWN_HTML.fullmatch(t.content.strip())]
    targets = [str(t.attrGet("href") or "") for t in flat if t.type == "link_open"]
    assert all(t.startswith(("https://", "#")) for t in targets), targets
    images = [str(t.attrGet("src") or "") for t in flat if t.type == "image"]
    assert all(s.startswith("data:image/") for s in images), [s[:80] for s in images]
    texts = [t.content for t in flat if t.type == "text"]
    assert any("[click](javascript" in t for t in texts)
    assert any("<script>" in t for t in texts)
    assert len([t for t in flat if t.type == "code_block"]) == 1


@pytest.mark.slow
def test_word_has_the_text_and_no_field_or_link_of_it(case_file: Path) -> None:
    with zipfile.ZipFile(io.BytesIO(report(case_file, "docx"))) as archive:
        document = archive.read("word/document.xml").decode()
        relations = archive.read("word/_rels/document.xml.rels").decode()
        names = archive.namelist()
    assert "&lt;script&gt;" in document
    assert "<script" not in document
    assert "javascript:" not in relations
    assert "example.org/p.png" not in relations
    assert not [n for n in names if n.endswith((".bin", ".vbs")) or "vba" in n.lower()]
    assert all(n == Path("/" + n).resolve().as_posix()[1:] for n in names)


@pytest.mark.slow
def test_typst_code_in_a_text_is_printed_as_it_stands(case_file: Path) -> None:
    import pdfplumber

    with pdfplumber.open(io.BytesIO(report(case_file, "pdf"))) as pdf:
        text = "".join(page.extract_text() for page in pdf.pages)
    flat = "".join(text.split())
    assert '#eval("1+1")' in flat
    assert "#read(" in flat
    assert "root:x:" not in flat


def test_the_terminal_prints_texts_and_obeys_none(case_file: Path) -> None:
    run = run_command("assess", case_file)
    assert run.code == 0
    assert "<script>" in run.out
    assert "\x1b" not in run.out
    assert all(line.isprintable() for line in run.out.splitlines())


def test_no_cell_of_a_sweep_is_a_formula(case_file: Path, tmp_path: Path) -> None:
    output = tmp_path / "s.csv"
    run = run_command(
        "sweep", case_file, "--vary", "standard=0.5,0.9",
        "--vary", "priors=neutral,claimant", "-o", output,
    )  # fmt: skip
    assert run.code == 0, run.err
    cells = 0
    for row in csv.reader(io.StringIO(output.read_text(encoding="utf-8"))):
        for cell in row:
            cells += 1
            assert not cell.startswith(("=", "+", "@", "\t", "\r")), cell
            assert not cell.startswith("-") or float(cell) < 0, cell
    assert cells > 20


def test_values_of_a_sweep_that_would_be_formulas_are_refused(tmp_path: Path) -> None:
    for value in ("=1+1", "@x", "+cmd|' /C calc'!A0", '=HYPERLINK("x")'):
        run = run_command(
            "sweep", "bic-2025-doxxing", "--vary", f"priors={value}", "-o", tmp_path / "s.csv"
        )
        assert run.code == 2, parse_vary(f"priors={value}")
        check_message(run.err.removesuffix("\n"))
        assert not list(tmp_path.iterdir())


ODD_ARGUMENT = "x\x1b[31m\x1b]0;title\x07\u202e\u2028\nsecond line\r\udcff"

ARGUMENTS: list[tuple[str, ...]] = [
    ("validate", "ODD"),
    ("validate", "ODD.yaml"),
    ("assess", "ODD"),
    ("assess", "bic-2025-doxxing", "--priors", "ODD"),
    ("assess", "bic-2025-doxxing", "--priors", "ODD.yaml"),
    ("assess", "bic-2025-doxxing", "--standard", "ODD"),
    ("assess", "bic-2025-doxxing", "--engine", "ODD"),
    ("assess", "bic-2025-doxxing", "--seed", "ODD"),
    ("assess", "bic-2025-doxxing", "--lang", "ODD"),
    ("assess", "bic-2025-doxxing", "--ODD"),
    ("ODD",),
    ("new", "DIR/ODD/f.yaml"),
    ("new", "DIR"),
    ("sweep", "bic-2025-doxxing", "--vary", "ODD", "-o", "DIR/a.csv"),
    ("sweep", "bic-2025-doxxing", "--vary", "ODD=1,2", "-o", "DIR/a.csv"),
    ("sweep", "bic-2025-doxxing", "--vary", "priors=ODD", "-o", "DIR/a.csv"),
    ("sweep", "bic-2025-doxxing", "--vary", "standard=ODD:1:2", "-o", "DIR/a.csv"),
    ("sweep", "bic-2025-doxxing", "--vary", "standard=0.1,0.2", "-o", "DIR/a.ODD"),
    ("sweep", "bic-2025-doxxing", "--vary", "standard=0.1,0.2", "-o", "DIR/ODD/a.csv"),
    ("sweep", "bic-2025-doxxing", "--vary", "standard=0:1:1000000000000", "-o", "DIR/a.csv"),
    ("sweep", "bic-2025-doxxing", "--vary", f"standard=0:1:{'9' * 5000}", "-o", "DIR/a.csv"),
    ("report", "bic-2025-doxxing", "-o", "DIR/a.ODD"),
    ("report", "ODD", "-o", "DIR/a.html"),
    ("report", "bic-2025-doxxing", "-o", "DIR/ODD/a.html"),
    ("inquire", "ODD"),
    ("verify", "ODD"),
    ("verify", "bic-2025-doxxing"),
    ("assess", "\x00"),
    ("assess", "a" * 100_000),
    ("validate", "/dev/zero"),
    ("validate", "/proc/self/mem"),
    ("validate", "DIR"),
]


@pytest.mark.parametrize("arguments", ARGUMENTS, ids=lambda a: " ".join(a)[:60].encode())
def test_odd_arguments_are_refused_in_one_printable_line(
    arguments: tuple[str, ...], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    code = main([a.replace("ODD", ODD_ARGUMENT).replace("DIR", str(tmp_path)) for a in arguments])
    err = capfd.readouterr().err
    assert code == 2, err
    check_message(err.removesuffix("\n"))
    assert not list(tmp_path.iterdir())
