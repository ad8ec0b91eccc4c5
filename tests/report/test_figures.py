"""The figures of a report: each mark lies at its value, and every text is set as it is written."""

from __future__ import annotations

import math
import re
import subprocess
import sys
from io import BytesIO
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from PIL import Image

from causation.analyses.tornado import tornado
from causation.case import load_case
from causation.dossier.assessment import Assessment, assess
from causation.plots.text import cut
from causation.report import charts
from causation.report.charts import Chart, round_values
from causation.report.figures import DOTS_PER_INCH, draw_figures, drawn
from causation.report.results import Results

CASE = "bic-2025-doxxing"


@pytest.fixture(scope="module")
def beijing() -> Assessment:
    return assess(CASE)


def _marks(chart: Chart, kind: str) -> list[dict[str, Any]]:
    return [m for m in chart.data["marks"] if m["kind"] == kind]


def _spans(chart: Chart, lo: float, hi: float) -> list[tuple[float, float]]:
    """Both ends of every bar in units of the axis."""
    return [
        (lo + m["at"][0] * (hi - lo), lo + m["at"][1] * (hi - lo)) for m in _marks(chart, "bar")
    ]


def test_bars_of_the_posterior_are_as_long_as_its_routes_are_probable(beijing: Assessment) -> None:
    chart = charts.posterior(beijing, "en")
    lengths = [right for left, right in _spans(chart, 0.0, 1.0) if left == 0.0]
    assert lengths == pytest.approx([beijing.probability, *beijing.posterior.values()])
    assert sum(lengths[1:]) == pytest.approx(1.0)
    [held] = _marks(chart, "diamond")
    assert held["at"][0] == pytest.approx(beijing.held.probability)
    priors = [m["at"][0] for m in _marks(chart, "circle")]
    assert priors == pytest.approx([beijing.prior_probability, *beijing.prior.values()])
    [standard] = [m for m in _marks(chart, "line") if m.get("dashed")]
    assert [x for x, _ in standard["at"]] == pytest.approx([beijing.threshold] * 2)
    heights = [y for y, _ in chart.data["names"]]
    assert heights == [pytest.approx((k + 0.5) / len(heights)) for k in range(len(heights))]
    assert _marks(chart, "note")[0]["text"] == "75.7 %"


def test_the_waterfall_ends_where_the_posterior_is(beijing: Assessment) -> None:
    chart = charts.contributions(beijing, "en")
    labels = {float(text.replace("−", "-")): x for x, text in chart.data["ticks"]}
    (a, at_a), (b, at_b), *_ = labels.items()
    lo = a - at_a * (b - a) / (at_b - at_a)
    hi = lo + (b - a) / (at_b - at_a)
    start, *steps, end = _spans(chart, lo, hi)
    odds = [math.log10(p / (1.0 - p)) for p in (beijing.prior_probability, beijing.probability)]
    assert sorted(start) == pytest.approx(sorted((odds[0], 0.0)))
    assert sorted(end) == pytest.approx(sorted((odds[1], 0.0)))
    for one, other in pairwise(steps):  # each begins at an end of that before
        assert any(x == pytest.approx(y) for x in one for y in other)


def test_a_bar_of_the_tornado_ends_at_the_probability_of_its_input(beijing: Assessment) -> None:
    result = tornado(beijing.model, bound=beijing.bound)
    chart = charts.tornado(result, "en", most=5)
    (x, first), (y, second) = chart.data["ticks"][0], chart.data["ticks"][1]
    low, high = (float(text.removesuffix(" %")) / 100.0 for text in (first, second))
    width = (high - low) / (y - x)
    spans = _spans(chart, low - x * width, low - x * width + width)
    for k, bar in enumerate(result.bars[:5]):
        for span, end in ((spans[k], bar.probability_low), (spans[k + 5], bar.probability_high)):
            assert sorted(span) == pytest.approx(sorted((beijing.probability, end)))
    assert len(_marks(chart, "text")) == 10


