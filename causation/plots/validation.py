"""Figures of a calibration run: what simulated cases say of the model and the naive product."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import numpy as np
from matplotlib import pyplot as plt

from causation.output import make_folder, write_whole
from causation.plots.calibration import REACH
from causation.plots.calibration import plot_reliability as draw_reliability
from causation.plots.calibration import plot_tippett as draw_tippett
from causation.plots.style import SERIES, dress, own_settings
from causation.plots.text import COLORS
from causation.validation.metrics import empirical_cross_entropy, pav
from causation.validation.scoring import METHODS
from causation.validation.tables import markdown_tables

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from causation.validation.calibration import CalibrationReport
    from causation.validation.scoring import Scores

_LABELS = ("model", "chains off", "naive product")
_COLORS = (SERIES[0], SERIES[2], SERIES[1])
_ACROSS = 3


def write_calibration(report: CalibrationReport, folder: Path) -> list[Path]:
    """Write tables, numbers and pictures of a run into a folder.

    Raises
    ------
    OutputError
        If the folder cannot be made or written.
    """
    files: dict[str, bytes] = {
        **{f"{name}.md": text.encode() for name, text in markdown_tables(report).items()},
        "validated_range.yaml": report.validated_range.to_yaml().encode(),
        "validation.yaml": report.record().encode(),
    }
    with own_settings():
        for name, draw in _PICTURES.items():
            stream = io.BytesIO()
            save(draw(report), stream)
            files[f"{name}.png"] = stream.getvalue()
    make_folder(folder)
    return [write_whole(folder / name, content) for name, content in files.items()]


def save(figure: Figure, stream: IO[bytes]) -> None:
    """Write a figure as PNG, and close it."""
    figure.savefig(stream, format="png", dpi=120, metadata={"Software": None})
    plt.close(figure)


def _by_world(report: CalibrationReport, draw: Callable[[Axes, Any], object], of: Any) -> Figure:
    """Draw one panel for each world from its part of `of`, three in a row, and one legend."""
    across = min(len(report.scores), _ACROSS)
    rows = -(-len(report.scores) // across)
    figure, grid = plt.subplots(
        rows, across, figsize=(3.6 * across, 3.0 * rows), layout="constrained", squeeze=False
    )
    for ax in grid.flat[len(report.scores) :]:
        ax.set_visible(False)
    for ax, (world, part) in zip(grid.flat, of.items(), strict=False):
        ax.set_title(world)
        draw(ax, part)
        dress(ax)
    grid[0, 0].legend(frameon=False, fontsize=7, loc="best")
    return figure


def _methods(scores: Scores) -> tuple[tuple[str, str, np.ndarray], ...]:
    return tuple(zip(_LABELS, _COLORS, scores.log10_lr.T, strict=True))


def _bars(ax: Axes, worlds: list[str], values: list[list[float]], *, fmt: str) -> None:
    """Horizontal bars, one a method, by world."""
    place = np.arange(len(worlds))
    for shift, label, color, row in zip((-0.27, 0.0, 0.27), _LABELS, _COLORS, values, strict=True):
        bars = ax.barh(place + shift, row, height=0.25, color=color, label=label)
        ax.bar_label(bars, fmt=fmt, padding=2, fontsize=6)
    ax.set(yticks=place, yticklabels=worlds)
    ax.margins(x=0.12, y=0.01)
    ax.locator_params(axis="x", nbins=5)
    ax.invert_yaxis()
    dress(ax)


def plot_headline(report: CalibrationReport) -> Figure:
    """Stated against observed weight of evidence, and the cost of miscalibration by world."""
    worlds = list(report.scores)
    height = max(4.2, 0.45 * len(worlds) + 1.0)
    figure, (left, right) = plt.subplots(1, 2, figsize=(10.0, height), layout="constrained")
    scores = report.scores[worlds[0]]
    left.plot([-REACH, REACH], [-REACH, REACH], color=COLORS["muted"], linewidth=1.0)
    for label, color, log10_lr in _methods(scores):
        order = np.argsort(log10_lr)
        recalibrated = pav(log10_lr, scores.is_true)[order]
        left.plot(log10_lr[order], recalibrated, color=color, linewidth=1.8, label=label)
    left.set(
        xlim=(-REACH, REACH), ylim=(-REACH, REACH), xlabel="stated log10 likelihood ratio",
        ylabel="log10 ratio borne out by the cases", box_aspect=1.0,
        title=f"World {worlds[0]}: {report.cases} cases",
    )  # fmt: skip
    left.legend(frameon=False, loc="upper left")
    dress(left)
    cost = [[report.performance[m][w].cllr_cal for w in worlds] for m in METHODS]
    _bars(right, worlds, cost, fmt="%.3f")
    right.set(xlabel="bits lost for want of calibration (Cllr_cal)")
    return figure


def plot_hits(report: CalibrationReport) -> Figure:
    """False hits by world: the proposition is false, and its probability at 75 % or above."""
    worlds = list(report.scores)
    size = (7.0, max(3.0, 0.45 * len(worlds) + 1.0))
    figure, ax = plt.subplots(figsize=size, layout="constrained")
    _bars(
        ax, worlds, [[100 * report.hits[m][w].false for w in worlds] for m in METHODS], fmt="%.1f"
    )
    ax.set(xlabel="false hits, % of the cases in which the proposition is false")
    ax.legend(frameon=False, loc="lower right")
    return figure


def plot_tippett(report: CalibrationReport) -> Figure:
    """Share of cases with more than each ratio, where the proposition is true and where not."""
    return _by_world(
        report, lambda ax, scores: draw_tippett(scores, ax=ax, legend=False), report.scores
    )


def plot_reliability(report: CalibrationReport) -> Figure:
    """Probability of the proposition against how often it was true."""
    return _by_world(
        report, lambda ax, result: draw_reliability(result, ax=ax, legend=False),
        report.claims["model"],
    )  # fmt: skip


def plot_pav(report: CalibrationReport) -> Figure:
    """Ratios against their recalibrated values; the diagonal is perfect calibration."""

    def draw(ax: Axes, scores: Scores) -> None:
        ax.plot([-REACH, REACH], [-REACH, REACH], color=COLORS["muted"], linewidth=0.8)
        for label, color, log10_lr in _methods(scores):
            points = (np.clip(x, -REACH, REACH) for x in (log10_lr, pav(log10_lr, scores.is_true)))
            ax.plot(*points, ".", color=color, markersize=2.5, label=label, clip_on=False)
        ax.set(xlim=(-REACH, REACH), ylim=(-REACH, REACH), xlabel="stated log10 LR",
               ylabel="recalibrated log10 LR")  # fmt: skip

    return _by_world(report, draw, report.scores)


def plot_cross_entropy(report: CalibrationReport) -> Figure:
    """Empirical cross-entropy at every prior, before and after recalibration."""
    grid = np.linspace(-2.5, 2.5, 101)

    def draw(ax: Axes, scores: Scores) -> None:
        true = scores.is_true
        neutral = empirical_cross_entropy(np.zeros(true.size), true, grid)
        ax.plot(grid, neutral, color=COLORS["muted"], linestyle=":", label="no evidence")
        for label, color, log10_lr in _methods(scores):
            for values, style, note in (
                (log10_lr, "-", ""), (pav(log10_lr, true), "--", ", recalibrated")
            ):  # fmt: skip
                entropy = empirical_cross_entropy(values, true, grid)
                ax.plot(grid, entropy, color=color, linestyle=style, label=label + note)
        ax.set(xlabel="log10 prior odds", ylabel="bits still lacking", ylim=(0.0, 1.05))

    return _by_world(report, draw, report.scores)


_PICTURES: dict[str, Callable[[CalibrationReport], Figure]] = {
    "headline": plot_headline,
    "hits": plot_hits,
    "tippett": plot_tippett,
    "reliability": plot_reliability,
    "pav": plot_pav,
    "ece": plot_cross_entropy,
}
