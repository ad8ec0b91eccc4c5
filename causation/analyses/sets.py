"""The case under every prior set: what survives under the numbers of the other side."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from causation.analyses.verdict import Judged, verdict_of
from causation.case.filling import fill
from causation.case.ledger import labels
from causation.case.library import bundled_prior_sets
from causation.errors import CausationError
from causation.model.structure import Model, build_model

if TYPE_CHECKING:
    from causation.analyses.verdict import Verdict
    from causation.case.filled import Filled


@dataclass(frozen=True, slots=True)
class SetResult:
    """The proposition under one prior set, as an assessment under it has it.

    `own` is that of the assessment. `probability` is the model's, `held` with the likelihood ratio
    limited to the validated range; None where the set does not fill the case. The verdict is with
    the variants and redraws under this set.
    """

    id: str
    label: Mapping[str, str]
    own: bool
    probability: float | None = None
    held: float | None = None
    meets: bool | None = None
    why_missing: str | None = None
    verdict: Verdict | None = None


def models_by_set(model: Model) -> dict[str, Model | CausationError]:
    """Return the model of the same case under every prior set, its own first.

    Those that do not fill the case are there with their error.
    """
    filled = model.filled
    found: dict[str, Model | CausationError] = {filled.priors.name: model}
    for name in bundled_prior_sets():
        if name not in found:
            try:
                found[name] = build_model(fill(filled.case, priors=name, standard=filled.threshold))
            except CausationError as error:
                found[name] = error
    return found


class Assessed(Judged, Protocol):
    """What is read of the case assessed under a prior set."""

    @property
    def filled(self) -> Filled:
        """The case, filled from that set."""

    @property
    def probability(self) -> float:
        """The model's."""


def set_result(name: str, found: Assessed | CausationError, *, own: bool) -> SetResult:
    """Return the proposition under a prior set: the case assessed under it, or why it cannot be."""
    if isinstance(found, CausationError):
        return SetResult(name, labels(None, name), own, why_missing=str(found))
    title, limited = labels(found.filled.priors.title, name), found.held.probability
    meets = limited >= found.threshold
    return SetResult(name, title, own, found.probability, limited, meets, verdict=verdict_of(found))
