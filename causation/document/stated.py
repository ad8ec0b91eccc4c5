"""Numbers as documents state them: alone, or with what they rest on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from causation.document.numbers import Number
from causation.document.pooling import Normal
from causation.scales import Scale

ABOUT = ("basis", "source", "status", "n")
"""What may stand beside a number."""

type Value = float | tuple[float, float]
"""A single number or an interval."""

Status = Literal["V", "U", "S", "judgement"]
"""How well a source is supported: seen in public text, not verified, stated, or judgement."""


class Form:
    """What all forms answer, as one does that states a share with a relevance."""

    __slots__ = ()
    relevance: float

    @property
    def loose(self) -> bool:
        """Whether it does not tell how incidents differ: it moves the centre only."""
        raise NotImplementedError

    @property
    def needs_own(self) -> bool:
        """Whether it takes something from the prior set's number: where it is loose or weighed."""
        return self.relevance < 1.0 or self.loose

    def normal(self, scale: Scale, own: Normal | None = None) -> Normal:
        """Centre and sd on the scale; by itself where `own`, the prior set's, is None."""
        raise NotImplementedError

    def experts(self, scale: Scale) -> tuple[tuple[str, float], ...]:  # noqa: ARG002
        """Experts with how far each stands from the others."""
        return ()

    def written(self) -> dict[str, Any]:
        """As it stands in a document."""
        raise NotImplementedError

    def implied(self) -> dict[str, Any]:
        """Basis, source, status and n that go without saying."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Stated:
    """A number with what it rests on, as a document states it.

    Parameters
    ----------
    value : float or tuple of float
        The number or interval; where a form stands behind it, what that comes to by itself,
        without the prior set.
    basis, source : mapping of str to str or None
        Why this number, and what supports it, by language.
    status : str or None
        How well the source is supported.
    n : int or None
        How many observations stand behind it.
    form : Form or None
        Counts, experts or a row of a data set, where it is stated so.
    """

    value: Any
    basis: Mapping[str, str] | None = None
    source: Mapping[str, str] | None = None
    status: str | None = None
    n: int | None = None
    form: Form | None = None

    def written(self) -> dict[str, Any]:
        """Return it as it stands in a document."""
        form = {"value": self.value} if self.form is None else self.form.written()
        implied = {} if self.form is None else self.form.implied()
        rest = {key: getattr(self, key) for key in ABOUT}
        return form | {k: v for k, v in rest.items() if v is not None and v != implied.get(k)}


type Quantity = Value | Stated
"""What may stand where a number is asked for."""


def bare(quantity: Quantity) -> Value:
    """Return the number or interval without what it rests on."""
    value: Value = quantity.value if isinstance(quantity, Stated) else quantity
    return value


def ends(quantity: Quantity) -> tuple[float, float]:
    """Return the ends of an interval; a single number is both.

    Examples
    --------
    >>> ends((0.1, 0.5)), ends(0.3)
    ((0.1, 0.5), (0.3, 0.3))
    """
    value = bare(quantity)
    return value if isinstance(value, tuple) else (value, value)


def middle(probability: Quantity) -> float:
    """Return the centre of a probability's interval: the median.

    Examples
    --------
    >>> round(middle((0.1, 0.9)), 12), middle(0.3), middle(0.0)
    (0.5, 0.3, 0.0)
    """
    lo, hi = ends(probability)
    return lo if lo == hi else Number.of("", lo, hi, Scale.PROBABILITY).middle
