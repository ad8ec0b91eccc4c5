"""How numbers are printed: one value, one print, wherever a reader sees it.

Probabilities are printed with as many digits as they need near 0 and 1, weights of evidence to a
hundredth of a ban, ratios to two significant figures. A ratio beyond what validation supports is
printed as "more than"; none is rounded out of its band of the verbal scale. A probability is never
rounded across a value with which it is compared, and a threshold is rounded towards what still
meets its claim, never across.
"""

from __future__ import annotations

import math
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from functools import cache

from causation.case.library import load_standards
from causation.scales import verbal_scale

_MOST = 10
"""Decimals of a per cent at the most."""


def percent(p: float, *levels: float) -> str:
    """A probability in per cent, on the same side of what it is compared with.

    Parameters
    ----------
    p : float
    *levels : float
        Values with which it is compared, beside one half and every shipped standard of proof:
        that of a case which states a number of its own.

    Examples
    --------
    >>> percent(0.98573), percent(0.00058), percent(0.99994), percent(0.5)
    ('98.6 %', '0.058 %', '99.9940 %', '50.0 %')
    >>> percent(0.74996), percent(0.75004), percent(0.61798, 0.618)
    ('74.996 %', '75.0 %', '61.798 %')
    >>> percent(1e-20), percent(1.0 - 1e-15), percent(float("nan"))
    ('< 0.0000000001 %', '> 99.9999999999 %', '—')
    """
    if math.isnan(p):
        return "—"
    if p in (0.0, 1.0):
        return f"{100 * p:.0f} %"
    rest = min(p, 1.0 - p)
    if rest < 1e-12:
        return "< 0.0000000001 %" if p < 0.5 else "> 99.9999999999 %"
    sides = [(100 * Decimal(repr(level)), p >= level) for level in (*compared(), *levels)]
    for decimals in range(_decimals(rest), _MOST + 1):
        text = f"{100.0 * p:.{decimals}f}"
        if all((Decimal(text) >= level) == reached for level, reached in sides):
            return f"{text} %"
    above = any(reached and level - 100 * Decimal(repr(p)) > -1e-9 for level, reached in sides)
    return _rounded(p, _MOST, ROUND_CEILING if above else ROUND_FLOOR)


@cache
def compared() -> tuple[float, ...]:
    """Return the values with which every probability is compared: one half, every standard."""
    return (0.5, *(s.threshold for s in load_standards()))


def _decimals(rest: float) -> int:
    if rest >= 0.001:
        return 1
    return max(1, min(_MOST, 1 - math.floor(math.log10(100.0 * rest))))


def percent_at_least(p: float) -> str:
    """A threshold from which on something holds: rounded up, so that the print meets it too.

    Examples
    --------
    >>> percent_at_least(0.63961), percent_at_least(0.04401), percent_at_least(0.1)
    ('64.0 %', '4.5 %', '10.0 %')
    """
    rest = min(p, 1.0 - p)
    return percent(p) if rest < 1e-12 else _rounded(p, _decimals(rest), ROUND_CEILING)


def _rounded(p: float, decimals: int, mode: str) -> str:
    exact = 100 * Decimal(repr(p))
    return f"{exact.quantize(Decimal(1).scaleb(-decimals), mode)} %"


def stated(p: float) -> str:
    """A probability that somebody stated, with the digits that it was stated with.

    Examples
    --------
    >>> stated(0.75), stated(0.8525), stated(0.29)
    ('75 %', '85.25 %', '29 %')
    """
    return f"{100.0 * p:.10g} %"


def at_least(x: float) -> str:
    """A quantity from which on something holds, to two figures, rounded up.

    Examples
    --------
    >>> at_least(0.6321), at_least(11.04), at_least(2.0)
    ('0.64', '12', '2.0')
    """
    return _figures(x, ROUND_CEILING)


def at_most(x: float) -> str:
    """A quantity up to which something holds, to two figures, rounded down.

    Examples
    --------
    >>> at_most(0.6389), at_most(11.96), at_most(2.0)
    ('0.63', '11', '2.0')
    """
    return _figures(x, ROUND_FLOOR)


def _figures(x: float, mode: str) -> str:
    if not 0.0 < x < 1e6:
        return two_figures(x)
    exact = Decimal(repr(x))
    return two_figures(float(exact.quantize(Decimal(1).scaleb(exact.adjusted() - 1), mode)))


def bans(x: float) -> str:
    """A weight of evidence with its sign, to a hundredth of a ban.

    Examples
    --------
    >>> bans(1.234), bans(-0.001), bans(float("inf"))
    ('+1.23', '0.00', '+inf')
    """
    if math.isnan(x):
        return "—"
    if math.isinf(x):
        return f"{x:+}"
    return "0.00" if abs(x) < 0.005 else f"{x:+.2f}"


_EXCLUDED = {
    "en": ("both excluded", "source excluded", "proposition excluded"),
    "zh": ("双方均被排除", "该来源被排除", "待证事实被排除"),
}
_BEYOND = {"en": ("more than {}", "less than 1/{}"), "zh": ("超过{}", "不足1/{}")}


def ratio(log10: float, bound: float | None, lang: str = "en") -> str:
    """A likelihood ratio as a number, "more than" beyond what validation supports.

    Examples
    --------
    >>> ratio(1.0, 2.0), ratio(-1.0, 2.0), ratio(3.0, 2.0), ratio(2.5, None)
    ('10', '1/10', 'more than 100', '320')
    >>> ratio(3.0, 2.27), ratio(2.27, 2.27)
    ('more than 186', '186')
    >>> ratio(3.0, 0.9), ratio(-3.0, 0.9)
    ('more than 7.9', 'less than 1/7.9')
    >>> ratio(0.2945, None), ratio(-0.2945, None), ratio(1.999, None)
    ('1.97', '1/1.97', '99.8')
    """
    (both, source, proposition), (more, less) = _EXCLUDED[lang], _BEYOND[lang]
    if math.isnan(log10):
        return both
    if math.isinf(log10):
        return source if log10 > 0 else proposition
    if bound is not None and abs(log10) >= bound:
        limit = float(f"{10.0**bound:.12g}")  # never more than the bound itself
        most = f"{math.floor(limit):,}" if limit >= 10.0 else at_most(limit)
        if abs(log10) == bound:
            return most if log10 > 0 else f"1/{most}"
        return (more if log10 > 0 else less).format(most)
    size = _in_band(10.0 ** abs(log10)) if abs(log10) < 15.0 else f"10^{abs(log10):.1f}"
    return size if log10 >= 0 or size == "1.0" else f"1/{size}"


def _in_band(x: float) -> str:
    """A ratio to two figures, or as many as keep it in its band of the verbal scale."""
    shown, band = two_figures(x), verbal_scale(math.log10(x))
    for figures in range(3, 8):
        if verbal_scale(math.log10(float(shown.replace(",", "")))) == band:
            break
        shown = f"{float(f'{x:.{figures}g}'):,.{max(0, figures - 1 - math.floor(math.log10(x)))}f}"
    return shown


def two_figures(x: float) -> str:
    """Two significant figures, without exponent below a million.

    Examples
    --------
    >>> two_figures(186.2), two_figures(1.04), two_figures(2.5e7)
    ('190', '1.0', '2.5e+07')
    """
    if x >= 1e6:
        return f"{x:.1e}"
    if x <= 0.0:
        return "0"
    digits = 1 - math.floor(math.log10(x))
    rounded = round(x, digits)
    return f"{rounded:,.{max(0, digits)}f}" if rounded < 10 else f"{rounded:,.0f}"
