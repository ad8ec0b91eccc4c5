"""Rows of evidence: items that leave together, for tables that a reader can take in.

A victim group leaves whole; a trait, a membership or what was compared leaves for all groups
together; findings that may repeat each other leave together. Where there are many of one sort
they make up one row, which names its members.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from causation.document.mappings import Fixed
from causation.document.terms import Stage

if TYPE_CHECKING:
    from causation.evidence.base import Item
    from causation.model.structure import Model

MOST_ROWS = 20
"""More rows than this of one sort and stage are taken together."""

_ORDER = list(Stage)


@dataclass(frozen=True, slots=True)
class EvidenceRow:
    """Items of evidence that leave together, such as ``victims.others``, ``traits.anonymous``.

    `kind` is that of the evidence, ``series`` for a whole group of victims; `stage` the first at
    which one of them came forward; `items` their ids, `members` those of the rows that were taken
    together.
    """

    id: str
    kind: str
    stage: Stage
    label: Mapping[str, str]
    items: tuple[str, ...]
    members: tuple[str, ...] = ()


def evidence_rows(model: Model) -> tuple[EvidenceRow, ...]:
    """Return what the evidence consists of, in stage order, victims first; no item is in two rows.

    Whole groups of victims, traits, memberships, registers and dates over all groups, groups of
    findings, security records. Fields leave with their group.
    """
    sets: dict[str, list[Item]] = {}
    for item in model.items:
        if item.kind != "fields":
            sets.setdefault(_row_of(model, item), []).append(item)
    rows = [_row(name, items) for name, items in sets.items()]
    first = {f"victims.{g.id}" for g in model.filled.groups if g.first}
    ordered = _in_order(model, _pooled(rows, kept=first))
    return tuple(sorted(ordered, key=lambda r: (_ORDER.index(r.stage), r.kind != "series")))


def single_rows(model: Model) -> tuple[EvidenceRow, ...]:
    """Return every item by itself, in stage order; of a sort with many, like ones together."""
    single = [_row(item.id, [item]) for item in model.items]
    rows: list[EvidenceRow] = []
    for kind in dict.fromkeys(r.kind for r in single):
        mine = [r for r in single if r.kind == kind]
        if len(mine) > MOST_ROWS and kind not in {"series", "findings", "security"}:
            mine = _like(mine)
        rows += mine
    return _in_order(model, _pooled(rows, kept=set()))


def _row_of(model: Model, item: Item) -> str:
    if item.kind == "findings":
        name = item.id.removeprefix("findings.")
        return "findings." + next(f.group for f in model.filled.findings if f.id == name)
    if item.group is None or item.kind == "series":
        return item.id
    return item.id.removeprefix(f"victims.{item.group}.")


def _row(name: str, items: Sequence[Item]) -> EvidenceRow:
    return EvidenceRow(
        name,
        items[0].kind,
        min((Stage(item.stage) for item in items), key=_ORDER.index),
        _together(item.label for item in items),
        tuple(item.id for item in items),
    )


def _together(labels: Iterable[Mapping[str, str]]) -> Mapping[str, str]:
    """Return one label for several: those that differ, side by side.

    Examples
    --------
    >>> _together([{"en": "a", "zh": "甲"}, {"en": "b", "zh": "乙"}, {"en": "a", "zh": "甲"}])
    {'en': 'a; b', 'zh': '甲；乙'}
    """
    different = list({tuple(label.items()): label for label in labels}.values())
    marks = {"en": "; ", "zh": "；"}
    return Fixed(
        {
            lang: marks.get(lang, "; ").join(x.get(lang, "") for x in different)
            for lang in different[0]
        }
    )


def _like(rows: Sequence[EvidenceRow]) -> list[EvidenceRow]:
    """Take rows together that say the same of several groups."""
    sets: dict[str, list[EvidenceRow]] = {}
    for r in rows:
        sets.setdefault(".".join(r.id.split(".")[2:]), []).append(r)
    return [_merged(name, members) for name, members in sets.items()]


def _merged(name: str, rows: Sequence[EvidenceRow]) -> EvidenceRow:
    if len(rows) == 1:
        return rows[0]
    return EvidenceRow(
        name,
        rows[0].kind,
        min((r.stage for r in rows), key=_ORDER.index),
        _together(r.label for r in rows),
        tuple(item for r in rows for item in r.items),
        tuple(r.id for r in rows),
    )


def _pooled(rows: Sequence[EvidenceRow], *, kept: set[str]) -> list[EvidenceRow]:
    """Take rows of one sort and stage together where there are many."""
    sets: dict[tuple[str, Stage], list[EvidenceRow]] = {}
    for r in rows:
        sets.setdefault((r.kind, r.stage), []).append(r)
    found: list[EvidenceRow] = []
    for (kind, stage), mine in sets.items():
        free = [r for r in mine if r.id not in kept]
        if len(free) <= MOST_ROWS:
            found += mine
            continue
        found += [r for r in mine if r.id in kept]
        found.append(_merged(f"{kind}.all_{len(free)}_of_{stage.value}", free))
    return found


def _in_order(model: Model, rows: Sequence[EvidenceRow]) -> tuple[EvidenceRow, ...]:
    """Rows in stage order, those of one stage as the model has its items."""
    place = model.item_index
    return tuple(sorted(rows, key=lambda r: (_ORDER.index(r.stage), place[r.items[0]])))
