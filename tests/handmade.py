"""A dossier with numbers written by hand: what readers show does not depend on any integral."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from causation.analyses.burden import BurdenStage
from causation.analyses.carriers import Carrier, Carriers, ResidualNeeded
from causation.analyses.claimants import claimants
from causation.analyses.contributions import Contribution, Contributions
from causation.analyses.dependence import CoVictims, DependenceAudit, SharedLatent
from causation.analyses.if_wrong import IfWrong, Without
from causation.analyses.items import evidence_rows
from causation.analyses.redrawn import Redrawn, Redraws
from causation.analyses.sets import SetResult
from causation.analyses.uncertainty import InputShare, Uncertainty
from causation.analyses.variants import VariantResult
from causation.case import Case, fill, load_case
from causation.dossier.assessment import Assessment
from causation.inference.evaluate import Answer, inside
from causation.inference.integrate import IntegratorSettings
from causation.inference.roles import Part, Roles
from causation.model.structure import build_model

__all__ = ["VARIANTS", "dossier"]

VARIANTS = (
    ("chains_off", "model", True, 0.77, 0.76),
    ("residual_2", "model", True, 0.68, 0.67),
    ("no_security", "model", False, 0.81, 0.78),
    ("silence_others", "reading", False, 0.155, 0.15),
    ("variants.same_fields", "reading", False, 0.88, 0.86),
)
"""Id, kind, whether it binds, probability, held probability."""


def dossier(case: str | Case = "bic-2025-doxxing", *, bound: float = 1.0) -> Assessment:
    """An assessment whose evidence rises by half a natural logarithm from route to route."""
    filled = fill(load_case(case) if isinstance(case, str) else case)
    model = build_model(filled)
    routes = len(model.routes)
    prior = np.linspace(1.0, 2.0, routes)
    answer = Answer(
        model,
        np.log(prior / prior.sum())[None],
        0.5 * np.arange(routes, 0, -1)[None],
        np.full((1, routes), 0.001),
        np.where(inside(model.routes, filled.proposition), 0.9, 0.0)[None],
        np.zeros(1, bool),
    )
    a = Assessment(filled, model, answer, IntegratorSettings())
    rng = np.random.default_rng(1)
    parts = {
        "bound": bound,
        "roles": _roles(a),
        "variants": tuple(_variant(*row, threshold=a.threshold) for row in VARIANTS),
        "sets": (_set("neutral", 0.8), _set("claimant", 0.95), _set("respondent", 0.3)),
        "membership_counted": None,
        "redraws": Redraws(
            0.5, rng.beta(6.0, 2.0, 50), rng.beta(5.0, 2.0, 50), a.threshold,
            (Redrawn(0.25, np.full(5, 0.7), np.full(5, 0.6), a.threshold),), 1,
        ),
        "burden": (
            BurdenStage("prior", 0.13, -0.8, 0.13, met=False),
            BurdenStage("prima_facie", 0.71, 0.4, 0.7, met=False),
            BurdenStage("rebuttal", 0.96, 1.4, 0.91, met=True),
        ),
        "contributions": _contributions(a),
        "dependence": _dependence(a),
        "carriers": Carriers(
            (Carrier(f"sources.{a.proposition[0]}.weight", 0.53, 0.89, 0.22),
             Carrier("actor.publishes", 0.7, 0.6, 0.15)),
            ResidualNeeded("sources.unknown.weight", 0.5, 1.234),
        ),
        "uncertainty": Uncertainty(
            1.2,
            (InputShare(f"sources.{a.proposition[0]}.weight", 0.7, 1.0, "judgement", {}, 6),
             InputShare("actor.publishes", 0.3, 0.66, "V", {}, 20)),
            2, 1.0, 1, 4,
        ),
        "if_wrong": tuple(
            IfWrong(row, {"neutral": Without(0.6, 0.55, meets=False)})
            for row in (None, *evidence_rows(model))
        ),
    }  # fmt: skip
    a.__dict__.update(parts)
    a.__dict__["compared"] = tuple(v for v in a.variants if v.needed is not None)
    a.__dict__["by_set"] = {s.id: a for s in a.sets}
    a.__dict__["claimants"] = tuple(
        replace(c, verdict=a.verdict if c.plaintiff else None)
        for c in claimants(answer, a.roles.parts, bound=bound)
    )
    return a


def _roles(a: Assessment) -> Roles:
    shares = {s: 0.1 * (k + 1) for k, s in enumerate(a.sources)}
    first = next((g for g in a.filled.groups if g.first), None)
    fields = first.disclosed if first else ()
    table = {s: dict.fromkeys(fields, p / 2) for s, p in shares.items()}
    return Roles(
        shares, {s: p / 4 for s, p in shares.items()}, {s: p + 0.05 for s, p in shares.items()},
        table, {s: {f: p / 3 for f, p in row.items()} for s, row in table.items()},
        {g.id: shares for g in a.filled.groups}, {g.id: 0.9 for g in a.filled.groups},
        {g.id: _part(a, g.first) for g in a.filled.groups},
    )  # fmt: skip


def _part(a: Assessment, first: bool) -> Part:
    even = np.full(len(a.routes), 1.0 / len(a.routes))
    linked = np.full(len(a.routes), 1.0 if first else 0.9)
    return Part(linked, 0.5 * linked, even, 0.5 * even)


def _variant(
    name: str, kind: Any, binding: bool, probability: float, held: float, *, threshold: float
) -> VariantResult:
    label = {"en": f"Reading {name}", "zh": f"解读{name}"}
    needed = threshold if binding else None
    return VariantResult(name, label, kind, binding, probability, held, held >= threshold, needed)


def _set(name: str, probability: float) -> SetResult:
    label = {"en": name, "zh": name}
    return SetResult(name, label, name == "neutral", probability, probability, probability >= 0.75)


def _contributions(a: Assessment) -> Contributions:
    steps = [0.5, -0.25, 0.125, 0.1, 0.05, *([0.0] * 30)]
    rows = tuple(
        Contribution(row, step, step / 2, step, 0.01, {})
        for row, step in zip(evidence_rows(a.model), steps, strict=False)
    )
    return Contributions(rows, -0.75, sum(r.sequential for r in rows), exact=False)


def _dependence(a: Assessment) -> DependenceAudit:
    groups = tuple(CoVictims(g.id, g.count, 0.2, 0.9, 1.1) for g in a.filled.groups if not g.first)
    fields = tuple(i.id for i in a.model.items if i.kind == "fields")
    label = {"en": "what the platform yields", "zh": "平台提供信息的程度"}
    shared = (SharedLatent("u.platform", label, fields),) if len(fields) > 1 else ()
    return DependenceAudit(1.25, 3.5, groups, shared)
