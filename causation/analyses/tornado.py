"""One input at a time: how far the probability moves with each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from causation.analyses.bound import held
from causation.analyses.spread import Spread, moved, spreads_of
from causation.dossier.digits import percent
from causation.dossier.labels import in_language
from causation.dossier.wording import input_label, shown_value
from causation.inference.evaluate import evaluate
from causation.model.structure import build_model

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from causation.analyses.evaluating import Evaluate
    from causation.document.stated import Value
    from causation.model.structure import Given, Model

_ENDS = np.array([0.05, 0.95])


@dataclass(frozen=True, slots=True)
class Bar:
    """One input at both ends of where it may lie: its 5 % and 95 % points.

    The probabilities are those of the proposition, and the same held to the validated range;
    `label` is what the input is called, `sentence` what the bar says, by language.
    """

    path: str
    base: Value
    low: Value
    high: Value
    probability_low: float
    probability_high: float
    held_low: float
    held_high: float
    label: Mapping[str, str]
    sentence: Mapping[str, str]

    @property
    def width(self) -> float:
        """Distance between the two probabilities."""
        return abs(self.probability_high - self.probability_low)


@dataclass(frozen=True, slots=True)
class Tornado:
    """Bars, the widest first, with the probability of the proposition as it is and its standard."""

    probability: float
    threshold: float
    bars: tuple[Bar, ...]

    def to_dataframe(self) -> pd.DataFrame:
        """One row for each input."""
        import pandas as pd

        names = (
            "path", "base", "low", "high", "probability_low", "probability_high", "held_low",
            "held_high", "width",
        )  # fmt: skip
        return pd.DataFrame([{name: getattr(bar, name) for name in names} for bar in self.bars])


def tornado(
    case: Given,
    *,
    bound: float | None = None,
    evaluate: Evaluate = evaluate,
    **options: Any,
) -> Tornado:
    """Move every input to both ends of its central 90 % range, the others as they are.

    A whole interval moves without changing its width; see `causation.analyses.spread` for how far.
    Held is to `bound`, the largest log10 likelihood ratio that validation supports, if any.

    Examples
    --------
    >>> tornado("bic-2025-doxxing").bars[0].path
    'sources.platform.weight'
    """
    model = build_model(case, **options)
    spreads = spreads_of(model)
    steps = np.zeros((1 + 2 * len(spreads), len(spreads)))
    for i, spread in enumerate(spreads):
        steps[1 + 2 * i : 3 + 2 * i, i] = spread.steps_at(_ENDS)
    answer = evaluate(model, moved(model, spreads, steps))
    both = np.stack([answer.probability, held(answer, bound).probability])
    bars = [
        _bar(model, spread, steps[1 + 2 * i : 3 + 2 * i, i], both[:, 1 + 2 * i : 3 + 2 * i])
        for i, spread in enumerate(spreads)
    ]
    bars.sort(key=lambda bar: (-bar.width, bar.path))
    return Tornado(float(both[0, 0]), model.filled.threshold, tuple(bars))


def _bar(model: Model, spread: Spread, steps: np.ndarray, both: np.ndarray) -> Bar:
    low, high = (spread.at(float(t)) for t in steps)
    p_low, p_high, held_low, held_high = (float(p) for p in both.ravel())
    filled = model.filled
    label = {lang: input_label(filled, spread.path, lang) for lang in ("en", "zh")}
    sentence = {
        lang: _sentence(
            lang, label[lang], (spread.base, low, high), (p_low, p_high), filled.threshold
        )
        for lang in ("en", "zh")
    }
    return Bar(
        spread.path, spread.base, low, high, p_low, p_high, held_low, held_high, label, sentence
    )


_OUTCOME = {
    "en": {
        (True, True): "at or above the comparison value of {} either way",
        (False, False): "below the comparison value of {} either way",
        (True, False): "at or above the comparison value of {} with the first only",
        (False, True): "at or above the comparison value of {} with the second only",
    },
    "zh": {
        (True, True): "均不低于{}的对照值",
        (False, False): "均低于{}的对照值",
        (True, False): "仅前者不低于{}的对照值",
        (False, True): "仅后者不低于{}的对照值",
    },
}
_SENTENCE = (
    (
        "Were {label} {low} instead of {base}, the probability of the proposition would be "
        "{p_low}; were it {high}, {p_high}: {outcome}."
    ),
    "若{label}由{base}改为{low}，待证事实的概率为{p_low}；改为{high}，则为{p_high}；{outcome}。",
)


def _sentence(
    lang: str,
    label: str,
    values: tuple[Value, Value, Value],
    probabilities: tuple[float, float],
    threshold: float,
) -> str:
    base, low, high = map(shown_value, values)
    met = [p >= threshold for p in probabilities]
    p_low, p_high = (percent(p, threshold) for p in probabilities)
    return in_language(
        _SENTENCE, lang, label=label, base=base, low=low, high=high, p_low=p_low, p_high=p_high,
        outcome=_OUTCOME[lang][met[0], met[1]].format(percent(threshold)),
    )  # fmt: skip
