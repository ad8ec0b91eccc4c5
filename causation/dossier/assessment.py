"""The answer for one case: the posterior of every route, and how it stands to the standard.

An `Assessment` is frozen. Its figures are declared: what is costly is computed when it is first
read and kept; nothing depends on the order in which it is read. Readers take every number from
here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from causation import analyses
from causation.analyses.bound import (
    validated_bound,
)
from causation.analyses.evaluating import Once, Together, evaluate_together
from causation.analyses.if_wrong import IfWrong, Without
from causation.analyses.steady import Steady, possible
from causation.analyses.verdict import judge, verdict_of
from causation.case.filled import Filled
from causation.case.schema import Case
from causation.document.mappings import EMPTY, kept
from causation.dossier.answered import Answered, figure
from causation.errors import CausationError, InputError
from causation.inference.evaluate import Answer, evaluate
from causation.inference.infer import infer
from causation.inference.integrate import DRAFT, IntegratorSettings
from causation.inference.memo import Memo
from causation.model.seeds import Seed, seed_of
from causation.model.structure import Model, build_model
from causation.version import VERSION

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

    from causation.analyses.carriers import Carriers

ENGINES = ("integrate", "mcmc")


def _figure[T](what: str, find: Callable[[Assessment], T]) -> kept[T]:
    return figure(what, find)


@dataclass(frozen=True, eq=False)
class Assessment(Answered):
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
    memo : Memo
        What was found while the answer was.
    serves : bool
        Whether it serves another assessment for its verdict: then inputs are redrawn at the
        elicitation sd of the prior set only.

    Examples
    --------
    >>> a = assess("bic-2025-doxxing")
    >>> a.routes[:2], a.proposition
    (('platform', 'platform/library'), ('platform',))
    """

    serves: bool = False

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, _memo: object) -> Self:
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        """What is kept is computed again."""
        found = replace(self, memo=Memo())
        return type(self), tuple(getattr(found, f.name) for f in fields(self))

    def __repr__(self) -> str:
        from causation.notebook.display import assessment_text

        return assessment_text(self)

    def _repr_html_(self) -> str:
        from causation.notebook.display import html_of

        return html_of(self)

    # --- other readings, other numbers, other claimants ----------------------------------

    @cached_property
    def once(self) -> Once:
        """Evaluates every row once, as a draft of the same randomisation."""
        drafts = replace(DRAFT, random_seed=self.settings.random_seed)
        return Once(settings=drafts, known=self.answer, memo=self.memo)

    @cached_property
    def redraw_plan(self) -> analyses.redrawn.Plan:
        """Inputs that are elicited once more, as rows."""
        fewer = 0 if self.serves else analyses.redrawn.FEWER
        seed = self.settings.random_seed
        return analyses.redrawn.Plan.of(self.model, fewer=fewer, random_seed=seed)

    @cached_property
    def shift_plan(self) -> analyses.carriers.Plan | None:
        """Every number shifted by itself, as rows; None where there are too many."""
        try:
            return analyses.carriers.Plan.of(self.model)
        except InputError:
            return None

    @cached_property
    def moves(self) -> Together | None:
        """Evaluates redrawn and shifted inputs in one call; None where one sort is wanted alone.

        Where integrals are sampled redrawn ones take fewer points.
        """
        if self.serves or self.shift_plan is None or self.memo.evidence:
            return None
        return Together(self.once, self.model, (self.redraw_plan.rows, self.shift_plan.rows))

    @property
    def robust_may_be(self) -> bool:
        """Whether the verdict may hang on variants: the case as stated reaches the standard."""
        return self.held.probability >= self.threshold

    def steady_at(self, level: float) -> Steady:
        """Evaluates rows until their comparison with a level hangs on no randomisation."""
        return Steady((level,), self.bound, self.settings, self.once.precise)

    readings = _figure(
        "Searches the variants that the case has.",
        lambda a: analyses.variants.Variants(
            a.model,
            bound=a.bound,
            evaluate=a.once,
            precise=a.steady_at if a.robust_may_be or a.memo.host is None else None,
        ),
    )
    compared = _figure(
        "Variants that a robust verdict asks something of.", lambda a: a.readings.compared
    )
    variants = _figure(
        "Other readings of the facts, and stress on the model.", lambda a: a.readings.every
    )
    membership_counted = _figure(
        "For comparison only: that those listed as users are users, counted as evidence.",
        lambda a: analyses.variants.with_membership_counted(
            a.model, bound=a.bound, evaluate=a.once
        ),
    )
    redraws = _figure(
        "Spread of the probability over inputs that are elicited once more.",
        lambda a: a.redraw_plan.found(a.moves or a.once.drawn, a.bound),
    )
    judgement = _figure("Comparison with the standard; what of it does not hold.", judge)
    verdict = _figure("Meets, meets not robustly, does not meet: a comparison.", verdict_of)
    models = _figure(
        "Models of the case under every prior set; errors in their place.",
        lambda a: analyses.sets.models_by_set(a.model),
    )

    @kept
    def by_set(self) -> Mapping[str, Assessment | CausationError]:
        """The same case assessed under every prior set, its own first; errors in their place."""
        others = [m for m in self.models.values() if isinstance(m, Model) and m is not self.model]
        if self.memo.host is not None:  # sampled: each set starts from the proposals of this one
            others = []
        asked = [(model, model.base()) for model in others]
        precise = partial(evaluate, settings=self.settings)
        first = dict(zip(others, evaluate_together(asked, precise), strict=True))
        return {
            name: self if found is self.model else self._like(found, first)
            for name, found in self.models.items()
        }

    sets = _figure(
        "The case under every shipped prior set, each with its verdict.",
        lambda a: tuple(
            analyses.sets.set_result(name, found, own=name == a.filled.priors.name)
            for name, found in a.by_set.items()
        ),
    )
    range_of_opinion = _figure(
        "Envelope of the case as it is, all prior sets and variants.",
        lambda a: analyses.variants.range_of_opinion(
            a.probability, a.held.probability, [*a.variants, *a.sets]
        ),
    )
    claimants = _figure(
        "The proposition about every group of victims; plaintiffs with their verdict.",
        lambda a: analyses.claimants.claimants(
            a.answer, a.roles.parts, bound=a.bound, verdict=lambda group: a.about(group).verdict
        ),
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
        if group == (self.filled.proposition.victim or self.first):
            return self
        if group not in self._about:
            found = self._like(analyses.claimants.about_victim(self.model, group))
            if isinstance(found, CausationError):
                raise found
            self._about[group] = found
        return self._about[group]

    @cached_property
    def _about(self) -> dict[str, Assessment]:
        return {}

    def _like(
        self, model: Model | CausationError, first: Mapping[Model, Answer] = EMPTY
    ) -> Assessment | CausationError:
        """Assess another model with the same settings; what cannot be is an error."""
        if isinstance(model, CausationError):
            return model
        memo, known = self.once.memos[model], first.get(model)
        try:
            answer = Steady.answer(model, self.bound, self.settings, memo, first=known)
        except CausationError as error:
            return error
        return Assessment(model.filled, model, answer, self.settings, memo=memo, serves=True)

    # --- where the certainty comes from --------------------------------------------------

    burden = _figure(
        "Posterior before any evidence and after each stage that brought evidence.",
        lambda a: analyses.burden.burden(a.model, bound=a.bound, evaluate=a.once),
    )
    contributions = _figure(
        "Bans that each item of evidence adds to the odds of the proposition.",
        lambda a: analyses.contributions.contributions(a.model, evaluate=a.once),
    )
    dependence = _figure(
        "The same evidence as if independent, and what further victims are worth.",
        lambda a: analyses.dependence.audit_dependence(a.model, evaluate=a.once),
    )
    prior_curve = _figure(
        "Posterior for every prior, and the prior from which on the standard is reached.",
        lambda a: analyses.prior_curve.prior_curve(a.answer, bound=a.bound),
    )
    security = _figure(
        "What every security record is worth; the variant ``no_security`` is without them.",
        lambda a: analyses.security.security_factors(a.model),
    )
    shifts = _figure(
        "The case with every number shifted by itself.",
        lambda a: (a.shift_plan or analyses.carriers.Plan.of(a.model)).found(a.moves or a.once),
    )
    uncertainty = _figure(
        "Every input's share in the uncertainty of the answer, and what would halve it.",
        lambda a: analyses.uncertainty.uncertainty(a.shifts),
    )

    @kept
    def carriers(self) -> Carriers:
        """Inputs that carry the answer, and the residual at which the standard fails."""
        room = analyses.carriers
        try:
            return room.carriers(self.shifts, bound=self.bound, answer=self.answer)
        except InputError as error:
            residual = room.residual_needed(self.answer, bound=self.bound)
            return room.Carriers((), residual, str(error))

    @kept
    def if_wrong(self) -> tuple[IfWrong, ...]:
        """The proposition without each item, under every prior set; first the case as it is."""
        room = analyses.if_wrong
        found = room.if_wrong(self.models, bound=self.bound, evaluate=self.once)
        assessed = {name: a for name, a in self.by_set.items() if isinstance(a, Assessment)}
        return room.settled(found, {name: a.known_without for name, a in assessed.items()})

    @property
    def known_without(self) -> Mapping[str, Without]:
        """By item what is known of the case without it, the answer itself by an empty name."""
        base = Without(self.probability, self.held.probability, self.robust_may_be)
        sources = [r.source for r in self.filled.security]
        known = analyses.if_wrong.without_by_variant
        return {"": base, **known(self.variants, self.threshold, security=sources)}

    # --- out ------------------------------------------------------------------------------

    def to_frame(self, table: str = "sources") -> pd.DataFrame:
        """One table as a data frame; see `causation.dossier.tables.to_frame` for their names."""
        from causation.dossier.tables import to_frame

        return to_frame(self, table)

    def to_datatree(self) -> xr.DataTree:
        """The posterior and its provenance; see `causation.inference.trees.to_datatree`."""
        from causation.inference.trees import to_datatree

        return to_datatree(self.answer, **self.provenance)

    @kept
    def provenance(self) -> Mapping[str, Any]:
        """What is needed to compute the same numbers again."""
        return {
            "version": VERSION,
            "case_sha256": self.case.sha256,
            "prior_set": self.filled.priors.name,
            "prior_set_sha256": self.filled.priors.sha256,
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
    if engine not in ENGINES:
        raise InputError(f"there is no engine {engine!r}; allowed: {', '.join(ENGINES)}")
    if engine == "integrate" and options:
        raise InputError(f"the integrator takes no {next(iter(options))}; see settings")
    model, random_seed = build_model(case, priors=priors, standard=standard), seed_of(random_seed)
    chosen = replace(settings or IntegratorSettings(), random_seed=random_seed)
    memo = Memo()
    if engine == "integrate":
        answer = Steady.answer(model, validated_bound(), chosen, memo)
    else:
        answer = possible(infer(model, engine=engine, random_seed=random_seed, **options))
    found = Assessment(model.filled, model, answer, chosen, engine, memo)
    _ = found.provenance  # digests of what was computed, whatever becomes of it
    return found
