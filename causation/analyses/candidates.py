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


@dataclass(frozen=True, eq=False)
class Candidate:
    """An inquiry in a case.

    `about` are the sources that it is about, `asks` who can bring it about; `outcomes` has labels
    by outcome and language, `likelihood`, (outcomes, Z), the probability of each under each route,
    reliability included. `once`: what is answered about one source answers it about the others.
    """

    id: str
    about: tuple[str, ...]
    label: Mapping[str, str]
    explanation: Mapping[str, str]
    asks: tuple[str, ...]
    outcomes: Mapping[str, Mapping[str, str]]
    likelihood: np.ndarray
    once: bool = False


def candidates(model: Model) -> Iterator[Candidate]:
    """Every inquiry that is open: those shipped, then the case's own."""
    filled = model.filled
    for inquiry in load_inquiries().values():
        found = [(s.name,) for s in filled.sources if s.kind in inquiry.about]
        for about in found if inquiry.about else [()]:
            if not _settled(filled, inquiry, about):
                yield _shipped(model, inquiry, about)
    yield from _own(model)


def _settled(filled: Filled, inquiry: Inquiry, about: tuple[str, ...]) -> bool:
    """Whether a finding answers it already, or what is stated of the victims or the source does."""
    for f in filled.all_findings:
        same = set(about) <= set(f.about) or (inquiry.once and f.inquiry == inquiry.id)
        known = f.template in inquiry.settled_by and f.template in load_templates()
        if same and f.bears_on is BearsOn.SOURCE and (known or f.inquiry == inquiry.id):
            return True
    stated = _STATED.get(inquiry.id)
    return stated is not None and any(stated(filled, name) for name in about)


def _users_known(filled: Filled, custodian: str) -> bool:
    """Whether it is known of every victim, or his account of it was what was published."""
    account = custodian == filled.account_of
    return bool(filled.groups) and all(
        custodian in g.users or (account and filled.shows(g.disclosed, "account_link"))
        for g in filled.groups
    )


def _incidents_known(filled: Filled, custodian: str) -> bool:
    return any(r.source == custodian and r.years > 0.0 for r in filled.security)


def _records_compared(filled: Filled, custodian: str) -> bool:
    return any(g.dates or any(custodian in r.of for r in g.records) for g in filled.groups)


_STATED: Mapping[str, Callable[[Filled, str], bool]] = {
    "membership_survey": _users_known,
    "incident_records": _incidents_known,
    "freshness_comparison": _records_compared,
}
"""What a case may state elsewhere: asking again would count it twice."""


def _shipped(model: Model, inquiry: Inquiry, about: tuple[str, ...]) -> Candidate:
    filled = model.filled
    kinds = {s.name: str(s.kind) for s in filled.sources}

    def chance(outcome: str, source: str) -> float:
        row = inquiry.probability["named" if source in about else kinds[source]]
        return _mean(row[outcome].value)

    names = {lang: "、".join(source_label(filled, s, lang) for s in about) for lang in LANGUAGES}
    return Candidate(
        inquiry.id,
        about,
        Fixed({lang: inquiry.label[lang].format(about=names[lang]) for lang in LANGUAGES}),
        inquiry.explanation,
        inquiry.asks,
        inquiry.outcomes,
        _table(model, tuple(inquiry.outcomes), chance, about, _mean(inquiry.reliability.value)),
        inquiry.once,
    )


def _own(model: Model) -> Iterator[Candidate]:
    """Inquiries that the case file states."""
    for stated in model.filled.case.inquiries:
        rows = stated.outcomes
        chance = _in(rows)
        yield Candidate(
            stated.id,
            stated.about,
            Fixed({lang: pick(stated.label or {}, lang, name=stated.id) for lang in LANGUAGES}),
            stated.note or EMPTY,
            (),
            Fixed({o: Fixed(dict.fromkeys(LANGUAGES, o.replace("_", " "))) for o in rows}),
            _table(model, tuple(rows), chance, stated.about, _mean(stated.reliability)),
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
