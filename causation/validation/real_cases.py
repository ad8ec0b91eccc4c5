"""The bundled real cases beside what the courts decided.

The prior sets and the encodings were written before any of these numbers was computed and are not
tuned to them; the tables show where the estimator and the courts agree, where they do not, and
what the difference is made of.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import numpy as np
from scipy.stats import beta

from causation.analyses.verdict import Verdict
from causation.case import Case, bundled_cases, bundled_prior_sets, load_case
from causation.case.ledger import labels
from causation.dossier.assessment import Assessment, assess
from causation.errors import CaseError

AS_STATED = ("as the file states it", "按案件文件所载")
"""How the file itself reads the facts."""
MASS = 0.9
"""Mass of the interval of a share of agreements."""
_PROOF = ("trial", "appeal")
_KINDS = {
    "on_proof": _PROOF,
    "early": ("standing", "pleading"),
    "control": ("control",),
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
            table.setdefault((*AS_STATED, False), {})[name] = a.probability
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
