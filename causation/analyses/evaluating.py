"""How analyses evaluate rows: by any function of a model and rows, each row once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, is_dataclass, replace
from functools import cached_property, partial
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np

from causation.document.numbers import Number
from causation.inference.evaluate import Answer, evaluate
from causation.inference.integrate import DRAFT, DRAWN, IntegratorSettings
from causation.inference.memo import Memo
from causation.model.structure import Model, Scenarios, concatenate

_KEPT = 48
"""More new rows than these are draws, which are not kept."""

type Evaluate = Callable[[Model, Scenarios], Answer]
"""From a model and rows to their answer."""

_COLUMNS = tuple(f.name for f in fields(Answer) if f.name != "model")


def draft(model: Model, scenarios: Scenarios) -> Answer:
    """Evaluate rows with the settings for what is drawn many times over."""
    return evaluate(model, scenarios, settings=DRAFT)


def take(answer: Answer, rows: Any) -> Answer:
    """Return some rows of an answer, without the draws behind it.

    Parameters
    ----------
    rows : sequence of int, slice or ndarray of bool
    """
    return Answer(answer.model, *(getattr(answer, name)[rows] for name in _COLUMNS))


def joined(answers: list[Answer]) -> Answer:
    """Return the rows of several answers of one model, in order."""
    columns = [[getattr(answer, name) for answer in answers] for name in _COLUMNS]
    return Answer(answers[0].model, *map(np.concatenate, columns))


class Once:
    """Evaluates every row once, however many analyses ask for it; draws are not kept.

    Rows with other numbers go together with the case as it is, first: the integrator takes its
    points from there.

    Parameters
    ----------
    inner : callable, optional
        Evaluates rows that are new, in place of the integrator with `settings`.
    known : Answer, optional
        Its first row answers for the case as it is, so that one number has one value.
    memo : Memo, optional
        What was found for the model of `known`.
    """

    def __init__(
        self,
        inner: Evaluate | None = None,
        *,
        settings: IntegratorSettings = DRAFT,
        known: Answer | None = None,
        memo: Memo | None = None,
    ) -> None:
        self.memos: defaultdict[Model, Memo] = defaultdict(partial(Memo, memo))
        self._inner = inner or partial(self._integrated, settings)
        drawn = replace(DRAWN, random_seed=settings.random_seed)
        self._drawn = inner or partial(self._integrated, drawn)
        self._known: dict[Model, dict[bytes, Answer]] = {}
        if known is not None:
            key = _keys(known.model.base())[0]
            self._known[known.model] = {key: take(known, slice(0, 1))}
            if memo is not None:
                self.memos[known.model] = memo

    def _integrated(self, settings: IntegratorSettings, model: Model, rows: Scenarios) -> Answer:
        return evaluate(model, rows, settings=settings, memo=self.memos[model])

    def __call__(self, model: Model, scenarios: Scenarios) -> Answer:
        """Evaluate the rows that are new; look up the others."""
        known = self._known.setdefault(model, {})
        keys = _keys(scenarios)
        if len(set(keys) - set(known)) > _KEPT:
            return self._draws(self._inner, model, scenarios, keys)
        new = {key: i for i, key in enumerate(keys) if key not in known}
        if new:
            self._add(model, scenarios.take(list(new.values())), known)
        return joined([known[key] for key in keys])

    def precise(self, model: Model, scenarios: Scenarios, settings: IntegratorSettings) -> Answer:
        """Evaluate rows with other settings, from the same proposals."""
        return evaluate(model, scenarios, settings=settings, memo=self.memos[model])

    def drawn(self, model: Model, scenarios: Scenarios) -> Answer:
        """Evaluate inputs that are drawn again, less precisely: their spread is far larger."""
        return self._draws(self._drawn, model, scenarios, _keys(scenarios))

    def _draws(
        self, inner: Evaluate, model: Model, scenarios: Scenarios, keys: Sequence[bytes]
    ) -> Answer:
        """Evaluate rows that nobody asks for again, those that are known as they are."""
        stated = self._known.get(model, {})
        known = {i: stated[k] for i, k in enumerate(keys) if k in stated}
        if len(known) == len(keys):
            return joined([known[i] for i in range(len(keys))])
        rows = np.arange(len(keys))
        if self._apart(model):
            rows = np.delete(rows, list(known))
        answer = inner(model, scenarios.take(rows))
        columns: dict[str, Any] = {}
        for name in _COLUMNS:
            found = getattr(answer, name)
            columns[name] = column = np.empty((len(keys), *found.shape[1:]), found.dtype)
            column[rows] = found
            for i, row in known.items():
                column[i] = getattr(row, name)[0]
        return replace(answer, **columns)

    def _apart(self, model: Model) -> bool:
        """Whether rows need not go together with the case as it is: proposals are kept."""
        return self.memos[model].host is not None

    def _add(self, model: Model, rows: Scenarios, known: dict[bytes, Answer]) -> None:
        base = model.base()
        base = base if rows.background is None else _with_background(model, base)
        together = not self._apart(model) and _moved(model, rows)
        whole = concatenate([base, rows]) if together else rows
        answer = self._inner(model, whole)
        for i, key in enumerate(_keys(whole)):
            known.setdefault(key, take(answer, slice(i, i + 1)))


class Together:
    """Evaluates several tables of rows of a model in one call, when the first is asked for."""

    def __init__(self, evaluate: Evaluate, model: Model, tables: Sequence[Scenarios]) -> None:
        self._evaluate, self._model, self._tables = evaluate, model, tables

    @cached_property
    def _answers(self) -> list[Answer]:
        whole, start = self._evaluate(self._model, concatenate(self._tables)), 0
        return [take(whole, slice(start, start := start + len(x))) for x in self._tables]

    def __call__(self, model: Model, rows: Scenarios) -> Answer:
        """Answer for one of the tables."""
        assert model is self._model  # noqa: S101 - they are its rows
        return self._answers[next(i for i, x in enumerate(self._tables) if x is rows)]


def _keys(rows: Scenarios) -> list[bytes]:
    """Return one key a row, equal where all numbers and items, and the background, are."""
    tables = [rows.center, rows.sd, rows.present]
    tables += [] if rows.background is None else [rows.background]
    return [b"".join(x.tobytes() for x in row) for row in zip(*tables, strict=True)]


def _moved(model: Model, rows: Scenarios) -> bool:
    base = model.base()
    return not (np.array_equal(rows.center, np.broadcast_to(base.center, rows.center.shape))
                and np.array_equal(rows.sd, np.broadcast_to(base.sd, rows.sd.shape)))  # fmt: skip


_NO_FACTS = {
    "case", "priors", "notices", "title", "standard_id", "threshold", "elicitation_sd", "single",
    "_numbers", "_read", "_labels", "all_groups", "all_findings", "all_security",
}  # fmt: skip
"""What two cases may differ in so that one is a row of the other's model."""


