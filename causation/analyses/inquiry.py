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
from typing import TYPE_CHECKING, Any

import numpy as np

from causation.analyses.bound import held
from causation.analyses.candidates import Candidate, candidates
from causation.analyses.evaluating import take
from causation.analyses.information import divergence, expected_information
from causation.analyses.steady import possible
from causation.document.mappings import Fixed, thawed
from causation.inference.evaluate import Answer, evaluate
from causation.model.structure import build_model

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from causation.analyses.evaluating import Evaluate
    from causation.case.filled import Filled
    from causation.model.structure import Given

BANS_PER_BIT = math.log10(2.0)


@dataclass(frozen=True, slots=True)
class InquiryOutcome:
    """What one outcome would do.

    `chance` is its probability given the evidence so far, `posterior` that of every route after it,
    `probability` that of the proposition, and whether it `meets_standard` then.
    """

    id: str
    label: Mapping[str, str]
    chance: float
    posterior: Mapping[str, float]
    probability: float
    meets_standard: bool


@dataclass(frozen=True, slots=True)
class InquiryRow:
    """What an inquiry is worth before it is made.

    `about` has the sources that it is about, joined by ``/``; `asks` who can bring it about:
    ``plaintiff``, ``defendant``, ``court``. `bits` is the expected information about the route,
    `chance_of_crossing` the probability that the conclusion is another afterwards. `plaintiff_bans`
    and `defendant_bans` are the expected weight of evidence (log10) for the plaintiff if the
    proposition is true, and for the defendant if it is not; infinite where an outcome is decisive.
    `lowest` and `highest` bound the probability of the proposition afterwards.
    """

    id: str
    about: str | None
    label: Mapping[str, str]
    explanation: Mapping[str, str]
    asks: tuple[str, ...]
    bits: float
    chance_of_crossing: float
    plaintiff_bans: float
    defendant_bans: float
    lowest: float
    highest: float
    outcomes: tuple[InquiryOutcome, ...]


@dataclass(frozen=True, slots=True)
class InquiryPair:
    """Outcomes of two inquiries that come together.

    Each of the `inquiries` is its id and what it is about; `labels` has inquiry and outcome in
    words, `chance` the probability that both come about given the evidence so far, `probability`
    that of the proposition after both.
    """

    inquiries: tuple[tuple[str, str | None], tuple[str, str | None]]
    outcomes: tuple[str, str]
    labels: tuple[Mapping[str, str], Mapping[str, str]]
    chance: float
    probability: float
    meets_standard: bool


@dataclass(frozen=True, slots=True)
class InquiryResult:
    """Inquiries that are open in a case, those with most expected information first.

    `probability` is that of the proposition as it stands (held to the validated range if there is a
    bound), `threshold` the standard; the pairs are the two outcomes after which the proposition is
    least and most probable.
    """

    filled: Filled
    probability: float
    threshold: float
    rows: tuple[InquiryRow, ...]
    lowest_pair: InquiryPair | None
    highest_pair: InquiryPair | None

    @property
    def adverse_pair(self) -> InquiryPair | None:
        """The two outcomes that go furthest against the comparison as it stands."""
        met = self.probability >= self.threshold
        return self.lowest_pair if met else self.highest_pair

    @property
    def reversal(self) -> str:
        """What would reverse the comparison: ``one`` outcome, ``two`` together, or ``none``."""
        met = self.probability >= self.threshold
        if any(o.meets_standard != met for row in self.rows for o in row.outcomes if o.chance):
            return "one"
        pair = self.adverse_pair
        return "two" if pair is not None and pair.meets_standard != met else "none"

    @property
    def sentence(self) -> Mapping[str, str]:
        """What would reverse the comparison, as a sentence, by language."""
        pair = self.adverse_pair
        labels = [{"en": "", "zh": ""}] * 2 if pair is None else list(pair.labels)
        return Fixed(
            {
                lang: text.format(*(label.get(lang, "") for label in labels))
                for lang, text in _REVERSAL[self.reversal].items()
            }
        )

    def to_dict(self) -> dict[str, Any]:
        """Plain Python data."""
        return {
            "case": self.filled.case.id,
            "proposition": list(self.filled.proposition.sources),
            "probability": self.probability,
            "standard": {"id": self.filled.standard_id, "threshold": self.threshold},
            "reversal": self.reversal,
            "sentence": dict(self.sentence),
            "inquiries": thawed(self.rows),
            "lowest_pair": thawed(self.lowest_pair),
            "highest_pair": thawed(self.highest_pair),
        }


