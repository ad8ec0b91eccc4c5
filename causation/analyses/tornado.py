"""One input at a time: how far the probability moves with each."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from causation.analyses.spread import Scenarios, spreads_of
from causation.case import Case
from causation.dossier.wording import input_label, percent, shown_value
from causation.inference.integrate import IntegratorSettings
from causation.scales import Z90
from causation.sweeping.grid import Value
from causation.sweeping.paths import Priors

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Bar", "Tornado", "tornado"]


@dataclass(frozen=True, slots=True)
class Bar:
    """One input at both ends of where it may lie.

    Parameters
    ----------
    path : str
        Where a case file states the input.
    base, low, high : number or interval
        The input as it is, and moved to its 5 % and 95 % points.
    probability_low, probability_high : float
        Probability of the proposition at these.
    sentence : dict of str to str
        What the bar says, by language.
    """

    path: str
    base: Value
    low: Value
    high: Value
    probability_low: float
    probability_high: float
    sentence: dict[str, str]

    @property
    def width(self) -> float:
        """Distance between the two probabilities."""
        return abs(self.probability_high - self.probability_low)


@dataclass(frozen=True, slots=True)
class Tornado:
    """Bars, the widest first.

    Parameters
    ----------
    probability : float
        Of the proposition, with every input as it is.
    threshold : float
        Standard of proof.
    bars : tuple of Bar
    """

    probability: float
    threshold: float
    bars: tuple[Bar, ...]

    def to_dataframe(self) -> pd.DataFrame:
        """One row for each bar."""
        import pandas as pd

        names = ("path", "base", "low", "high", "probability_low", "probability_high", "width")
        return pd.DataFrame([{name: getattr(bar, name) for name in names} for bar in self.bars])


def tornado(
    case: Case | str | Path,
    *,
    priors: Priors = None,
    standard: str | float | None = None,
    settings: IntegratorSettings | None = None,
) -> Tornado:
    """Move every input to both ends of its central 90 % range, the others as they are.

    A whole interval moves without changing its width; see `causation.analyses.spread` for
    how far.

    Parameters
    ----------
    case : Case, str or Path
    priors, standard
        In place of those of the case.
    settings : IntegratorSettings, optional

    Returns
    -------
    Tornado

    Examples
    --------
    >>> tornado("bic-2025-doxxing").bars[0].path
    'sources.platform.weight'
    """
    scenarios = Scenarios.of(case, priors, standard, settings)
    spreads = spreads_of(scenarios.resolved)
    steps = np.zeros((1 + 2 * len(spreads), len(spreads)))
    for i in range(len(spreads)):
        steps[1 + 2 * i, i], steps[2 + 2 * i, i] = -Z90, Z90
    probability = 1.0 / (1.0 + np.exp(-scenarios.moved(spreads, steps)))
    threshold = scenarios.resolved.threshold
    bars = []
    for i, spread in enumerate(spreads):
        low, high = probability[1 + 2 * i : 3 + 2 * i]
        ends = (spread.at(-Z90), spread.at(Z90))
        bars.append(
            Bar(
                path=spread.path,
                base=spread.base,
                low=ends[0],
                high=ends[1],
                probability_low=float(low),
                probability_high=float(high),
                sentence={
                    lang: _sentence(
                        lang,
                        input_label(scenarios.resolved, spread.path, lang),
                        (spread.base, *ends),
                        (float(low), float(high)),
                        threshold,
                    )
                    for lang in ("en", "zh")
                },
            )
        )
    bars.sort(key=lambda bar: (-bar.width, bar.path))
    return Tornado(float(probability[0]), threshold, tuple(bars))


def _sentence(
    lang: str,
    label: str,
    values: tuple[Value, Value, Value],
    probabilities: tuple[float, float],
    threshold: float,
) -> str:
    base, low, high = map(shown_value, values)
    p_low, p_high = map(percent, probabilities)
    met = [p >= threshold for p in probabilities]
    standard = percent(threshold)
    if lang == "zh":
        outcome = {
            (True, True): f"均达到{standard}的证明标准",
            (False, False): f"均未达到{standard}的证明标准",
            (True, False): f"仅前者达到{standard}的证明标准",
            (False, True): f"仅后者达到{standard}的证明标准",
        }[met[0], met[1]]
        return (
            f"若{label}由{base}改为{low}，待证事实的概率为{p_low}；改为{high}，则为{p_high}；"
            f"{outcome}。"
        )
    outcome = {
        (True, True): f"the standard of {standard} is met either way",
        (False, False): f"the standard of {standard} is missed either way",
        (True, False): f"the standard of {standard} is met with the first only",
        (False, True): f"the standard of {standard} is met with the second only",
    }[met[0], met[1]]
    return (
        f"Were {label} {low} instead of {base}, the probability of the proposition would be "
        f"{p_low}; were it {high}, {p_high}: {outcome}."
    )
