"""The numbers of a report: each has a key, a definition, a value, and one printed form.

Digits are those of `causation.dossier.digits`; the report adds no rule of its own.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from causation.dossier import digits
from causation.dossier.wording import shown_value
from causation.report.document import Inline, Num
from causation.report.language import Filling, Language


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
        As it was assessed, held where it is printed held; None for an infinity.
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
        With the definitions, by the first part of the key.
    bound : float or None
        Largest log10 ratio that the validation supports: ratios and their weights in bans are
        held to it. None where nothing limits them.
    threshold : float
        Comparison value of the case: no probability is rounded across it.
    """

    def __init__(self, language: Language, bound: float | None, *, threshold: float) -> None:
        self.language = language
        self.threshold = threshold
        self.bound = float("inf") if bound is None else bound
        self.quantities: dict[str, Quantity] = {}

    def _add(
        self, key: str, value: float | str | None, text: str, names: dict[str, Filling]
    ) -> tuple[Inline, ...]:
        if isinstance(value, float) and not math.isfinite(value):
            value = None
        known = self.quantities.get(key)
        if known is None:
            definition = self.language.plain(
                f"definitions.{key.split('.', maxsplit=1)[0]}", **names
            )
            known = Quantity(key, definition, value, text)
            self.quantities[key] = known
        elif known.text != text or known.value != value:
            raise ValueError(f"{key} is printed in two ways: {known.text!r}, {text!r}")
        return (Num(key, known.text),)

    def _set(self, text: str) -> str:
        """Digits as this language sets them: the sign of per cent at its number, a true minus."""
        text = text.replace(" %", self.language.raw("format.percent"))
        return text.replace("-", "−") if text.startswith("-") else text

    def percent(self, key: str, p: float, **names: Filling) -> tuple[Inline, ...]:
        """A probability in per cent."""
        return self._add(key, p, self._set(digits.percent(p, self.threshold)), names)

    def given(self, key: str, p: float, **names: Filling) -> tuple[Inline, ...]:
        """A probability as it was stated: a comparison value, a share."""
        return self._add(key, p, self._set(digits.stated(p)), names)

    def at_most(self, key: str, value: float, **names: Filling) -> tuple[Inline, ...]:
        """A quantity up to which something holds, rounded so that the print meets it too."""
        return self._add(key, value, self._set(digits.at_most(value)), names)

    def from_on(self, key: str, value: float, **names: Filling) -> tuple[Inline, ...]:
        """A quantity from which on something holds, rounded so that the print meets it too."""
        return self._add(key, value, self._set(digits.at_least(value)), names)

    def at_least(self, key: str, p: float, **names: Filling) -> tuple[Inline, ...]:
        """A probability from which on something holds, rounded so that the print meets it too."""
        return self._add(key, p, self._set(digits.percent_at_least(p)), names)

    def bans(self, key: str, value: float, **names: Filling) -> tuple[Inline, ...]:
        """A weight of evidence in the model's odds, in bans."""
        return self._add(key, value, self._set(digits.bans(value)), names)

    def held_bans(self, key: str, value: float, **names: Filling) -> tuple[Inline, ...]:
        """A log10 likelihood ratio, held to the validated range."""
        if math.isnan(value) or abs(value) <= self.bound:
            return self.bans(key, value, **names)
        held = math.copysign(self.bound, value)
        text = self.language.raw("format.beyond").replace("%x", self._set(digits.bans(held)))
        return self._add(key, held, text, names)

    def ratio(self, key: str, log10: float, **names: Filling) -> tuple[Inline, ...]:
        """A likelihood ratio, held to the validated range; its value is its log10."""
        text = digits.ratio(log10, self.bound, self.language.name)
        held = log10 if math.isnan(log10) else max(-self.bound, min(self.bound, log10))
        return self._add(key, held, text, names)

    def size(self, key: str, value: float, **names: Filling) -> tuple[Inline, ...]:
        """A computed number that is neither a probability nor a ratio, to two figures."""
        text = self.language.raw("format.infinite")
        if math.isfinite(value):
            text = self._set(("-" if value < 0 else "") + digits.two_figures(abs(value)))
        return self._add(key, value, text, names)

    def stated(self, key: str, value: float, **names: Filling) -> tuple[Inline, ...]:
        """A number as it was stated, or a count."""
        return self._add(key, value, self._set(_whole(value)), names)

    def printed(self, key: str, text: str, **names: Filling) -> tuple[Inline, ...]:
        """A number as it was printed elsewhere."""
        return self._add(key, text, self._set(text), names)

    def word(self, key: str, value: str, **names: Filling) -> tuple[Inline, ...]:
        """A digest, version or other name with digits."""
        return self._add(key, value, value, names)


def _whole(value: float) -> str:
    """A stated number, without what the way to its own scale and back has added."""
    return shown_value(float(f"{value:.12g}"))
