"""How many digits a number is printed with: one rule.

A number is printed down to the decimal place of the first significant digit of its standard
uncertainty, in which the numerical error and the spread under redrawn inputs are combined
(root of the sum of squares). Terms of a sum and comparisons carry one guard digit. A digit is added
where rounding would carry the number to or across a bound that matters: 0, 1, or the standard
of proof. What was stated is printed as stated.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal

import numpy as np

from causation.scales import LN10, Z90

__all__ = [
    "MOST_DECIMALS",
    "Precision",
    "decimals_of",
    "fixed",
    "percent",
    "precision_of",
    "probability_decimals",
    "ratio_text",
    "stated",
]

MOST_DECIMALS = 6
"""Decimals of a probability beyond which it is only said to be above or below."""

MOST_DIGITS = 4
"""Significant digits of a number whose uncertainty is smaller still."""


@dataclass(frozen=True, slots=True)
class Precision:
    """Standard uncertainty of the log10 odds of the proposition.

    Parameters
    ----------
    inputs : float
        Spread of the log10 odds under redrawn inputs, in bans: the central 90 % interval
        divided by that of a standard normal.
    """

    inputs: float

    def bans(self, numerical: float = 0.0) -> float:
        """Standard uncertainty of a log10 ratio or log10 odds, in bans."""
        return math.hypot(self.inputs, numerical)

    def probability(self, p: float, numerical: float = 0.0) -> float:
        """Standard uncertainty of a posterior probability (first order)."""
        return math.hypot(p * (1.0 - p) * LN10 * self.inputs, numerical)


def precision_of(probability: np.ndarray) -> Precision:
    """Precision from draws of the proposition's probability under redrawn inputs.

    Parameters
    ----------
    probability : ndarray, shape (draws,)
    """
    p = np.clip(probability, 1e-300, 1.0 - 1e-16)
    with np.errstate(divide="ignore"):
        odds = np.log10(p) - np.log10(1.0 - p)
    lo, hi = np.quantile(odds, [0.05, 0.95])
    return Precision(float(hi - lo) / (2.0 * Z90))


def decimals_of(value: float, uncertainty: float, *, guard: int = 0) -> int:
    """Decimal places to print; negative for tens, hundreds.

    Examples
    --------
    >>> decimals_of(2.517, 0.32), decimals_of(2.517, 0.32, guard=1), decimals_of(328.0, 240.0)
    (1, 2, -2)
    """
    most = MOST_DIGITS - 1 - _exponent(value) if value else MOST_DIGITS
    least = -_exponent(value) if value else -MOST_DIGITS
    if uncertainty <= 0.0 or not math.isfinite(uncertainty):
        return most if uncertainty <= 0.0 else least
    wanted = guard - _exponent(uncertainty)
    return min(max(wanted, least), most) if not guard else min(wanted, most)


def _exponent(x: float) -> int:
    return math.floor(math.log10(abs(x)) + 1e-12)


def fixed(value: float, decimals: int) -> str:
    """A number with so many decimals, with a true minus sign.

    Examples
    --------
    >>> fixed(-0.126, 2), fixed(328.0, -2), fixed(-0.001, 1)
    ('−0.13', '300', '0.0')
    """
    step = Decimal(1).scaleb(-decimals)
    rounded = Decimal(repr(float(value))).quantize(step, ROUND_HALF_EVEN)
    text = f"{rounded:f}" if decimals > 0 else f"{int(rounded)}"
    if not float(rounded):
        text = text.lstrip("-")
    return text.replace("-", "−")


def probability_decimals(
    p: float,
    uncertainty: float,
    *,
    threshold: float | None = None,
    guard: int = 0,
    start: int | None = None,
) -> int:
    """Decimals of a probability, so that it is on the right side of 0, 1 and the standard.

    `start` takes the place of what follows from the uncertainty.

    Examples
    --------
    >>> probability_decimals(0.9857, 0.0104)
    2
    >>> probability_decimals(0.748, 0.03, threshold=0.75)
    3
    >>> probability_decimals(0.99996, 0.001)
    5
    """
    decimals = max(decimals_of(p, uncertainty, guard=guard) if start is None else start, 1)
    decimals = max(decimals, 2) if threshold is not None else decimals
    while decimals < MOST_DECIMALS and not _same_side(p, decimals, threshold):
        decimals += 1
    return min(decimals, MOST_DECIMALS)


def _same_side(p: float, decimals: int, threshold: float | None) -> bool:
    shown = float(Decimal(repr(float(p))).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_EVEN))
    if shown in {0.0, 1.0} and p not in {0.0, 1.0}:
        return False
    if threshold is None or p == threshold:
        return True
    return (shown >= threshold) == (p >= threshold) and shown != threshold


def percent(p: float, decimals: int) -> str:
    """A probability, in per cent without the sign, from its decimals as a probability.

    Examples
    --------
    >>> percent(0.9857, 2), percent(0.9857, 3), percent(0.5, 1)
    ('99', '98.6', '50')
    """
    shown = Decimal(repr(float(p))).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_EVEN) * 100
    return f"{shown.quantize(Decimal(1).scaleb(-max(decimals - 2, 0))):f}"


def ratio_text(log10_ratio: float, uncertainty: float, *, separator: str = ",") -> str:
    """A ratio of 1 or more, from its log10 and the standard uncertainty of that.

    Examples
    --------
    >>> ratio_text(2.517, 0.32), ratio_text(0.3, 0.01), ratio_text(7.2, 0.3)
    ('300', '2.00', '2 × 10^7')
    """
    if log10_ratio >= 6.0:
        exponent = math.floor(log10_ratio)
        lead = 10.0 ** (log10_ratio - exponent)
        digits = fixed(lead, max(decimals_of(lead, lead * LN10 * uncertainty), 0))
        if float(digits) >= 10.0:
            digits, exponent = "1", exponent + 1
        return f"{digits} × 10^{exponent}"
    value = float(10.0**log10_ratio)
    decimals = decimals_of(value, value * LN10 * uncertainty)
    text = fixed(value, decimals)
    whole, point, rest = text.partition(".")
    return f"{int(whole):,}".replace(",", separator) + point + rest


def stated(value: float) -> str:
    """A number as it was stated.

    Examples
    --------
    >>> stated(0.5), stated(2.0), stated(1e-05)
    ('0.5', '2', '0.00001')
    """
    if value and (abs(value) < 1e-6 or abs(value) >= 1e9):
        mantissa, exponent = f"{value:e}".split("e")
        return f"{mantissa.rstrip('0').rstrip('.')} × 10^{int(exponent)}".replace("-", "−")
    text = f"{Decimal(repr(float(value))):f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return text.replace("-", "−")
