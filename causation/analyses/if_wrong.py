"""If a fact is wrong: the proposition without each item of evidence, under every prior set."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from causation.analyses.bound import held
from causation.analyses.evaluating import Evaluate, draft, evaluate_together
from causation.analyses.items import EvidenceRow, single_rows
from causation.analyses.variants import VariantResult
from causation.errors import CausationError
from causation.model.structure import Model


@dataclass(frozen=True, slots=True)
class Without:
    """The proposition under one prior set, with an item left out.

    Parameters
    ----------
    probability, held : float
        The model's, and with the likelihood ratio limited to the validated range.
    meets : bool
        Whether `held` reaches the standard.
    """

    probability: float
    held: float
    meets: bool


@dataclass(frozen=True, slots=True)
class IfWrong:
    """The proposition without one item of evidence, by prior set.

    Parameters
    ----------
    item : EvidenceRow or None
        What is left out; None for the case as it is.
    by_set : mapping of str to Without
    """

    item: EvidenceRow | None
    by_set: Mapping[str, Without]


def if_wrong(
    models: Mapping[str, Model | CausationError], *, bound: float | None, evaluate: Evaluate = draft
) -> tuple[IfWrong, ...]:
    """Leave out every item by itself, in one call for every prior set.

    The case as it is comes first. A finding that changes nothing, a field that defined a list, are
    not among the items; of very many like items those of all groups leave together.
    """
    known = {name: model for name, model in models.items() if isinstance(model, Model)}
    rows: list[EvidenceRow | None] = [None, *single_rows(next(iter(known.values())))]
    found: dict[str, list[Without]] = {}
    left_out = [[] if row is None else list(row.items) for row in rows]
    asked = [(model, model.without(left_out)) for model in known.values()]
    answers = evaluate_together(asked, evaluate)
    for name, model, answer in zip(known, known.values(), answers, strict=True):
        limited = held(answer, bound).probability
        found[name] = [
            Without(float(p), float(h), bool(h >= model.filled.threshold))
            for p, h in zip(answer.probability, limited, strict=True)
        ]
    return tuple(
        IfWrong(row, {name: values[k] for name, values in found.items()})
        for k, row in enumerate(rows)
    )


def settled(
    found: Sequence[IfWrong], known: Mapping[str, Mapping[str, Without]]
) -> tuple[IfWrong, ...]:
    """The same with what is known better, by prior set and item: one value has one number."""
    return tuple(
        replace(
            row,
            by_set={
                name: known.get(name, {}).get(row.item.id if row.item else "", drafted)
                for name, drafted in row.by_set.items()
            },
        )
        for row in found
    )


def without_by_variant(
    variants: Sequence[VariantResult], threshold: float, *, security: Sequence[str] = ()
) -> dict[str, Without]:
    """By item, what variants say that are the case without just that one.

    Parameters
    ----------
    variants : sequence of VariantResult
    threshold : float
        The standard of proof.
    security : sequence of str
        Sources with a security record; the variant leaves all of them out.
    """
    known = {}
    for v in variants:
        head, _, group = v.id.partition(".")
        item = f"victims.{group}" if head == "without" and group else ""
        if head == "no_security" and len(security) == 1:
            item = f"security.{security[0]}"
        if item and v.probability is not None and v.held is not None:
            known[item] = Without(v.probability, v.held, v.held >= threshold)
    return known
