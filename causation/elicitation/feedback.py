"""What an answer implies, said at once: quantiles in persons of 100, a curve, who differs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import NormalDist
from typing import Any

from causation.case.library import bundled_prior_sets
from causation.case.priors import load_prior_set
from causation.document.forms import Panel, interval, normal_of
from causation.document.numbers import natural
from causation.document.pooling import pooled_points
from causation.document.stated import Value, ends
from causation.dossier.labels import listed, prior_set_label
from causation.elicitation.answers import persons, say
from causation.scales import Z90, Scale

SHARES = (0.01, 0.1, 0.5, 0.9, 0.99)
"""The points that are shown."""
_SCALE = Scale.PROBABILITY
_BINS = 50


@dataclass(frozen=True, slots=True)
class Difference:
    """A shipped set whose middle lies further from the answer's than the answer is wide."""

    set: str
    value: Value


@dataclass(frozen=True, slots=True)
class Feedback:
    """What an answer implies.

    Parameters
    ----------
    points : tuple of float
        Shares at the points of `SHARES`.
    mean : float
        The mean share.
    curve : tuple of float
        Probability of each of 50 equal parts of 0 to 100 persons, the greatest scaled to 1.
    differences : tuple of Difference
    off_middle : bool
        Whether the median that was stated lies further from the interval's own than a quarter
        of the interval's half width.
    """

    points: tuple[float, ...]
    mean: float
    curve: tuple[float, ...]
    differences: tuple[Difference, ...] = ()
    off_middle: bool = False

    @property
    def middle(self) -> float:
        """The median share."""
        return self.points[SHARES.index(0.5)]


def feedback(path: str, value: tuple[float, float], median: float | None = None) -> Feedback:
    """Say what an interval implies.

    Parameters
    ----------
    path : str
        Number of the prior set, for the comparison with the shipped ones.
    value : (lo, hi)
        Central 90 % interval, shares in (0, 1).
    median : float, optional
        As the expert stated it.

    Examples
    --------
    >>> [round(p, 3) for p in feedback("fields.phone.leaked_library", (0.2, 0.8)).points]
    [0.123, 0.253, 0.5, 0.747, 0.877]
    """
    m, sd = normal_of(value, _SCALE)
    points = [m + sd * NormalDist().inv_cdf(q) for q in SHARES]
    off = median is not None and abs(normal_of(median, _SCALE)[0] - m) > 0.25 * Z90 * sd
    return _feedback(points, _parts(m, sd), tuple(_differences(path, m, sd)), off_middle=off)


def remarks(seen: Feedback, median: float | None, lang: str) -> list[str]:
    """What is to be said of an answer: its mean, a middle that lies elsewhere, sets that differ."""
    said = [say("mean", lang, mean=persons(seen.mean))]
    if seen.off_middle and median is not None:
        said.append(say("off", lang, median=persons(median), own=persons(seen.middle)))
    named = []
    for other in seen.differences:
        lo, hi = ends(other.value)
        name = prior_set_label(other.set, lang)
        named.append(say("differs_set", lang, set=name, lo=persons(lo), hi=persons(hi)))
    return [*said, say("differs", lang, sets=listed(named, lang))] if named else said


def pool_feedback(panel: Panel) -> Feedback:
    """Say what the linear pool of several experts implies, as a mixture, not as an interval."""
    parts, weights = panel.parts(_SCALE), panel.shares()
    points = pooled_points(parts, weights, "linear", SHARES)
    each = [_parts(m, sd) for m, sd in parts]
    mixed = [math.fsum(w * c[k] for w, c in zip(weights, each, strict=True)) for k in range(_BINS)]
    return _feedback(points, mixed, ())


def heard(panel: Panel, seen: Feedback, lang: str) -> list[str]:
    """Say what every expert answered and why, and what their linear pool, `seen`, is."""
    lines = []
    for member in panel.members:
        lo, hi = ends(member.value)
        lines.append(say("each", lang, name=member.name, lo=persons(lo), hi=persons(hi)))
        if member.rationale:
            lines.append(f"  {member.rationale[lang]}")
    low, high = persons(seen.points[1]), persons(seen.points[3])
    return [*lines, say("pool", lang, lo=low, hi=high, middle=persons(seen.middle))]


def _feedback(
    points: Sequence[float],
    parts: Sequence[float],
    differences: tuple[Difference, ...],
    **more: Any,
) -> Feedback:
    top = max(parts)
    mean = math.fsum(p * (k + 0.5) for k, p in enumerate(parts)) / _BINS
    shown = tuple(natural(x, _SCALE) for x in points)
    return Feedback(shown, mean, tuple(p / top for p in parts), differences, **more)


def _parts(m: float, sd: float) -> list[float]:
    """Probability of each of the equal parts of [0, 1]."""
    if sd == 0.0:
        place = min(int(natural(m, _SCALE) * _BINS), _BINS - 1)
        return [float(k == place) for k in range(_BINS)]
    inner = [NormalDist(m, sd).cdf(normal_of(k / _BINS, _SCALE)[0]) for k in range(1, _BINS)]
    ends = [0.0, *inner, 1.0]
    return [after - before for before, after in pairwise(ends)]


def _differences(path: str, m: float, sd: float) -> list[Difference]:
    found = []
    for name in bundled_prior_sets():
        entry = load_prior_set(name).entries().get(path)
        if entry is None:
            continue
        center, own = normal_of(entry.value, _SCALE)
        if abs(center - m) > 2.0 * Z90 * sd:
            found.append(Difference(name, interval((center, own), _SCALE)))
    return found
