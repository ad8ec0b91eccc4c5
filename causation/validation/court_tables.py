"""Tables of the bundled real cases beside what the courts decided, English and Chinese."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from causation.dossier.labels import word
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


_CHINESE = {
    "case": "案件", "prior set": "先验集", "outcome": "裁判结果", "verdict": "比较结果",
    "agree": "一致", "prior": "先验", "posterior": "后验", "held": "按上限计",
    "comparison value": "对照值", "outcomes": "类别", "yes": "是", "no": "否",
    "share, central 90% interval": "一致比例（中间90%区间）", "needed": "所需", "found": "所得",
    "not held": "不按上限计", "made of": "构成", "reading": "解读", "established": "认定",
    "not established": "未认定", "known to be so": "已知属实", "known not to be so": "已知不属实",
    "standing": "起诉资格", "pleading": "诉答阶段", "trial": "一审", "appeal": "二审",
    "burden: plaintiff": "原告举证", "burden: defendant": "被告举证",
    "decided on proof": "就证明作出的裁判", "standing or pleading": "起诉资格或诉答阶段",
    "source known otherwise": "来源另行已知", "binding": "须达到",
    "{} of {}": "{1}项中{0}项", "{:.2f} to {:.2f}": "{:.2f}至{:.2f}", "{} ({})": "{}（{}）",
    ", ": "，", "; ": "；",
}  # fmt: skip
"""Words of the tables by the English ones."""
TITLES = {
    "decisions": ("What was decided, and what the estimator says", "裁判与比较结果"),
    "agreement": ("How often they agree", "一致的次数"),
    "disagreements": (
        "Where they part under the set neutral, in log10 odds",
        "不一致之处（先验集“neutral”，以10为底的对数发生比）",
    ),
    "readings": ("The posterior under every reading", "各种解读下的后验概率"),
}
"""Titles of the tables, English and Chinese."""
NOTE = (
    (
        "Agree: the held probability, with likelihood ratios limited to the validated range, "
        "reaches the comparison value exactly where the party that had to prove won. A decision "
        "is not the truth, and the cases are no sample."
    ),
    (
        "“一致”指：以经验证的上限为限计算的概率，恰在负举证责任的一方胜诉时达到对照值。"
        "裁判结果不等于真实情况，所列案件也不是抽样。"
    ),
)
"""What is counted, English and Chinese."""


def tables(report: CourtReport, lang: str = "en") -> dict[str, Table]:
    """Return everything in tables, by name: see `TITLES`."""

    def say(text: str) -> str:
        return _CHINESE[text] if lang == "zh" else text

    def table(
        heads: Sequence[str], rows: Iterable[tuple[str, ...]], numbers: range, shared: int = 0
    ) -> Table:
        named = (_CHINESE.get(h, h) if lang == "zh" else h for h in heads)
        return Table(tuple(named), [*rows], numbers, shared)

    def outcome(d: Decision) -> str:
        if d.stage == "control":
            return say("known to be so" if d.established else "known not to be so")
        extra = [say(x) for x in (d.stage, d.burden and f"burden: {d.burden}") if x]
        won = say("established" if d.established else "not established")
        return say("{} ({})").format(won, say(", ").join(extra)) if extra else won

    def parts(d: Decision) -> str:
        return say("; ").join(f"{name[lang]} {x:+.2f}" for name, x in d.parts if abs(x) >= 0.005)

    def reading(r: ReadingRow) -> str:
        return (
            say("{} ({})").format(r.reading[lang], say("binding")) if r.binding else r.reading[lang]
        )

    sets = list(dict.fromkeys(d.prior_set for d in report.decisions))
    part = [d for d in report.decisions if d.prior_set == "neutral" and not d.agrees]
    return {
        "decisions": table(
            ("case", "outcome", "comparison value", "prior set", "prior", "posterior", "held",
             "agree", "verdict"),
            (
                (d.about, outcome(d), f"{d.threshold:.2f}", d.prior_set,
                 *(f"{p:.3f}" for p in (d.prior, d.probability, d.held)),
                 say("yes" if d.agrees else "no"), word(d.verdict.value, lang))
                for d in sorted(report.decisions, key=lambda d: (d.case, outcome(d), d.about))
            ),
            range(4, 7), 3,
        ),
        "agreement": table(
            ("prior set", "outcomes", "agree", "share, central 90% interval", "not held"),
            (
                (r.prior_set, say(r.what), say("{} of {}").format(r.agreed, r.decisions),
                 say("{:.2f} to {:.2f}").format(r.lo, r.hi), str(r.unlimited))
                for r in report.agreements
            ),
            range(2, 5),
        ),
        "disagreements": table(
            ("case", "outcome", "needed", "found", "made of"),
            (
                (d.about, outcome(d), *(
                    f"{_log10_odds(p) - _log10_odds(d.prior):+.2f}" for p in (d.threshold, d.held)
                 ), parts(d))
                for d in part
            ),
            range(2, 4),
        ),
        "readings": table(
            ("case", "reading", *sets),
            (
                (r.case, reading(r), *(
                    "–" if (p := r.probability.get(name)) is None else f"{p:.2f}" for name in sets
                 ))
                for r in report.readings
            ),
            range(2, 2 + len(sets)), 1,
        ),
    }  # fmt: skip


def _log10_odds(p: float) -> float:
    return float(np.log10(p / (1.0 - p)))
