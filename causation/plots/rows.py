"""What stands in the figures, whatever draws them: rows, their names, and their values."""

from __future__ import annotations

from itertools import accumulate
from typing import TYPE_CHECKING

from causation.dossier.labels import (
    evidence_label,
    prior_set_label,
    proposition_label,
    route_label,
    source_label,
)
from causation.plots.text import say

if TYPE_CHECKING:
    from causation.dossier.assessment import Assessment

type Bars = list[tuple[float, float]]
"""Where each bar starts, and how long it is."""


def standing_lines(a: Assessment, lang: str) -> list[tuple[str, list[float]]]:
    """Label and held probabilities of each line; what could not be computed is left out."""
    lines = [(say("base", lang), [a.held.probability])]
    for kind in ("reading", "model"):
        found = [v.held for v in a.variants if v.kind == kind and v.held is not None]
        if found:
            lines.append((say(f"{kind}s", lang), found))
    return lines + [
        (say("set", lang, name=prior_set_label(s.id, lang)), [s.held])
        for s in a.sets
        if not s.own and s.held is not None
    ]


def posterior_rows(
    a: Assessment, by: str, lang: str
) -> tuple[list[str], list[float], list[float], list[bool]]:
    """Names, posteriors and priors of the proposition and of every route or source; whose own."""
    if by == "route":
        table, priors = a.posterior, a.prior
        names = [route_label(a.filled, r, lang) for r in table]
        own = [bool(x) for x in a.answer.inside]
    else:
        table, priors = a.source_posterior, a.source_prior
        names = [source_label(a.filled, s, lang) for s in table]
        own = [s in a.proposition for s in table]
    return (
        [proposition_label(a.filled, lang), *names],
        [a.probability, *table.values()],
        [a.prior_probability, *priors.values()],
        own,
    )


def waterfall(a: Assessment, method: str, lang: str) -> tuple[list[str], Bars]:
    """Names and bars of the prior odds, of every item, and of the posterior odds, in bans."""
    table = a.contributions
    steps = [float(getattr(row, method)) for row in table.rows]
    names = [evidence_label(a.filled, row.item, lang) for row in table.rows]
    starts = list(accumulate(steps, initial=table.start))[: len(steps)]
    bars = [(0.0, table.start), *zip(starts, steps, strict=True), (0.0, table.start + table.total)]
    return [say("prior_odds", lang), *names, say("posterior_odds", lang)], bars


def limits(values: list[float], threshold: float, room: float) -> tuple[float, float]:
    """Limits with room for the values beside the bars, whatever the standard."""
    lo, hi = min(values), max(values)
    left, right = lo, hi
    for _ in range(40):  # the room is a share of the whole width
        width = max(right - left, 1e-6)
        left = min(lo - room * width, threshold - 0.03 * width)
        right = max(hi + room * width, threshold + 0.03 * width)
    return left, right
