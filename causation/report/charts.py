"""What the figures of a report show: marks at places, for Typst to set beside their names.

Places are shares of the plot's width, and of its height from above. Nothing is computed here that
was not assessed.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from causation.dossier.digits import bans, percent, percent_at_least, stated
from causation.dossier.wording import shown_value
from causation.errors import InputError
from causation.plots.rows import limits, posterior_rows, standing_lines, waterfall
from causation.plots.text import COLORS, cut, say, shown
from causation.scales import log10_odds, logit

if TYPE_CHECKING:
    from causation.analyses.tornado import Tornado
    from causation.dossier.assessment import Assessment

type Ticks = Sequence[tuple[float, str]]
_LINE = 0.19
"""Height of a line of a name, in inches."""
_WHOLE: Ticks = tuple((k / 5, f"{20 * k} %") for k in range(6))


class Chart:
    """Marks on a plot, its axes, and a legend of those that have a label.

    Parameters
    ----------
    lang : {"en", "zh"}
    x, y : tuple of float
        Limits; `y` of rows is None.
    names : sequence of str
        Of the rows, from above.
    pitch : float
        Height of a row in inches, at least, as names of many lines need more; of the whole plot
        where there are none.
    """

    def __init__(
        self, lang: str, x: tuple[float, float], y: tuple[float, float] | None = None, *,
        names: Sequence[str] = (), pitch: float,
    ) -> None:  # fmt: skip
        self._lang, self._x = lang, x
        self._y = (len(names) - 0.5, -0.5) if y is None else y
        self._marks: list[dict[str, Any]] = []
        pitch = max(pitch, *(_LINE * (name.count("\n") + 1) for name in ("", *names)))
        self.data: dict[str, Any] = {
            "lang": lang, "plot": pitch * (len(names) or 1), "marks": self._marks,
            "names": [[self.down(k), name] for k, name in enumerate(names)],
            "ticks": [], "reach": [0.0, 1.0], "xlabel": "", "ylabel": "", "title": "",
            "columns": 2, "rows": y is None,
        }  # fmt: skip

    def across(self, x: float) -> float:
        """Share of the width."""
        return (x - self._x[0]) / (self._x[1] - self._x[0])

    def down(self, y: float) -> float:
        """Share of the height, from above."""
        return (y - self._y[1]) / (self._y[0] - self._y[1])

    def add(self, kind: str, color: str, *, label: str | None = None, **how: Any) -> None:
        """Put a mark on the plot; `color` is a name of `COLORS`."""
        self._marks.append({"kind": kind, "color": COLORS[color], "label": label, **how})

    def bar(self, row: int, ends: tuple[float, float], color: str, **how: Any) -> None:
        """A bar between two values, in any order."""
        left, right = sorted(map(self.across, ends))
        self.add("bar", color, at=[left, right, self.down(row - 0.3), self.down(row + 0.3)], **how)

    def line(self, xs: Sequence[float], ys: Sequence[float], color: str, **how: Any) -> None:
        """A line through points."""
        points = [[self.across(x), self.down(y)] for x, y in zip(xs, ys, strict=True)]
        self.add("line", color, at=points, **how)

    def point(self, x: float, y: float, shape: str, color: str, **how: Any) -> None:
        """A circle, diamond or triangle."""
        self.add(shape, color, at=[self.across(x), self.down(y)], **how)

    def text(self, x: float, row: float, text: str, *, side: str = "right", **how: Any) -> None:
        """A value beside a place."""
        self.add("text", "prior", at=[self.across(x), self.down(row)], text=text, side=side, **how)

    def note(self, row: float, text: str) -> None:
        """A value at the right edge of a row."""
        self.add("note", "prior", at=[1.0, self.down(row)], text=text)

    def standard(self, threshold: float, *, at: float | None = None, vertical: bool = True) -> None:
        """The line of the standard of proof."""
        label = say("standard", self._lang, threshold=shown(stated(threshold), self._lang))
        place, (x0, x1), (y0, y1) = threshold if at is None else at, self._x, self._y
        ends = ([place, place], [y0, y1]) if vertical else ([x0, x1], [place, place])
        self.line(*ends, "standard", width=1.5, dashed=True, label=label)

    def axis(self, ticks: Ticks, label: str = "") -> None:
        """The values below."""
        lang = self._lang
        self.data["ticks"] = [[self.across(x), shown(text, lang)] for x, text in ticks]
        self.data["xlabel"] = label


def _side(a: Assessment, value: float) -> str:
    return "proposition" if value >= a.threshold else "against"


def standing(a: Assessment, lang: str) -> Chart:
    """Held probabilities: the case, its readings, the stress, every prior set."""
    lines = standing_lines(a, lang)
    names = [cut(name, width=40, lines=1) for name, _ in lines]
    chart = Chart(lang, (0.0, 1.0), names=names, pitch=0.24)
    ends = a.redraws.held_interval
    chart.line(ends, [0, 0], "other", width=5, label=say("redrawn", lang))
    for y, (_, values) in enumerate(lines):
        for value in values:
            chart.point(value, y, "diamond", _side(a, value), edge="#ffffff", size=8)
        if values:
            ends_of = sorted({min(values), max(values)})
            chart.note(y, " – ".join(shown(percent(v, a.threshold), lang) for v in ends_of))
    chart.standard(a.threshold)
    chart.axis(_WHOLE)
    return chart


def posterior(a: Assessment, lang: str) -> Chart:
    """Posterior of the proposition and of every route, with what redraws and the bound say."""
    names, values, priors, own = posterior_rows(a, "route", lang)
    chart = Chart(lang, (0.0, 1.0), names=[cut(name) for name in names], pitch=0.38)
    colors = ["proposition", *("range" if x else "other" for x in own)]
    for row, (value, color) in enumerate(zip(values, colors, strict=True)):
        chart.bar(row, (0.0, value), color)
        chart.note(row, shown(percent(value, a.threshold), lang))
    chart.line([0.0, 1.0], [0.5, 0.5], "grid", width=1)
    for row, prior in enumerate(priors):
        label = None if row else say("prior", lang)
        chart.point(prior, row, "circle", "prior", face="#ffffff", size=6, label=label)
    chart.line(a.redraws.interval, [0, 0], "prior", width=2, label=say("redrawn", lang))
    chart.point(
        a.held.probability, 0, "diamond", "against", edge="#000000", size=7, label=say("held", lang)
    )
    if len(a.proposition) == 1 and (remote := a.any_remove.get(a.proposition[0])) is not None:
        label = say("any_remove", lang, p=percent(remote, a.threshold))
        chart.point(remote, 0, "triangle", "prior", face="#ffffff", size=6, label=label)
    chart.standard(a.threshold)
    chart.axis(_WHOLE, f"{say('posterior', lang)} ({say('by_route', lang)})")
    return chart


def prior_curve(a: Assessment, lang: str) -> Chart:
    """Posterior of the proposition for every prior, on a logit scale.

    Raises
    ------
    InputError
        If the proposition has no curve.
    """
    curve = a.prior_curve
    if curve.why_missing is not None:
        raise InputError(f"there is no prior curve: {curve.why_missing['en']}")
    edge = float(logit(1e-4))
    chart = Chart(lang, (edge, -edge), (0.0, 1.02), pitch=2.7)
    inside = [k for k, p in enumerate(curve.prior) if 1e-4 <= p <= 1 - 1e-4]
    place = [float(logit(curve.prior[k])) for k in inside]
    for values, color, key, how in (
        (curve.prior, "other", "same", {"width": 1}),
        (curve.posterior, "proposition", "model_value", {"width": 2.5}),
        (curve.held, "against", "held", {"width": 2, "dashed": True}),
    ):
        chart.line(place, [float(values[k]) for k in inside], color, label=say(key, lang), **how)
    chart.standard(a.threshold, vertical=False)
    prior, now = curve.case_prior, a.probability
    here = [percent(p, a.threshold) for p in (prior, now)]
    label = say("this_case", lang, prior=here[0], posterior=here[1])
    chart.point(_inside(prior), now, "circle", "prior", size=6, label=label)
    reached = curve.held_prior_at_standard
    if reached is not None:
        label = say("reached_at", lang, prior=percent_at_least(reached))
        chart.point(_inside(reached), a.threshold, "diamond", "standard", size=6, label=label)
    at = (1e-4, 1e-3, 0.01, 0.1, 0.5, 0.9, 0.99, 0.999)
    chart.axis([(float(logit(p)), stated(p)) for p in at], say("prior_axis", lang))
    chart.data["names"] = [[chart.down(p), shown(text, lang)] for p, text in _WHOLE]
    chart.data["ylabel"] = say("posterior", lang)
    return chart


def _inside(p: float) -> float:
    """Place of a probability on the curve's axis, at its edge where it lies beyond."""
    return float(logit(min(max(p, 1e-4), 1 - 1e-4)))


