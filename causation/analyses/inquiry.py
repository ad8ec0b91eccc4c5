"""Value of information: which further evidence would change the conclusion most.

Every candidate inquiry has outcomes with a probability under each source. Before it is made,
its worth is the expected information about the source (mutual information given the evidence
so far), the chance that the conclusion crosses the standard, and what each party may expect
of it if that party is right.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from causation.analyses.information import divergence, expected_information
from causation.case import Case, data_path, load_case, resolve
from causation.case.checks import source_roles
from causation.case.library import load_templates
from causation.case.reading import read_document, read_file
from causation.case.resolved import BearsOn, ResolvedCase
from causation.dossier.labels import pick, source_label
from causation.errors import InputError
from causation.evidence.findings import finding_group_log_likelihood
from causation.inference.infer import infer
from causation.inference.integrate import IntegratorSettings
from causation.inference.posterior import Posterior
from causation.model.build import build_model

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "InquiryKind",
    "InquiryOutcome",
    "InquiryResult",
    "InquiryRow",
    "inquire",
    "load_inquiries",
]

BANS_PER_BIT = math.log10(2.0)
_LANGUAGES = ("en", "zh")
RANKINGS = ("bits", "chance_of_crossing", "plaintiff_bans", "defendant_bans")
"""What inquiries can be ranked by."""


@dataclass(frozen=True, slots=True)
class InquiryKind:
    """A kind of inquiry as it is shipped.

    Parameters
    ----------
    id : str
    label, explanation : dict of str to str
        By language; ``{about}`` stands for the source.
    about : tuple of str
        Roles of a source that it may be about.
    asks : tuple of str
        Who can bring it about: ``plaintiff``, ``defendant``, ``court``.
    settled_by : tuple of str
        Templates of findings after which it is no longer open.
    reliability : float
        Probability that the outcome is what it is said to be.
    outcomes : dict of str to dict
        Labels by outcome and language.
    probability : dict of str to dict
        Probability of each outcome by the role of the true source.
    basis : dict of str to str
        Basis of each row of `probability`.
    """

    id: str
    label: dict[str, str]
    explanation: dict[str, str]
    about: tuple[str, ...]
    asks: tuple[str, ...]
    settled_by: tuple[str, ...]
    reliability: float
    outcomes: dict[str, dict[str, str]]
    probability: dict[str, dict[str, float]]
    basis: dict[str, str]


@dataclass(frozen=True, slots=True)
class InquiryOutcome:
    """What follows from one outcome.

    Parameters
    ----------
    id : str
    label : dict of str to str
        By language.
    chance : float
        Probability of the outcome on the evidence so far.
    posterior : dict of str to float
        Probability of every source after it.
    probability : float
        Probability of the proposition after it.
    meets_standard : bool
    """

    id: str
    label: dict[str, str]
    chance: float
    posterior: dict[str, float]
    probability: float
    meets_standard: bool


@dataclass(frozen=True, slots=True)
class InquiryRow:
    """The worth of one inquiry.

    Parameters
    ----------
    id : str
    about : str or None
        The source that it is about.
    label, explanation : dict of str to str
        By language.
    asks : tuple of str
        Who can bring it about.
    bits : float
        Expected information about the source, in bits.
    chance_of_crossing : float
        Probability that the conclusion is another afterwards.
    plaintiff_bans, defendant_bans : float
        Expected weight of evidence (log10) for the plaintiff if the proposition is true, and
        for the defendant if it is not.
    lowest, highest : float
        Least and greatest probability of the proposition afterwards.
    outcomes : tuple of InquiryOutcome
    """

    id: str
    about: str | None
    label: dict[str, str]
    explanation: dict[str, str]
    asks: tuple[str, ...]
    bits: float
    chance_of_crossing: float
    plaintiff_bans: float
    defendant_bans: float
    lowest: float
    highest: float
    outcomes: tuple[InquiryOutcome, ...]


@dataclass(frozen=True, slots=True)
class InquiryResult:
    """Inquiries that are open in a case, ranked.

    Parameters
    ----------
    case : ResolvedCase
    probability, threshold : float
        Of the proposition as it stands, and the standard of proof.
    rows : tuple of InquiryRow
        Those with most expected information first.
    """

    case: ResolvedCase
    probability: float
    threshold: float
    rows: tuple[InquiryRow, ...]

    def by(self, ranking: str) -> tuple[InquiryRow, ...]:
        """The rows by another worth: `chance_of_crossing`, `plaintiff_bans`, `defendant_bans`."""
        if ranking not in RANKINGS:
            raise InputError(f"no ranking {ranking!r}; allowed: {', '.join(RANKINGS)}")
        return tuple(sorted(self.rows, key=lambda row: -float(getattr(row, ranking))))

    def to_dict(self) -> dict[str, Any]:
        """Plain Python data."""
        return {
            "case": self.case.id,
            "proposition": list(self.case.proposition),
            "probability": self.probability,
            "standard": {"id": self.case.standard_id, "threshold": self.threshold},
            "inquiries": [_row_dict(row) for row in self.rows],
        }

    def to_dataframe(self) -> pd.DataFrame:
        """One row for each inquiry."""
        import pandas as pd

        names = ("id", "about", *RANKINGS, "lowest", "highest")
        return pd.DataFrame([{n: getattr(row, n) for n in names} for row in self.rows])


def _row_dict(row: InquiryRow) -> dict[str, Any]:
    plain = {
        name: getattr(row, name)
        for name in ("id", "about", "label", "explanation", *RANKINGS, "lowest", "highest")
    }
    for name in ("plaintiff_bans", "defendant_bans"):  # infinite where an outcome is decisive
        plain[name] = plain[name] if math.isfinite(plain[name]) else None
    outcomes = [
        {
            name: getattr(outcome, name)
            for name in ("id", "label", "chance", "posterior", "probability", "meets_standard")
        }
        for outcome in row.outcomes
    ]
    return {**plain, "asks": list(row.asks), "outcomes": outcomes}


def inquire(
    case: Case | str | Path,
    *,
    priors: str | Path | None = None,
    standard: str | float | None = None,
    settings: IntegratorSettings | None = None,
) -> InquiryResult:
    """Rank further inquiries by how much each may be expected to tell.

    Parameters
    ----------
    case : Case, str or Path
    priors, standard
        In place of those of the case.
    settings : IntegratorSettings, optional

    Returns
    -------
    InquiryResult

    Examples
    --------
    >>> result = inquire("pang-2017")
    >>> result.rows[0].bits > result.rows[-1].bits
    True
    """
    loaded = case if isinstance(case, Case) else load_case(case)
    resolved = resolve(loaded, priors=priors, standard=standard)
    settings = settings or IntegratorSettings()
    posterior = infer(build_model(resolved), settings=settings, random_seed=settings.random_seed)
    candidates = [*_shipped(loaded, resolved), *_own(loaded, resolved)]
    rows = [_worth(c, resolved, posterior) for c in candidates]
    rows.sort(key=lambda row: (-row.bits, row.id, row.about or ""))
    return InquiryResult(
        resolved, posterior.proposition_probability, resolved.threshold, tuple(rows)
    )


@cache
def load_inquiries() -> dict[str, InquiryKind]:
    """Load the kinds of inquiry that are shipped, by id."""
    path = data_path("inquiries.yaml")
    rows = read_document(read_file(path), file=str(path)).tree["inquiries"]
    return {name: _kind(name, row) for name, row in rows.items()}


def _kind(name: str, row: dict[str, Any]) -> InquiryKind:
    outcomes = row["outcomes"]
    return InquiryKind(
        id=name,
        label=row["label"],
        explanation=row["explanation"],
        about=tuple(row["about"]),
        asks=tuple(row["asks"]),
        settled_by=tuple(row["settled_by"]),
        reliability=float(row["reliability"]["value"]),
        outcomes=outcomes,
        probability={
            role: {o: float(table[o]) for o in outcomes}
            for role, table in row["probability"].items()
        },
        basis={role: table["basis"] for role, table in row["probability"].items()},
    )


@dataclass(frozen=True, eq=False)
class _Candidate:
    """An inquiry in a case: probability of each outcome under each source, (outcomes, S)."""

    id: str
    about: str | None
    label: dict[str, str]
    explanation: dict[str, str]
    asks: tuple[str, ...]
    outcomes: dict[str, dict[str, str]]
    likelihood: np.ndarray
    reliability: float


def _shipped(case: Case, resolved: ResolvedCase) -> Iterator[_Candidate]:
    roles = source_roles(case)
    known = load_templates()
    settled = {
        (f.template, f.about)
        for f in case.findings
        if f.template in known and f.bears_on is BearsOn.SOURCE
    }
    for kind in load_inquiries().values():
        for about, role in roles.items():
            if role not in kind.about or any((t, about) in settled for t in kind.settled_by):
                continue
            if kind.id == "membership_survey" and _membership_known(resolved, about):
                continue
            rows = ["named" if s == about else roles[s] for s in roles]
            table = [[kind.probability[row][o] for row in rows] for o in kind.outcomes]
            names = {lang: source_label(resolved, about, lang) for lang in _LANGUAGES}
            yield _Candidate(
                id=kind.id,
                about=about,
                label={lang: kind.label[lang].format(about=names[lang]) for lang in _LANGUAGES},
                explanation=kind.explanation,
                asks=kind.asks,
                outcomes=kind.outcomes,
                likelihood=np.array(table),
                reliability=kind.reliability,
            )


def _membership_known(case: ResolvedCase, about: str) -> bool:
    """Whether it is known of every group if its victims are users of a source."""
    groups = [g for g in case.groups if g.bears_on is BearsOn.SOURCE]
    return bool(groups) and all(about in g.users_of for g in groups)


def _own(case: Case, resolved: ResolvedCase) -> Iterator[_Candidate]:
    """Inquiries that the case file states."""
    for inquiry in case.inquiries:
        table = [
            [row.get(s.name, 0.0) for s in resolved.sources] for row in inquiry.outcomes.values()
        ]
        yield _Candidate(
            id=inquiry.id,
            about=None,
            label={lang: pick(inquiry.label or {}, lang, name=inquiry.id) for lang in _LANGUAGES},
            explanation=inquiry.note or {},
            asks=(),
            outcomes={o: dict.fromkeys(_LANGUAGES, o.replace("_", " ")) for o in inquiry.outcomes},
            likelihood=np.array(table),
            reliability=inquiry.reliability,
        )


def _worth(candidate: _Candidate, case: ResolvedCase, posterior: Posterior) -> InquiryRow:
    with np.errstate(divide="ignore"):
        table = np.log(candidate.likelihood)
    likelihood = np.exp(
        finding_group_log_likelihood(
            table[:, None, :], candidate.reliability, 0.0, posterior.log_prior
        )
    )
    now = posterior.probability
    chance = likelihood @ now
    after = likelihood * now / np.where(chance > 0.0, chance, 1.0)[:, None]
    own = posterior.proposition
    probability = np.minimum(after[:, own].sum(axis=1), 1.0)
    met = probability >= case.threshold
    possible = chance > 0.0
    crosses = met != (posterior.proposition_probability >= case.threshold)
    for_it, against = _given(likelihood, now, own), _given(likelihood, now, ~own)
    outcomes = tuple(
        InquiryOutcome(
            id=name,
            label=label,
            chance=float(chance[o]),
            posterior=dict(zip(posterior.sources, after[o].tolist(), strict=True)),
            probability=float(probability[o]),
            meets_standard=bool(met[o]),
        )
        for o, (name, label) in enumerate(candidate.outcomes.items())
    )
    return InquiryRow(
        id=candidate.id,
        about=candidate.about,
        label=candidate.label,
        explanation=candidate.explanation,
        asks=candidate.asks,
        bits=expected_information(now, likelihood),
        chance_of_crossing=float(chance[crosses].sum()),
        plaintiff_bans=divergence(for_it, against) * BANS_PER_BIT,
        defendant_bans=divergence(against, for_it) * BANS_PER_BIT,
        lowest=float(probability[possible].min()),
        highest=float(probability[possible].max()),
        outcomes=outcomes,
    )


def _given(likelihood: np.ndarray, now: np.ndarray, sources: np.ndarray) -> np.ndarray:
    """Probability of each outcome given a union of sources."""
    weight = now[sources]
    total = weight.sum()
    share = weight / total if total > 0.0 else np.full(weight.size, 1.0 / weight.size)
    result: np.ndarray = likelihood[:, sources] @ share
    return result
