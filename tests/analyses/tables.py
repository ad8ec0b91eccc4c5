"""A table in place of the integrals: answers whose likelihood ratio a function of the row gives."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from causation.analyses import carriers, redrawn
from causation.analyses.evaluating import Evaluate, draft
from causation.case import Case, load_case
from causation.inference.evaluate import Answer
from causation.model.structure import Model, Scenarios, build_model

LN10 = float(np.log(10.0))

type Rule = Callable[[frozenset[str], Mapping[str, float]], float]
"""From the items that are there and the centres by path to the log10 likelihood ratio."""


def bic(**changes: object) -> Model:
    """The model of the case that most tests use."""
    return build_model(load_case("bic-2025-doxxing").replace(changes))


def model_of(**keys: object) -> Model:
    """The model of a small case."""
    return build_model(case_of(**keys))


def case_of(**keys: object) -> Case:
    """A small case: one custodian, one plaintiff, whatever else is given."""
    document: dict[str, object] = {
        "schema": 2,
        "id": "small",
        "jurisdiction": "cn",
        "proposition": "shop",
        "sources": {"shop": {"kind": "custodian", "holds": ["phone", "real_name"]}},
        "victims": [{"id": "first", "plaintiff": True, "disclosed": ["phone", "real_name"]}],
    }
    return Case.model_validate({**document, **keys})


def answer_of(
    model: Model,
    log10_lr: Sequence[float],
    *,
    prior: float = 0.2,
    credit: float = 1.0,
    error: float = 0.0,
) -> Answer:
    """An answer with a given ratio and prior of the proposition's routes.

    Prior weights are even on either side, evidence is 0 on the outside.
    """
    rows, routes = len(log10_lr), len(model.routes)
    empty = np.zeros((rows, routes))
    inside = Answer(model, empty, empty, empty, empty, np.zeros(rows, bool)).inside
    log_prior = np.where(
        inside, np.log(prior / inside.sum()), np.log((1 - prior) / (~inside).sum())
    )
    evidence = np.where(inside, LN10 * np.asarray(log10_lr, float)[:, None], 0.0)
    return Answer(
        model,
        np.repeat(log_prior[None], rows, axis=0),
        evidence,
        np.where(inside, error, 0.0) + empty,
        np.where(inside, credit, 0.0) + empty,
        np.zeros(rows, bool),
    )


class Table:
    """Evaluates rows by a rule; remembers what it was asked."""

    def __init__(self, rule: Rule, *, prior: float = 0.2, error: float = 0.0) -> None:
        self.rule, self.prior, self.error = rule, prior, error
        self.calls: list[tuple[Model, Scenarios]] = []

    def __call__(self, model: Model, scenarios: Scenarios) -> Answer:
        self.calls.append((model, scenarios))
        ratios = [
            self.rule(
                frozenset(x.id for x, there in zip(model.items, present, strict=True) if there),
                dict(zip(model.columns, center.tolist(), strict=True)),
            )
            for center, present in zip(scenarios.center, scenarios.present, strict=True)
        ]
        return answer_of(model, ratios, prior=self.prior, error=self.error)


def shifts(model: Model, *, evaluate: Evaluate = draft) -> carriers.Shifts:
    """Every number shifted either way."""
    return carriers.Plan.of(model).found(evaluate)


def redraws(
    model: Model, *, bound: float | None, evaluate: Evaluate = draft, **how: int
) -> redrawn.Redraws:
    """The inputs drawn again, all in one call."""
    return redrawn.Plan.of(model, **how).found(evaluate, bound)