def contributions(a: Assessment, lang: str) -> Chart:
    """Waterfall from the prior odds to the posterior odds, in bans.

    What has no length, because a route is excluded, is said and not drawn.
    """
    names, bars = waterfall(a, "sequential", lang)
    goal = log10_odds(a.threshold)
    finite = [math.isfinite(left) and math.isfinite(width) for left, width in bars]
    drawn = [bar for bar, ok in zip(bars, finite, strict=True) if ok]
    places = [0.0, goal, *(x for left, width in drawn for x in (left, left + width))]
    room = 0.14 * max(max(places) - min(places), 1e-6)
    lo, hi = min(places) - room, max(places) + room
    chart = Chart(lang, (lo, hi), names=[cut(name) for name in names], pitch=0.38)
    chart.line([0.0, 0.0], [-0.5, len(bars) - 0.5], "muted", width=0.8)
    chart.standard(a.threshold, at=goal)
    for row, (left, width) in enumerate(bars):
        total = row in {0, len(bars) - 1}
        if finite[row]:
            color = "muted" if total else "proposition" if width >= 0 else "against"
            chart.bar(row, (left, left + width), color)
        if row < len(bars) - 1 and math.isfinite(x := left + width):
            chart.line([x, x], [row - 0.3, row + 1.3], "muted", width=0.8)
    for row, (left, width) in enumerate(bars):
        text = bans(width).removeprefix("+") if row in {0, len(bars) - 1} else bans(width)
        place = max(left, left + width) if finite[row] else 0.0
        chart.text(place, row, shown(text, lang), boxed=True)
    chart.axis([(x, f"{x:.4g}") for x in round_values(lo, hi)], say("bans", lang))
    chart.data["title"] = say("sequential", lang)
    return chart


