"""What the terminal shows: every section in both languages, 80 columns, safe text."""

from __future__ import annotations

import contextlib
import io
import itertools
import os
import re
import struct
import sys
import unicodedata
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

import causation
from causation.case import load_case
from causation.dossier.assessment import Assessment
from causation.dossier.digits import percent, stated
from causation.dossier.labels import texts
from causation.errors import InputError
from causation.output import printable
from causation.terminal.layout import Text, print_table
from causation.terminal.printing import print_assessments
from causation.terminal.wrapping import breaks
from tests.handmade import VARIANTS, dossier

LANGUAGES = ("en", "zh")
FORBIDDEN = re.compile(r"\bestablished|认定|成立|不存在|优势证据|沉默|入口", re.IGNORECASE)
"""Words that a court's, or another meaning's; the names of standards are taken out before."""


@pytest.fixture(scope="module")
def beijing() -> Assessment:
    return dossier()


def printed(*results: Assessment, lang: str = "en") -> str:
    stream = io.StringIO()
    print_assessments(results, lang=lang, file=stream)
    return stream.getvalue()


def flat(text: str) -> str:
    """The text without the breaks of lines."""
    return re.sub(r"\s+", "", text)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_does_not_hold_stays_indented(lang: str, beijing: Assessment) -> None:
    lines = printed(beijing, lang=lang).splitlines()
    start = next(k for k, line in enumerate(lines) if line.startswith(("Comparison: ", "对照结果")))
    reasons = lines[start + 1 : lines.index("", start)]
    assert reasons
    assert all(line.startswith("  ") for line in reasons)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_number_of_the_dossier_is_there(lang: str, beijing: Assessment) -> None:
    text = flat(printed(beijing, lang=lang))
    a = beijing
    assert flat(stated(a.threshold)).removesuffix("%") in text
    values = [a.probability, a.held.probability, a.prior_probability]
    values += [*a.prior.values(), *a.posterior.values()]
    values += [table[k] for table in a.propositions.values() for k in ("role", "entrance", "alone")]
    values += [p for t in a.propositions.values() for p in t["supplied"].values()]
    values += [p for shares in a.victims.values() for p in shares.values()]
    values += [p for _, _, _, *pair in VARIANTS for p in pair]
    values += [p for c in a.claimants for p in (c.probability, c.held)]
    values += [s.held for s in a.sets if s.held is not None]
    values += [b.probability for b in a.burden] + [b.held for b in a.burden]
    values += [x for c in a.carriers.inputs for x in (c.low, c.high)]
    values += [a.redraws.held_mean, *a.redraws.held_interval, a.redraws.share]
    values += [a.range_of_opinion.lo, a.range_of_opinion.hi]
    missing = [v for v in values if flat(percent(v)).removesuffix("%") not in text]
    assert missing == []
    for row in a.contributions.rows:
        assert f"{row.leave_one_out:+.2f}" in text or abs(row.leave_one_out) < 0.005
    assert "1.2" in text  # the weight of the unknown at which it fails
    for notice in a.notices:
        assert flat(printable(notice.text[lang])) in flat(printed(a, lang=lang)).replace("·", "")


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", ["bic-2025-doxxing", "pang-2017", "gao-2024"])
def test_eighty_columns_and_no_title_cut(name: str, lang: str) -> None:
    a = dossier(name)
    text = printed(a, lang=lang)
    assert max(cell_len(line) for line in text.splitlines()) <= 80
    assert "…" not in text
    for s in a.filled.sources:
        assert flat(s.label[lang])[:4] in flat(text)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_words_of_the_court_are_not_used(lang: str, beijing: Assessment) -> None:
    text = printed(beijing, lang=lang)
    for row in beijing.standards:
        text = text.replace(row.standard.label[lang], "")
    assert FORBIDDEN.search(text) is None


def test_chinese_output_has_no_english_words(beijing: Assessment) -> None:
    text = printed(beijing, lang="zh")
    for row in VARIANTS:
        text = text.replace(row[0], "")
    allowed = {"bic", "doxxing", "logit", "integrate", "known", "by"}
    assert set(re.findall(r"[A-Za-z]{2,}", text)) <= allowed


def test_the_ratio_is_held(beijing: Assessment) -> None:
    text = flat(printed(beijing))
    beyond = [r for r in beijing.likelihood_ratios if abs(r.log10) > 1.0]
    assert beyond
    assert "morethan10" in text
    for row in beyond:
        assert f"{row.log10:+.2f}" not in text


def test_what_cannot_be_computed_says_why_and_costs_nothing_else() -> None:
    a = dossier()

    class Broken(Assessment):
        @property
        def dependence(self) -> None:  # type: ignore[override]
            raise InputError("no room for it")

    broken = Broken(a.filled, a.model, a.answer, a.settings)
    broken.__dict__.update({k: v for k, v in a.__dict__.items() if k != "dependence"})
    text = printed(broken)
    assert "not computed: no room for it" in text
    assert "Standards of proof" in text


def test_prior_sets_side_by_side(beijing: Assessment) -> None:
    text = printed(beijing, dossier(), lang="zh")
    assert text.count("并列比较") == 1
    assert text.count("中性") >= 3


