"""The forms in which a number may be stated, besides an interval.

Counts by incident, a pooled count, several experts with a pool, a row of a data set. Each comes to
a normal distribution on the scale of the quantity, by itself or mixed with the prior set's number.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Literal

from causation.document.counted import all_or_nothing, mixed, next_incident, share_center
from causation.document.mappings import Fixed
from causation.document.numbers import natural
from causation.document.pooling import Normal, Pool, apart, pooled
from causation.document.shipped import load_table, said
from causation.document.stated import Form, Stated, Value, ends
from causation.scales import Z90, Elicited, Scale

ALL_OR_NOTHING: Literal["all_or_nothing"] = "all_or_nothing"
"""Spread of a share that is 0 or 1 in each incident."""
type Loose = tuple[float, float | None]
"""A centre and its sd; None where the spread over incidents is not known."""


@lru_cache(maxsize=4096)
def normal_of(value: Value, scale: Scale) -> Normal:
    """Centre and sd of an interval or single number on its scale."""
    if scale not in (Scale.PROBABILITY, Scale.POSITIVE):
        return ends(value)[0], 0.0
    stated = Elicited(*ends(value), scale)
    return stated.center, stated.sd


def interval(normal: Normal, scale: Scale) -> Value:
    """The interval of a normal distribution on the scale; a single number where its sd is 0."""
    m, sd = normal
    if sd == 0.0:
        return natural(m, scale)
    return natural(m - Z90 * sd, scale), natural(m + Z90 * sd, scale)


def _against(own: Normal | None, data: Loose, relevance: float) -> Normal:
    if own is None:
        return data[0], data[1] or 0.0
    return mixed(own, data, relevance)


@dataclass(frozen=True, slots=True)
class Counts(Form):
    """Counts k of n by incident; see `causation.document.counted.next_incident`."""

    counts: tuple[tuple[int, int], ...]
    relevance: float = 1.0

    @property
    def loose(self) -> bool:
        """One incident tells nothing about how they differ."""
        return len(self.counts) == 1

    def normal(self, scale: Scale, own: Normal | None = None) -> Normal:  # noqa: ARG002
        """Interval of the next incident."""
        if len(self.counts) == 1:
            return _against(own, (share_center(*self.counts[0]), None), self.relevance)
        return _against(own, next_incident(self.counts), self.relevance)

    def written(self) -> dict[str, Any]:
        """As it stands in a document."""
        return {"counts": [list(pair) for pair in self.counts], **_relevance(self.relevance)}

    def implied(self) -> dict[str, Any]:
        """Say what was counted."""
        listed = [*(f"{k}/{n}" for k, n in self.counts[:8]), *(("…",) if self.counts[8:] else ())]
        text = said("numbers", "counts", n=len(self.counts), listed=", ".join(listed))
        return {"basis": _weighed(text, self.relevance), "n": sum(n for _, n in self.counts)}


@dataclass(frozen=True, slots=True)
class Count(Form):
    """A count k of n over incidents, with or without their spread."""

    count: int
    of: int
    spread: tuple[float, float] | Literal["all_or_nothing"] | None = None
    relevance: float = 1.0

    @property
    def loose(self) -> bool:
        """Without a spread it moves the centre only."""
        return self.spread is None

    def normal(self, scale: Scale, own: Normal | None = None) -> Normal:
        """Centre by the count, sd by the spread."""
        return _against(own, self._data(scale), self.relevance)

    def _data(self, scale: Scale) -> Loose:
        center = share_center(self.count, self.of)
        if self.spread is None:
            return center, None
        if isinstance(self.spread, str):
            return all_or_nothing(natural(center, Scale.PROBABILITY))
        return center, normal_of(self.spread, scale)[1]

    def written(self) -> dict[str, Any]:
        """As it stands in a document."""
        spread = {} if self.spread is None else {"spread": self.spread}
        return {"count": self.count, "of": self.of, **spread, **_relevance(self.relevance)}

    def implied(self) -> dict[str, Any]:
        """Say what was counted."""
        text = said("numbers", "count", count=self.count, of=self.of)
        return {"basis": _weighed(text, self.relevance), "n": self.of}


def _relevance(relevance: float) -> dict[str, float]:
    return {} if relevance == 1.0 else {"relevance": relevance}


def _weighed(text: Fixed[str, str], relevance: float) -> Fixed[str, str]:
    if relevance == 1.0:
        return text
    return said("numbers", "weighed", text=text, relevance=f"{relevance:g}")


@dataclass(frozen=True, slots=True)
class Expert:
    """What one expert said: an interval, and where it was asked the middle and the reasons."""

    name: str
    value: Value
    median: float | None = None
    rationale: Mapping[str, str] | None = None

    def written(self) -> dict[str, Any]:
        """As it stands in a document."""
        rest = {"median": self.median, "rationale": self.rationale}
        stated = {"name": self.name, "value": self.value}
        return stated | {k: v for k, v in rest.items() if v is not None}


@dataclass(frozen=True, slots=True)
class Panel(Form):
    """Several experts and their pool; what they agreed on afterwards, if anything, is taken."""

    members: tuple[Expert, ...]
    pool: Pool = "linear"
    weights: tuple[float, ...] | None = None
    group: Expert | None = None

    @property
    def loose(self) -> bool:
        """Experts say how wide they are."""
        return False

    @property
    def needs_own(self) -> bool:
        """They are not weighed against the prior set."""
        return False

    def shares(self) -> tuple[float, ...]:
        """Weights of the experts, which add up to 1."""
        if self.weights is None:
            return (1.0 / len(self.members),) * len(self.members)
        return tuple(w / sum(self.weights) for w in self.weights)

    def parts(self, scale: Scale) -> tuple[Normal, ...]:
        """What every expert said, on the scale."""
        return tuple(normal_of(member.value, scale) for member in self.members)

    def normal(self, scale: Scale, own: Normal | None = None) -> Normal:  # noqa: ARG002
        """The group's judgement, else the pool."""
        if self.group is not None:
            return normal_of(self.group.value, scale)
        intervals = scale in (Scale.PROBABILITY, Scale.POSITIVE)
        return pooled(self.parts(scale), self.shares(), self.pool if intervals else "quantile")

    def experts(self, scale: Scale) -> tuple[tuple[str, float], ...]:
        """How far each stands from the others."""
        if len(self.members) == 1 or scale not in (Scale.PROBABILITY, Scale.POSITIVE):
            return ()
        names = [member.name for member in self.members]
        return tuple(zip(names, apart(self.parts(scale), self.shares()), strict=True))

    def written(self) -> dict[str, Any]:
        """As it stands in a document."""
        tree: dict[str, Any] = {"experts": [member.written() for member in self.members]}
        if self.pool != "linear":
            tree["pool"] = self.pool
        if self.weights is not None:
            tree["weights"] = list(self.weights)
        if self.group is not None:
            tree["group"] = {k: v for k, v in self.group.written().items() if k != "name"}
        return tree

    def implied(self) -> dict[str, Any]:
        """Say who was asked and how the answers were put together."""
        names = [member.name for member in self.members]
        how = "group" if self.group is not None else "alone" if len(names) == 1 else self.pool
        listed = {"en": ", ".join(names), "zh": "、".join(names)}
        return {"basis": said("numbers", how, names=listed), "status": "judgement"}