_REVERSAL = {
    "one": {
        "en": "A single outcome of an inquiry can take the probability to the other side of the "
        "comparison value.",
        "zh": "单项调取结果即可使该概率越过对照值。",
    },
    "two": {
        "en": "No single outcome takes the probability to the other side of the comparison value; "
        "two together do: {}; {}.",
        "zh": "任何单项调取结果均不足以使该概率越过对照值；下列两项结果同时出现则可以：{}；{}。",
    },
    "none": {
        "en": "No outcome of an inquiry, and no two together, take the probability to the other "
        "side of the comparison value.",
        "zh": "任何单项调取结果，以及任何两项结果同时出现，均不足以使该概率越过对照值。",
    },
}


def inquire(
    case: Given,
    *,
    bound: float | None = None,
    evaluate: Evaluate = evaluate,
    **options: Any,
) -> InquiryResult:
    """Rank further inquiries by how much each may be expected to tell.

    Every outcome can be entered: ``case.with_outcome(id, outcome, about=...)``.

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
    model = build_model(case, **options)
    answer = possible(take(evaluate(model, model.base()), [0]))
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
                name,
                label,
                float(chance[o]),
                dict(zip(names, posterior[o].tolist(), strict=True)),
                float(after[o]),
                bool(met[o]),
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
        """The two outcomes after which the proposition is least probable, and most.

        One person who names a source does not name another: of an inquiry that is made once, two
        outcomes never come together.
        """
        ends: dict[int, tuple[float, InquiryPair]] = {}
        for k, a in enumerate(found):
            others = [b for b in found[k + 1 :] if not (a.once and a.id == b.id)]
            places = [(b, j) for b in others for j in range(len(b.likelihood))]
            for i, one in enumerate(a.likelihood):
                both = np.array([one * b.likelihood[j] for b, j in places]).reshape(-1, one.size)
                chance = both @ self._now
                possible = np.flatnonzero(chance > 0.0)
                if not possible.size:
                    continue
                after, posterior = self._after(both[possible])
                # tells ends apart that are held to one bound
                free = posterior @ self._answer.credit[0]
                for sign, m in ((1, int(free.argmin())), (-1, int(free.argmax()))):
                    at = sign * float(free[m])
                    if sign not in ends or at < ends[sign][0]:
                        other, n = places[possible[m]], possible[m]
                        pair = self._pair(((a, i), other), float(chance[n]), float(after[m]))
                        ends[sign] = at, pair
        low, high = (ends[sign][1] if sign in ends else None for sign in (1, -1))
        return low, high

    def _pair(
        self, parts: Sequence[tuple[Candidate, int]], chance: float, probability: float
    ) -> InquiryPair:
        first, second = parts
        return InquiryPair(
            inquiries=(_asked(first[0]), _asked(second[0])),
            outcomes=(list(first[0].outcomes)[first[1]], list(second[0].outcomes)[second[1]]),
            labels=(_said(*first), _said(*second)),
            chance=chance,
            probability=probability,
            meets_standard=probability >= self._threshold,
        )


def _asked(candidate: Candidate) -> tuple[str, str | None]:
    return candidate.id, "/".join(candidate.about) or None


def _said(candidate: Candidate, place: int) -> dict[str, str]:
    outcome = list(candidate.outcomes.values())[place]
    asks = candidate.label["en"].endswith("?")
    marks = {"en": " " if asks else ": ", "zh": "："}
    return {lang: candidate.label[lang] + mark + outcome[lang] for lang, mark in marks.items()}
