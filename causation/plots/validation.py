"""Figures of a calibration run: what simulated cases say of the model and the naive product."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING

import numpy as np
from matplotlib import pyplot as plt

from causation.plots.calibration import REACH
from causation.plots.calibration import plot_reliability as draw_reliability
from causation.plots.calibration import plot_tippett as draw_tippett
from causation.plots.style import COLORS, SERIES, dress
from causation.validation.metrics import empirical_cross_entropy, pav

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from causation.validation.calibration import CalibrationReport
    from causation.validation.scoring import Scores

__all__ = [
    "plot_cross_entropy",
    "plot_headline",
    "plot_pav",
    "plot_reliability",
    "plot_tippett",
    "save",
]

MODEL, NAIVE = SERIES[0], SERIES[1]


def save(figure: Figure, stream: IO[bytes]) -> None:
    """Write a figure as PNG, and close it."""
    figure.savefig(stream, format="png", dpi=120, metadata={"Software": None})
    plt.close(figure)


def _panels(report: CalibrationReport, height: float = 3.2) -> tuple[Figure, list[Axes]]:
    """One panel for each world, two in a row."""
    count = len(report.scores)
    rows = -(-count // 2)
    figure, grid = plt.subplots(
        rows,
        min(count, 2),
        figsize=(4.6 * min(count, 2), height * rows),
        layout="constrained",
        squeeze=False,
    )
    panels = list(grid.flat)
    for ax, world in zip(panels, report.scores, strict=False):
        ax.set_title(world)
    for ax in panels[count:]:
        ax.set_visible(False)
    return figure, panels


def _methods(scores: Scores) -> tuple[tuple[str, str, np.ndarray], ...]:
    return (
        ("model", MODEL, scores.log10_lr),
        ("naive product", NAIVE, scores.naive_log10_lr),
    )


def plot_headline(report: CalibrationReport) -> Figure:
    """Stated against observed weight of evidence, and the cost of miscalibration by world."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(10.0, 4.2), layout="constrained")
    world = next(iter(report.scores))
    scores = report.scores[world]
    left.plot([-REACH, REACH], [-REACH, REACH], color=COLORS["muted"], linewidth=1.0)
    for label, color, log10_lr in _methods(scores):
        order = np.argsort(log10_lr)
        recalibrated = pav(log10_lr, scores.is_true)[order]
        left.plot(log10_lr[order], recalibrated, color=color, linewidth=1.8, label=label)
    left.set(
        xlim=(-REACH, REACH),
        ylim=(-REACH, REACH),
        xlabel="stated log10 likelihood ratio",
        ylabel="log10 ratio borne out by the cases",
        title=f"World {world}: {report.cases} cases",
    )
    left.legend(frameon=False, loc="upper left")
    place = np.arange(len(report.scores))
    for shift, color, label, results in (
        (-0.2, MODEL, "model", report.model),
        (0.2, NAIVE, "naive product", report.naive),
    ):
        cost = [results[w].cllr_cal for w in report.scores]
        bars = right.barh(place + shift, cost, height=0.36, color=color, label=label)
        right.bar_label(bars, fmt="%.3f", padding=3, fontsize=8)
    right.set(
        yticks=place,
        yticklabels=list(report.scores),
        xlabel="bits lost for want of calibration (Cllr_cal)",
        title="What over-confidence costs",
    )
    right.margins(x=0.12)
    right.locator_params(axis="x", nbins=5)
    right.invert_yaxis()
    dress(left)
    dress(right)
    return figure


def plot_tippett(report: CalibrationReport) -> Figure:
    """Share of cases with more than each ratio, where the proposition is true and where not."""
    figure, panels = _panels(report)
    for ax, scores in zip(panels, report.scores.values(), strict=False):
        draw_tippett(scores, ax=ax, legend=False)
    panels[0].legend(frameon=False, fontsize=7)
    return figure


def plot_pav(report: CalibrationReport) -> Figure:
    """Ratios against their recalibrated values; the diagonal is perfect calibration."""
    figure, panels = _panels(report)
    for ax, scores in zip(panels, report.scores.values(), strict=False):
        ax.plot([-REACH, REACH], [-REACH, REACH], color=COLORS["muted"], linewidth=0.8)
        for label, color, log10_lr in _methods(scores):
            recalibrated = pav(log10_lr, scores.is_true)
            ax.plot(
                np.clip(log10_lr, -REACH, REACH),
                np.clip(recalibrated, -REACH, REACH),
                ".",
                color=color,
                markersize=2.5,
                label=label,
                clip_on=False,
            )
        ax.set(
            xlabel="stated log10 LR",
            ylabel="recalibrated log10 LR",
            xlim=(-REACH, REACH),
            ylim=(-REACH, REACH),
        )
        dress(ax)
    panels[0].legend(frameon=False, markerscale=4, loc="upper left")
    return figure


def plot_reliability(report: CalibrationReport) -> Figure:
    """Posterior probability of a source against how often it was the true one."""
    figure, panels = _panels(report)
    for ax, result in zip(panels, report.reliability.values(), strict=False):
        draw_reliability(result, ax=ax, legend=False)
    panels[0].legend(frameon=False, loc="upper left", fontsize=8)
    return figure


def plot_cross_entropy(report: CalibrationReport) -> Figure:
    """Empirical cross-entropy at every prior, before and after recalibration."""
    figure, panels = _panels(report)
    grid = np.linspace(-2.5, 2.5, 101)
    for ax, scores in zip(panels, report.scores.values(), strict=False):
        neutral = empirical_cross_entropy(np.zeros(scores.is_true.size), scores.is_true, grid)
        ax.plot(grid, neutral, color=COLORS["muted"], linestyle=":", label="no evidence")
        for label, color, log10_lr in _methods(scores):
            best = pav(log10_lr, scores.is_true)
            for values, style, note in ((log10_lr, "-", ""), (best, "--", ", recalibrated")):
                ax.plot(
                    grid,
                    empirical_cross_entropy(values, scores.is_true, grid),
                    color=color,
                    linestyle=style,
                    label=label + note,
                )
        ax.set(xlabel="log10 prior odds", ylabel="bits still lacking", ylim=(0.0, 1.05))
        dress(ax)
    panels[0].legend(frameon=False, fontsize=7)
    return figure
