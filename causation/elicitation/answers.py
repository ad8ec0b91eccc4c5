"""Answers as people give them: persons of 100, an interval and a middle."""

from __future__ import annotations

import unicodedata

from causation.dossier.labels import speaker
from causation.errors import InputError

say = speaker("elicitation")
"""Says the texts of ``data/words/elicitation.yaml``, on a terminal and in a notebook."""


class WrongAnswerError(InputError):
    """An answer that cannot be taken; ``text`` says why in a language."""

    def __init__(self, key: str, **values: object) -> None:
        self._key, self._values = key, values
        super().__init__(self.text("en"))

    def text(self, lang: str) -> str:
        """Why not."""
        return say(self._key, lang, **self._values)


def share_of(text: str) -> float:
    """Share that a number of persons of 100 is.

    Raises
    ------
    WrongAnswerError
        If it is no number between 0 and 100.

    Examples
    --------
    >>> share_of("61"), share_of(" ０.2 % ")
    (0.61, 0.002)
    """
    written = unicodedata.normalize("NFKC", text).strip().rstrip("%").strip()
    try:
        number = float(written)
    except ValueError:
        raise WrongAnswerError("no_number", text=written[:40]) from None
    if not 0.0 < number < 100.0:
        raise WrongAnswerError("out_of_range")
    return float(f"{number / 100.0:.12g}")


def checked(lo: float, hi: float, median: float | None) -> tuple[float, float]:
    """Return the interval if it is one, and contains its own median.

    Raises
    ------
    WrongAnswerError
        If not.
    """
    if not lo < hi:
        raise WrongAnswerError("inverted", lo=persons(lo), hi=persons(hi))
    if median is not None and not lo <= median <= hi:
        raise WrongAnswerError(
            "outside", median=persons(median), lo=persons(lo), hi=persons(hi)
        )  # fmt: skip
    return lo, hi


def persons(share: float) -> str:
    """Persons of 100 as they are printed: three digits of what is rare, on either side.

    Examples
    --------
    >>> persons(0.61), persons(0.00212), persons(0.99977)
    ('61', '0.212', '99.977')
    """
    number = 100.0 * share
    if number <= 50.0:
        return f"{number:.3g}"
    rest = f"{100.0 - number:.3g}"
    places = len(rest.partition(".")[2]) if "e" not in rest else 12
    return f"{number:.{places}f}" if places else f"{number:.0f}"
