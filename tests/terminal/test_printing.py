"""What the terminal shows: rounding at the edges, safe text, every kind of answer."""

from __future__ import annotations

import dataclasses
import io
import math
import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from causation.dossier.assessment import Assessment, LikelihoodRatio
from causation.terminal.printing import bans, percent, plain, print_assessments, print_table, ratio
from tests.build import assessed, document


def printed(*results: Assessment, lang: str = "en") -> str:
    stream = io.StringIO()
    print_assessments(results, lang=lang, file=stream)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("p", "text"),
    [
        (0.0, "0 %"),
        (1.0, "100 %"),
        (0.5, "50.0 %"),
        (0.9994, "99.940 %"),
        (0.001, "0.1 %"),
        (0.0009, "0.090 %"),
        (1e-11, "0.0000000010 %"),
        (1e-300, "< 0.0000000001 %"),
        (1.0 - 1e-16, "> 99.9999999999 %"),
    ],
)
def test_percent(p: float, text: str) -> None:
    assert percent(p) == text


@given(st.floats(0.0, 1.0, exclude_min=True, exclude_max=True))
def test_percent_never_claims_certainty(p: float) -> None:
    text = percent(p)
    if text[0] in "<>":
        assert min(p, 1.0 - p) < 1e-12
        return
    value = float(text.removesuffix(" %"))
    assert 0.0 < value < 100.0
    # two figures of the smaller side, or a tenth of a per cent
    assert abs(value - 100.0 * p) <= max(0.05, 0.0) if min(p, 1 - p) > 1e-3 else True
    if min(p, 1.0 - p) <= 1e-3:
        assert abs(value - 100.0 * p) <= 6.0 * min(p, 1.0 - p) + 1e-10


@pytest.mark.parametrize(
    ("x", "text"),
    [
        (0.004, "0.00"),
        (-0.0049, "0.00"),
        (0.0051, "+0.01"),
        (-1.235, "-1.24"),
        (math.inf, "+inf"),
        (-math.inf, "-inf"),
        (math.nan, "—"),
        (269899.7, "+269899.70"),
    ],
)
def test_bans(x: float, text: str) -> None:
    assert bans(x) == text


def row(log10: float) -> LikelihoodRatio:
    return LikelihoodRatio("osint", log10, 0.0, "weak", depends_on_prior=False)


@pytest.mark.parametrize(
    ("log10", "largest", "text"),
    [
        (0.0, None, "1.0"),
        (math.log10(1.99), None, "2.0"),
        (math.log10(123.0), None, "120"),
        (math.log10(99999.0), None, "100,000"),
        (6.3, None, "2.0e+06"),
        (-2.0, None, "1/100"),
        (400.0, None, "10^400.0"),
        (-1e6, None, "1/10^1000000.0"),
        (5.0, 4.5, "more than 10^4.5"),
        (-5.0, 4.5, "less than 1/10^4.5"),
        (math.inf, 4.5, "source excluded"),
        (-math.inf, None, "proposition excluded"),
        (math.nan, None, "both excluded"),
    ],
)
def test_ratio(log10: float, largest: float | None, text: str) -> None:
    assert ratio(row(log10), largest) == text


HOSTILE = "\x1b[31mred\x1b[0m\x07 \u202eevil\u2066\x00\x9b2J\ud800 [bold]markup[/] \r\nnext"


@given(st.text())
def test_plain(text: str) -> None:
    shown = plain(text)
    assert len(shown) <= 200
    assert not any(unicodedata.category(c).startswith("C") for c in shown)


def test_hostile_titles_stay_text() -> None:
    """No control, no change of direction, no markup, in either language."""
    label = {"en": HOSTILE, "zh": HOSTILE}
    result = assessed()
    sources = tuple(dataclasses.replace(s, label=label) for s in result.case.sources)
    case = dataclasses.replace(result.case, title=label, sources=sources, prior_set=HOSTILE)
    result = dataclasses.replace(result, case=case)
    for lang in ("en", "zh"):
        text = printed(result, result, lang=lang)
        bad = [c for c in text if unicodedata.category(c).startswith("C") and c != "\n"]
        assert bad == []
        assert "[bold]markup[/]" in text


def test_a_whole_answer() -> None:
    text = printed(assessed())
    flowing = " ".join(text.split())
    for part in (
        "The proposition is", "Standards of proof", "Burden by stage", "in bans (log10)",
        "Dependence", "Numerical error", "decides neither fault nor liability",
        "depends on the prior among the",
    ):  # fmt: skip
        assert part in flowing, part
    assert "nan" not in text


EXCLUDED: dict[str, dict[str, Any]] = {
    "others": {"platform": 0.5, "osint": 0, "unknown": 0},
    "proposition": {"platform": 0, "osint": 0, "unknown": 0.5},
}


@pytest.mark.parametrize("name", EXCLUDED)
def test_excluded_sources(name: str) -> None:
    finding = {"id": "decisive", "likelihood": EXCLUDED[name], "reliability": 1}
    text = printed(assessed(findings=[finding]))
    assert "Excluded outright: osint by decisive." in text
    assert "nan" not in text
    if name == "proposition":
        assert "With no prior is the standard of this case met." in text
        assert "both excluded" in text


def test_findings_only_and_nothing() -> None:
    assert "Dependence" in printed(assessed(victims=[]))
    text = printed(assessed(victims=[], findings=[]))
    assert "What the evidence adds" not in text


def test_huge_ratios() -> None:
    doc = document()
    doc["sources"]["unknown"]["weight"] = 1
    for name, p in (("platform", 0.5), ("osint", 0.001)):
        doc["sources"][name] |= {"disclosure": {"phone": p}, "misfit": 0, "odds_ratio": {}}
    doc["sources"] = {k: v for k, v in doc["sources"].items() if k != "unknown"}
    victims = [{"id": "all", "count": 100_000, "linkage": 1, "disclosed": ["phone"]}]
    text = printed(
        assessed(
            sources=doc["sources"],
            victims=victims,
            findings=[],
            exhaustive=True,
            selection="attempted",
        )
    )
    assert "extremely strong support for the proposition" in text
    assert "depends on the prior among the rest" not in " ".join(text.split())


def test_side_by_side() -> None:
    one, two = assessed(), assessed(standard=0.999)
    text = printed(one, two)
    assert "Side by side" in text
    assert text.count("prior at which the standard is met") == 1


def test_several_uses_of_a_table(capsys: pytest.CaptureFixture[str]) -> None:
    print_table([("id", "l"), ("n", "r")], [("a[red]\x1b", "1")])
    out = capsys.readouterr().out
    assert "a[red]·" in out
