"""Other values for a few inputs of a case, answered at the speed of a slider.

The integrals are kept by what they depend on (numbers of victims, traits); linkage, prior
weights and the standard only reweigh them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path

import numpy as np

from causation.case import Case, load_case, resolve
from causation.errors import InputError
from causation.inference.components import Components, compute_components
from causation.inference.infer import posterior_from_components
from causation.inference.integrate import IntegratorSettings
from causation.inference.posterior import Posterior
from causation.model.build import Model, build_model

__all__ = ["INTERACTIVE", "Explorer", "Setting", "Step"]

INTERACTIVE = IntegratorSettings(points=127, replicates=2, tolerance=0.01, limit=0.05)
"""Integrator settings of a step: log10 likelihood ratios within about 0.01 of `assess`."""

_KEPT = 512


@dataclass(frozen=True)
class Setting:
    """Values of everything that can be moved.

    Parameters
    ----------
    counts : mapping of str to int
        Number of victims in each further group; 0 leaves the group out.
    traits : mapping of str to float
        Degree of each trait, 0 to 1, for all victims of whom it is known.
    linkage : mapping of str to float
        Mean linkage of each further group, 0 to 1.
    weights : mapping of str to float
        Mean prior weight of each source, positive; only ratios matter.
    threshold : float
        Standard of proof.
    """

    counts: Mapping[str, int] = field(default_factory=dict)
    traits: Mapping[str, float] = field(default_factory=dict)
    linkage: Mapping[str, float] = field(default_factory=dict)
    weights: Mapping[str, float] = field(default_factory=dict)
    threshold: float = 0.75


@dataclass(frozen=True, eq=False)
class Step:
    """The answer at one setting."""

    setting: Setting
    posterior: Posterior

    @property
    def probability(self) -> float:
        """Posterior probability of the proposition."""
        return self.posterior.proposition_probability

    @property
    def meets_standard(self) -> bool:
        """Whether the probability reaches the standard of the setting."""
        return self.probability >= self.setting.threshold


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
    >>> step = explorer.step(replace(explorer.start, counts={"co_victims": 0}))
    >>> step.probability < explorer.step(explorer.start).probability
    True
    """

    def __init__(
        self,
        case: Case | str | Path,
        *,
        priors: str | Path | None = None,
        settings: IntegratorSettings = INTERACTIVE,
    ) -> None:
        loaded = case if isinstance(case, Case) else load_case(case)
        self.case = resolve(loaded, priors=priors)
        self.model = build_model(self.case)
        self.settings = settings
        self.start = _start(self.model)
        self._kept = lru_cache(maxsize=_KEPT)(self._integrate)

    def step(self, setting: Setting) -> Step:
        """Answer at a setting; what it leaves out is as in the case.

        Raises
        ------
        InputError
            If it names a group, trait or source that the case does not have.
        """
        counts = _merged(self.start.counts, setting.counts, "further group of victims")
        traits = _merged(self.start.traits, setting.traits, "trait")
        linkage = _merged(self.start.linkage, setting.linkage, "further group of victims")
        weights = _merged(self.start.weights, setting.weights, "source")
        shape, components = self._kept(tuple(counts.items()), tuple(traits.items()))
        model = replace(
            shape,
            linkage=np.array(
                [linkage.get(g, own) for g, own in zip(shape.groups, shape.linkage, strict=True)]
            ),
            log_weight=np.log([weights[s] for s in shape.sources]),
        )
        posterior = posterior_from_components(
            model, components, random_seed=self.settings.random_seed
        )
        return Step(setting, posterior)

    def _integrate(
        self, counts: tuple[tuple[str, int], ...], traits: tuple[tuple[str, float], ...]
    ) -> tuple[Model, Components]:
        model = self.model.reduced(without_groups=[g for g, n in counts if n == 0])
        sizes, degrees = dict(counts), dict(traits)
        profile = model.profile.copy()
        for k, item in enumerate(model.items):
            known = ~np.isnan(profile[:, k])
            profile[known, k] = degrees.get(item, 0.0)
        own = enumerate(zip(model.groups, model.linkage, strict=True), start=1)
        model = replace(
            model,
            count=np.array(
                [float(sizes.get(g, n)) for g, n in zip(model.groups, model.count, strict=True)]
            ),
            profile=profile,
            # unlike numbers below 1 keep apart groups whose linkage may be moved apart
            linkage=np.array([k if g not in sizes else 0.5 + 1e-3 * i for i, (g, k) in own]),
        )
        return model, compute_components([model], self.settings)[0]


def _start(model: Model) -> Setting:
    further = range(1, len(model.groups))
    return Setting(
        counts={model.groups[g]: int(model.count[g]) for g in further},
        traits={item: float(np.nanmean(model.profile[:, k])) for k, item in enumerate(model.items)},
        linkage={model.groups[g]: float(model.linkage[g]) for g in further},
        weights={s: float(np.exp(w)) for s, w in zip(model.sources, model.log_weight, strict=True)},
        threshold=model.case.threshold,
    )


def _merged[T](start: Mapping[str, T], given: Mapping[str, T], what: str) -> dict[str, T]:
    unknown = sorted(set(given) - set(start))
    if unknown:
        allowed = ", ".join(start) or "none"
        raise InputError(f"the case has no {what} {unknown[0]!r}; allowed: {allowed}")
    return {**start, **given}
