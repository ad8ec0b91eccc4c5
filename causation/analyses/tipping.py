"""Tipping points: the smallest change of the inputs that takes the conclusion across the standard.

For one input at a time in both directions, and for all together: the nearest point in
standard deviations, by the first-order reliability method. Every value is rounded away from
where the input is now, to what a reader sees, and evaluated again as printed.

References
----------
A. M. Hasofer, N. C. Lind (1974), "Exact and invariant second-moment code format", Journal of
the Engineering Mechanics Division ASCE 100, 111-121.
R. Rackwitz, B. Fiessler (1978), "Structural reliability under combined random load sequences",
Computers and Structures 9, 489-494.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from causation.analyses.crossing import Crossing, Search
from causation.analyses.evaluating import draft
from causation.dossier.digits import percent
from causation.dossier.wording import input_label, shown_value
from causation.inference.evaluate import evaluate
from causation.model.structure import build_model

if TYPE_CHECKING:
    from collections.abc import Mapping

    from causation.analyses.evaluating import Evaluate
    from causation.case.filled import Filled
    from causation.document.stated import Value
    from causation.model.structure import Given


@dataclass(frozen=True, slots=True)
class TippingPoint:
    """One input moved until the conclusion changes.

    `value` is where it has just changed, as it is printed; `steps` how far that is in standard
    deviations of the input, with sign; `probability` that of the proposition with the printed
    value.
    """

    path: str
    base: Value
    value: Value
    steps: float
    probability: float
    label: Mapping[str, str]
    sentence: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class JointTippingPoint:
    """All inputs moved together, as little as possible.

    `distance` is the length of the move in standard deviations; `changes` has the new values as
    they are printed, the inputs that move most first (those that move by less than a twentieth of
    the first stay as they are), `steps` how far each moves in its standard deviations.
    """

    distance: float
    changes: Mapping[str, Value]
    steps: Mapping[str, float]
    probability: float


@dataclass(frozen=True, slots=True)
class TippingPoints:
    """Least changes that take the conclusion across the standard, the nearest first.

    `side` is whom the conclusion would then favour; `out_of_reach` has the inputs that do not
    change it within `REACH`; `joint` is None where no joint point was found within it.
    """

    probability: float
    threshold: float
    side: str
    points: tuple[TippingPoint, ...]
    out_of_reach: tuple[str, ...]
    joint: JointTippingPoint | None


def tipping_points(
    case: Given,
    *,
    bound: float | None = None,
    evaluate: Evaluate = evaluate,
    rough: Evaluate = draft,
    **options: Any,
) -> TippingPoints:
    """Find the least changes of the inputs that take the conclusion across the standard.

    `rough` looks for the places that `evaluate` then looks at closely.

    Examples
    --------
    >>> found = tipping_points("bic-2025-doxxing")
    >>> found.side, found.points[0].path
    ('defendant', 'sources.platform.weight')
    """
    model = build_model(case, **options)
    search = Search(model, bound, evaluate, rough)
    single, joint = search.both()
    points = [_point(model.filled, crossing, met=search.met) for crossing in single]
    reached = {point.path for point in points}
    return TippingPoints(
        probability=search.probability,
        threshold=model.filled.threshold,
        side="defendant" if search.met else "plaintiff",
        points=tuple(sorted(points, key=lambda p: (abs(p.steps), p.path))),
        out_of_reach=tuple(s.path for s in search.spreads if s.path not in reached),
        joint=None if joint is None else JointTippingPoint(*joint),
    )


def _point(filled: Filled, crossing: Crossing, *, met: bool) -> TippingPoint:
    spread = crossing.spread
    label = {lang: input_label(filled, spread.path, lang) for lang in _SENTENCE}
    sentence = {
        lang: text.format(
            label=label[lang], base=shown_value(spread.base), value=shown_value(crossing.value),
            steps=abs(crossing.steps), threshold=percent(filled.threshold),
            verb=_VERB[lang][met],
        )
        for lang, text in _SENTENCE.items()
    }  # fmt: skip
    return TippingPoint(
        spread.path, spread.base, crossing.value, crossing.steps, crossing.probability,
        label, sentence,
    )  # fmt: skip


_VERB = {
    "en": {True: "falls below", False: "reaches"},
    "zh": {True: "低于", False: "达到"},
}
_SENTENCE = {
    "en": "With {label} at {value} instead of {base} ({steps:.1f} standard deviations), the "
    "probability of the proposition {verb} the comparison value of {threshold}.",
    "zh": "仅将{label}由{base}改为{value}（{steps:.1f}个标准差），待证事实的概率即{verb}{threshold}"
    "的对照值。",
}
