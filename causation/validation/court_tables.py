"""Tables of the bundled real cases beside what the courts decided, English and Chinese."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from causation.dossier.labels import speaker, word
from causation.validation.real_cases import (
    CourtReport,
    Decision,
    ReadingRow,
)


class Table(NamedTuple):
    """Headings, rows of cells, which columns are of numbers, and how many head a group of rows."""

    heads: tuple[str, ...]
    rows: list[tuple[str, ...]]
    numbers: range
    shared: int = 0


say = speaker("courts")


def tables(report: CourtReport, lang: str = "en") -> dict[str, Table]:
    """Return everything in tables, by name, which is the key of the title in the words too."""

    def told(key: str, **values: object) -> str:
        return say(key, lang, **values)

    def outcome(d: Decision) -> str:
        if d.stage == "control":
            return told("known" if d.established else "not_known")
        extra = [told(x) for x in (d.stage, d.burden and f"burden_{d.burden}") if x]
        won = told("established" if d.established else "not_established")
        return told("with_more", won=won, more=told("comma").join(extra)) if extra else won

    def parts(d: Decision) -> str:
        shown = (f"{name[lang]} {x:+.2f}" for name, x in d.parts if abs(x) >= 0.005)
        return told("semicolon").join(shown)

    def reading(r: ReadingRow) -> str:
        name = r.reading[lang]
        return told("binding", name=name) if r.binding else name

    sets = list(dict.fromkeys(d.prior_set for d in report.decisions))
    part = [d for d in report.decisions if d.prior_set == "neutral" and not d.agrees]
    return {
        "decisions": Table(
            (*map(told, ("case", "outcome", "comparison", "prior_set", "prior", "posterior", "held",
             "agree", "verdict")),),
            [
                (d.about, outcome(d), f"{d.threshold:.2f}", d.prior_set,
                 *(f"{p:.3f}" for p in (d.prior, d.probability, d.held)),
                 told("yes" if d.agrees else "no"), word(d.verdict.value, lang))
                for d in sorted(report.decisions, key=lambda d: (d.case, outcome(d), d.about))
            ],
            range(4, 7), 3,
        ),
        "agreement": Table(
            (*map(told, ("prior_set", "outcomes", "agree", "share", "not_held")),),
            [
                (r.prior_set, told(r.what), told("count_of", k=r.agreed, n=r.decisions),
                 told("interval", lo=r.lo, hi=r.hi), str(r.unlimited))
                for r in report.agreements
            ],
            range(2, 5),
        ),
        "disagreements": Table(
            (*map(told, ("case", "outcome", "needed", "found", "made_of")),),
            [
                (d.about, outcome(d), *(
                    f"{_log10_odds(p) - _log10_odds(d.prior):+.2f}" for p in (d.threshold, d.held)
                 ), parts(d))
                for d in part
            ],
            range(2, 4),
        ),
        "readings": Table(
            (told("case"), told("reading"), *sets),
            [
                (r.case, reading(r), *(
                    "–" if (p := r.probability.get(name)) is None else f"{p:.2f}" for name in sets
                 ))
                for r in report.readings
            ],
            range(2, 2 + len(sets)), 1,
        ),
    }  # fmt: skip


def _log10_odds(p: float) -> float:
    return float(np.log10(p / (1.0 - p)))
