"""The bundled real cases beside what the courts decided.

The prior sets and the encodings were written before any of these numbers was computed and are not
tuned to them; the tables show where the estimator and the courts agree, where they do not, and
what the difference is made of.

As a program: ``python -m causation.validation.real_cases PAGE`` renews the tables of a page that
stand between ``<!-- NAME -->`` and ``<!-- end of NAME -->``, and ``data/real_cases.yaml``.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import NamedTuple

import numpy as np
import yaml
from scipy.stats import beta

from causation.analyses.verdict import Verdict
from causation.case import Case, bundled_cases, bundled_prior_sets, load_case
from causation.case.ledger import labels
from causation.case.library import data_path
from causation.dossier.assessment import Assessment, assess
from causation.dossier.labels import word
from causation.errors import CaseError

__all__ = [
    "NOTE",
    "TITLES",
    "Agreement",
    "CourtReport",
    "Decision",
    "ReadingRow",
    "Table",
    "agreement",
    "as_markdown",
    "court_report",
    "tables",
]

MASS = 0.9
"""Mass of the interval of a share of agreements."""
_PROOF = ("trial", "appeal")
_KINDS = {
    "decided on proof": _PROOF,
    "standing or pleading": ("standing", "pleading"),
    "source known otherwise": ("control",),
}


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision beside one prior set.

    Parameters
    ----------
    victim : str or None
        Group that it is about; None is the first plaintiff.
    established : bool
        What was decided, or is known.
    prior, probability, held : float
        Of the proposition: before the evidence, after it, and after it with the likelihood ratio
        limited to the validated range. Of another victim than the first, held is the model's own.
    verdict : Verdict
        Of the case as a whole; of another victim by `held` alone.
    parts : tuple of (mapping of str to str, float)
        What each item of the evidence adds to the log10 odds (mean over orders), largest first.
    """

    case: str
    prior_set: str
    victim: str | None
    stage: str | None
    burden: str | None
    established: bool
    prior: float
    probability: float
    held: float
    threshold: float
    verdict: Verdict
    parts: tuple[tuple[Mapping[str, str], float], ...] = ()

    @property
    def about(self) -> str:
        """The case, and the victim where he is named."""
        return self.case if self.victim is None else f"{self.case}, {self.victim}"

    @property
    def agrees(self) -> bool:
        """Whether the party that had to prove reaches the standard exactly where it won."""
        return self.would_agree(self.held)

    def would_agree(self, probability: float) -> bool:
        """Whether it would with another probability in the place of the held one."""
        if self.burden == "defendant":
            return (1.0 - probability < self.threshold) == self.established
        return (probability >= self.threshold) == self.established

    @property
    def on_proof(self) -> bool:
        """Whether a court decided it after the evidence."""
        return self.stage in _PROOF


@dataclass(frozen=True, slots=True)
class ReadingRow:
    """A case under one reading (its label by language), by prior set; None where it cannot be."""

    case: str
    reading: Mapping[str, str]
    binding: bool
    probability: Mapping[str, float | None]


@dataclass(frozen=True, slots=True)
class Agreement:
    """How often the estimator says what was decided, of which decisions.

    ``unlimited``: how often it would with no limit on the likelihood ratio. ``lo``, ``hi``: central
    interval of the share, of mass `MASS` (Jeffreys), as if decisions were independent.
    """

    prior_set: str
    what: str
    agreed: int
    decisions: int
    unlimited: int
    lo: float
    hi: float


@dataclass(frozen=True, slots=True)
class CourtReport:
    """Everything about some cases and what was decided."""

    decisions: tuple[Decision, ...]
    readings: tuple[ReadingRow, ...]

    @property
    def agreements(self) -> tuple[Agreement, ...]:
        """Agreement by prior set: on proof, at an earlier stage, and with controls."""
        sets = dict.fromkeys(d.prior_set for d in self.decisions)
        found = []
        for name, (what, stages) in product(sets, _KINDS.items()):
            some = [d for d in self.decisions if d.prior_set == name and d.stage in stages]
            if some:
                free = sum(d.would_agree(d.probability) for d in some)
                agreed = sum(d.agrees for d in some)
                found.append(agreement(name, what, agreed, len(some), unlimited=free))
        return tuple(found)


def agreement(
    prior_set: str, what: str, agreed: int, decisions: int, *, unlimited: int = 0
) -> Agreement:
    """Count agreement with its interval.

    Examples
    --------
    >>> found = agreement("neutral", "all", 5, 10)
    >>> round(found.lo, 3), round(found.hi, 3)
    (0.262, 0.738)
    """
    tails = (0.5 - MASS / 2.0, 0.5 + MASS / 2.0)
    lo, hi = (float(beta.ppf(t, agreed + 0.5, decisions - agreed + 0.5)) for t in tails)
    return Agreement(prior_set, what, agreed, decisions, unlimited, lo, hi)


