"""The answer for one case: the posterior of every route, and how it stands to the standard.

An `Assessment` is frozen. What is costly is computed when it is first read and kept; nothing
depends on the order in which it is read. Readers take every number from here.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from causation.analyses.bound import Held, held, validated_bound
from causation.analyses.burden import BurdenStage, burden
from causation.analyses.claimants import Claimant, about_victim, at_any_remove, claimants
from causation.analyses.evaluating import Evaluate, Once
from causation.analyses.redrawn import FEWER
from causation.analyses.security import SecurityFactor, security_factors
from causation.analyses.steady import Steady
from causation.analyses.verdict import Judgement, Verdict, judge, verdict_of
from causation.case.filled import Filled
from causation.case.filling import fill
from causation.case.library import Standard, load_standards
from causation.case.schema import Case
from causation.document.writing import canonical
from causation.errors import CausationError, ImpossibleEvidenceError, InputError
from causation.inference.evaluate import Answer, evaluate, log10_ratio
from causation.inference.infer import infer
from causation.inference.integrate import DRAFT, IntegratorSettings
from causation.inference.roles import Roles, find_roles
from causation.model.seeds import Seed, seed_of
from causation.model.structure import Model, Scenarios, build_model
from causation.scales import verbal_scale
from causation.version import VERSION

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

    from causation.analyses.carriers import Carriers, Shifts
    from causation.analyses.contributions import Contributions
    from causation.analyses.dependence import DependenceAudit
    from causation.analyses.if_wrong import IfWrong
    from causation.analyses.prior_curve import PriorCurve
    from causation.analyses.redrawn import Redraws
    from causation.analyses.sets import SetResult
    from causation.analyses.uncertainty import Uncertainty
    from causation.analyses.variant_plan import Variant
    from causation.analyses.variants import RangeOfOpinion, VariantResult
    from causation.case.filled import Notice
    from causation.dossier.figures import Figure

__all__ = ["Assessment", "LikelihoodRatio", "StandardRow", "assess"]

ENGINES = ("integrate", "mcmc")


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
        Band of the verbal scale of the ratio held to the validated range; for the ratio only.
    depends_on_prior : bool
        Whether the prior among several routes enters as weights.
    held : float
        `log10` held to the validated range.
    """

    against: str
    log10: float
    error: float
    verbal: str
    depends_on_prior: bool
    held: float


@dataclass(frozen=True, slots=True)
class StandardRow:
    """One standard of proof, and whether the held probability reaches it."""

    standard: Standard
    met: bool


