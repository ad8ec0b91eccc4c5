"""The numbers of a case: what it states wins, the rest comes from its prior set."""

from __future__ import annotations

from typing import TYPE_CHECKING

from causation.case.library import Entry
from causation.document.mappings import EMPTY, Fixed
from causation.document.numbers import JUDGEMENT, Number
from causation.document.stated import Stated, ends
from causation.errors import CaseError
from causation.scales import Scale

if TYPE_CHECKING:
    from collections.abc import Mapping

    from causation.case.priors import AnyEntry, PriorSet
    from causation.case.schema import Case
    from causation.document.stated import Quantity

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
        entry: AnyEntry | Entry | None,
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
        entry: AnyEntry | Entry | None,
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
            return _stated(path, stated, scale, owner=owner, sort=sort)
        if entry is not None:
            origin = origin or f"priors:{self.priors.id}"
            return _filled(path, entry, scale, owner=owner, sort=sort, origin=origin)
        raise CaseError(
            f"the prior set {self.priors.id} has no number for this and the case states none",
            file=self._case.file,
            line=self._case.line_at(tuple(path.split(".")[:2])),
            path=path,
            found="nothing",
            allowed="a number in the case file or the prior set",
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


def _stated(path: str, stated: Quantity, scale: Scale, *, owner: str, sort: str) -> Number:
    words = stated if isinstance(stated, Stated) else Stated(stated)
    return Number.of(
        path,
        *ends(stated),
        scale,
        origin="case",
        basis=labels(words.basis) or STATED,
        source=labels(words.source) or None,
        status=words.status,
        n=words.n,
        owner=owner,
        sort=sort,
    )


def _filled(
    path: str, entry: AnyEntry | Entry, scale: Scale, *, owner: str, sort: str, origin: str
) -> Number:
    return Number.of(
        path,
        *ends(entry.value),
        scale,
        origin=origin,
        basis=labels(entry.basis) or JUDGEMENT,
        source=labels(entry.source) or None,
        status=entry.status,
        n=entry.n,
        owner=owner,
        sort=sort,
    )
