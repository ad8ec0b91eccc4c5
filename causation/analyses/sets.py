"""The case under every prior set: what survives under the numbers of the other side."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from causation.analyses.bound import held
from causation.analyses.evaluating import Evaluate, draft
from causation.case.filling import fill
from causation.case.ledger import labels
from causation.case.library import bundled_prior_sets
from causation.errors import CausationError
from causation.model.structure import Model, build_model

__all__ = ["SetResult", "models_by_set", "prior_sets"]


@dataclass(frozen=True, slots=True)
class SetResult:
    """The proposition under one prior set.

    Parameters
    ----------
    id : str
    label : mapping of str to str
    own : bool
        Whether it is the prior set of the assessment.
    probability, held : float or None
        The model's, and with the likelihood ratio limited to the validated range; None where
        the set does not fill the case.
    meets : bool or None
        Whether `held` reaches the standard.
    why_missing : str or None
    """

    id: str
    label: Mapping[str, str]
    own: bool
    probability: float | None
    held: float | None
    meets: bool | None
    why_missing: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """Plain Python data."""
        return {
            "id": self.id,
            "label": dict(self.label),
            "own": self.own,
            "probability": self.probability,
            "held": self.held,
            "meets": self.meets,
            "why_missing": self.why_missing,
        }


def models_by_set(model: Model) -> dict[str, Model | CausationError]:
    """Return the model of the same case under every prior set, its own first.

    Those that do not fill the case are there with their error.
    """
    filled = model.filled
    found: dict[str, Model | CausationError] = {filled.priors.id: model}
    for name in bundled_prior_sets():
        if name not in found:
            try:
                found[name] = build_model(fill(filled.case, priors=name, standard=filled.threshold))
            except CausationError as error:
                found[name] = error
    return found


def prior_sets(
    models: Mapping[str, Model | CausationError],
    *,
    bound: float | None,
    evaluate: Evaluate = draft,
) -> tuple[SetResult, ...]:
    """Evaluate the case under every prior set.

    Parameters
    ----------
    models : mapping of str to Model
        See `models_by_set`; the first is that of the assessment.
    bound : float or None
        log10 of the greatest likelihood ratio either way.
    evaluate : callable
    """
    own = next(iter(models))
    found = []
    for name, model in models.items():
        if isinstance(model, CausationError):
            missing = (labels(None, name), name == own, None, None, None, str(model))
            found.append(SetResult(name, *missing))
            continue
        answer = evaluate(model, model.base())
        p, limited = (float(x[0]) for x in (answer.probability, held(answer, bound).probability))
        title, meets = labels(model.filled.priors.title, name), limited >= model.filled.threshold
        found.append(SetResult(name, title, name == own, p, limited, meets))
    return tuple(found)
