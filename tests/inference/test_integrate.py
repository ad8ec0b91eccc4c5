"""The integrator on single integrals: bent ridges, far modes, its own error, refusal, memory."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from causation.errors import RefusalError
from causation.evidence.base import Problem
from causation.inference import infer
from causation.inference.components import Plan
from causation.inference.integrate import IntegratorSettings, integrate
from causation.scales import LN10
from tests.bridge import model_of
from tests.reference import evidence as reference
from tests.reference.grid import hard_problem

TOLERANCE = 0.01
"""Of log10 evidence within 20 bans of the best source, as model.md demands."""


def _bent() -> reference.Problem:
    """Forty victims of unlikely profile under selection: a ridge with a wide plateau beside it."""
    hard = hard_problem(np.random.default_rng(1027))
    source = replace(hard.sources[1], misfit=0.0)
    groups = [replace(g, kappa=1.0) for g in hard.groups[:2]]
    return reference.Problem([source], groups, hard.xref, selected=True)


def _problems(problem: reference.Problem) -> list[Problem]:
    return [p for p in Plan([model_of(problem)]).problems if p.signature[0] == "disclosure"]


def test_bent_ridge() -> None:
    problem = _bent()
    expected = reference.log_evidence(problem) / LN10
    posterior = infer(model_of(problem))
    difference = posterior.log_evidence / LN10 - expected
    assert abs(difference[0]) < TOLERANCE
    # four standard errors: one fit at the mode was off by seven, all shifts agreeing
    assert abs(difference[0]) < 4.0 * posterior.error[0]