@dataclass(frozen=True, slots=True)
class Row(Form):
    """A row of a data set that ships; `exact` where a single number is asked for."""

    data: str
    stated: Stated
    relevance: float = 1.0
    exact: bool = False

    @property
    def loose(self) -> bool:
        """As the row's own form; a single number tells nothing about the spread."""
        if self.stated.form is not None:
            return self.stated.form.loose
        return not self.exact and not isinstance(self.stated.value, tuple)

    def normal(self, scale: Scale, own: Normal | None = None) -> Normal:
        """As the row's own form."""
        form = self.stated.form
        if isinstance(form, Count | Counts):
            return replace(form, relevance=self.relevance).normal(scale, own)
        m, sd = normal_of(self.stated.value, scale)
        if scale not in (Scale.PROBABILITY, Scale.POSITIVE):
            return m, 0.0
        return _against(own, (m, sd or None), self.relevance)

    def written(self) -> dict[str, Any]:
        """As it stands in a document."""
        return {"data": self.data, **_relevance(self.relevance)}

    def implied(self) -> dict[str, Any]:
        """Basis, source and mark of the row and of its table."""
        name, _, key = self.data.partition(".")
        table = load_table(name)
        row = table.rows[key]
        form = self.stated.form
        count: str | Fixed[str, str] = ""
        if isinstance(form, Count):
            count = said("numbers", "of", count=form.count, of=form.of)
        label, title = row["label"], table.title
        text = said("numbers", "data", label=label, count=count, title=title, row=key)
        return {
            "basis": _weighed(text, self.relevance),
            "source": row.get("source", table.source),
            "status": table.status,
            "n": self.stated.n,
        }
