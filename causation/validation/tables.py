"""Tables of a calibration run, in Markdown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from causation.analyses.fit import FIT_THRESHOLD, KINDS
from causation.validation.scoring import METHODS, SOURCES, THRESHOLD
from causation.validation.validated import VALIDATING
from causation.validation.worlds import WORLDS

if TYPE_CHECKING:
    from causation.validation.calibration import CalibrationReport
    from causation.validation.metrics import Reliability


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _percent(share: float) -> str:
    return "–" if np.isnan(share) else f"{100.0 * share:.1f} %"


def _worst(found: Reliability) -> str:
    """Whether every bin is in its band, else the bin farthest out."""
    if found.covered:
        return "in band"
    half = 0.5 * (found.high - found.low)
    i = int(np.argmax(np.abs(found.observed - found.predicted) / half))
    return f"{found.predicted[i]:.2f} came true in {found.observed[i]:.2f}"


def markdown_tables(report: CalibrationReport) -> dict[str, str]:
    """Return every table by what it is about; of the fit only where it was checked."""
    fit = not all(np.isnan(s.tail[:, 0]).all() for s in report.scores.values())
    return {
        "performance": performance_table(report),
        "hits": hits_table(report),
        "worlds": worlds_table(report),
    } | ({"fit": fit_table(report)} if fit else {})


def worlds_table(report: CalibrationReport) -> str:
    """What is otherwise in each world."""
    rows = [
        (
            f"**{world}**" if world in VALIDATING else world,
            WORLDS[world].meaning["en"],
            str(scores.is_true.size),
            str(np.unique(scores.design).size),
        )
        for world, scores in report.scores.items()
    ]
    return _table(("world", "how it differs", "cases", "designs"), rows)


def performance_table(report: CalibrationReport) -> str:
    """Cost, calibration, misleading ratios, false hits and reliability by world and method."""
    head = (
        "world", "method", "Cllr", "Cllr_cal", "devPAV", "strongly misleading", "Turing",
        "false hits", "of hits false", "reliability",
    )  # fmt: skip
    rows = []
    for world in report.scores:
        for method in METHODS:
            p, hits = report.performance[method][world], report.hits[method][world]
            rows.append(
                (
                    world if method == METHODS[0] else "",
                    method,
                    f"{p.cllr:.3f}",
                    f"{p.cllr_cal:.3f}",
                    f"{p.dev_pav:.2f}",
                    _percent(p.misleading_strong),
                    f"{'kept' if p.turing_worst <= 1.0 else 'broken'} ({p.turing_worst:.2f})",
                    f"{100 * hits.false:.1f} ± {100 * hits.error:.1f} %",
                    _percent(hits.of_hits),
                    _worst(report.claims[method][world]),
                )
            )
    return _table(head, rows)


def hits_table(report: CalibrationReport) -> str:
    """Share of cases at the comparison value or above, by where the data came from."""

    def cell(world: str, source: str) -> str:
        shares = [report.hits[m][world].share[source] for m in METHODS]
        return "–" if np.isnan(shares[0]) else " / ".join(f"{100 * s:.0f}" for s in shares)

    head = ("world", *(f"{'true: ' if i == 0 else 'false: '}{s}" for i, s in enumerate(SOURCES)))
    return _table(head, [(w, *(cell(w, s) for s in SOURCES)) for w in report.scores])


def fit_shares(report: CalibrationReport) -> dict[str, dict[str, float]]:
    """Share of cases in which the fit check warns, by world and what it looks at.

    Of a kind of facts: among cases in which it could have come out otherwise.
    """
    found = {}
    names = ("best route", "claimed route", *KINDS)
    for world, scores in report.scores.items():
        low = np.where(np.isnan(scores.tail), np.nan, scores.tail < FIT_THRESHOLD)
        found[world] = {name: _mean(column) for name, column in zip(names, low.T, strict=True)}
        wrong = (scores.claim[:, 0] >= THRESHOLD) & ~scores.holds
        found[world]["false hits"] = _mean(low[wrong, 0])
    return found


def _mean(column: np.ndarray) -> float:
    there = column[~np.isnan(column)]
    return float(there.mean()) if there.size else float("nan")


def fit_table(report: CalibrationReport) -> str:
    """How often the fit check warns."""
    shares = fit_shares(report)
    names = list(next(iter(shares.values())))
    rows = [(world, *(_percent(shares[world][name]) for name in names)) for world in shares]
    return _table(("world", *names), rows)