@pytest.mark.parametrize("lang", LANGUAGES)
def test_hostile_labels_are_text(lang: str) -> None:
    title = "\x1b[31m<b>$\\frac{ \u202e"
    case = load_case("bic-2025-doxxing").replace(
        {"sources.platform.label": {"en": title, "zh": title}}
    )
    text = printed(dossier(case), lang=lang)
    assert not any(unicodedata.category(c) in {"Cc", "Cf"} for c in text if c != "\n")


@given(st.text())
def test_printable_leaves_nothing_that_moves_the_cursor(text: str) -> None:
    assert not any(unicodedata.category(c).startswith("C") for c in printable(text))
    assert len(printable(text, longest=20)) <= 20


def test_print_table(capsys: pytest.CaptureFixture[str]) -> None:
    print_table([("a", "l"), ("b", "r")], [("x", "1"), ("[bold]y", "22")])
    lines = capsys.readouterr().out.splitlines()
    assert [line.split() for line in lines] == [["a", "b"], ["x", "1"], ["[bold]y", "22"]]


def test_every_text_is_said_somewhere() -> None:
    room = Path(causation.__file__).parent
    for name, folder in (
        ("terminal", "terminal"), ("elicitation", "."), ("plots", "plots"),
        ("display", "notebook"), ("explorer", "notebook"),
    ):  # fmt: skip
        said = "".join(p.read_text("utf-8") for p in (room / folder).rglob("*.py"))
        said = said.replace('">', '"').replace("'", '"')  # headings that stand to the right
        made = ("by_", "of_", "button_", "pool_", "readings", "models")  # put together of parts
        table = texts(name)
        lost = [k for k in table if f'"{k}"' not in said and not k.startswith(made)]
        assert lost == [], name
        for key, both in table.items():
            fields = [set(re.findall(r"\{(\w+)", both[lang])) for lang in LANGUAGES]
            assert fields[0] == fields[1], key


SHOW = """
import sys, time
time.sleep(0.3)  # until the terminal has its size
from causation.terminal.printing import print_assessments
from tests.handmade import dossier
print_assessments([dossier()], lang=sys.argv[1])
"""


def on_a_terminal(columns: int, lang: str) -> list[str]:
    """What a real terminal of so many columns gets, without its colours."""
    pty, termios, fcntl = (pytest.importorskip(n) for n in ("pty", "termios", "fcntl"))
    child, place = pty.fork()
    if child == 0:
        kept = {k: v for k, v in os.environ.items() if k not in {"COLUMNS", "LINES"}}
        command = [sys.executable, "-c", SHOW, lang]
        os.execve(sys.executable, command, kept | {"TERM": "xterm"})  # noqa: S606
    fcntl.ioctl(place, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
    content = b""
    with contextlib.suppress(OSError):  # the end of a terminal
        while part := os.read(place, 65536):
            content += part
    os.waitpid(child, 0)
    os.close(place)
    text = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", content.decode())
    return text.replace("\r\n", "\n").splitlines()


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("columns", [60, 80])
@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")  # threads of others, forked
def test_a_real_terminal(columns: int, lang: str) -> None:
    lines = on_a_terminal(columns, lang)
    assert len(lines) > 80
    assert max(map(cell_len, lines)) <= columns
    text = "\n".join(lines)
    assert "…" not in text
    assert flat(text).replace("·", "")  # and something was printed
    for source in dossier().filled.sources:
        assert flat(source.label[lang])[:4] in flat(text)
    if lang == "zh":
        assert not any(re.match(r" *[，。；：、）》”%]", line) for line in lines)
        assert not any(re.search(r"[0-9]$", a.rstrip()) and re.match(r" *[0-9%]", b)
                       for a, b in itertools.pairwise(lines)
                       if cell_len(a.rstrip()) >= columns - 2)  # fmt: skip


def test_where_a_line_of_chinese_ends() -> None:
    assert breaks("甲（乙）丙", 6) == [1, 4]
    assert breaks("a" * 9, 4) == [4, 8]
    assert breaks("甲乙", 80) == []
    said = "twice the weight (49.2 %), in 8 602 judgments"
    for width in range(10, 40):
        lines = [str(line) for line in Text(said).wrap(Console(), width)]
        assert " ".join(lines).split() == said.split()
        assert not any(re.match(r"%|602", line) for line in lines)
    assert breaks("参见 causation assess 一行", 10)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_of_very_many_readings_those_that_matter(lang: str) -> None:
    """Below, binding, lowest and highest; the rest are one line, with their ends."""
    a = dossier()
    base = next(v for v in a.variants if v.kind == "reading" and v.probability is not None)
    many = [
        replace(base, id=f"r{i}", label={"en": f"Row no. {i}", "zh": f"第{i}行"}, binding=False,
                probability=p, held=p, meets=p >= a.threshold)
        for i, p in enumerate([0.41, *(0.80 + i / 200 for i in range(30))])
    ]  # fmt: skip
    a.__dict__["variants"] = tuple(many)
    text = printed(a, lang=lang)
    shown = [i for i in range(31) if re.search(rf"(Row no\. |第){i}(行|\b)", text)]
    assert shown == [0, 1, 2, 3, 29, 30]
    assert flat(percent(0.815)) in flat(text)
    assert flat(percent(0.935)) in flat(text)
    assert "25" in text