def tornado(result: Tornado, lang: str, *, most: int = 8) -> Chart:
    """Probability with one input at a time at either end of its range."""
    bars, base = result.bars[:most], result.probability
    ends = [(b.probability_low, b.probability_high) for b in bars]
    x = limits([base, *(p for pair in ends for p in pair)], result.threshold, 0.24)
    names = [cut(bar.label[lang], width=48, lines=2) for bar in bars]
    chart = Chart(lang, x, names=names, pitch=0.38)
    for k, (color, key) in enumerate((("range", "input_low"), ("proposition", "input_high"))):
        for row, pair in enumerate(ends):
            chart.bar(row, (base, pair[k]), color, label=None if row else say(key, lang))
    label = say("as_it_is", lang, p=percent(base, result.threshold))
    chart.line([base, base], [-0.5, len(bars) - 0.5], "prior", width=1, label=label)
    chart.standard(result.threshold)
    for row, bar in enumerate(bars):
        for value, other, end in ((*ends[row], "low"), (*ends[row][::-1], "high")):
            right = value > other or (value == other and end == "high")
            place, side = (max(value, base), "right") if right else (min(value, base), "left")
            chart.text(place, row, shown_value(getattr(bar, end)), side=side, small=True)
    least, greatest = max(x[0], 0.0), min(x[1], 1.0)  # beyond there is room, but no probability
    values = round_values(least, greatest)
    chart.axis([(p, f"{100.0 * p:.4g} %") for p in values], say("posterior_of", lang))
    chart.data["reach"] = [chart.across(least), chart.across(greatest)]
    return chart


def round_values(lo: float, hi: float, *, most: int = 8) -> list[float]:
    """Values for ticks: multiples of 1, 2 or 5 times a power of ten, at most `most` and one more.

    Examples
    --------
    >>> round_values(-0.42, 0.9)
    [-0.4, -0.2, 0.0, 0.2, 0.4, 0.6, 0.8]
    """
    least = (hi - lo) / most
    power = 10.0 ** math.floor(math.log10(least))
    step = next(k for k in (1, 2, 5, 10) if k * power >= least * (1 - 1e-9))
    first, last = math.ceil(lo / power / step - 1e-9), math.floor(hi / power / step + 1e-9)
    digits = max(0, -round(math.log10(power)))
    return [round(k * step * power, digits) + 0.0 for k in range(first, last + 1)]
