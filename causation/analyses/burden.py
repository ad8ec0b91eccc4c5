"""The probability as the evidence came forward: before any, and after each stage."""

from __future__ import annotations

from dataclasses import dataclass

from causation.analyses.bound import held, log10_odds
from causation.analyses.evaluating import Evaluate, draft
from causation.document.terms import Stage
from causation.model.structure import Model

PRIOR = "prior"
"""Before any evidence, the security record included."""


@dataclass(frozen=True, slots=True)
class BurdenStage:
    """The proposition on the evidence put forward so far.

    `stage` is ``prior``, ``prima_facie``, ``rebuttal`` or ``reply``; `held` is with the likelihood
    ratio limited to the validated range, and `met` whether that reaches the standard.
    """

    stage: str
    probability: float
    log10_odds: float
    held: float
    met: bool


def burden(
    model: Model, *, bound: float | None, evaluate: Evaluate = draft
) -> tuple[BurdenStage, ...]:
    """Compute the probability before any evidence and after each stage that brought some."""
    threshold, order = model.filled.threshold, list(Stage)
    place = {item.id: order.index(Stage(item.stage)) for item in model.items}
    stages = sorted(set(place.values()))
    rows = model.without([[i for i, at in place.items() if at > s] for s in (-1, *stages)])
    answer = evaluate(model, rows)
    limited, odds = held(answer, bound).probability, log10_odds(answer)
    names = [PRIOR, *(order[s].value for s in stages)]
    return tuple(
        BurdenStage(name, float(p), float(x), float(h), bool(h >= threshold))
        for name, p, x, h in zip(names, answer.probability, odds, limited, strict=True)
    )