def court_report(
    cases: Iterable[str | Path | Case] | None = None, *, priors: Sequence[str] | None = None
) -> CourtReport:
    """Assess cases with a known outcome under prior sets and every reading.

    Parameters
    ----------
    cases : iterable of str, path or Case, optional
        Every bundled case by default.
    priors : sequence of str, optional
        Every bundled prior set by default.

    Raises
    ------
    CaseError
        If a case does not say what was decided.
    """
    decisions: list[Decision] = []
    readings: list[ReadingRow] = []
    for given in bundled_cases() if cases is None else cases:
        case = given if isinstance(given, Case) else load_case(given)
        if not case.court_found:
            raise CaseError(
                "no decision to compare with", file=case.file, path="court_found",
                found="nothing", allowed="court_found: {established: true or false, stage: ...}",
            )  # fmt: skip
        table: dict[tuple[str, str, bool], dict[str, float | None]] = {}
        for name in priors or bundled_prior_sets():
            a = assess(case, priors=name)
            decisions += _decisions(a, name)
            table.setdefault((*_AS_STATED, False), {})[name] = a.probability
            for v in a.variants:
                key = (v.label["en"], v.label["zh"], v.binding)
                table.setdefault(key, {})[name] = v.probability
            for key, p in _of_others(case, name):
                table.setdefault(key, {})[name] = p
        readings += [
            ReadingRow(case.id, {"en": en, "zh": zh}, binding, found)
            for (en, zh, binding), found in table.items()
        ]
    return CourtReport(tuple(decisions), tuple(readings))


def _decisions(a: Assessment, prior_set: str) -> Iterable[Decision]:
    first = next((g.id for g in a.filled.groups if g.first), None)
    rows = [(r.item.label, r.shapley) for r in a.contributions.rows]
    parts = tuple(sorted(rows, key=lambda row: -abs(row[1])))
    for found in a.case.court_found:
        p, held, verdict = a.probability, a.held.probability, a.verdict
        if found.victim not in {None, first}:
            p = held = _of_victim(a, str(found.victim))
            verdict = Verdict.NOT_ROBUSTLY if held >= a.threshold else Verdict.DOES_NOT_MEET
        yield Decision(
            a.case.id, prior_set, found.victim, found.stage, found.burden, found.established,
            a.prior_probability, p, held, a.threshold, verdict, parts,
        )  # fmt: skip


def _of_others(case: Case, prior_set: str) -> Iterable[tuple[tuple[str, str, bool], float]]:
    """Of another victim than the first on whom something was decided: the case's own readings."""
    for group in dict.fromkeys(d.victim for d in case.court_found if d.victim is not None):
        for name, variant in case.variants.items():
            a = assess(case.with_variant(name), priors=prior_set)
            if not next(g.first for g in a.filled.groups if g.id == group):
                label = labels(variant.label, name)
                key = (f"{group}: {label['en']}", f"{group}：{label['zh']}", False)
                yield key, _of_victim(a, group)


def _of_victim(a: Assessment, group: str) -> float:
    """Chance that a source of the proposition played a role for a victim of a group."""
    names = [[s.name in a.filled.proposition.sources for s in r.sources] for r in a.model.routes]
    first, second = (np.array([float(any(n[k : k + 1])) for n in names]) for k in (0, 1))
    return a.roles.parts[group].chance(a.answer.posterior[0], first, second)


# ---- tables


class Table(NamedTuple):
    """Headings, rows of cells, which columns are of numbers, and how many head a group of rows."""

    heads: tuple[str, ...]
    rows: list[tuple[str, ...]]
    numbers: range
    shared: int = 0


_AS_STATED = ("as the file states it", "按案件文件所载")
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


def as_markdown(report: CourtReport, lang: str = "en") -> dict[str, str]:
    """Return the tables as they stand in the documentation, by name."""
    found = {}
    for name, (heads, rows, numbers, _) in tables(report, lang).items():
        rule = ["---:" if i in numbers else "---" for i in range(len(heads))]
        found[name] = "".join(f"| {' | '.join(line)} |\n" for line in [heads, rule, *rows])
    return found


def _log10_odds(p: float) -> float:
    return float(np.log10(p / (1.0 - p)))


# ---- the page, and what a report says


def _renew(page: Path, report: CourtReport) -> None:
    text = page.read_text(encoding="utf-8")
    for name, table in as_markdown(report).items():
        pattern = rf"(<!-- {name} -->\n).*?(<!-- end of {name} -->)"
        text, found = re.subn(pattern, lambda m: m[1] + table + m[2], text, flags=re.DOTALL)  # noqa: B023
        if not found:
            raise SystemExit(f"{page}: no place for the table of {name}")
    page.write_text(text, encoding="utf-8")


def summary(report: CourtReport) -> dict[str, object]:
    """What `data/real_cases.yaml` keeps: agreement on proof under every prior set."""
    rows = [r for r in report.agreements if r.what == "decided on proof"]
    lost = {(d.case, d.victim, d.stage) for d in report.decisions
            if d.on_proof and not d.established}  # fmt: skip
    return {
        "cases": len({d.case for d in report.decisions}),
        "decisions": rows[0].decisions,
        "lost": len(lost),
        "mass": MASS,
        "agreement": {
            r.prior_set: {"agreed": r.agreed, "interval": [round(r.lo, 2), round(r.hi, 2)]}
            for r in rows
        },
    }


if __name__ == "__main__":
    whole = court_report()
    _renew(Path(sys.argv[1]), whole)
    data_path("real_cases.yaml").write_text(
        "# Written by `python -m causation.validation.real_cases docs/real-cases.md`.\n"
        + yaml.safe_dump(summary(whole), sort_keys=False),
        encoding="utf-8",
    )
