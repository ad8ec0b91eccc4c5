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
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

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
    "Agreement",
    "CourtReport",
    "Decision",
    "ReadingRow",
    "agreement",
    "as_markdown",
    "court_report",
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
    case, prior_set : str
    victim : str or None
        Group that it is about; None is the first plaintiff.
    stage, burden : str or None
    established : bool
        What was decided, or is known.
    prior, probability, held : float
        Of the proposition: before the evidence, after it, and after it with the likelihood ratio
        limited to the validated range. Of another victim than the first, held is the model's own.
    threshold : float
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
    def agrees(self) -> bool:
        """Whether the party that had to prove reaches the standard exactly where it won."""
        if self.burden == "defendant":
            return (1.0 - self.held < self.threshold) == self.established
        return (self.held >= self.threshold) == self.established

    @property
    def on_proof(self) -> bool:
        """Whether a court decided it after the evidence."""
        return self.stage in _PROOF


@dataclass(frozen=True, slots=True)
class ReadingRow:
    """A case under one reading, by prior set; None where it cannot be built.

    ``reading`` is its label by language.
    """

    case: str
    reading: Mapping[str, str]
    binding: bool
    probability: Mapping[str, float | None]


@dataclass(frozen=True, slots=True)
class Agreement:
    """How often the estimator says what was decided.

    Parameters
    ----------
    prior_set, what : str
    agreed, decisions : int
    lo, hi : float
        Central interval of the share, of mass `MASS` (Jeffreys); as if decisions were independent.
    """

    prior_set: str
    what: str
    agreed: int
    decisions: int
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
        for name in sets:
            mine = [d for d in self.decisions if d.prior_set == name]
            for what, stages in _KINDS.items():
                some = [d.agrees for d in mine if d.stage in stages]
                if some:
                    found.append(agreement(name, what, sum(some), len(some)))
        return tuple(found)


def agreement(prior_set: str, what: str, agreed: int, decisions: int) -> Agreement:
    """Count agreement with its interval.

    Examples
    --------
    >>> found = agreement("neutral", "all", 5, 10)
    >>> round(found.lo, 3), round(found.hi, 3)
    (0.262, 0.738)
    """
    tails = (0.5 - MASS / 2.0, 0.5 + MASS / 2.0)
    lo, hi = (float(beta.ppf(t, agreed + 0.5, decisions - agreed + 0.5)) for t in tails)
    return Agreement(prior_set, what, agreed, decisions, lo, hi)


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


_AS_STATED = ("as the file states it", "按案件文件所载")
_WORDS = {
    "case": "案件", "prior set": "先验集", "outcome": "裁判结果", "verdict": "比较结果",
    "agree": "一致", "prior": "先验", "posterior": "后验", "held": "按上限计",
    "comparison value": "对照值", "outcomes": "类别", "yes": "是", "no": "否",
    "share, central 90% interval": "一致比例（中间90%区间）", "needed": "所需", "found": "所得",
    "made of": "构成", "reading": "解读", "established": "认定", "not established": "未认定",
    "known to be so": "已知属实", "known not to be so": "已知不属实", "standing": "起诉资格",
    "pleading": "诉答阶段", "trial": "一审", "appeal": "二审",
    "burden: plaintiff": "原告举证", "burden: defendant": "被告举证",
    "decided on proof": "就证明作出的裁判", "standing or pleading": "起诉资格或诉答阶段",
    "source known otherwise": "来源另行已知", "binding": "须达到", "of": "／", "to": "至",
}  # fmt: skip
"""Chinese words of the tables by the English ones."""


def as_markdown(report: CourtReport, lang: str = "en") -> dict[str, str]:
    """Return the tables as Markdown, by name, as they stand in the documentation.

    Parameters
    ----------
    report : CourtReport
    lang : str
        ``en`` or ``zh``.
    """

    def say(text: str) -> str:
        return _WORDS[text] if lang == "zh" else text

    return {
        "decisions": _decision_table(report.decisions, say),
        "agreement": _agreement_table(report.agreements, say),
        "disagreements": _disagreements(report.decisions, say, lang),
        "readings": _reading_table(report.readings, say, lang),
    }


type _Say = Callable[[str], str]


def _table(heads: Iterable[str], rows: Iterable[Sequence[str]], left: int) -> str:
    heads = list(heads)
    rule = ["---"] * left + ["---:"] * (len(heads) - left)
    return "".join(f"| {' | '.join(line)} |\n" for line in [heads, rule, *rows])


def _outcome(d: Decision, say: _Say) -> str:
    if d.stage == "control":
        return say("known to be so" if d.established else "known not to be so")
    extra = [say(x) for x in (d.stage, d.burden and f"burden: {d.burden}") if x]
    won = say("established" if d.established else "not established")
    return f"{won} ({', '.join(extra)})" if extra else won


def _name(d: Decision) -> str:
    return d.case if d.victim is None else f"{d.case}, {d.victim}"


def _decision_table(decisions: Sequence[Decision], say: _Say) -> str:
    heads = ("case", "prior set", "outcome", "verdict", "agree", "prior", "posterior", "held",
             "comparison value")  # fmt: skip
    lang = "en" if say("yes") == "yes" else "zh"
    rows = [
        (
            _name(d), d.prior_set, _outcome(d, say), word(d.verdict.value, lang),
            say("yes" if d.agrees else "no"), f"{d.prior:.3f}", f"{d.probability:.3f}",
            f"{d.held:.3f}", f"{d.threshold:.2f}",
        )
        for d in decisions
    ]  # fmt: skip
    return _table(map(say, heads), rows, 5)


def _agreement_table(rows: Sequence[Agreement], say: _Say) -> str:
    heads = ("prior set", "outcomes", "agree", "share, central 90% interval")
    lines = [
        (r.prior_set, say(r.what), f"{r.agreed} {say('of')} {r.decisions}",
         f"{r.lo:.2f} {say('to')} {r.hi:.2f}")
        for r in rows
    ]  # fmt: skip
    return _table(map(say, heads), lines, 2)


def _disagreements(decisions: Sequence[Decision], say: _Say, lang: str) -> str:
    """Where the neutral set and a decision part: log10 odds needed, found, and of what."""
    rows = [
        (
            _name(d), _outcome(d, say), f"{_log10_odds(d.threshold) - _log10_odds(d.prior):+.2f}",
            f"{_log10_odds(d.held) - _log10_odds(d.prior):+.2f}",
            "; ".join(f"{label[lang]} {x:+.2f}" for label, x in d.parts if abs(x) >= 0.005),
        )
        for d in decisions
        if not d.agrees and d.prior_set == "neutral"
    ]  # fmt: skip
    return _table(map(say, ("case", "outcome", "needed", "found", "made of")), rows, 2)


def _log10_odds(p: float) -> float:
    return float(np.log10(p / (1.0 - p)))


def _reading_table(rows: Sequence[ReadingRow], say: _Say, lang: str) -> str:
    sets = list(dict.fromkeys(name for row in rows for name in row.probability))
    lines = []
    for row in rows:
        values = (row.probability.get(name) for name in sets)
        cells = ["–" if p is None else f"{p:.2f}" for p in values]
        binding = f" ({say('binding')})" if row.binding else ""
        lines.append((row.case, row.reading[lang] + binding, *cells))
    return _table([say("case"), say("reading"), *sets], lines, 2)


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
