"""Other values for a few inputs of a case, answered at the speed of a slider."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from causation.case import Case, fill, load_case
from causation.errors import InputError
from causation.inference.evaluate import Answer, evaluate
from causation.inference.integrate import DRAFT, IntegratorSettings
from causation.model.structure import Model, Scenarios, build_model

_KEPT = 64


@dataclass(frozen=True)
class Setting:
    """Values of everything that can be moved; what is left out is as in the case.

    Parameters
    ----------
    counts : mapping of str to int
        Number of victims in each further group; 0 leaves the group out.
    numbers : mapping of str to float
        Middle of an interval of the model by its path: weights, linkage. The interval keeps its
        width on its own scale.
    threshold : float or None
        Comparison value.
    """

    counts: Mapping[str, int] = field(default_factory=dict)
    numbers: Mapping[str, float] = field(default_factory=dict)
    threshold: float | None = None


@dataclass(frozen=True, eq=False)
class Step:
    """The answer at one setting.

    Parameters
    ----------
    setting : Setting
        With every value that can be moved.
    answer : Answer
        Its one row is the case at the setting.
    """

    setting: Setting
    answer: Answer

    @property
    def probability(self) -> float:
        """Posterior probability of the proposition."""
        return float(self.answer.probability[0])

    @property
    def meets_standard(self) -> bool:
        """Whether the probability reaches the comparison value of the setting."""
        return self.setting.threshold is not None and self.probability >= self.setting.threshold


class Explorer:
    """A case whose inputs can be moved.

    Parameters
    ----------
    case : Case, str or Path
        A case, the path of a case file, or the id of a bundled case.
    priors : str or Path, optional
        Prior set, in place of the one that the case names.
    settings : IntegratorSettings
        How hard the integrator tries at each step.

    Attributes
    ----------
    model : Model
        Of the case as it stands.
    start : Setting
        The case as it stands.

    Examples
    --------
    >>> explorer = Explorer("bic-2025-doxxing")
    >>> explorer.start.counts
    {'co_victims': 5}
    >>> step = explorer.step(Setting(numbers={"sources.unknown.weight": 50.0}))
    >>> step.probability < explorer.step(explorer.start).probability
    True
    """

    def __init__(
        self,
        case: Case | str | Path,
        *,
        priors: str | Path | None = None,
        settings: IntegratorSettings = DRAFT,
    ) -> None:
        self.case = case if isinstance(case, Case) else load_case(case)
        self.priors, self.settings = priors, settings
        self.model = build_model(fill(self.case, priors=priors))
        self.start = _start(self.model)
        self._model_of = lru_cache(maxsize=_KEPT)(self._build)

    def step(self, setting: Setting) -> Step:
        """Answer at a setting.

        Raises
        ------
        InputError
            If it names a group or number that cannot be moved.
        """
        counts = _merged(self.start.counts, setting.counts, "further group of victims")
        numbers = _merged(self.start.numbers, setting.numbers, "number to move")
        threshold = self.start.threshold if setting.threshold is None else setting.threshold
        model = self._model_of(tuple(counts.items()))
        moved = {path: x for path, x in numbers.items() if path in model.places}
        # what was not moved stands for the exact interval of the case
        changed = {p: x for p, x in moved.items() if x != self.start.numbers[p]}
        base, row = model.base(), model.rows([changed])
        answer = evaluate(
            model, Scenarios(row.center, base.sd, base.present), settings=self.settings
        )
        return Step(Setting(counts, numbers, threshold), answer)

    def _build(self, counts: tuple[tuple[str, int], ...]) -> Model:
        changes = {f"victims.{g}.count": n for g, n in counts if n != self.start.counts[g]}
        return build_model(fill(self.case.replace(changes), priors=self.priors))


def _start(model: Model) -> Setting:
    filled = model.filled
    kept = ("weight", "linkage")
    return Setting(
        counts={g.id: g.count for g in filled.groups if not g.first},
        numbers={n.path: n.middle for n in model.numbers if n.path.rpartition(".")[2] in kept},
        threshold=filled.threshold,
    )


def _merged[T](start: Mapping[str, T], given: Mapping[str, T], what: str) -> dict[str, T]:
    unknown = sorted(set(given) - set(start))
    if unknown:
        allowed = ", ".join(start) or "none"
        raise InputError(f"the case has no {what} {unknown[0]!r}; allowed: {allowed}")
    return {**start, **given}
