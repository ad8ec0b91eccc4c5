"""Whether a comparison depends on the randomisation of the integrals.

Near a level with which a probability is compared, the integration repeats with new
randomisations until the answer lies clearly on one side of it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from causation.analyses.bound import held
from causation.analyses.evaluating import joined, take
from causation.errors import ImpossibleEvidenceError
from causation.inference.evaluate import Answer, evaluate
from causation.inference.integrate import IntegratorSettings
from causation.inference.memo import Memo
from causation.model.structure import Model, Scenarios

NEAR = 0.05
"""Distance from a level within which the integration repeats."""
MANY = 12
"""Rows up to which all of those are repeated that lie near; of more those that are not clear."""
CLEAR = 4.0
"""Standard errors that the probability has to lie off the level."""
MOST = 8
"""Randomisations at the most."""
EXACT = 1e-4
"""Standard error of the probability below which one randomisation is like another."""

type Seeded = Callable[[Model, Scenarios, IntegratorSettings], Answer]


def possible(answer: Answer) -> Answer:
    """Return an answer.

    Raises
    ------
    ImpossibleEvidenceError
        If no route is possible on its first row.
    """
    if np.isneginf(answer.log_prior[0] + answer.log_evidence[0]).all():
        raise ImpossibleEvidenceError("the evidence excludes every route")
    return answer


def _evaluate(model: Model, scenarios: Scenarios, settings: IntegratorSettings) -> Answer:
    return evaluate(model, scenarios, settings=settings)


@dataclass(frozen=True)
class Steady:
    """Evaluates rows, again and again those that lie near one of some levels.

    `levels` are probabilities with which the held probability is compared; `inner` goes from a
    model, rows and settings to an answer.
    """

    levels: Sequence[float]
    bound: float | None = None
    settings: IntegratorSettings = field(default_factory=IntegratorSettings)
    inner: Seeded = _evaluate

    @classmethod
    def answer(
        cls,
        model: Model,
        bound: float | None,
        settings: IntegratorSettings,
        memo: Memo,
        *,
        first: Answer | None = None,
    ) -> Answer:
        """Answer for a case as it is, compared with its standard and with one half.

        Raises
        ------
        ImpossibleEvidenceError
            If no route is possible.
        """

        def inner(model: Model, rows: Scenarios, settings: IntegratorSettings) -> Answer:
            return possible(evaluate(model, rows, settings=settings, memo=memo))

        steady = cls((model.filled.threshold, 0.5), bound, settings, inner)
        return steady(model, model.base(), first=None if first is None else possible(first))

    def __call__(
        self, model: Model, scenarios: Scenarios, *, first: Answer | None = None
    ) -> Answer:
        """Evaluate rows until no comparison hangs on the randomisation; `first` is known."""
        first = first or self.inner(model, scenarios, self.settings)
        rows = [take(first, slice(i, i + 1)) for i in range(len(scenarios))]
        found = [[row] for row in rows]
        for repeat in range(1, MOST):
            once = repeat == 1 and len(rows) <= MANY
            todo = [i for i, row in enumerate(rows) if self._open(row, near=once)]
            if not todo:
                break
            settings = replace(self.settings, random_seed=self.settings.random_seed + repeat)
            again = self.inner(model, scenarios.take(todo), settings)
            for place, i in enumerate(todo):
                found[i].append(take(again, slice(place, place + 1)))
                rows[i] = pooled(found[i])
        return joined(rows)

    def _open(self, row: Answer, *, near: bool) -> bool:
        """Whether the comparison of a row with some level may still hang on the randomisation."""
        probability = float(held(row, self.bound).probability[0])
        error = float(row.probability_error[0])
        distance = min(abs(probability - level) for level in self.levels)
        if distance <= CLEAR * error:
            return error > 0.0
        return near and error > EXACT and distance <= NEAR


def pooled(answers: Sequence[Answer]) -> Answer:
    """Mean of answers to the same rows from independent randomisations, with its error."""
    evidence = np.stack([a.log_evidence for a in answers])
    count = len(answers)
    return replace(
        answers[0],
        log_evidence=np.logaddexp.reduce(evidence, axis=0) - np.log(count),
        error=np.sqrt(np.sum([a.error**2 for a in answers], axis=0)) / count,
        credit=np.mean([a.credit for a in answers], axis=0),
        slow=np.logical_or.reduce([a.slow for a in answers]),
    )
