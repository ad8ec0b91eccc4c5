"""Figures are tested by the data that they draw, in both languages, and leave settings alone."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib import pyplot as plt
from matplotlib.figure import Figure
from matplotlib.text import Text

from causation import load_case, plots
from causation.analyses.dependence import CountCurve
from causation.analyses.tornado import Bar, Tornado
from causation.dossier.digits import percent
from causation.errors import InputError
from causation.plots.style import SERIES
from causation.plots.text import COLORS, fitted
from causation.validation.metrics import reliability
from causation.validation.scoring import Scores
from tests.handmade import VARIANTS, dossier
from tests.shipped import SHIPPED

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from causation.dossier.assessment import Assessment

OF_ASSESSMENTS = (
    plots.plot_posterior,
    partial(plots.plot_posterior, by="source"),
    plots.plot_prior_curve,
    plots.plot_burden,
    plots.plot_contributions,
    plots.plot_opinions,
    plots.plot_redraws,
    plots.plot_carriers,
    plots.plot_provenance,
    plots.plot_flow,
    plots.plot_timeline,
    plots.plot_model_graph,
    plots.plot_claimants,
    plots.plot_uncertainty,
    plots.plot_standing,
)


@pytest.fixture(autouse=True)
def _no_figure_left() -> Iterator[None]:
    yield
    plt.close("all")


@pytest.fixture(scope="module")
def beijing() -> Assessment:
    return dossier()


@pytest.fixture(scope="module")
def union() -> Assessment:
    return dossier("pang-2017")


def _texts(ax: Axes) -> list[str]:
    return [t.get_text() for t in ax.figure.findobj(Text)]


def _xy(line: Any) -> tuple[np.ndarray, np.ndarray]:
    return np.asarray(line.get_xdata()), np.asarray(line.get_ydata())


def _bars(ax: Axes) -> list[Any]:
    return list(ax.patches)


def _line(ax: Axes, label: str) -> Any:
    return next(line for line in ax.lines if str(line.get_label()).startswith(label))


def test_posterior_by_route(beijing: Assessment) -> None:
    a, ax = beijing, plots.plot_posterior(beijing)
    assert [b.get_width() for b in _bars(ax)] == [a.probability, *a.posterior.values()]
    assert list(_line(ax, "prior").get_xdata()) == [a.prior_probability, *a.prior.values()]
    assert _line(ax, "held").get_xdata()[0] == a.held.probability
    assert tuple(_line(ax, "middle 90 %").get_xdata()) == a.redraws.interval
    assert _line(ax, "comparison").get_xdata()[0] == a.threshold
    assert mpl.colors.to_hex(_bars(ax)[0].get_facecolor()) == COLORS["proposition"].lower()


def test_posterior_by_source_of_a_union(union: Assessment) -> None:
    ax = plots.plot_posterior(union, by="source", interval=False)
    assert [b.get_width() for b in _bars(ax)][1:] == list(union.source_posterior.values())
    assert ax.get_yticklabels()[0].get_text().startswith("at least one of Qunar and")
    with pytest.raises(InputError, match="allowed: route, source"):
        plots.plot_posterior(union, by="victim")


def test_prior_curve_draws_both_curves_and_both_points(beijing: Assessment) -> None:
    ax = plots.plot_prior_curve(beijing)
    curve = beijing.prior_curve
    assert np.array_equal(_line(ax, "the model's").get_ydata(), curve.posterior)
    assert np.array_equal(_line(ax, "held").get_ydata(), curve.held)
    here, edge = _line(ax, "this case"), _line(ax, "comparison value reached")
    assert (here.get_xdata()[0], here.get_ydata()[0]) == (curve.case_prior, beijing.probability)
    assert (edge.get_xdata()[0], edge.get_ydata()[0]) == (curve.held_prior_at_standard, 0.75)


def test_a_proposition_about_a_field_has_no_prior_curve() -> None:
    claim = {"source": "platform", "role": "supplied", "fields": ["phone"]}
    case = load_case("bic-2025-doxxing").replace(proposition=claim)
    with pytest.raises(InputError, match="no prior curve"):
        plots.plot_prior_curve(dossier(case))


def test_burden_draws_each_stage(beijing: Assessment) -> None:
    ax = plots.plot_burden(beijing)
    assert _bars(ax)[0].get_data().values.tolist() == [b.probability for b in beijing.burden]
    assert list(_line(ax, "held").get_ydata()) == [b.held for b in beijing.burden]


@pytest.mark.parametrize("method", ["sequential", "shapley"])
def test_waterfall_starts_at_the_prior_and_ends_at_the_posterior(
    beijing: Assessment, method: str
) -> None:
    ax = plots.plot_contributions(beijing, method=method)
    table, bars = beijing.contributions, _bars(ax)
    assert bars[0].get_width() == table.start
    assert bars[-1].get_width() == pytest.approx(table.start + table.total, abs=1e-12)
    steps = [b.get_width() for b in bars[1:-1]]
    assert steps == pytest.approx([getattr(r, method) for r in table.rows], abs=1e-12)
    for bar, following in itertools.pairwise(bars[1:-1]):
        assert bar.get_x() + bar.get_width() == pytest.approx(following.get_x(), abs=1e-12)


def test_leave_one_out_has_no_waterfall(beijing: Assessment) -> None:
    with pytest.raises(InputError, match="allowed: sequential, shapley"):
        plots.plot_contributions(beijing, method="leave_one_out")


def test_opinions_are_all_there_and_on_their_side(beijing: Assessment) -> None:
    ax = plots.plot_opinions(beijing)
    rows = [(beijing.probability, beijing.held.probability)]
    rows += [(p, h) for _, kind, _, p, h in VARIANTS if kind == "reading"]
    rows += [(p, h) for _, kind, _, p, h in VARIANTS if kind == "model"]
    rows += [(s.probability or 0.0, s.held or 0.0) for s in beijing.sets if not s.own]
    found = [(line, _xy(line)[0].tolist()) for line in ax.lines]
    pairs = [tuple(x) for _, x in found if len(x) == 2]
    assert [p for p in pairs if p != (beijing.threshold,) * 2] == rows
    for line, x in found:
        if line.get_marker() == "D" and x:
            assert (line.get_color() == COLORS["proposition"]) == (x[0] >= beijing.threshold)
    band = _bars(ax)[0]
    lo, hi = beijing.range_of_opinion.lo, beijing.range_of_opinion.hi
    assert (band.get_x(), band.get_x() + band.get_width()) == pytest.approx((lo, hi))


def test_redraws_are_counted(beijing: Assessment) -> None:
    ax = plots.plot_redraws(beijing)
    counts, _ = np.histogram(beijing.redraws.held, bins=25, range=(0.0, 1.0))
    assert [b.get_height() for b in _bars(ax)] == counts.tolist()
    assert tuple(_line(ax, "middle").get_xdata()) == beijing.redraws.held_interval
    assert _line(ax, "mean").get_xdata()[0] == beijing.redraws.held_mean


def test_claimants_are_all_there_and_on_their_side(beijing: Assessment) -> None:
    ax = plots.plot_claimants(beijing)
    a = beijing
    assert len(a.claimants) == 2
    assert [t.get_text() for t in ax.get_yticklabels()] == [
        "Plaintiff",
        f"Five further users (5); of the series: {percent(round(a.claimants[1].linked, 6))}",
    ]
    for y, c in enumerate(a.claimants):
        marks = {line.get_marker(): line for line in ax.lines if list(_xy(line)[1]) == [y]}
        assert _xy(marks["o"])[0].tolist() == [c.probability]
        assert _xy(marks["D"])[0].tolist() == [c.held]
        color = COLORS["proposition" if c.held >= a.threshold else "against"]
        assert marks["D"].get_color() == color
    assert "属同一系列" in " ".join(_texts(plots.plot_claimants(a, lang="zh")))


def test_uncertainty_draws_shares_by_how_they_are_supported(beijing: Assessment) -> None:
    ax, rows = plots.plot_uncertainty(beijing), beijing.uncertainty.inputs
    assert [b.get_width() for b in _bars(ax)] == [x.share for x in rows]
    for bar, x in zip(_bars(ax), rows, strict=True):
        color = COLORS["proposition" if x.status == "judgement" else "other"]
        assert mpl.colors.to_hex(bar.get_facecolor()) == color.lower()
    said = " ".join(_texts(ax))
    assert all(f"{x.incidents} incidents" in said for x in rows if x.incidents is not None)
    assert len(_bars(plots.plot_uncertainty(beijing, most=1))) == 1


def test_any_remove_is_marked_where_a_library_may_descend() -> None:
    case = load_case("bic-2025-doxxing").replace({"sources.library.origin": {"platform": 0.3}})
    a = dossier(case)
    mark = _line(plots.plot_posterior(a), "at any remove")
    assert mark.get_xdata()[0] == a.any_remove["platform"] > a.propositions["platform"]["role"]


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("draw", OF_ASSESSMENTS)
def test_figures_of_one_column_have_everything_inside(
    draw: Any, lang: str, union: Assessment
) -> None:
    figure, ax = plt.subplots(figsize=(4.2, 5.0), layout="constrained")
    draw(union, ax=ax, lang=lang)
    figure.canvas.draw()
    beyond = ax.get_xticklabels()  # may be of ticks that are not drawn
    for text in figure.findobj(Text):
        if text.get_text() and text.get_visible() and text not in beyond:
            box = text.get_window_extent()
            assert -1.0 <= box.x0 < box.x1 <= figure.bbox.width + 1.0, text.get_text()
    assert ax.get_position().width > 0.3


@pytest.mark.parametrize("part", ["supplied", "sole"])
def test_provenance_is_field_by_source(part: str, beijing: Assessment) -> None:
    ax = plots.plot_provenance(beijing, part=part)
    drawn = np.asarray(ax.collections[0].get_array())
    fields = list(beijing.propositions["platform"][part])
    for x, s in enumerate(beijing.sources):
        assert drawn[:, x].tolist() == [beijing.propositions[s][part][f] for f in fields]
    with pytest.raises(InputError, match="allowed: supplied, sole"):
        plots.plot_provenance(beijing, part="role")


def test_flow_has_lines_as_wide_as_their_probability(beijing: Assessment) -> None:
    ax = plots.plot_flow(beijing)
    drawn = sorted(line.get_linewidth() for line in ax.lines if len(_xy(line)[0]) > 1)
    used = [p for r, p in beijing.posterior.items() for _ in r.split("/")]
    used += [p for t in beijing.propositions.values() for p in t["supplied"].values()]
    assert drawn == pytest.approx(sorted(max(14.0 * p, 0.6) for p in used if p >= 0.005))
    words = " ".join(_texts(ax))
    for p in beijing.source_posterior.values():
        assert percent(p) in words


def test_timeline_draws_when_values_were_true() -> None:
    case = load_case("bic-2025-doxxing").replace(
        {
            "victims.plaintiff.dates": {"phone": {"since": "2021-11", "until": "2022-03-04"}},
            "victims.co_victims.posted": "2023-11",
        }
    )
    ax = plots.plot_timeline(dossier(case))
    names = [t.get_text() for t in ax.get_yticklabels()]
    assert names == ["Plaintiff", "Plaintiff: phone number", "Five further users"]
    num2date: Any = mpl.dates.num2date
    spans = {(num2date(min(x)).date().isoformat(), num2date(max(x)).date().isoformat(), y[0])
             for x, y in (_xy(line) for line in ax.lines) if len(x) == 2}  # fmt: skip
    assert ("2021-11-01", "2022-03-04", 1) in spans  # at most
    assert ("2021-11-30", "2022-03-04", 1) in spans  # at least
    assert ("2023-11-01", "2023-11-30", 2) in spans
    ax = plots.plot_timeline(dossier(load_case("bic-2025-doxxing")), lang="zh")
    ticks = [t.get_text() for t in ax.get_xticklabels()]
    assert "2023-10-01" in ticks, ticks  # with its year, in no language
    bare = load_case("bic-2025-doxxing").without("incident_date", "security")
    with pytest.raises(InputError, match="states no date"):
        plots.plot_timeline(dossier(bare))


def test_saturation_draws_model_and_naive(beijing: Assessment) -> None:
    count = np.array([0, 2, 5, 40])
    up = np.array([1.0, 1.5, 1.75, 1.8])
    curve = CountCurve("co_victims", count, 5, up / 2, up / 2, up, 2 * up)
    ax = plots.plot_saturation(curve, filled=beijing.filled)
    assert np.array_equal(ax.lines[0].get_ydata(), up)
    assert np.array_equal(ax.lines[1].get_ydata(), 2 * up)
    here = _line(ax, "this case")
    assert (here.get_xdata()[0], here.get_ydata()[0]) == (5, 1.75)
    assert "Five further users" in ax.get_xlabel()


def test_model_graph_has_an_edge_for_every_item_of_a_shared_latent(beijing: Assessment) -> None:
    ax = plots.plot_model_graph(beijing)
    shared = beijing.dependence.shared
    assert len(ax.lines) == sum(len(s.items) for s in shared)
    assert len(ax.get_yticklabels()) == len({i for s in shared for i in s.items})


def _tornado(labels: dict[str, str]) -> Tornado:
    bars = [
        Bar(f"sources.s{k}.weight", (0.5, 2.0), (0.25, 1.0), (1.0, 4.0),
            *(0.7 - k / 10, 0.75 + k / 20) * 2, labels, labels)
        for k in (4, 3, 2, 1, 0)
    ]  # fmt: skip
    return Tornado(0.74, 0.75, tuple(bars))


def test_tornado_draws_both_ends_of_each_bar() -> None:
    result = _tornado({"en": "an input", "zh": "某项输入"})
    ax = plots.plot_tornado(result, most=4)
    ends = [b.get_x() + b.get_width() for b in _bars(ax)]
    wanted = [b.probability_low for b in result.bars[:4]]
    wanted += [b.probability_high for b in result.bars[:4]]
    assert ends == pytest.approx(wanted, abs=1e-12)
    lo, hi = ax.get_xlim()
    assert lo < min(wanted) < max(wanted) < hi
    assert lo < result.threshold < hi
    assert "[0.25, 1]" in _texts(ax)
    assert "某项输入" in _texts(plots.plot_tornado(result, lang="zh"))


def test_carriers_draw_both_shifts(beijing: Assessment) -> None:
    ax = plots.plot_carriers(beijing)
    rows = beijing.carriers.inputs
    ends = [b.get_x() + b.get_width() for b in _bars(ax)]
    assert ends == pytest.approx([c.low for c in rows] + [c.high for c in rows], abs=1e-12)


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("draw", OF_ASSESSMENTS)
def test_given_axes_are_used_and_settings_stay(draw: Any, lang: str, beijing: Assessment) -> None:
    before = dict(mpl.rcParams)
    figure = Figure()
    ax = figure.subplots()
    open_before = plt.get_fignums()
    assert draw(beijing, ax=ax, lang=lang) is ax
    assert plt.get_fignums() == open_before
    assert dict(mpl.rcParams) == before
    assert figure.axes[0] is ax


@pytest.mark.parametrize("name", SHIPPED)
def test_no_character_without_a_glyph(
    name: str, recwarn: pytest.WarningsRecorder, tmp_path: Any
) -> None:
    # matplotlib warns of a missing glyph, and warnings are errors: drawing is the test
    a = dossier(name)
    for draw in OF_ASSESSMENTS:
        try:
            ax: Any = draw(a, lang="zh")
        except InputError as error:  # a case may have no such figure, and says why
            if not re.match("the case states no|no two items", str(error)):
                raise
            continue
        ax.figure.savefig(tmp_path / "figure.svg")
        assert any(ord(c) > 0x2E80 for text in _texts(ax) for c in text)
        plt.close("all")
    assert [str(w.message) for w in recwarn if "Glyph" in str(w.message)] == []


@pytest.mark.parametrize(
    "labels",
    [("$\\frac{", "长" * 10_000, "$1$"), ("a & b <script>", "$\\frac{", "x" * 10_000)],
    ids=["long", "longer"],
)
def test_hostile_labels_are_drawn_as_text(labels: tuple[str, ...], tmp_path: Any) -> None:
    places = ("sources.platform.label", "victims.co_victims.label", "sources.library.label")
    case = load_case("bic-2025-doxxing").replace(
        {place: {"en": text, "zh": text} for place, text in zip(places, labels, strict=True)}
    )
    a = dossier(case)
    for draw in OF_ASSESSMENTS:
        figure: Any = draw(a).figure
        figure.savefig(tmp_path / "figure.png")
        plt.close("all")
    assert (tmp_path / "figure.png").stat().st_size > 0


def test_unknown_language_is_refused(beijing: Assessment) -> None:
    for draw in OF_ASSESSMENTS:
        with pytest.raises(InputError, match="allowed: en, zh"):
            draw(beijing, lang="fr")


def test_fitted_breaks_cuts_and_takes_literally() -> None:
    assert fitted("平台后台" * 10, width=8, lines=2) == "平台后台\n平台后台…"
    assert fitted("已泄露（社工库）", width=8) == "已泄露\n（社工\n库）"
    assert fitted("costs $5") == r"costs \$5"
    assert fitted("") == ""


def test_colours_are_told_apart_without_red_and_green() -> None:
    # deuteranopia after Machado et al. (2009), severity 1, in linear light; then CIE76 distance
    matrix = np.array(
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.01182, 0.04294, 0.968881],
        ]
    )
    rgb = np.array([mpl.colors.to_rgb(c) for c in SERIES])
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    seen = np.clip(linear @ matrix.T, 0.0, 1.0)
    xyz = seen @ np.array(
        [[0.4124, 0.2126, 0.0193], [0.3576, 0.7152, 0.1192], [0.1805, 0.0722, 0.9505]]
    )
    ratio = xyz / np.array([0.9505, 1.0, 1.089])
    f = np.where(ratio > 0.008856, np.cbrt(ratio), 7.787 * ratio + 16.0 / 116.0)
    lab = np.column_stack(
        [116.0 * f[:, 1] - 16.0, 500.0 * (f[:, 0] - f[:, 1]), 200.0 * (f[:, 1] - f[:, 2])]
    )
    distance = np.linalg.norm(lab[:, None] - lab[None, :], axis=-1)
    # 2.3 is just noticeable (Mahy et al. 1994); lines need several times that
    assert distance[~np.eye(len(SERIES), dtype=bool)].min() > 10.0


def _scores() -> Scores:
    rng = np.random.default_rng(1)
    is_true = rng.random(200) < 0.5
    log10_lr = rng.normal(np.where(is_true, 1.0, -1.0), 1.0)
    none = np.zeros(200, dtype=int)
    table = np.stack([log10_lr, log10_lr, 2.0 * log10_lr], axis=1)
    return Scores(
        table, is_true, table, is_true, none, np.zeros((200, 5)), none, np.zeros((200, 9)), none
    )


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_tippett_draws_the_share_above(lang: str) -> None:
    scores = _scores()
    ax = plots.plot_tippett(scores, lang=lang)
    grid = _xy(ax.lines[0])[0]
    true, false = scores.log10_lr[scores.is_true, 0], scores.log10_lr[~scores.is_true, 0]
    for k in (0, 130, 200, 311):
        assert _xy(ax.lines[0])[1][k] == pytest.approx(100 * np.mean(true > grid[k]))
        assert _xy(ax.lines[1])[1][k] == pytest.approx(100 * np.mean(false > grid[k]))


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_reliability_draws_predicted_and_observed(lang: str) -> None:
    p = np.repeat([0.05, 0.35, 0.85], 40)
    true = np.tile(np.arange(40) < 14, 3)
    result = reliability(p, true)
    ax = plots.plot_reliability(result, lang=lang)
    assert _xy(ax.lines[1])[0].tolist() == pytest.approx([0.05, 0.35, 0.85])
    assert _xy(ax.lines[1])[1].tolist() == pytest.approx([14 / 40] * 3)


def test_marks_stand_out_from_white(beijing: Assessment) -> None:
    """3 : 1 for marks, 4.5 : 1 for words (WCAG 2.2, 1.4.11 and 1.4.3); the grid is decoration."""

    def contrast(color: Any) -> float:
        rgb = np.array(mpl.colors.to_rgb(color))
        linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
        return float(1.05 / (linear @ [0.2126, 0.7152, 0.0722] + 0.05))

    marks = [*SERIES, *(c for name, c in COLORS.items() if name != "grid")]
    assert min(map(contrast, marks)) >= 3.0
    assert contrast(COLORS["muted"]) >= 4.5
    for draw in OF_ASSESSMENTS:
        ax = draw(beijing)
        for line in ax.lines if draw is plots.plot_flow else ():
            assert line.get_alpha() is None
            assert contrast(line.get_color()) >= 3.0
        for text in ax.figure.findobj(Text):
            if text.get_color() != "white":  # on the dark cells of a heat map
                assert contrast(text.get_color()) >= 4.5
        plt.close("all")


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_no_latin_text_is_set_in_a_chinese_font(lang: str, beijing: Assessment) -> None:
    for text in plots.plot_opinions(beijing, lang=lang).figure.findobj(Text):
        assert text.get_fontfamily()[0] == "Report Sans"
        chinese = any(ord(c) >= 0x2E80 for c in text.get_text())
        assert ("Noto Sans SC" in text.get_fontfamily()) == chinese


def test_all_held_probabilities_stand_in_few_lines(beijing: Assessment) -> None:
    ax = plots.plot_standing(beijing)
    a = beijing
    drawn = sorted(float(x) for line in ax.lines if line.get_marker() == "D" for x in _xy(line)[0])
    held = [a.held.probability, *(v.held for v in a.variants if v.held is not None)]
    held += [s.held for s in a.sets if s.held is not None and not s.own]
    assert drawn == sorted(held)
    for line in ax.lines:
        if line.get_marker() == "D":
            above = float(_xy(line)[0][0]) >= a.threshold
            assert (line.get_color() == COLORS["proposition"]) == above
