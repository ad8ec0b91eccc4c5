"""Every number that anybody reads, computed from a model and its posterior.

An `Assessment` is frozen. What is costly (contributions, input sensitivity) is computed when
it is first read and kept; nothing depends on the order in which it is read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import yaml

from causation.analyses.contributions import Contributions, compute_contributions, log10_odds_of
from causation.analyses.dependence import DependenceAudit, audit_dependence
from causation.analyses.prior_curve import PriorCurve, compute_prior_curve
from causation.analyses.redrawn import InputSensitivity, input_sensitivity
from causation.case import Case, Standard, data_path, load_case, load_standards, resolve
from causation.case.resolved import ResolvedCase, Stage
from causation.errors import InputError
from causation.inference.components import Components, compute_components
from causation.inference.infer import infer, posterior_from_components
from causation.inference.integrate import IntegratorSettings
from causation.inference.posterior import Posterior
from causation.model.build import Model, build_model
from causation.scales import finite_or_none, probability_from_log10_odds, verbal_scale
from causation.version import VERSION

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

__all__ = [
    "Assessment",
    "BurdenStage",
    "LikelihoodRatio",
    "StandardRow",
    "Verdict",
    "assess",
]


class Verdict(StrEnum):
    """How the proposition stands to the standard of proof.

    Examples
    --------
    >>> Verdict("established").name
    'ESTABLISHED'
    """

    ESTABLISHED = "established"
    NOT_ROBUSTLY = "established_not_robustly"
    NOT_ESTABLISHED = "not_established"


@dataclass(frozen=True, slots=True)
class LikelihoodRatio:
    """Likelihood ratio of the proposition against one source, or against all the rest.

    Parameters
    ----------
    against : str
        Name of the other source, or ``rest``.
    log10 : float
        log10 of the ratio of expectations.
    error : float
        Standard error of `log10` from the numerics alone.
    verbal : str
        Band of the verbal scale, for the ratio only; see `causation.scales.verbal_scale`.
    depends_on_prior : bool
        Whether the prior among the sources enters as weights (a union on either side). See also
        `Assessment.prior_in_ratios`.
    """

    against: str
    log10: float
    error: float
    verbal: str
    depends_on_prior: bool


@dataclass(frozen=True, slots=True)
class StandardRow:
    """One standard of proof, and whether the proposition meets it."""

    standard: Standard
    met: bool


@dataclass(frozen=True, slots=True)
class BurdenStage:
    """Posterior of the proposition on the evidence put forward so far.

    ``stage`` is ``prior`` before any evidence (and without the security record).
    """

    stage: str
    probability: float
    log10_odds: float
    met: bool


@dataclass(frozen=True, eq=False)
class Assessment:
    """The answer for one case under one prior set and one standard.

    Parameters
    ----------
    case : ResolvedCase
    model : Model
    posterior : Posterior
        From whichever engine ran.
    settings : IntegratorSettings
        For everything that is computed beside the posterior.

    Examples
    --------
    >>> a = assess("bic-2025-doxxing")
    >>> a.meets_standard, [stage.stage for stage in a.burden]
    (True, ['prior', 'prima_facie', 'rebuttal'])
    """

    case: ResolvedCase
    model: Model
    posterior: Posterior
    settings: IntegratorSettings

    def __repr__(self) -> str:
        from causation.notebook.display import assessment_text

        return assessment_text(self)

    def _repr_html_(self) -> str:
        from causation.notebook.display import html_of

        return html_of(self)

    # --- the answer ----------------------------------------------------------------------

    @property
    def sources(self) -> tuple[str, ...]:
        """Names of the candidate sources."""
        return self.model.sources

    @property
    def proposition(self) -> tuple[str, ...]:
        """The source, or union of sources, to be proved."""
        return self.case.proposition

    @property
    def threshold(self) -> float:
        """Standard of proof as a probability."""
        return self.case.threshold

    @property
    def probability(self) -> float:
        """Posterior probability of the proposition."""
        return self.posterior.proposition_probability

    @property
    def probability_error(self) -> float:
        """Standard error of `probability` from the numerics alone."""
        return self.posterior.proposition_error

    @property
    def meets_standard(self) -> bool:
        """Whether the probability reaches the standard."""
        return self.probability >= self.threshold

    @cached_property
    def verdict(self) -> Verdict:
        """Established (and robustly so under the input sensitivity), or not established."""
        if not self.meets_standard:
            return Verdict.NOT_ESTABLISHED
        return Verdict.ESTABLISHED if self.input_sensitivity.robust else Verdict.NOT_ROBUSTLY

    # --- likelihood ratios ---------------------------------------------------------------

    @cached_property
    def likelihood_ratios(self) -> tuple[LikelihoodRatio, ...]:
        """Against each other source, pairwise.

        Free of the prior, unless a union is compared or `prior_in_ratios`.
        """
        union = len(self.proposition) > 1
        return tuple(
            self._ratio(source, [source], depends_on_prior=union)
            for source in self.sources
            if source not in self.proposition
        )

    @cached_property
    def likelihood_ratio_rest(self) -> LikelihoodRatio:
        """Against all other sources together; depends on the prior among them."""
        others = [s for s in self.sources if s not in self.proposition]
        return self._ratio(
            "rest", others, depends_on_prior=len(others) > 1 or len(self.proposition) > 1
        )

    @property
    def prior_in_ratios(self) -> bool:
        """Whether uncertain linkage or reliability lets the prior into every ratio.

        An unlinked group of victims, or an unreliable finding, is weighed by what any source
        would give, and that mixture has the prior's weights. `PriorCurve.log10_lr_range` says how
        much the ratio moves.
        """
        linkage = ((self.model.linkage > 0.0) & (self.model.linkage < 1.0)).any()
        return bool(linkage) or any(
            0.0 < group.reliability < 1.0 for group in self.model.finding_groups
        )

    def _ratio(self, name: str, against: list[str], *, depends_on_prior: bool) -> LikelihoodRatio:
        value, error = self.posterior.log10_lr(against)
        return LikelihoodRatio(name, value, error, verbal_scale(value), depends_on_prior)

    @cached_property
    def validated_log10_lr(self) -> float | None:
        """Largest log10 LR that the validation supports in digits; beyond it, "more than"."""
        path = data_path("validated_range.yaml")
        if not path.is_file():
            return None
        return float(yaml.safe_load(path.read_text(encoding="utf-8"))["log10_lr_max"])

    # --- standards and prior -------------------------------------------------------------

    @cached_property
    def standards(self) -> tuple[StandardRow, ...]:
        """The whole table of standards, each met or not."""
        return tuple(StandardRow(s, self.probability >= s.threshold) for s in load_standards())

    @cached_property
    def components(self) -> Components:
        """Integrals behind everything that reweighs the evidence."""
        return compute_components([self.model], self.settings)[0]

    @cached_property
    def prior_curve(self) -> PriorCurve:
        """Posterior for every prior, and the prior at which the standard is reached."""
        return compute_prior_curve(self.model, self.components, self.threshold)

    # --- where the certainty comes from --------------------------------------------------

    @cached_property
    def burden(self) -> tuple[BurdenStage, ...]:
        """Posterior before any evidence and after each stage that brought evidence."""
        present = {*self.model.group_stage, *(r.stage for r in self.model.security)}
        present |= {
            self.model.finding_stage[f] for g in self.model.finding_groups for f in g.findings
        }
        stages = [s for s in Stage if s in present]
        models = [self.model.up_to(s) for s in stages]
        rows = [self._stage("prior", log10_odds_of(self._bare.log_prior, self._bare.proposition))]
        for stage, model, components in zip(
            stages, models, compute_components(models, self.settings), strict=True
        ):
            posterior = posterior_from_components(
                model, components, random_seed=self.settings.random_seed
            )
            weight = posterior.log_prior + posterior.log_evidence
            rows.append(self._stage(stage.value, log10_odds_of(weight, posterior.proposition)))
        return tuple(rows)

    @cached_property
    def _bare(self) -> Model:
        return self.model.reduced(without_security=[r.id for r in self.model.security])

    def _stage(self, name: str, log10_odds: float) -> BurdenStage:
        p = probability_from_log10_odds(log10_odds)
        return BurdenStage(name, p, log10_odds, p >= self.threshold)

    @cached_property
    def contributions(self) -> Contributions:
        """Bans that each item of evidence adds to the odds of the proposition."""
        return compute_contributions(self.model, self.settings)

    @cached_property
    def dependence(self) -> DependenceAudit:
        """The same evidence as if independent, and what the co-victims are worth."""
        return audit_dependence(self.model, self.posterior, self.settings)

    @cached_property
    def input_sensitivity(self) -> InputSensitivity:
        """Spread of the probability over redrawn inputs."""
        return input_sensitivity(self.model, random_seed=self.settings.random_seed)

    @cached_property
    def excluded(self) -> Mapping[str, str]:
        """Sources that the evidence excludes, with what excludes them."""
        reasons = {}
        for s, source in enumerate(self.sources):
            if not np.isneginf(self.posterior.log_evidence[s]):
                continue
            findings = [
                f
                for group in self.model.finding_groups
                for f, row in zip(group.findings, group.log_likelihood, strict=True)
                if np.isneginf(row[s])
            ]
            reasons[source] = ", ".join(findings) or "users_of"
        return reasons

    # --- out ------------------------------------------------------------------------------

    def to_frame(self, table: str = "sources") -> pd.DataFrame:
        """One table as a data frame; see `causation.dossier.tables.to_frame` for their names."""
        from causation.dossier.tables import to_frame

        return to_frame(self, table)

    def to_datatree(self) -> xr.DataTree:
        """The posterior and its provenance; see `causation.inference.trees.to_datatree`."""
        from causation.inference.trees import to_datatree

        return to_datatree(self.posterior, **self.provenance)

    @property
    def provenance(self) -> dict[str, Any]:
        """What is needed to compute the same numbers again."""
        return {
            "version": VERSION,
            "case_sha256": self.case.sha256,
            "prior_set": self.case.prior_set,
            "random_seed": self.posterior.random_seed,
            "points": self.settings.points,
            "replicates": self.settings.replicates,
        }

    def to_dict(self) -> dict[str, Any]:
        """The contract of ``assess --json``, as plain Python data."""
        p = self.posterior

        def by_source(values: np.ndarray) -> dict[str, float | None]:
            return {s: finite_or_none(v) for s, v in zip(self.sources, values, strict=True)}

        lo, hi = self.input_sensitivity.interval
        return {
            "case": self.case.id,
            "proposition": list(self.proposition),
            "standard": {"id": self.case.standard_id, "threshold": self.threshold},
            "prior": by_source(p.prior),
            "log_evidence": by_source(p.log_evidence),
            "posterior": by_source(p.probability),
            "probability": self.probability,
            "probability_error": self.probability_error,
            "log10_lr": {r.against: finite_or_none(r.log10) for r in self.likelihood_ratios},
            "log10_lr_error": {r.against: r.error for r in self.likelihood_ratios},
            "log10_lr_rest": finite_or_none(self.likelihood_ratio_rest.log10),
            "prior_in_ratios": self.prior_in_ratios,
            "log10_lr_rest_over_priors": [
                finite_or_none(x) for x in self.prior_curve.log10_lr_range()
            ],
            "verbal": {r.against: r.verbal for r in self.likelihood_ratios},
            "validated_log10_lr": self.validated_log10_lr,
            "verdict": self.verdict.value,
            "error": by_source(p.error),
            "excluded": dict(self.excluded),
            "standards": [
                {"id": r.standard.id, "threshold": r.standard.threshold, "met": r.met}
                for r in self.standards
            ],
            "prior_at_standard": self.prior_curve.prior_at_standard,
            "burden": [
                {
                    "stage": b.stage,
                    "probability": b.probability,
                    "log10_odds": finite_or_none(b.log10_odds),
                    "met": b.met,
                }
                for b in self.burden
            ],
            "contributions": self.contributions.to_dict(),
            "dependence": self.dependence.to_dict(),
            "input_sensitivity": {
                "interval": [lo, hi],
                "interval_mass": 0.9,
                "share_meeting_standard": self.input_sensitivity.share,
                "draws": len(self.input_sensitivity.probability),
            },
            "engine": p.engine,
            "provenance": self.provenance,
        }


def assess(
    case: Case | ResolvedCase | str | Path,
    *,
    priors: str | Path | None = None,
    standard: str | float | None = None,
    engine: str = "integrate",
    random_seed: int = 20250723,
    settings: IntegratorSettings | None = None,
    **options: Any,
) -> Assessment:
    """Assess a case: the posterior of every source, and how it stands to the standard.

    Parameters
    ----------
    case : Case, ResolvedCase, str or Path
        A case, the path of a case file, or the id of a bundled case.
    priors : str or Path, optional
        Prior set, in place of the one that the case names.
    standard : str or float, optional
        Standard of proof (id, or a number in (0, 1)), in place of the case's.
    engine : {"integrate", "mcmc"}
    random_seed : int
    settings : IntegratorSettings, optional
        How hard the integrator tries; its seed is replaced by `random_seed`.
    **options
        For the engine.

    Returns
    -------
    Assessment

    Raises
    ------
    CaseError
        If the case cannot be used.
    ImpossibleEvidenceError
        If the evidence excludes every source.
    RefusalError
        If the engine cannot vouch for its result.

    Examples
    --------
    >>> result = assess("bic-2025-doxxing")
    >>> result.verdict.value, round(result.probability, 2)
    ('established', 0.99)
    """
    if not isinstance(case, ResolvedCase):
        loaded = case if isinstance(case, Case) else load_case(case)
        case = resolve(loaded, priors=priors, standard=standard)
    elif priors is not None or standard is not None:
        raise InputError("a resolved case has its prior set and standard already")
    model = build_model(case)
    settings = replace(settings or IntegratorSettings(), random_seed=random_seed)
    if engine != "integrate":
        posterior = infer(model, engine=engine, random_seed=random_seed, **options)
        return Assessment(case, model, posterior, settings)
    components = compute_components([model], settings)[0]
    posterior = posterior_from_components(model, components, random_seed=random_seed)
    result = Assessment(case, model, posterior, settings)
    result.__dict__["components"] = components
    return result
