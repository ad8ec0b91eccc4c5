"""The numbers of a case: what it states wins, the rest comes from its prior set."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from causation.document.forms import normal_of
from causation.document.mappings import EMPTY, Fixed
from causation.document.numbers import JUDGEMENT, Number
from causation.document.stated import Stated
from causation.scales import Scale

if TYPE_CHECKING:
    from collections.abc import Mapping

    from causation.case.priors import PriorSet
    from causation.case.schema import Case
    from causation.document.stated import Quantity

_STATED: Mapping[str, str] = Fixed({"en": "stated in the case file", "zh": "案件文件所设定"})
"""Basis of a number that a case states without one."""
_POSITIVE = ("weight", "age", "odds_ratio", "shape", "rate", "hazard_ratio", "half_life")
_UNIT = ("share", "correlation", "misfit", "loadings", "overlap", "repeats", "reference")
_SCALES = dict.fromkeys(_POSITIVE, Scale.POSITIVE) | dict.fromkeys(_UNIT, Scale.UNIT)


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


def scale_of(key: str) -> Scale:
    """Return what kind of quantity stands under a key; a probability unless it is known better."""
    return _SCALES.get(key, Scale.PROBABILITY)


@lru_cache(maxsize=4096)
def _about(path: str) -> tuple[str, str, Scale]:
    """Return owner, sort and scale of a number (see `Number`) by its path."""
    match path.split(".", 3):
        case ["sources", owner, key, *_]:
            sort = key.removesuffix("_not_user")
        case ["findings", owner, sort, *_]:
            pass
        case ["security", owner, *_]:
            return owner, "security", scale_of(path.rpartition(".")[2])
        case ["victims", _, sort]:
            owner = "actor"
        case ["actor" as owner, sort, *_]:
            pass
        case ["agreement" as owner, *_]:
            sort = owner
        case ["ages", owner]:
            sort = "age"
        case [_, pair]:  # a chain is its entrance's
            owner, sort = pair.partition("/")[0], "chain"
    return owner, sort, scale_of(sort)


class Ledger:
    """Collects the numbers of a case by path; `read` has the paths that the model reads."""

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
        *,
        read: bool = True,
        needed: bool = True,
    ) -> None:
        """Make a number and enter it; nothing where there is none and none is needed."""
        if needed or stated is not None or entry is not None:
            self.enter(self.number(path, stated, entry), read=read)

    def number(
        self,
        path: str,
        stated: Quantity | None,
        entry: Stated | None,
        *,
        owner: str | None = None,
        origin: str | None = None,
    ) -> Number:
        """Make a number of what a case states at a path, else of an entry, without entering it.

        The entry is the prior set's or that of `origin`; `owner` is for a path that does not say
        whose number it is. That there is neither is a CaseError.
        """
        by_path, sort, scale = _about(path)
        own: Stated | None = None
        if stated is not None:
            words = stated if isinstance(stated, Stated) else Stated(stated)
            own, default, origin = entry, _STATED, "case"
            if entry is None and words.form is not None and words.form.needs_own:
                text = "the prior set has no number against which this could be weighed"
                allowed = "several incidents or a spread, and no relevance"
                raise self._case.fault(text, path, found="nothing", allowed=allowed)
        elif entry is not None:
            words, default, origin = entry, JUDGEMENT, origin or f"priors:{self.priors.name}"
        else:
            name = self.priors.name
            text = f"the prior set {name} has no number for this and the case states none"
            allowed = "a number in the case file or the prior set"
            raise self._case.fault(text, path, found="nothing", allowed=allowed)
        return Number(
            path,
            *_normal(words, scale, None if own is None else _normal(own, scale)),
            scale,
            origin=origin,
            basis=labels(words.basis) or default,
            source=labels(words.source) or None,
            status=words.status,
            n=words.n,
            owner=by_path if owner is None else owner,
            sort=sort,
            experts=() if words.form is None else words.form.experts(scale),
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


def _normal(
    words: Stated, scale: Scale, own: tuple[float, float] | None = None
) -> tuple[float, float]:
    """Centre and sd of what is stated, mixed with what the prior set has where it asks for it."""
    return normal_of(words.value, scale) if words.form is None else words.form.normal(scale, own)