@dataclass(frozen=True, eq=False)
class Assessment:
    """The answer for one case under one prior set and one standard.

    Parameters
    ----------
    filled : Filled
        The case with every gap filled.
    model : Model
    answer : Answer
        Its first row is the case as it is, from whichever engine ran.
    settings : IntegratorSettings
        For everything that is computed beside the answer.
    engine : str
    fewer_redraws : int
        Redraws at elicitation sds other than that of the prior set; none where one assessment
        serves another for its verdict.

    Examples
    --------
    >>> a = assess("bic-2025-doxxing")
    >>> a.routes[:2], a.proposition
    (('platform', 'platform/library'), ('platform',))
    """

    filled: Filled
    model: Model
    answer: Answer
    settings: IntegratorSettings
    engine: str = "integrate"
    fewer_redraws: int = FEWER

    def __repr__(self) -> str:
        from causation.notebook.display import assessment_text

        return assessment_text(self)

    def _repr_html_(self) -> str:
        from causation.notebook.display import html_of

        return html_of(self)

    # --- the answer ----------------------------------------------------------------------

    @property
    def case(self) -> Case:
        """The case as stated."""
        return self.filled.case

    @property
    def routes(self) -> tuple[str, ...]:
        """Names of the routes."""
        return self.model.route_names

    @property
    def sources(self) -> tuple[str, ...]:
        """Names of the candidate sources."""
        return self.model.source_names

    @property
    def proposition(self) -> tuple[str, ...]:
        """The source, or union of sources, that the proposition is about."""
        return self.filled.proposition.sources

    @property
    def standard_id(self) -> str:
        """Standard of proof."""
        return self.filled.standard_id

    @property
    def threshold(self) -> float:
        """Comparison value: the standard of proof as a probability."""
        return self.filled.threshold

    def _by_route(self, values: np.ndarray) -> dict[str, float]:
        return {r: float(x) for r, x in zip(self.routes, values, strict=True)}

    @cached_property
    def prior(self) -> Mapping[str, float]:
        """Prior probability by route."""
        return self._by_route(np.exp(self.answer.log_prior[0]))

    @cached_property
    def log_evidence(self) -> Mapping[str, float]:
        """Natural log of the likelihood by route, findings included."""
        return self._by_route(self.answer.log_evidence[0])

    @cached_property
    def posterior(self) -> Mapping[str, float]:
        """Posterior probability by route."""
        return self._by_route(self.answer.posterior[0])

    @cached_property
    def error(self) -> Mapping[str, float]:
        """Standard error of the log10 evidence by route."""
        return self._by_route(self.answer.error[0])

    @cached_property
    def roles(self) -> Roles:
        """Every source's part, for the plaintiff's fields and for every victim."""
        return find_roles(self.model, self.answer, settings=self.settings)

    @cached_property
    def propositions(self) -> Mapping[str, Mapping[str, Any]]:
        """By source: ``role``, ``entrance``, ``alone``, and by field ``supplied``, ``sole``.

        ``any_remove`` stands where a library may descend from an old leak of the source: that it
        played a role itself, or through such a library.
        """
        r, remote = self.roles, self.any_remove
        return {
            s: {
                "role": r.role[s],
                "entrance": r.entrance[s],
                "alone": r.alone[s],
                **({"any_remove": remote[s]} if s in remote else {}),
                "supplied": r.supplied[s],
                "sole": r.sole[s],
            }
            for s in self.sources
        }

    @cached_property
    def any_remove(self) -> Mapping[str, float]:
        """By custodian from which a library may descend: that it played a role at any remove."""
        first = next((g.id for g in self.filled.groups if g.first), None)
        return at_any_remove(self.answer, self.roles.parts.get(str(first)))

    @property
    def victims(self) -> Mapping[str, Mapping[str, float]]:
        """By victim group and source: chance that it played a role for such a victim."""
        return self.roles.victims

    @cached_property
    def source_prior(self) -> Mapping[str, float]:
        """Prior probability of every source as the entrance."""
        return self._by_entrance(self.prior)

    @cached_property
    def source_posterior(self) -> Mapping[str, float]:
        """Posterior probability of every source as the entrance."""
        return self._by_entrance(self.posterior)

    def _by_entrance(self, table: Mapping[str, float]) -> dict[str, float]:
        found = dict.fromkeys(self.sources, 0.0)
        for route, p in zip(self.model.routes, table.values(), strict=True):
            found[route.entrance.name] += p
        return found

    @property
    def probability(self) -> float:
        """Posterior probability of the proposition: the model's."""
        return float(self.answer.probability[0])

    @property
    def probability_error(self) -> float:
        """Standard error of `probability` from the numerics alone."""
        return float(self.answer.probability_error[0])

    @property
    def prior_probability(self) -> float:
        """Prior probability of the proposition's routes."""
        return float(self.answer.prior[0])

    @cached_property
    def excluded(self) -> tuple[str, ...]:
        """Routes that the evidence excludes."""
        return tuple(r for r, x in self.log_evidence.items() if np.isneginf(x))

    # --- likelihood ratios ---------------------------------------------------------------

    @cached_property
    def bound(self) -> float | None:
        """Largest log10 likelihood ratio that the validation supports."""
        return validated_bound()

    @cached_property
    def likelihood_ratios(self) -> tuple[LikelihoodRatio, ...]:
        """Against every rival source: routes that it enters and the proposition does not hold."""
        rows = []
        for source in self.sources:
            against = np.array([r.entrance.name == source for r in self.model.routes])
            against &= ~self.answer.inside
            if against.any():
                rows.append(self._ratio(source, against))
        return tuple(rows)

    @cached_property
    def route_ratios(self) -> tuple[LikelihoodRatio, ...]:
        """Against every route that the proposition does not hold, by its name."""
        alone = np.eye(len(self.routes), dtype=bool)
        return tuple(
            self._ratio(name, alone[z])
            for z, name in enumerate(self.routes)
            if not self.answer.inside[z]
        )

    @cached_property
    def likelihood_ratio_rest(self) -> LikelihoodRatio:
        """Against all other routes together; depends on the prior among them."""
        return self._ratio("rest", ~self.answer.inside)

    def _ratio(self, name: str, against: np.ndarray) -> LikelihoodRatio:
        a, inside = self.answer, self.answer.inside
        chosen = inside | against
        value = float(
            log10_ratio(a.log_prior[:1, chosen], a.log_evidence[:1, chosen], inside[chosen])[0]
        )
        p = a.log_prior[0] + a.log_evidence[0]
        error = 0.0
        for side in (inside, against):
            with np.errstate(invalid="ignore"):  # every route of the side may be excluded
                w = np.exp(p[side] - np.logaddexp.reduce(p[side], initial=-np.inf))
            error += float(((np.nan_to_num(w) * a.error[0, side]) ** 2).sum())
        limit = np.inf if self.bound is None else self.bound
        held = float(np.clip(value, -limit, limit))
        several = bool(inside.sum() > 1 or against.sum() > 1)
        return LikelihoodRatio(name, value, error**0.5, verbal_scale(held), several, held)

    @cached_property
    def held(self) -> Held:
        """The probability with the likelihood ratio held to the validated range."""
        return held(self.answer, self.bound).first

    # --- the verdict ---------------------------------------------------------------------

    @cached_property
    def judgement(self) -> Judgement:
        """The comparison with the standard, and what of it does not hold."""
        return judge(self)

    @property
    def verdict(self) -> Verdict:
        """Meets, meets but not robustly, or does not meet: a comparison, not a finding."""
        return verdict_of(self)

    @cached_property
    def standards(self) -> tuple[StandardRow, ...]:
        """The whole table of standards, each reached or not by the held probability."""
        return tuple(StandardRow(s, self.held.probability >= s.threshold) for s in load_standards())

    @cached_property
    def _steady(self) -> Evaluate:
        """For what is compared with the standard: repeats near it."""
        return _steady_near(self.threshold, self.bound, self.settings)

    @cached_property
    def _once(self) -> Evaluate:
        """For everything else: every row once, as a draft of the same randomisation."""
        drafts = replace(DRAFT, random_seed=self.settings.random_seed)
        return Once(lambda model, rows: evaluate(model, rows, settings=drafts), known=self.answer)

    @cached_property
    def variants(self) -> tuple[VariantResult, ...]:
        """Other readings of the facts, and stress on the model."""
        return self._under([v for v in self._plan if v.needed is None], known=self.compared)

    @cached_property
    def compared(self) -> tuple[VariantResult, ...]:
        """Those of the variants that a robust verdict asks something of."""
        return self._under([v for v in self._plan if v.needed is not None])

    @cached_property
    def _plan(self) -> tuple[Variant, ...]:
        from causation.analyses.variant_plan import planned_variants

        return planned_variants(self.model)

    def _under(
        self, plan: list[Variant], *, known: tuple[VariantResult, ...] = ()
    ) -> tuple[VariantResult, ...]:
        """Evaluate variants; with others that are known, in the order of the plan."""
        from causation.analyses.variants import variants

        found = variants(
            self.model,
            bound=self.bound,
            evaluate=self._once,
            precise=lambda level: Steady((level,), self.bound, self.settings),
            plan=plan,
        )
        by_id = {v.id: v for v in (*known, *found)}
        return tuple(by_id[v.id] for v in self._plan if v.id in by_id)

    @cached_property
    def membership_counted(self) -> VariantResult | None:
        """For comparison only: that those listed as users are users, counted as evidence."""
        from causation.analyses.variants import with_membership_counted

        return with_membership_counted(self.model, bound=self.bound, evaluate=self._once)

    @cached_property
    def security(self) -> tuple[SecurityFactor, ...]:
        """What every security record is worth; the variant ``no_security`` is without them."""
        return security_factors(self.model)

    @cached_property
    def by_set(self) -> Mapping[str, Assessment | CausationError]:
        """The same case assessed under every prior set, its own first; errors in their place."""
        return {
            name: self if found is self.model else self._like(found)
            for name, found in self._models.items()
        }

    @cached_property
    def sets(self) -> tuple[SetResult, ...]:
        """The case under every shipped prior set, each with its verdict."""
        from causation.analyses.sets import set_result

        own = self.filled.priors.id
        return tuple(set_result(s, a, own=s == own) for s, a in self.by_set.items())

    @cached_property
    def claimants(self) -> tuple[Claimant, ...]:
        """The proposition about every group of victims; plaintiffs with their verdict."""
        found = claimants(self.answer, self.roles.parts, bound=self.bound)
        return tuple(
            replace(c, verdict=self.about(c.group).verdict) if c.plaintiff else c for c in found
        )

    def about(self, group: str) -> Assessment:
        """Return the assessment of the proposition about a victim of another group.

        Raises
        ------
        InputError
            If there is no such group.
        """
        if group not in {g.id for g in self.filled.groups}:
            raise InputError(f"the case has no victim group {group!r}")
        first = next((g.id for g in self.filled.groups if g.first), None)
        if group == (self.filled.proposition.victim or first):
            return self
        if group not in self._about:
            found = self._like(about_victim(self.model, group))
            if isinstance(found, CausationError):
                raise found
            self._about[group] = found
        return self._about[group]

    @cached_property
    def _about(self) -> dict[str, Assessment]:
        return {}

    def _like(self, model: Model | CausationError) -> Assessment | CausationError:
        """Assess another model with the same settings; what cannot be is an error."""
        if isinstance(model, CausationError):
            return model
        try:
            answer = self._steady(model, model.base())
        except CausationError as error:
            return error
        return Assessment(model.filled, model, answer, self.settings, fewer_redraws=0)

    @cached_property
    def _models(self) -> Mapping[str, Model | CausationError]:
        from causation.analyses.sets import models_by_set

        return models_by_set(self.model)

    @cached_property
    def range_of_opinion(self) -> RangeOfOpinion:
        """Envelope of the case as it is, all prior sets and variants."""
        from causation.analyses.variants import range_of_opinion

        return range_of_opinion(
            self.probability, self.held.probability, [*self.variants, *self.sets]
        )

    @cached_property
    def redraws(self) -> Redraws:
        """Spread of the probability over inputs that are elicited once more."""
        from causation.analyses.redrawn import redraws

        return redraws(
            self.model, bound=self.bound, evaluate=self._once, fewer=self.fewer_redraws,
            random_seed=self.settings.random_seed,
        )  # fmt: skip

    # --- where the certainty comes from --------------------------------------------------

    @cached_property
    def burden(self) -> tuple[BurdenStage, ...]:
        """Posterior before any evidence and after each stage that brought evidence."""
        return burden(self.model, bound=self.bound, evaluate=self._once)

    @cached_property
    def contributions(self) -> Contributions:
        """Bans that each item of evidence adds to the odds of the proposition."""
        from causation.analyses.contributions import contributions

        return contributions(self.model, evaluate=self._once)

    @cached_property
    def dependence(self) -> DependenceAudit:
        """The same evidence as if independent, and what further victims are worth."""
        from causation.analyses.dependence import audit_dependence

        return audit_dependence(self.model, evaluate=self._once)

    @cached_property
    def prior_curve(self) -> PriorCurve:
        """Posterior for every prior, and the prior from which on the standard is reached."""
        from causation.analyses.prior_curve import prior_curve

        return prior_curve(self.answer, threshold=self.threshold, bound=self.bound)

    @cached_property
    def carriers(self) -> Carriers:
        """Inputs that carry the answer, and the residual at which the standard fails."""
        from causation.analyses.carriers import Carriers, carriers, residual_needed

        try:
            return carriers(self._shifts, bound=self.bound, answer=self.answer)
        except InputError as error:
            return Carriers((), residual_needed(self.answer, bound=self.bound), str(error))

    @cached_property
    def uncertainty(self) -> Uncertainty:
        """Every input's share in the uncertainty of the answer, and what would halve it."""
        from causation.analyses.uncertainty import uncertainty

        return uncertainty(self._shifts)

    @cached_property
    def _shifts(self) -> Shifts:
        from causation.analyses.carriers import shifts

        return shifts(self.model, evaluate=self._once)

    @cached_property
    def if_wrong(self) -> tuple[IfWrong, ...]:
        """The proposition without each item, under every prior set; first the case as it is."""
        from causation.analyses.if_wrong import if_wrong

        return if_wrong(self._models, bound=self.bound, evaluate=self._once)

    @property
    def notices(self) -> tuple[Notice, ...]:
        """What whoever wrote the case should look at."""
        return self.filled.notices

    # --- out ------------------------------------------------------------------------------

    @cached_property
    def figures(self) -> Mapping[str, Figure]:
        """Every figure by its id; one that could not be computed says why."""
        from causation.dossier.figures import figures_of

        return figures_of(self)

    def to_frame(self, table: str = "sources") -> pd.DataFrame:
        """One table as a data frame; see `causation.dossier.tables.to_frame` for their names."""
        from causation.dossier.tables import to_frame

        return to_frame(self, table)

    def to_datatree(self) -> xr.DataTree:
        """The posterior and its provenance; see `causation.inference.trees.to_datatree`."""
        from causation.inference.trees import to_datatree

        return to_datatree(self.answer, **self.provenance)

    @property
    def provenance(self) -> dict[str, Any]:
        """What is needed to compute the same numbers again."""
        return {
            "version": VERSION,
            "case_sha256": self.case.sha256,
            "prior_set": self.filled.priors.id,
            "prior_set_sha256": hashlib.sha256(canonical(self.filled.priors)).hexdigest(),
            "random_seed": self.settings.random_seed,
            "points": list(self.settings.points),
            "replicates": self.settings.replicates,
            "slower_road": bool(self.answer.slow[0]),
        }

    def to_dict(self, *, whole: bool = True) -> dict[str, Any]:
        """The contract of ``assess --json``, as plain Python data.

        Parameters
        ----------
        whole : bool
            With variants, prior sets and what needs them (the verdict's robustness).
        """
        from causation.dossier.contract import contract

        return contract(self, whole=whole)


