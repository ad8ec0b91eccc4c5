"""Plain input of the reference: numbers and facts, nothing of the package.

A number is a pair ``(centre, sd)`` on its own scale: logit for a probability, natural log for a
positive quantity. A date is a span of days ``(first, last)``, both included, as ordinal numbers.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date

import numpy as np

__all__ = [
    "CUSTODIAN",
    "INFERENCE",
    "LIBRARY",
    "RESIDUAL",
    "Case",
    "Certificate",
    "Finding",
    "KnownBy",
    "Num",
    "Record",
    "Security",
    "Span",
    "Victim",
    "as_listed",
    "chance",
    "day",
    "mean",
    "positive",
]

Num = tuple[float, float]
Span = tuple[float, float]

CUSTODIAN, LIBRARY, INFERENCE, RESIDUAL = "custodian", "leaked_library", "inference", "residual"
Z90 = 1.6448536


def chance(lo: float, hi: float | None = None) -> Num:
    """Logit-normal of a probability with this central 90 % interval (or this value)."""
    a, b = (math.log(p) - math.log1p(-p) for p in (lo, lo if hi is None else hi))
    return (a + b) / 2.0, (b - a) / (2.0 * Z90)


def positive(lo: float, hi: float | None = None) -> Num:
    """Lognormal of a positive quantity with this central 90 % interval (or this value)."""
    a, b = math.log(lo), math.log(lo if hi is None else hi)
    return (a + b) / 2.0, (b - a) / (2.0 * Z90)


def mean(number: Num) -> float:
    """Mean of a logit-normal, by the trapezoid rule."""
    z = np.linspace(-12.0, 12.0, 4001)
    w = np.exp(-0.5 * z * z)
    return float(np.sum(w / (1.0 + np.exp(-(number[0] + number[1] * z)))) / w.sum())


def day(text: str) -> Span:
    """Span of a day ``2021-11-03``, a month ``2021-11`` or a year ``2021``."""
    parts = [int(p) for p in text.split("-")]
    year = parts[0]
    first = date(year, *[*parts[1:], 1, 1][:2]).toordinal()
    if len(parts) == 3:
        return first, first
    if len(parts) == 2:
        nxt = date(year + parts[1] // 12, parts[1] % 12 + 1, 1)
    else:
        nxt = date(year + 1, 1, 1)
    return first, nxt.toordinal() - 1


@dataclass(frozen=True)
class KnownBy:
    """How a further victim came to be known: ``exposure``, ``attempt`` or ``list``."""

    how: str = "exposure"
    published_all: tuple[str, ...] = ()
    published_any: tuple[str, ...] = ()
    users_of: tuple[str, ...] = ()
    traits: tuple[str, ...] = ()


@dataclass(frozen=True)
class Record:
    """Published values against a register that the sources ``of`` share."""

    of: tuple[str, ...]
    agrees: tuple[str, ...] = ()
    differs: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Victim:
    """A group of ``count`` identical victims; a field in neither list is missing or redacted."""

    id: str
    count: int = 1
    plaintiff: bool = False
    published: tuple[str, ...] = ()
    silent: tuple[str, ...] = ()
    users: Mapping[str, bool] = field(default_factory=dict)
    traits: Mapping[str, float] = field(default_factory=dict)
    known_by: KnownBy = KnownBy()
    stated: bool = True
    linkage: float | None = None
    records: tuple[Record, ...] = ()
    dates: Mapping[str, tuple[Span | None, Span | None]] = field(default_factory=dict)
    posted: Span = (0.0, 0.0)


@dataclass(frozen=True)
class Finding:
    """A finding: ``P(observed)`` by source or by route, already a mean."""

    likelihood: Mapping[str, float]
    group: str
    about: tuple[str, ...] = ()
    reliability: float = 1.0
    overlap: float = 0.0
    count: int = 1
    repeats: float = 0.0


@dataclass(frozen=True)
class Certificate:
    """A certificate: hazard ratio (lognormal), half-life and currency of the class."""

    hazard: Num
    half_life: float = 1.0
    reference: float = 0.5
    age: float = 0.0
    expired: bool = False
    none: bool = False


@dataclass(frozen=True)
class Security:
    """Security record of a source: Gamma(shape, rate), incidents in years, detection."""

    shape: float
    rate: float
    detection: Num
    incidents: int = 0
    years: float = 0.0
    certificate: Certificate | None = None


@dataclass(frozen=True, eq=False)
class Case:
    """Everything that the number of the model depends on.

    ``weight`` is the centre of a source's own weight (custodian, residual) and ``kind_weight``
    that of a kind (library, inference), as the case has them; ``set_weight`` and ``set_chain``
    are the prior set's by kind, for the background. ``chain`` is by kind, ``pair`` by pair.
    The first victim is the first plaintiff.
    """

    sources: Mapping[str, str]
    weight: Mapping[str, float]
    kind_weight: Mapping[str, float]
    set_weight: Mapping[str, float]
    chain: Mapping[tuple[str, str], float]
    set_chain: Mapping[tuple[str, str], float]
    share: Mapping[tuple[str, str], Num]
    victims: tuple[Victim, ...] = ()
    pair: Mapping[tuple[str, str], float] = field(default_factory=dict)
    single: bool = False
    split: Mapping[str, float] = field(default_factory=dict)
    one_service: Mapping[str, str] = field(default_factory=dict)
    proposition: tuple[str, ...] = ()
    background: Mapping[str, float] | None = None
    share_not_user: Mapping[tuple[str, str], Num] = field(default_factory=dict)
    correlation: Mapping[str, float] = field(default_factory=dict)
    loading: Mapping[tuple[str, str], float] = field(default_factory=dict)
    misfit: Mapping[str, float] = field(default_factory=dict)
    odds_ratio: Mapping[tuple[str, str], float] = field(default_factory=dict)
    own: Mapping[str, float] = field(default_factory=dict)
    reach: Mapping[str, Num] = field(default_factory=dict)
    age: Mapping[str, Num] = field(default_factory=dict)
    vague_reach: Num = (0.0, 0.0)
    vague_age: Num = (0.0, 0.0)
    publishes: Num = (0.0, 0.0)
    traits: Mapping[str, Num] = field(default_factory=dict)
    users: Mapping[str, Num] = field(default_factory=dict)
    linkage: Num = (0.0, 0.0)
    agreement_own: Num = (0.0, 0.0)
    agreement: Mapping[str, Num] = field(default_factory=dict)
    implies: Mapping[str, frozenset[str]] = field(default_factory=dict)
    account_of: str | None = None
    findings: tuple[Finding, ...] = ()
    security: Mapping[str, Security] = field(default_factory=dict)

    def shows(self, v: Victim, f: str) -> bool:
        """Whether what was published of a victim shows a field, by itself or by another."""
        return any(f == g or f in self.implies.get(g, frozenset()) for g in v.published)


def as_listed(case: Case) -> Case:
    """The case under the second reading of victims whose ``known_by`` is not stated."""
    open_ = [v for v in case.victims[1:] if not v.stated]
    if not open_:
        return case
    users = set.intersection(*({c for c, m in v.users.items() if m} for v in open_))
    fields = set.intersection(*(set(v.published) for v in open_))
    known = KnownBy("list", tuple(sorted(fields)), users_of=tuple(sorted(users)))
    return replace(
        case,
        victims=tuple(
            replace(v, known_by=known) if i and not v.stated else v
            for i, v in enumerate(case.victims)
        ),
    )
