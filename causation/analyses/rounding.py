"""Values as they are printed, rounded so that what is said of them holds of the print too."""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from causation.document.stated import Value

__all__ = ["rounded_away"]


def rounded_away(value: Value, base: Value) -> Value:
    """A number or interval with the digits that are shown, no nearer to where it was.

    Examples
    --------
    >>> rounded_away(0.12345, 0.1), rounded_away(0.12345, 0.2), rounded_away(0.998765, 0.99)
    (0.124, 0.123, 0.9988)
    >>> rounded_away((0.12345, 2.3456), (0.1, 2.0))
    (0.124, 2.35)
    """
    if isinstance(value, tuple):
        lo, hi = base if isinstance(base, tuple) else (base, base)
        return _rounded(value[0], up=value[0] > lo), _rounded(value[1], up=value[1] > hi)
    return _rounded(value, up=value > (base[0] if isinstance(base, tuple) else base))


def _rounded(x: float, *, up: bool) -> float:
    """Three significant figures; near 1, two of what is missing to it."""
    exact = Decimal(repr(x))
    if 0.99 <= x < 1.0:
        return float(1 - _figures(1 - exact, 2, up=not up))
    return float(_figures(exact, 3, up=up))


def _figures(x: Decimal, figures: int, *, up: bool) -> Decimal:
    if not x:
        return x
    unit = Decimal(1).scaleb(x.adjusted() - figures + 1)
    return (x / unit).to_integral_value(ROUND_CEILING if up else ROUND_FLOOR) * unit
