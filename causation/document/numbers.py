"""One number of the model, with its place, its origin and the basis on which it rests."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from causation.document.mappings import Fixed
from causation.scales import Z90, Elicited, Scale, logit_normal_mean

JUDGEMENT: Mapping[str, str] = Fixed({"en": "judgement", "zh": "判断"})
"""Basis of a number for which nothing better is stated."""

_DRAWN = (Scale.PROBABILITY, Scale.POSITIVE)


@dataclass(frozen=True, slots=True)
class Number:
    """A number of the model.

    Parameters
    ----------
    path : str
        Dotted path under which a case file states it; it is the number's id.
    center, sd : float
        Mean and standard deviation on the logit scale (probability) or the natural-log scale
        (positive quantity); else the number itself, and 0.
    scale : Scale
        What kind of quantity it is.
    origin : str
        ``case``, ``model``, ``priors:ID``, ``template:ID`` or ``inquiry:ID``.
    basis : mapping of str to str
        Why this number, by language.
    source : mapping of str to str or None
        Citation of the basis by language, where there is one.
    status : str or None
        How well the source is supported, where it is said: ``V``, ``U``, ``S``, ``judgement``.
    n : int or None
        How many observations stand behind it, where it is said.
    owner : str
        Whose number it is: a source, ``actor``, ``agreement``, an entrance, what a finding is
        about. Numbers of one owner are shifted together in part when they are drawn again.
    sort : str
        What sort of number it is, such as ``disclosure``; shifted together in part likewise.
    experts : tuple of (str, float)
        Experts who were asked, and how far each stands from the others: a shift that all numbers
        of one expert share when they are drawn again.

    Examples
    --------
    >>> number = Number.of("sources.a.weight", 0.5, 2.0, Scale.POSITIVE)
    >>> number.center, round(number.hi, 12), number.is_point
    (0.0, 2.0, False)
    """

    path: str
    center: float
    sd: float
    scale: Scale
    origin: str = "case"
    basis: Mapping[str, str] = JUDGEMENT
    source: Mapping[str, str] | None = None
    status: str | None = None
    n: int | None = None
    owner: str = ""
    sort: str = ""
    experts: tuple[tuple[str, float], ...] = ()

    @classmethod
    def of(cls, path: str, lo: float, hi: float, scale: Scale, **about: Any) -> Number:
        """Make a number from the ends of its interval, which are equal for a single number.

        Parameters
        ----------
        path : str
            Its place.
        lo, hi : float
            Ends of the central 90 % interval, on the natural scale.
        scale : Scale
            What kind of quantity it is; intervals are for probabilities and positive ones.
        **about : object
            ``origin``, ``basis``, ``source``, ``status``, ``n``, ``owner``, ``sort``, ``experts``.
        """
        if scale not in _DRAWN:
            return cls(path, lo, 0.0, scale, **about)
        elicited = Elicited(lo, hi, scale)
        return cls(path, elicited.center, elicited.sd, scale, **about)

    @property
    def is_point(self) -> bool:
        """Whether it is a single number, without spread."""
        return self.sd == 0.0

    @property
    def lo(self) -> float:
        """Lower end of the central 90 % interval on the natural scale."""
        return self._natural(-Z90)

    @property
    def hi(self) -> float:
        """Upper end of the central 90 % interval on the natural scale."""
        return self._natural(Z90)

    @property
    def middle(self) -> float:
        """The centre on the natural scale: the median."""
        return self._natural(0.0)

    def mean(self) -> float:
        """Mean on the natural scale, never the midpoint of the interval."""
        if self.is_point or self.scale not in _DRAWN:
            return self.middle
        if self.scale is Scale.POSITIVE:
            return math.exp(self.center + 0.5 * self.sd**2)
        return logit_normal_mean(self.center, self.sd)

    def _natural(self, z: float) -> float:
        return natural(self.center + self.sd * z if self.sd else self.center, self.scale)


def natural(x: float, scale: Scale) -> float:
    """Return what stands at a point of a scale: a probability or a positive quantity.

    Examples
    --------
    >>> natural(0.0, Scale.PROBABILITY), natural(0.0, Scale.POSITIVE)
    (0.5, 1.0)
    """
    if scale is Scale.POSITIVE:
        return _rounded(math.exp(x))
    if scale is Scale.PROBABILITY:
        p = 1.0 / (1.0 + math.exp(-x)) if x > -700.0 else math.exp(x)
        return _rounded(p) if p < 1.0 - 1e-9 else p
    return x


def _rounded(x: float) -> float:
    """Give back the number that was stated: what it loses on the way is in the last digits."""
    return float(f"{x:.12g}")