_FACTS: WeakKeyDictionary[Model, tuple[object, ...]] = WeakKeyDictionary()


def facts_of(model: Model) -> tuple[object, ...]:
    """Return all that a model is built of but the values of its numbers and the background."""
    if model not in _FACTS:
        _FACTS[model] = _facts_of(model)
    return _FACTS[model]


def _facts_of(model: Model) -> tuple[object, ...]:
    filled = model.filled
    facts = (getattr(filled, f.name) for f in fields(filled) if f.name not in _NO_FACTS)
    paths = tuple(n.path for n in model.numbers)
    return (model.route_names, model.items, paths, *map(_without_values, facts))


def _without_values(x: object) -> object:
    """Return the same with the path of every number in its place."""
    if isinstance(x, Number):
        return x.path
    if isinstance(x, tuple):
        return tuple(map(_without_values, x))
    if isinstance(x, Mapping):
        return {key: _without_values(value) for key, value in x.items()}
    if is_dataclass(x):
        return [_without_values(getattr(x, f.name)) for f in fields(x)]
    return x


def evaluate_together(asked: Sequence[tuple[Model, Scenarios]], evaluate: Evaluate) -> list[Answer]:
    """Evaluate rows of several models; those that differ in numbers alone in one call."""
    found: dict[int, Answer] = {}
    facts = [facts_of(model) for model, _ in asked]
    for i, (model, _) in enumerate(asked):
        if i in found:
            continue
        alike = [k for k in range(i, len(asked)) if facts[k] == facts[i]]
        parts = [_with_background(*asked[k]) if len(alike) > 1 else asked[k][1] for k in alike]
        whole, start = evaluate(model, concatenate(parts)), 0
        for k, part in zip(alike, parts, strict=True):
            rows = take(whole, slice(start, start := start + len(part)))
            found[k] = replace(rows, model=asked[k][0])
    return [found[k] for k in range(len(asked))]


def _with_background(model: Model, rows: Scenarios) -> Scenarios:
    return replace(rows, background=np.repeat(model.background[None], len(rows), axis=0))
