"""The numbers of a case: what it states wins, the rest comes from its prior set."""

from __future__ import annotations

from typing import TYPE_CHECKING

from causation.document.forms import normal_of
from causation.document.mappings import EMPTY, Fixed
from causation.document.numbers import JUDGEMENT, Number
from causation.document.stated import Stated
from causation.errors import CaseError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from causation.case.priors import PriorSet
    from causation.case.schema import Case
    from causation.document.stated import Quantity
    from causation.scales import Scale

__all__ = ["Ledger", "labels"]

STATED: Mapping[str, str] = Fixed({"en": "stated in the case file", "zh": "案件文件所设定"})
"""Basis of a number that a case states without one."""


def labels(text: Mapping[str, str] | None, default: str = "") -> Mapping[str, str]:
    """Return a text in every language; a language that is missing borrows the other.

    Examples
    --------
    >>> labels({"en": "shop"}), labels(None, "shop")
    ({'en': 'shop', 'zh': 'shop'}, {'en': 'shop', 'zh': 'shop'})
    """
    if not text:
        return Fixed({"en": default, "zh": default}) if default else EMPTY
    if len(text) > 1 and isinstance(text, Fixed):
        return text
    some = next(iter(text.values()))
    return Fixed({language: text.get(language, some) for language in ("en", "zh")})


class Ledger:
    """Collects numbers by path, those that the model reads apart from those it could read.

    Parameters
    ----------
    case : Case
        Whose numbers they are, for messages.
    priors : PriorSet
        The prior set that fills what the case leaves out.
    """

    def __init__(self, case: Case, priors: PriorSet) -> None:
        self._case = case
        self.priors = priors
        self.numbers: dict[str, Number] = {}
        self.read: list[str] = []

    def add(
        self,
        path: str,
        stated: Quantity | None,
        entry: Stated | None,
        scale: Scale,
        *,
        owner: str,
        sort: str,
        read: bool = True,
        needed: bool = True,
    ) -> Number | None:
        """Enter a number; None where there is none and none is needed.

        Parameters
        ----------
        path : str
            Where a case file states it.
        stated, entry : optional
            What the case states, and what the prior set has.
        scale : Scale
            What kind of quantity it is.
        owner, sort : str
            See `causation.document.numbers.Number`.
        read : bool
            Whether the model reads it.
        needed : bool
            Whether it is an error if there is none.

        Raises
        ------
        CaseError
            If there is none and one is needed.
        """
        if stated is None and entry is None and not needed:
            return None
        number = self.number(path, stated, entry, scale, owner=owner, sort=sort)
        return self.enter(number, read=read)

    def number(
        self,
        path: str,
        stated: Quantity | None,
        entry: Stated | None,
        scale: Scale,
        *,
        owner: str,
        sort: str,
        origin: str | None = None,
    ) -> Number:
        """Make a number from what is stated, else from an entry, without entering it.

        Parameters
        ----------
        origin : str, optional
            Where the entry comes from, the prior set by default.

        Raises
        ------
        CaseError
            If there is neither.
        """
        if stated is not None:
            words = stated if isinstance(stated, Stated) else Stated(stated)
            if entry is None and words.form is not None and words.form.needs_own:
                raise self._missing(
                    path, "the prior set has no number against which this could be weighed",
                    "several incidents or a spread, and no relevance",
                )  # fmt: skip
            return _number(path, words, scale, entry, STATED, origin="case", owner=owner, sort=sort)
        if entry is not None:
            origin = origin or f"priors:{self.priors.name}"
            return _number(path, entry, scale, None, JUDGEMENT,
                           origin=origin, owner=owner, sort=sort)  # fmt: skip
        set_ = self.priors.name
        raise self._missing(
            path, f"the prior set {set_} has no number for this and the case states none",
            "a number in the case file or the prior set",
        )  # fmt: skip

    def _missing(self, path: str, text: str, allowed: str) -> CaseError:
        return CaseError(
            text,
            file=self._case.file,
            line=self._case.line_at(tuple(path.split(".")[:2])),
            path=path,
            found="nothing",
            allowed=allowed,
        )

    def enter(self, number: Number, *, read: bool = True) -> Number:
        """Enter a number that is made already."""
        if number.path not in self.numbers and read:
            self.read.append(number.path)
        self.numbers[number.path] = number
        return number

    def also(self, path: str, number: Number) -> None:
        """Let a second path lead to a number."""
        self.numbers.setdefault(path, number)


def _number(
    path: str,
    words: Stated,
    scale: Scale,
    own: Stated | None,
    default: Mapping[str, str],
    **about: str,
) -> Number:
    """Make a number of what is stated, mixed with what the prior set has where it asks for it."""
    if words.form is None:
        center, sd = normal_of(words.value, scale)
    else:
        center, sd = words.form.normal(scale, None if own is None else _normal(own, scale))
    return Number(
        path,
        center,
        sd,
        scale,
        basis=labels(words.basis) or default,
        source=labels(words.source) or None,
        status=words.status,
        n=words.n,
        experts=() if words.form is None else words.form.experts(scale),
        **about,
    )  # fmt: skip


def _normal(entry: Stated, scale: Scale) -> tuple[float, float]:
    return normal_of(entry.value, scale) if entry.form is None else entry.form.normal(scale)
