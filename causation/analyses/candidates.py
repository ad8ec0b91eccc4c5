"""Inquiries that are open in a case, each with the probability of its outcomes by route."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from causation.case.library import load_inquiries, load_templates
from causation.document.mappings import EMPTY, Fixed
from causation.document.stated import ends
from causation.document.terms import BearsOn
from causation.dossier.labels import LANGUAGES, pick, source_label
from causation.scales import Elicited, Scale

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from causation.case.filled import Filled
    from causation.case.library import Inquiry
    from causation.document.stated import Quantity
    from causation.evidence.base import Route
    from causation.model.structure import Model

__all__ = ["Candidate", "candidates"]

_SURVEY = "membership_survey"


@dataclass(frozen=True, eq=False)
class Candidate:
    """An inquiry in a case.

    Parameters
    ----------
    id : str
    about : tuple of str
        Sources that it is about.
    label, explanation : mapping of str to str
        By language.
    asks : tuple of str
        Who can bring it about.
    outcomes : mapping of str to mapping
        Labels by outcome and language.
    likelihood : ndarray, shape (outcomes, Z)
        Probability of each outcome under each route, reliability included.
    """

    id: str
    about: tuple[str, ...]
    label: Mapping[str, str]
    explanation: Mapping[str, str]
    asks: tuple[str, ...]
    outcomes: Mapping[str, Mapping[str, str]]
    likelihood: np.ndarray


def candidates(model: Model) -> Iterator[Candidate]:
    """Every inquiry that is open: those shipped, then the case's own."""
    filled = model.filled
    for inquiry in load_inquiries().values():
        for about in _subjects(filled, inquiry):
            if not _settled(filled, inquiry, about):
                yield _shipped(model, inquiry, about)
    yield from _own(model)


def _subjects(filled: Filled, inquiry: Inquiry) -> list[tuple[str, ...]]:
    """Sources that an inquiry may be about, each by itself; none where it is about none."""
    if not inquiry.about:
        return [()]
    return [(s.name,) for s in filled.sources if s.kind in inquiry.about]


def _settled(filled: Filled, inquiry: Inquiry, about: tuple[str, ...]) -> bool:
    """Whether a finding answers it already, or what is known of every victim does."""
    for f in filled.all_findings:
        same = set(about) <= set(f.about) and f.bears_on is BearsOn.SOURCE
        known = f.template in inquiry.settled_by and f.template in load_templates()
        if same and (known or f.inquiry == inquiry.id):
            return True
    if inquiry.id != _SURVEY:
        return False
    return bool(filled.groups) and all(s in g.users for g in filled.groups for s in about)


def _shipped(model: Model, inquiry: Inquiry, about: tuple[str, ...]) -> Candidate:
    filled = model.filled
    kinds = {s.name: str(s.kind) for s in filled.sources}

    def chance(outcome: str, source: str) -> float:
        row = inquiry.probability["named" if source in about else kinds[source]]
        return _mean(row[outcome].value)

    names = {lang: "、".join(source_label(filled, s, lang) for s in about) for lang in LANGUAGES}
    return Candidate(
        id=inquiry.id,
        about=about,
        label=Fixed({lang: inquiry.label[lang].format(about=names[lang]) for lang in LANGUAGES}),
        explanation=inquiry.explanation,
        asks=inquiry.asks,
        outcomes=inquiry.outcomes,
        likelihood=_table(
            model, tuple(inquiry.outcomes), chance, about, _mean(inquiry.reliability.value)
        ),
    )


def _own(model: Model) -> Iterator[Candidate]:
    """Inquiries that the case file states."""
    for stated in model.filled.case.inquiries:
        rows = stated.outcomes
        yield Candidate(
            id=stated.id,
            about=stated.about,
            label=Fixed(
                {lang: pick(stated.label or {}, lang, name=stated.id) for lang in LANGUAGES}
            ),
            explanation=stated.note or EMPTY,
            asks=(),
            outcomes=Fixed({o: Fixed(dict.fromkeys(LANGUAGES, o.replace("_", " "))) for o in rows}),
            likelihood=_table(
                model, tuple(rows), _in(rows), stated.about, _mean(stated.reliability)
            ),
        )


def _in(rows: Mapping[str, Mapping[str, Quantity]]) -> Callable[[str, str], float]:
    return lambda outcome, source: _mean(rows[outcome].get(source, 0.0))


def _mean(value: Quantity) -> float:
    return Elicited(*ends(value), Scale.PROBABILITY).mean()


def _table(
    model: Model,
    outcomes: tuple[str, ...],
    chance: Callable[[str, str], float],
    about: tuple[str, ...],
    reliability: float,
) -> np.ndarray:
    """Probability of each outcome under each route, shape (outcomes, Z).

    The value of the first source of a route that it is about, else of the entrance; an
    unreliable outcome is what any route would give.
    """
    chosen = [_telling(route, about) for route in model.routes]
    table = np.array([[chance(o, source) for source in chosen] for o in outcomes])
    any_route = table @ model.background
    result: np.ndarray = reliability * table + (1.0 - reliability) * any_route[:, None]
    return result


def _telling(route: Route, about: tuple[str, ...]) -> str:
    names = [s.name for s in route.sources]
    return next((s for s in names if s in about), names[0])
