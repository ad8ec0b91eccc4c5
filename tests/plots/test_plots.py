"""Figures are tested by the data that they draw, in both languages, and leave settings alone."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib import pyplot as plt
from matplotlib.figure import Figure
from matplotlib.text import Text

from causation import assess, bundled_cases, load_case, plots, sweep
from causation.analyses.dependence import saturation_curve
from causation.analyses.tornado import tornado
from causation.errors import InputError
from causation.plots.style import COLORS, SERIES, fitted
from causation.validation.calibration import reliability
from causation.validation.scoring import Scores

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes

    from causation.dossier.assessment import Assessment

OF_ASSESSMENTS = (
    plots.plot_posterior,
    plots.plot_prior_curve,
    plots.plot_burden,
    plots.plot_contributions,
    plots.plot_model_graph,
)
GRID = {"sources.osint.weight": "log:0.1:1000:7", "sources.unknown.weight": "log:0.01:100:5"}


@pytest.fixture(autouse=True)
def _no_figure_left() -> Iterator[None]:
    yield
    plt.close("all")


@pytest.fixture(scope="module")
def beijing() -> Assessment:
    return assess("bic-2025-doxxing")


@pytest.fixture(scope="module")
def union() -> Assessment:
    return assess("pang-2017")


@pytest.fixture(scope="module")
def plane() -> xr.Dataset:
    return sweep("bic-2025-doxxing", GRID)


def _texts(ax: Axes) -> list[str]:
    return [t.get_text() for t in ax.figure.findobj(Text)]


def _xy(line: Any) -> tuple[np.ndarray, np.ndarray]:
    return np.asarray(line.get_xdata()), np.asarray(line.get_ydata())


def _bars(ax: Axes) -> list[Any]:
    return list(ax.patches)


def _line(ax: Axes, label: str) -> Any:
    return next(line for line in ax.lines if str(line.get_label()).startswith(label))


def test_posterior_draws_posterior_prior_standard_and_interval(beijing: Assessment) -> None:
    ax = plots.plot_posterior(beijing)
    assert [b.get_width() for b in _bars(ax)] == beijing.posterior.probability.tolist()
    assert _line(ax, "prior").get_xdata().tolist() == beijing.posterior.prior.tolist()
    assert tuple(_line(ax, "90 %").get_xdata()) == beijing.input_sensitivity.interval
    assert _line(ax, "standard").get_xdata()[0] == beijing.threshold
    assert mpl.colors.to_hex(_bars(ax)[0].get_facecolor()) == COLORS["proposition"].lower()


def test_posterior_of_a_union_has_a_bar_for_the_union(union: Assessment) -> None:
    ax = plots.plot_posterior(union, interval=False)
    assert len(_bars(ax)) == len(union.sources) + 1
    assert _bars(ax)[0].get_width() == union.probability
    assert ax.get_yticklabels()[0].get_text() == "Qunar or China Eastern Airlines"


def test_prior_curve_draws_the_curve_and_both_points(beijing: Assessment) -> None:
    ax = plots.plot_prior_curve(beijing)
    curve = beijing.prior_curve
    assert np.array_equal(ax.lines[1].get_ydata(), curve.posterior)
    here, edge = _line(ax, "this case"), _line(ax, "standard reached")
    assert (here.get_xdata()[0], here.get_ydata()[0]) == (curve.case_prior, beijing.probability)
    assert (edge.get_xdata()[0], edge.get_ydata()[0]) == (curve.prior_at_standard, 0.75)


def test_burden_draws_each_stage(beijing: Assessment) -> None:
    ax = plots.plot_burden(beijing)
    assert _bars(ax)[0].get_data().values.tolist() == [b.probability for b in beijing.burden]


@pytest.mark.parametrize("method", ["sequential", "shapley"])
def test_waterfall_starts_at_the_prior_and_ends_at_the_posterior(
    beijing: Assessment, method: str
) -> None:
    ax = plots.plot_contributions(beijing, method=method)
    table, bars = beijing.contributions, _bars(ax)
    assert bars[0].get_width() == table.start
    assert bars[-1].get_width() == pytest.approx(table.start + table.total, abs=1e-12)
    steps = [b.get_width() for b in bars[1:-1]]
    assert steps == [getattr(r, method) for r in table.rows]
    for bar, following in itertools.pairwise(bars[1:-1]):
        assert bar.get_x() + bar.get_width() == pytest.approx(following.get_x(), abs=1e-12)


def test_leave_one_out_has_no_waterfall(beijing: Assessment) -> None:
    with pytest.raises(InputError, match="allowed: sequential, shapley"):
        plots.plot_contributions(beijing, method="leave_one_out")


def test_saturation_draws_model_and_naive(beijing: Assessment) -> None:
    counts = [0, 2, 5, 40]
    ax = plots.plot_saturation(beijing, counts=counts)
    ours, naive = saturation_curve(beijing.model, "co_victims", counts, beijing.settings)
    assert np.array_equal(ax.lines[0].get_ydata(), ours)
    assert np.array_equal(ax.lines[1].get_ydata(), naive)
    audit = beijing.dependence
    limit = _line(ax, "limit").get_ydata()[0]
    assert limit == pytest.approx(
        audit.log10_lr - audit.co_victims[0].bans + audit.co_victims[0].limit_bans, abs=1e-12
    )
    assert ours.max() < limit


def test_saturation_without_co_victims_is_refused(union: Assessment) -> None:
    with pytest.raises(InputError, match="no co-victims"):
        plots.plot_saturation(union)


def test_model_graph_has_an_edge_for_every_latent_of_every_term(beijing: Assessment) -> None:
    for source in beijing.sources:
        ax = plots.plot_model_graph(beijing, source=source)
        terms = [t for t in beijing.model.terms() if t.source == source]
        assert len(ax.lines) == sum(len(t.latents) for t in terms)
        assert len(ax.get_yticklabels()) == len(terms)
    with pytest.raises(InputError, match="no source 'nobody'"):
        plots.plot_model_graph(beijing, source="nobody")


def test_model_graph_marks_shared_latents(beijing: Assessment) -> None:
    ax = plots.plot_model_graph(beijing)
    colored = {line.get_color() for line in ax.lines} - {COLORS["other"]}
    assert len(colored) == len(beijing.dependence.shared)


def test_tornado_draws_both_ends_of_each_bar(union: Assessment) -> None:
    result = tornado("pang-2017")
    ax = plots.plot_tornado(result, case=union.case, most=4)
    ends = [b.get_x() + b.get_width() for b in _bars(ax)]
    wanted = [b.probability_low for b in result.bars[:4]]
    wanted += [b.probability_high for b in result.bars[:4]]
    assert ends == pytest.approx(wanted, abs=1e-12)
    lo, hi = ax.get_xlim()
    assert lo < min(wanted) < max(wanted) < hi
    assert lo < result.threshold < hi


def test_heat_map_draws_the_sweep(plane: xr.Dataset) -> None:
    ax = plots.plot_sweep_heat(plane)
    drawn = np.asarray(ax.collections[0].get_array()).reshape(5, 7)
    assert np.array_equal(drawn, plane.probability.values.T)
    assert (ax.get_xscale(), ax.get_yscale()) == ("log", "log")


def test_lines_draw_the_sweep(plane: xr.Dataset) -> None:
    ax = plots.plot_sweep_lines(plane, x="sources.unknown.weight")
    assert len(ax.lines) == 7 + 1
    assert np.array_equal(ax.lines[2].get_ydata(), plane.probability.values[2])


def test_tipping_plane_draws_where_the_standard_is_met(plane: xr.Dataset) -> None:
    point = {"sources.osint.weight": 2.0, "sources.unknown.weight": 0.5}
    edge = {"sources.osint.weight": 3.0, "sources.unknown.weight": 20.0}
    ax = plots.plot_tipping_plane(plane, case=point, nearest=edge)
    drawn = np.asarray(ax.collections[0].get_array()).reshape(5, 7)
    assert np.array_equal(drawn == 1.0, plane.probability.values.T >= 0.75)
    assert _line(ax, "this case").get_xdata()[0] == 2.0
    assert _line(ax, "nearest").get_ydata()[0] == 20.0


def test_sweeps_of_the_wrong_shape_are_refused(plane: xr.Dataset) -> None:
    flat = plane.isel({"sources.osint.weight": 0})
    with pytest.raises(InputError, match="takes 2"):
        plots.plot_sweep_heat(flat)
    with pytest.raises(InputError, match="no axis 'nothing'"):
        plots.plot_sweep_lines(flat, x="nothing")
    many = sweep("bic-2025-doxxing", {"standard": "0.5:0.9:3", "sources.osint.weight": "1:9:9"})
    with pytest.raises(InputError, match="9 lines are too many"):
        plots.plot_sweep_lines(many, x="standard")
    with pytest.raises(InputError, match="which standard"):
        plots.plot_sweep_lines(flat.assign_attrs(standard=""))
    with pytest.raises(InputError, match="no variable 'probability'"):
        plots.plot_sweep_lines(flat[["log10_lr"]])


def test_names_on_an_axis_are_ticks() -> None:
    table = sweep("bic-2025-doxxing", {"priors": ["claimant", "neutral"]})
    ax = plots.plot_sweep_lines(table, threshold=0.9)
    assert [t.get_text() for t in ax.get_xticklabels()] == ["claimant", "neutral"]
    assert _line(ax, "standard").get_ydata()[0] == 0.9


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("draw", OF_ASSESSMENTS, ids=lambda f: f.__name__)
def test_given_axes_are_used_and_settings_stay(draw: Any, lang: str, beijing: Assessment) -> None:
    before = dict(mpl.rcParams)
    figure = Figure()
    ax = figure.subplots()
    open_before = plt.get_fignums()
    assert draw(beijing, ax=ax, lang=lang) is ax
    assert plt.get_fignums() == open_before
    assert dict(mpl.rcParams) == before
    assert figure.axes[0] is ax


@pytest.mark.parametrize("name", bundled_cases())
@pytest.mark.parametrize("draw", OF_ASSESSMENTS, ids=lambda f: f.__name__)
def test_no_character_without_a_glyph(
    draw: Any, name: str, recwarn: pytest.WarningsRecorder, tmp_path: Any
) -> None:
    # matplotlib warns of a missing glyph, and warnings are errors: drawing is the test
    ax = draw(assess(name), lang="zh")
    ax.figure.savefig(tmp_path / "figure.svg")
    assert [str(w.message) for w in recwarn if "Glyph" in str(w.message)] == []
    assert any(ord(c) > 0x2E80 for text in _texts(ax) for c in text)


@pytest.mark.parametrize(
    "title", ["$\\frac{", "a & b <script>", "长" * 10_000, "x" * 10_000, "$1$"]
)
def test_hostile_labels_are_drawn_as_text(title: str, tmp_path: Any) -> None:
    case = load_case("bic-2025-doxxing").replace(
        {"sources.platform.label": {"en": title, "zh": title}}
    )
    a = assess(case)
    for draw in OF_ASSESSMENTS:
        figure: Any = draw(a).figure
        figure.savefig(tmp_path / "figure.png")
    assert (tmp_path / "figure.png").stat().st_size > 0


def test_unknown_language_is_refused(beijing: Assessment) -> None:
    with pytest.raises(InputError, match="allowed: en, zh"):
        plots.plot_burden(beijing, lang="fr")


def test_fitted_breaks_cuts_and_takes_literally() -> None:
    assert fitted("平台后台" * 10, width=8, lines=2) == "平台后台\n平台后台…"
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
    return Scores(log10_lr, 2.0 * log10_lr, is_true, np.zeros((200, 5)), none, none)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_tippett_draws_the_share_above(lang: str) -> None:
    scores = _scores()
    ax = plots.plot_tippett(scores, lang=lang)
    grid = _xy(ax.lines[0])[0]
    true, false = scores.log10_lr[scores.is_true], scores.log10_lr[~scores.is_true]
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
