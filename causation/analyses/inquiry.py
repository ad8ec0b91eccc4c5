"""Value of information: which further evidence would change the conclusion most.

Every candidate inquiry has outcomes with a probability under each route. Before it is made, its
worth is the expected information about the route (mutual information given the evidence so far),
the chance that the conclusion crosses the standard, and what each party may expect of it if that
party is right. What two outcomes together would do is looked at too: the pair that leaves least
of the proposition, and the pair that leaves most.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np

from causation.analyses.bound import held
from causation.analyses.candidates import Candidate, candidates
from causation.analyses.evaluating import take
from causation.analyses.given import model_of
from causation.analyses.information import divergence, expected_information
from causation.analyses.inquiry_rows import (
    InquiryOutcome,
    InquiryPair,
    InquiryResult,
    InquiryRow,
)
from causation.errors import ImpossibleEvidenceError
from causation.inference.evaluate import Answer, evaluate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from causation.analyses.evaluating import Evaluate
    from causation.analyses.given import Given

__all__ = ["InquiryOutcome", "InquiryPair", "InquiryResult", "InquiryRow", "inquire"]

BANS_PER_BIT = math.log10(2.0)


def inquire(
    case: Given,
    *,
    bound: float | None = None,
    evaluate: Evaluate = evaluate,
    **options: Any,
) -> InquiryResult:
    """Rank further inquiries by how much each may be expected to tell.

    Parameters
    ----------
    case : Model, Filled, Case, str or Path
    bound : float, optional
        Largest log10 likelihood ratio that the conclusion may rest on.
    evaluate : callable
    **options
        ``priors`` and ``standard`` in place of those of the case.

    Returns
    -------
    InquiryResult

    Raises
    ------
    ImpossibleEvidenceError
        If the evidence so far excludes every route.

    Examples
    --------
    >>> result = inquire("pang-2017")
    >>> result.rows[0].bits > result.rows[-1].bits
    True
    """
    model = model_of(case, **options)
    answer = take(evaluate(model, model.base()), [0])
    if np.isneginf(answer.log_prior + answer.log_evidence).all():
        raise ImpossibleEvidenceError("the evidence excludes every route")
    worth = _Worth(answer, bound)
    found = list(candidates(model))
    rows = sorted(map(worth.row, found), key=lambda row: (-row.bits, row.id, row.about or ""))
    pairs = worth.pairs(found)
    return InquiryResult(
        model.filled, worth.probability, model.filled.threshold, tuple(rows), *pairs
    )


class _Worth:
    """Inquiries given the evidence so far."""

    def __init__(self, answer: Answer, bound: float | None) -> None:
        self._answer, self._bound = answer, bound
        self._now = answer.posterior[0]
        self._threshold = answer.model.filled.threshold
        self.probability = float(self._after(np.ones((1, len(self._now))))[0][0])

    def _after(self, likelihood: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Probability of the proposition, and of the routes, after rows of outcomes."""
        answer = take(self._answer, [0] * len(likelihood))
        with np.errstate(divide="ignore", invalid="ignore"):
            found = replace(answer, log_evidence=answer.log_evidence + np.log(likelihood))
            return held(found, self._bound).probability, found.posterior

    def row(self, candidate: Candidate) -> InquiryRow:
        """What one inquiry is worth."""
        likelihood = candidate.likelihood
        chance = likelihood @ self._now
        possible = chance > 0.0
        after, posterior = (np.nan_to_num(x) for x in self._after(likelihood))
        met = after >= self._threshold
        crosses = met != (self.probability >= self._threshold)
        credit = self._answer.credit[0]
        for_it, against = self._given(likelihood, credit), self._given(likelihood, 1.0 - credit)
        names = self._answer.model.route_names
        outcomes = tuple(
            InquiryOutcome(
                id=name,
                label=label,
                chance=float(chance[o]),
                posterior=dict(zip(names, posterior[o].tolist(), strict=True)),
                probability=float(after[o]),
                meets_standard=bool(met[o]),
            )
            for o, (name, label) in enumerate(candidate.outcomes.items())
        )
        return InquiryRow(
            id=candidate.id,
            about="/".join(candidate.about) or None,
            label=candidate.label,
            explanation=candidate.explanation,
            asks=candidate.asks,
            bits=expected_information(self._now, likelihood),
            chance_of_crossing=float(chance[crosses].sum()),
            plaintiff_bans=divergence(for_it, against) * BANS_PER_BIT,
            defendant_bans=divergence(against, for_it) * BANS_PER_BIT,
            lowest=float(after[possible].min()),
            highest=float(after[possible].max()),
            outcomes=outcomes,
        )

    def _given(self, likelihood: np.ndarray, credit: np.ndarray) -> np.ndarray:
        """Probability of each outcome given the proposition, or given that it is false."""
        weight = self._now * np.clip(credit, 0.0, 1.0)
        total = float(weight.sum())
        share = weight / total if total > 0.0 else np.full(weight.size, 1.0 / weight.size)
        result: np.ndarray = likelihood @ share
        return result

    def pairs(self, found: Sequence[Candidate]) -> tuple[InquiryPair | None, InquiryPair | None]:
        """The two outcomes after which the proposition is least probable, and most."""
        places = [
            (_Part(a, i), _Part(b, j))
            for a, b in combinations(found, 2)
            for i in range(len(a.likelihood))
            for j in range(len(b.likelihood))
        ]
        both = [a.likelihood * b.likelihood for a, b in places]
        chance = [float(x @ self._now) for x in both]
        possible = [k for k, c in enumerate(chance) if c > 0.0]
        if not possible:
            return None, None
        after, posterior = self._after(np.array([both[k] for k in possible]))
        free = posterior @ self._answer.credit[0]  # tells ends apart that are held to one bound
        lowest, highest = (
            self._pair(places[possible[k]], chance[possible[k]], float(after[k]))
            for k in (int(free.argmin()), int(free.argmax()))
        )
        return lowest, highest

    def _pair(self, parts: tuple[_Part, _Part], chance: float, probability: float) -> InquiryPair:
        first, second = parts
        return InquiryPair(
            inquiries=(first.inquiry, second.inquiry),
            outcomes=(first.outcome, second.outcome),
            labels=(first.label, second.label),
            chance=chance,
            probability=probability,
            meets_standard=probability >= self._threshold,
        )


@dataclass(frozen=True, slots=True)
class _Part:
    """One outcome of an inquiry."""

    candidate: Candidate
    place: int

    @property
    def likelihood(self) -> np.ndarray:
        row: np.ndarray = self.candidate.likelihood[self.place]
        return row

    @property
    def inquiry(self) -> tuple[str, str | None]:
        return self.candidate.id, "/".join(self.candidate.about) or None

    @property
    def outcome(self) -> str:
        return list(self.candidate.outcomes)[self.place]

    @property
    def label(self) -> dict[str, str]:
        marks, outcome = {"en": ": ", "zh": "："}, self.candidate.outcomes[self.outcome]
        return {
            lang: self.candidate.label[lang] + mark + outcome[lang] for lang, mark in marks.items()
        }