def test_the_curve_goes_through_the_case(beijing: Assessment) -> None:
    """Posterior odds are prior odds times one ratio, so that all lies on a line of slope one."""
    chart = charts.prior_curve(beijing, "en")
    edge = math.log(1e-4 / (1 - 1e-4))
    same, model, *_ = _marks(chart, "line")
    shifts = []
    for (x, y), (_, y0) in zip(model["at"], same["at"], strict=True):
        prior = 1.0 / (1.0 + math.exp(-(edge - 2 * edge * x)))
        posterior, alone = ((1.0 - h) * 1.02 for h in (y, y0))
        assert alone == pytest.approx(prior)
        shifts.append(math.log(posterior / (1 - posterior)) - math.log(prior / (1 - prior)))
    p, q = beijing.prior_probability, beijing.probability
    ratio = math.log(q / (1 - q)) - math.log(p / (1 - p))
    assert shifts == pytest.approx([ratio] * len(shifts), abs=1e-6)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_same_chart_gives_the_same_bytes_and_the_same_picture(
    beijing: Assessment, lang: str
) -> None:
    one, two = (draw_figures(beijing, Results(beijing), lang=lang) for _ in range(2))
    assert len(one) == 5
    for name, drawing in one.items():
        again = two[name]
        assert not isinstance(drawing, str)
        assert not isinstance(again, str)
        assert drawing.svg == again.svg
        assert b"<text" not in drawing.svg  # its letters are outlines
        picture = Image.open(BytesIO(drawing.png()))
        size = (drawing.width * DOTS_PER_INCH, drawing.height * DOTS_PER_INCH)
        assert picture.size == pytest.approx(size, abs=1.0)


def _letters(chart: Chart) -> int:
    return len(re.findall(rb"<use", drawn(chart).svg))


@pytest.mark.parametrize(
    "name", ["#panic()", "$x$ *b* _i_ @a", "<script>&amp;", "\\ `code` [x]", "店"]
)
def test_names_are_set_as_they_are_written(name: str) -> None:
    """Nothing in a name is markup: as many letters are drawn as it has."""
    bare, named = (Chart("en", (0.0, 1.0), names=[text], pitch=0.3) for text in ("", name))
    assert _letters(named) - _letters(bare) == len(name.replace(" ", ""))


def test_what_has_no_typeface_is_numbered() -> None:
    bare, named = (Chart("en", (0.0, 1.0), names=[text], pitch=0.3) for text in ("", "😀"))
    assert _letters(named) - _letters(bare) == len("[U+1F600]")


def test_the_name_of_a_source_stands_in_the_figures_as_in_the_case() -> None:
    name = r"$5 *b* \n #panic()"
    case = load_case(CASE).replace({"sources.platform.label": name})
    chart = charts.posterior(assess(case), "en")
    assert name in [text for _, text in chart.data["names"]]


def test_names_of_three_lines_have_room() -> None:
    chart = Chart("en", (0.0, 1.0), names=["a\nb\nc"] * 4, pitch=0.38)
    assert chart.data["plot"] * 72 / 4 > 3 * 10  # points


def test_values_at_the_edge_are_whole_and_those_of_an_axis_stand_apart() -> None:
    chart = Chart("en", (0.0, 1.0), names=["W" * 60], pitch=0.3)
    chart.text(0.999, 0, "[0.0226, 0.305]")
    edge = np.asarray(Image.open(BytesIO(drawn(chart).png())).convert("L"))[:, -8:]
    assert edge.min() > 250  # nothing in the margin
    before = _letters(chart)
    chart.axis([(k / 50, "00000000") for k in range(50)])
    assert 8 <= _letters(chart) - before <= 8 * 20


def test_the_longest_names_leave_half_of_the_page_to_the_plot() -> None:
    names = [cut("x" * 400, width=48, lines=2), cut("店" * 400, width=48, lines=2), "W" * 90]
    chart = Chart("zh", (0.0, 1.0), names=names, pitch=0.4)
    chart.bar(0, (0.0, 1.0), "range")
    widths = [
        float(w) for w in re.findall(r'd="M 0 0v [\d.]+h ([\d.]+)', drawn(chart).svg.decode())
    ]
    assert max(widths, default=0.0) > 0.4 * 72 * 7.6


@pytest.mark.parametrize(("lo", "hi"), [(0.0, 1.0), (-3.17, 2.0), (0.511, 0.534), (1e-7, 3e-7)])
def test_ticks_lie_inside_are_round_and_few(lo: float, hi: float) -> None:
    values = round_values(lo, hi)
    assert 2 <= len(values) <= 9
    assert all(lo - 1e-12 <= v <= hi + 1e-12 for v in values)
    steps = {round(b - a, 12) for a, b in pairwise(values)}
    assert len(steps) == 1
    assert f"{steps.pop():.0e}"[0] in "125"


def test_a_report_is_drawn_without_matplotlib() -> None:
    code = (
        "import sys\nfrom causation.report.figures import draw_figures\n"
        "from causation.report.results import Results\nfrom causation import assess\n"
        f"a = assess({CASE!r})\n"
        "drawings = draw_figures(a, Results(a), lang='zh').values()\n"
        "assert not any(isinstance(drawing, str) for drawing in drawings)\n"
        "assert 'matplotlib' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
