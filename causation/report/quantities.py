"""The numbers of a report: each has a key, a definition, a value, and one printed form."""

from __future__ import annotations

import math
from dataclasses import dataclass

from causation.report.document import Inline, Num, plain
from causation.report.language import Filling, Language
from causation.report.precision import (
    MOST_DECIMALS,
    Precision,
    decimals_of,
    fixed,
    percent,
    probability_decimals,
    ratio_text,
    stated,
)

__all__ = ["Quantity", "Registry"]

_LEAST_ERROR = 0.00001
"""Numerical errors below this are not told apart."""


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number of the report.

    Parameters
    ----------
    key : str
        Its name, such as ``posterior.platform``.
    definition : str
        What it is, in the language of the report.
    value : float, int, str or None
        As it was assessed; None for an infinity.
    text : str
        As it is printed.
    """

    key: str
    definition: str
    value: float | int | str | None
    text: str


class Registry:
    """Collects the numbers of one report while it is built.

    Parameters
    ----------
    language : Language
        With the definitions, by the first part of the key, and the number formats.
    precision : Precision
        The uncertainty from which digits follow.
    validated : float or None
        Largest log10 ratio that is printed in digits.
    """

    def __init__(
        self, language: Language, precision: Precision, *, validated: float | None = None
    ) -> None:
        self.language = language
        self.precision = precision
        self.validated = validated
        self.quantities: dict[str, Quantity] = {}

    def _add(
        self, key: str, value: float | str | None, text: str, names: dict[str, Filling]
    ) -> Num:
        known = self.quantities.get(key)
        if known is None:
            definition = self.language.plain(
                f"definitions.{key.split('.', maxsplit=1)[0]}", **names
            )
            known = Quantity(key, definition, value, text)
            self.quantities[key] = known
        elif known.text != text or known.value != value:
            raise ValueError(f"{key} is printed in two ways: {known.text!r}, {text!r}")
        return Num(key, known.text)

    def percent(
        self,
        key: str,
        p: float,
        *,
        error: float = 0.0,
        exact: bool = False,
        threshold: float | None = None,
        guard: int = 0,
        like: float | None = None,
        **names: Filling,
    ) -> tuple[Inline, ...]:
        """A probability in per cent.

        Parameters
        ----------
        error : float
            Its numerical standard error.
        exact : bool
            It is an assumption or a count, without uncertainty of its own.
        threshold : float, optional
            Standard of proof, on whose right side it has to stay.
        guard : int
            Guard digits, for what is compared.
        like : float, optional
            Another probability, whose decimals are used where they suffice.
        """
        uncertainty = 0.0 if exact else self.precision.probability(p, error)
        least = None
        if like is not None:
            own = self.precision.probability(like)
            least = probability_decimals(like, own, threshold=threshold) + guard
        decimals = probability_decimals(
            p, uncertainty, threshold=threshold, guard=guard, start=least
        )
        if exact:
            decimals = min(decimals, 3 if 0.001 <= p <= 0.999 else MOST_DECIMALS)
        edge = 10.0**-MOST_DECIMALS
        template = "format.percent"
        shown = p
        if not exact and 0.5 * edge > p > 0.0:
            template, shown, decimals = "format.percent_less", edge, MOST_DECIMALS
        elif not exact and p > 1.0 - 0.5 * edge:
            template, shown, decimals = "format.percent_more", 1.0 - edge, MOST_DECIMALS
        digits = percent(shown, decimals)
        if exact and "." in digits:
            digits = digits.rstrip("0").rstrip(".")
        text = self.language.raw(template).replace("%x", digits)
        return (self._add(key, p, text, names),)

    def bans(
        self, key: str, value: float, *, error: float = 0.0, guard: int = 0, **names: Filling
    ) -> tuple[Inline, ...]:
        """A log10 ratio, in bans."""
        if math.isinf(value):
            text = self.language.raw("format.infinite" if value > 0 else "format.minus_infinite")
            return (self._add(key, None, text, names),)
        decimals = decimals_of(value, self.precision.bans(error), guard=guard)
        return (self._add(key, value, fixed(value, max(decimals, 0)), names),)

    def ratio(
        self, key: str, log10_ratio: float, *, error: float = 0.0, **names: Filling
    ) -> tuple[Inline, ...]:
        """A ratio of 1 or more from its log10; beyond the validated range, a bound."""
        size = abs(log10_ratio)
        if self.validated is not None and size > self.validated:
            text = self.language.raw("format.more_than").replace("%x", f"10^{self.validated:g}")
        elif math.isinf(size):
            text = self.language.raw("format.infinite")
        else:
            separator = self.language.raw("format.thousands").replace("none", "")
            text = self.language.raw("format.about").replace(
                "%x", ratio_text(size, self.precision.bans(error), separator=separator)
            )
        value = log10_ratio if math.isfinite(log10_ratio) else None
        return (self._add(key, value, text, names),)

    def error(self, key: str, value: float, **names: Filling) -> tuple[Inline, ...]:
        """A numerical error; a bound where it is nothing but the rounding of the machine."""
        if math.isinf(value):
            return (self._add(key, None, self.language.raw("format.infinite"), names),)
        if value < _LEAST_ERROR:
            text = self.language.raw("format.less_than").replace("%x", stated(_LEAST_ERROR))
        else:
            text = fixed(value, max(decimals_of(value, value), 0))
        return (self._add(key, value, text, names),)

    def number(
        self, key: str, value: float, *, uncertainty: float = 0.0, guard: int = 0, **names: Filling
    ) -> tuple[Inline, ...]:
        """A computed number with an uncertainty of its own."""
        if math.isinf(value):
            return (self._add(key, None, self.language.raw("format.infinite"), names),)
        text = fixed(value, max(decimals_of(value, uncertainty, guard=guard), 0))
        return (self._add(key, value, text, names),)

    def stated(self, key: str, value: float, **names: Filling) -> tuple[Inline, ...]:
        """A number as it was stated, or a count."""
        return (self._add(key, value, stated(value), names),)

    def stated_percent(self, key: str, p: float, **names: Filling) -> tuple[Inline, ...]:
        """A stated probability in per cent, all its digits kept."""
        text = self.language.raw("format.percent").replace("%x", stated(round(100.0 * p, 10)))
        return (self._add(key, p, text, names),)

    def word(self, key: str, value: str, **names: Filling) -> tuple[Inline, ...]:
        """A digest, version or other name with digits."""
        return (self._add(key, value, value, names),)

    def definition(self, key: str) -> str:
        """Definition of a number."""
        return self.quantities[key].definition

    def text(self, content: tuple[Inline, ...]) -> str:
        """Plain text of what one of the methods returned."""
        return plain(content)