def _steady_near(threshold: float, bound: float | None, settings: IntegratorSettings) -> Evaluate:
    """Evaluate rows, again with new randomisations those that lie near the standard or 1/2."""
    return Steady((threshold, 0.5), bound, settings, _possible)


def _possible(model: Model, rows: Scenarios, settings: IntegratorSettings) -> Answer:
    """Evaluate rows, and refuse evidence that excludes everything.

    Raises
    ------
    ImpossibleEvidenceError
        If no route is possible on the first row.
    """
    answer = evaluate(model, rows, settings=settings)
    if np.isneginf(answer.log_evidence[0]).all():
        raise ImpossibleEvidenceError("the evidence excludes every route")
    return answer


def assess(
    case: Case | Filled | str | Path,
    *,
    priors: Any = None,
    standard: str | float | None = None,
    engine: str = "integrate",
    random_seed: Seed = 20250723,
    settings: IntegratorSettings | None = None,
    **options: Any,
) -> Assessment:
    """Assess a case: the posterior of every route, and how it stands to the standard.

    Parameters
    ----------
    case : Case, Filled, str or Path
        A case, the path of a case file, or the id of a bundled case.
    priors : str, Path or PriorSet, optional
        Prior set, in place of the one that the case names.
    standard : str or float, optional
        Standard of proof (id, or a number in (0, 1)), in place of the case's.
    engine : {"integrate", "mcmc"}
    random_seed : int, numpy integer, Generator or None
        None for a new one; the assessment remembers which.
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
        If the evidence excludes every route.
    InputError
        If there is no such engine.

    Examples
    --------
    >>> a = assess("bic-2025-doxxing", priors="respondent", standard=0.5)
    >>> a.verdict.value, a.probability < a.threshold
    ('does_not_meet', True)
    """
    if not isinstance(case, Filled):
        case = fill(case, priors=priors, standard=standard)
    elif priors is not None or standard is not None:
        raise InputError("a filled case has its prior set and standard already")
    if engine == "integrate" and options:
        raise InputError(f"the integrator takes no {next(iter(options))}; see settings")
    model, random_seed = build_model(case), seed_of(random_seed)
    chosen = replace(settings or IntegratorSettings(), random_seed=random_seed)
    if engine == "integrate":
        answer = _steady_near(case.threshold, validated_bound(), chosen)(model, model.base())
    elif engine == "mcmc":
        answer = infer(model, engine=engine, random_seed=random_seed, **options)
    else:
        raise InputError(f"there is no engine {engine!r}; allowed: {', '.join(ENGINES)}")
    if np.isneginf(answer.log_evidence[0]).all():
        raise ImpossibleEvidenceError("the evidence excludes every route")
    return Assessment(case, model, answer, chosen, engine)
