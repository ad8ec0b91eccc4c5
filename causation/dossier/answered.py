"""What an answer says by itself: probabilities of routes and sources, ratios, what is held.

Figures are declared: each is found when it is first read, and kept.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from causation import analyses
from causation.analyses.bound import held, likelihood_ratio, likelihood_ratios, validated_bound
from causation.case.filled import Filled
from causation.case.library import Standard, load_standards
from causation.document.mappings import Closed, kept
from causation.inference.evaluate import Answer
from causation.inference.integrate import IntegratorSettings
from causation.inference.memo import Memo
from causation.inference.roles import find_roles
from causation.model.structure import Model


@dataclass(frozen=True, slots=True)
class StandardRow:
    """One standard of proof, and whether the held probability reaches it."""

    standard: Standard
    met: bool


def figure[T](what: str, find: Callable[[Any], T]) -> kept[T]:
    """Declare a figure: what it is, and how it is found when it is first read."""
    found = kept(find)
    found.__doc__ = what
    return found


def _figure[T](what: str, find: Callable[[Answered], T]) -> kept[T]:
    return figure(what, find)


@dataclass(frozen=True, eq=False)
class Answered(Closed):
    """A case with its answer, and what follows from that alone; see `Assessment`."""

    filled: Filled
    model: Model
    answer: Answer
    settings: IntegratorSettings
    engine: str = "integrate"
    memo: Memo = field(default_factory=Memo)

    case = _figure("The case as stated.", lambda a: a.filled.case)
    routes = _figure("Names of the routes.", lambda a: a.model.route_names)
    sources = _figure("Names of the candidate sources.", lambda a: a.model.source_names)
    proposition = _figure("Source, or union, to prove.", lambda a: a.filled.proposition.sources)
    standard_id = _figure("Standard of proof.", lambda a: a.filled.standard_id)
    threshold = _figure("The standard as a probability.", lambda a: a.filled.threshold)
    notices = _figure("What to look at in the case.", lambda a: a.filled.notices)
    first = _figure(
        "Group of the first plaintiff.",
        lambda a: next((g.id for g in a.filled.groups if g.first), None),
    )
    prior = _figure("Prior probability by route.", lambda a: a.by_route("route_prior"))
    log_evidence = _figure(
        "Natural log of the likelihood by route, findings included.",
        lambda a: a.by_route("log_evidence"),
    )
    posterior = _figure("Posterior probability by route.", lambda a: a.by_route("posterior"))
    error = _figure("Standard error of the log10 evidence.", lambda a: a.by_route("error"))
    excluded = _figure(
        "Routes that the evidence excludes.",
        lambda a: tuple(r for r, x in a.log_evidence.items() if np.isneginf(x)),
    )
    source_prior = _figure("Prior by entrance.", lambda a: a.by_entrance(a.prior))
    source_posterior = _figure("Posterior by entrance.", lambda a: a.by_entrance(a.posterior))
    probability = _figure(
        "Posterior probability of the proposition: the model's.",
        lambda a: float(a.answer.probability[0]),
    )
    probability_error = _figure(
        "Standard error of `probability` from the numerics alone.",
        lambda a: float(a.answer.probability_error[0]),
    )
    prior_probability = _figure(
        "Prior probability of the proposition's routes.", lambda a: float(a.answer.prior[0])
    )
    roles = _figure(
        "Every source's part, for the plaintiff's fields and for every victim.",
        lambda a: find_roles(a.model, a.answer, settings=a.settings, memo=a.memo),
    )
    victims = _figure(
        "By victim group and source: chance of a role for such a victim.",
        lambda a: a.roles.victims,
    )
    any_remove = _figure(
        "By custodian from which a library may descend: chance of a role at any remove.",
        lambda a: analyses.claimants.at_any_remove(a.answer, a.roles.parts.get(str(a.first))),
    )

    def by_route(self, name: str) -> dict[str, float]:
        """One of the answer's numbers by route, for the case as it is."""
        values = getattr(self.answer, name)[0]
        return dict(zip(self.routes, values.tolist(), strict=True))

    def by_entrance(self, table: Mapping[str, float]) -> dict[str, float]:
        """Sums of a table by route over the routes that start at every source."""
        found = dict.fromkeys(self.sources, 0.0)
        for route in self.model.routes:
            found[route.entrance.name] += table[route.name]
        return found

    @kept
    def propositions(self) -> Mapping[str, Mapping[str, Any]]:
        """By source: ``role``, ``entrance``, ``alone``, and by field ``supplied``, ``sole``.

        ``any_remove`` stands where a library may descend from an old leak of the source: that it
        played a role itself, or through such a library.
        """
        parts = ("role", "entrance", "alone", "supplied", "sole")
        return {
            s: {part: getattr(self.roles, part)[s] for part in parts}
            | ({"any_remove": self.any_remove[s]} if s in self.any_remove else {})
            for s in self.sources
        }

    bound = _figure(
        "Largest log10 likelihood ratio that the validation supports.", lambda _: validated_bound()
    )
    likelihood_ratios = _figure(
        "Against every rival source: routes that it enters and the proposition does not hold.",
        lambda a: likelihood_ratios(
            a.answer, [r.entrance.name for r in a.model.routes], bound=a.bound
        ),
    )
    route_ratios = _figure(
        "Against every route that the proposition does not hold, by its name.",
        lambda a: likelihood_ratios(a.answer, a.routes, bound=a.bound),
    )
    likelihood_ratio_rest = _figure(
        "Against all other routes together.",
        lambda a: likelihood_ratio(a.answer, ~a.answer.inside, name="rest", bound=a.bound),
    )
    held = _figure(
        "The probability with the likelihood ratio held to the validated range.",
        lambda a: held(a.answer, a.bound).first,
    )
    standards = _figure(
        "The whole table of standards, each reached or not by the held probability.",
        lambda a: tuple(
            StandardRow(s, a.held.probability >= s.threshold) for s in load_standards()
        ),
    )
