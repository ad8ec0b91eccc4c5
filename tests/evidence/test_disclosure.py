"""Disclosure: closed forms, both forms of the likelihood, normalisation, simulation."""

from __future__ import annotations

import dataclasses
import itertools
import math

import numpy as np
import pytest

from causation.evidence import KINDS
from causation.evidence.base import Branch, log_p_and_q, logsumexp
from causation.evidence.disclosure import DISCLOSURE, ProfileCells, exchangeable_root
from causation.inference import infer
from causation.inference.components import Plan
from causation.model.build import Model
from tests.bridge import model_of
from tests.reference.evidence import Group, Problem, Source, vague

P = (0.7, 0.2, 0.05)
XREF = (0.3, 0.8)
GAMMA = (-1.1, 0.6)


def logit(p: float) -> float:
    return math.log(p / (1.0 - p))


def expit(x: float) -> float:
    return 1.0 / (1.0 + math.exp(-x))


def point_model(
    groups: list[Group], *, selected: bool = True, xref: tuple[float, ...] = XREF
) -> Model:
    """Every interval a single number."""
    m, zero = [logit(p) for p in P], [0.0, 0.0, 0.0]
    sources = [
        Source("custodian", m, zero),
        Source("inference", m, zero, gamma_m=GAMMA, gamma_sd=(0.0, 0.0)),
    ]
    return model_of(Problem(sources, groups, xref, selected=selected, pi=(0.5, 0.5)))


def by_hand(group: Group, source: int, *, selected: bool) -> float:
    """``Q / Z`` of one victim in plain Python."""

    def p(f: int, x: tuple[float, ...]) -> float:
        shift = sum(g * (a - b) for g, a, b in zip(GAMMA, x, XREF, strict=True)) if source else 0.0
        return expit(logit(P[f]) + shift)

    def weight(x: tuple[float, ...]) -> float:
        return math.prod(r if a else 1.0 - r for a, r in zip(x, XREF, strict=True))

    corners = list(itertools.product((0.0, 1.0), repeat=2))
    q = total = 0.0
    for corner in corners:
        x = tuple(c if k is None else k for c, k in zip(corner, group.profile, strict=True))
        unknown = [k is None for k in group.profile]
        if any(c and not u for c, u in zip(corner, unknown, strict=True)):
            continue
        w = math.prod(
            (r if c else 1.0 - r) for c, u, r in zip(corner, unknown, XREF, strict=True) if u
        )
        parts = [
            p(f, x) if group.disclosed[f] else 1.0 - p(f, x) if group.not_disclosed[f] else 1.0
            for f in range(3)
        ]
        q += w * math.prod(parts)
    for corner in corners:
        total += weight(corner) * (1.0 - math.prod(1.0 - p(f, corner) for f in range(3)))
    return q / total if selected else q


GROUPS = [
    Group(1, [True, True, False], [False, False, True], [1.0, 0.0]),
    Group(6, [True, False, False], [False, True, False], [None, 1.0]),
    Group(10_000, [True, False, False], [False, False, False], [None, None]),
    Group(40, [False, False, True], [True, False, False], [0.37, None]),
]


@pytest.mark.parametrize("selected", [True, False])
@pytest.mark.parametrize("which", [(0,), (1,), (2,), (3,), (0, 1, 2, 3)])
def test_single_numbers_by_hand(which: tuple[int, ...], selected: bool) -> None:
    groups = [GROUPS[i] for i in which]
    log_l = infer(point_model(groups, selected=selected)).log_evidence
    for s in range(2):
        expected = sum(g.n * math.log(by_hand(g, s, selected=selected)) for g in groups)
        assert log_l[s] == pytest.approx(expected, rel=1e-12)  # closed form


def test_a_victim_is_worth_at_most_the_rarity_of_its_profile() -> None:
    """However strong the odds ratio, ``Q / Z <= 1 / P(x)``."""
    for effect in (-30.0, 30.0):
        group = Group(1, [True, False, False], [False, False, False], [1.0, 0.0])
        model = point_model([group])
        model = dataclasses.replace(model, effect_center=np.array([[0.0, 0.0], [effect, -effect]]))
        assert infer(model).log_evidence[1] <= -math.log(0.3 * 0.2) + 1e-12


@pytest.mark.parametrize("missing", [(), (0,), (1, 2), (0, 1, 2)])
def test_selected_victims_with_fields_made_missing_stay_normalised(
    missing: tuple[int, ...],
) -> None:
    """Over profiles and the outcomes of the other fields the probabilities of a victim sum to 1.

    A group of which no disclosed field is known any more is still known to be exposed.
    """
    total = np.zeros(2)
    seen = [f for f in range(3) if f not in missing]
    for x in itertools.product((0.0, 1.0), repeat=2):
        weight = math.prod(r if a else 1.0 - r for a, r in zip(x, XREF, strict=True))
        for outcome in itertools.product((True, False), repeat=len(seen)):
            state = dict(zip(seen, outcome, strict=True))
            disclosed = [state.get(f, False) for f in range(3)]
            if not missing and not any(disclosed):
                continue
            withheld = [f in state and not state[f] for f in range(3)]
            group = Group(1, disclosed, withheld, list(x))
            total += weight * np.exp(infer(point_model([group])).log_evidence)
    np.testing.assert_allclose(total, 1.0, rtol=1e-12)


def test_dropping_a_field_is_a_missing_field() -> None:
    model = point_model(GROUPS[:2])
    dropped = model.reduced(without_fields=["f1"])
    assert dropped.fields == model.fields
    stated = point_model(
        [
            Group(1, [True, False, False], [False, False, True], [1.0, 0.0]),
            Group(6, [True, False, False], [False, False, False], [None, 1.0]),
        ]
    )
    np.testing.assert_allclose(infer(dropped).log_evidence, infer(stated).log_evidence, rtol=1e-12)


def test_blank_groups_are_exposed_groups() -> None:
    """With its only disclosed field missing, a victim still had something disclosed."""
    group = Group(3, [True, False, False], [False, True, False], [1.0, 1.0])
    log_l = infer(point_model([group]).reduced(without_fields=["f0"])).log_evidence
    for s in range(2):
        shift = sum(g * (1.0 - b) for g, b in zip(GAMMA, XREF, strict=True)) if s else 0.0
        p = [expit(logit(q) + shift) for q in P]
        exposure = sum(
            math.prod(r if a else 1.0 - r for a, r in zip(x, XREF, strict=True))
            * (
                1.0
                - math.prod(
                    1.0
                    - expit(
                        logit(q)
                        + (
                            sum(g * (a - b) for g, a, b in zip(GAMMA, x, XREF, strict=True))
                            if s
                            else 0
                        )
                    )
                    for q in P
                )
            )
            for x in itertools.product((0.0, 1.0), repeat=2)
        )
        one = (1.0 - p[1]) * (1.0 - (1.0 - p[0]) * (1.0 - p[2])) / exposure
        assert log_l[s] == pytest.approx(3 * math.log(one), rel=1e-12)


@pytest.mark.parametrize("selected", [True, False])
@pytest.mark.parametrize("branch", [Branch.ELICITED, Branch.VAGUE])
def test_both_forms_of_the_likelihood_agree(selected: bool, branch: int) -> None:
    """Pooled for the integrator, group by group for PyMC: the same at the same latents."""
    rng = np.random.default_rng(4)
    sources = [
        Source(
            "custodian", [0.2, -1.0, 2.0], [0.7, 1.2, 0.4], 0.4, member_m=[1.0], member_sd=[0.5]
        ),
        Source(
            "inference",
            [-0.2, 0.3, -3.0],
            [0.9, 0.3, 1.1],
            0.4,
            [-0.5, 0.9],
            [0.6, 0.2],
            [0.1],
            [0.3],
        ),
    ]
    groups = [
        dataclasses.replace(g, users_of=[u])
        for g, u in zip(GROUPS, (True, None, False, True), strict=True)
    ]
    model = model_of(Problem(sources, groups, XREF, selected=selected, pi=(0.5, 0.5)))
    for s in range(2):
        u, c, g = rng.standard_normal(), rng.standard_normal(3), rng.standard_normal(2)
        d = rng.standard_normal(1)
        latents = {"u": u, "c": c, "g": g, "d": d}
        by_group = sum(
            kind.log_likelihood(np, model, s, branch, latents) for kind in KINDS.values()
        )
        pooled = 0.0
        for name, kind in KINDS.items():
            for problem in kind.problems(model, s, branch, np.ones(len(groups))):
                batch = type(problem).stack([problem])
                if name == "membership":
                    z = d
                else:
                    r = model.correlation[s] if branch == Branch.ELICITED else 0.5
                    root = exchangeable_root(r, 3)
                    z = np.linalg.solve(root, math.sqrt(r) * u + math.sqrt(1 - r) * c)
                    if batch.dim > 3:
                        z = np.concatenate([z, g])
                pooled += float(batch.log_likelihood(z[None, None, :])[0, 0])
        assert float(np.sum(by_group)) == pytest.approx(pooled, rel=1e-11)


@pytest.mark.parametrize("r", [0.0, 0.3, 0.99, 1.0])
@pytest.mark.parametrize("size", [1, 2, 7])
def test_exchangeable_root(r: float, size: int) -> None:
    root = exchangeable_root(r, size)
    expected = (1.0 - r) * np.eye(size) + r
    np.testing.assert_allclose(root @ root.T, expected, atol=1e-14)


def test_no_fields_no_root() -> None:
    assert exchangeable_root(0.5, 0).shape == (0, 0)


def test_cells_share_out_the_unknown() -> None:
    cells = ProfileCells.build(np.array([[np.nan, 1.0], [0.0, 0.5]]), np.array([0.3, 0.8]))
    np.testing.assert_allclose(cells.group_weight.sum(axis=1), 1.0, rtol=1e-15)
    assert cells.reference_weight.sum() == pytest.approx(1.0, rel=1e-15)
    x = cells.offsets + np.array([0.3, 0.8])
    np.testing.assert_allclose(cells.group_weight @ x, [[0.3, 1.0], [0.0, 0.5]], rtol=1e-15)
    np.testing.assert_allclose(cells.reference_weight @ x, [0.3, 0.8], rtol=1e-15)


@pytest.mark.parametrize("x", [-800.0, -40.0, 0.0, 1e-9, 40.0, 800.0])
def test_log_p_and_q_without_cancellation(x: float) -> None:
    log_p, log_q = log_p_and_q(np, np.array(x))
    assert log_p == pytest.approx(-np.logaddexp(0.0, -x), rel=1e-15)
    assert log_q == pytest.approx(-np.logaddexp(0.0, x), rel=1e-15)


def test_logsumexp_of_nothing() -> None:
    x = np.array([[-np.inf, -np.inf], [-1e300, 0.0], [1e300, 1e300]])
    assert logsumexp(np, x, axis=-1).tolist() == [-np.inf, 0.0, 1e300]


@pytest.mark.parametrize("selected", [True, False])
@pytest.mark.parametrize("source", [0, 1])
def test_simulated_victims_follow_the_likelihood(source: int, selected: bool) -> None:
    """Frequencies of every profile and pattern against ``P(x) Q / Z``."""
    group = Group(1, [True, False, False], [False, True, True], [1.0, 0.0])
    model = point_model([group], selected=selected)
    rng = np.random.default_rng(9)
    n = 8000
    seen: dict[tuple[float, ...], int] = {}
    for _ in range(n):
        drawn = DISCLOSURE.simulate(model, source, Branch.ELICITED, rng)
        key = (*drawn["profile"][0], *drawn["disclosed"][0])
        assert (drawn["disclosed"] + drawn["withheld"] == 1.0).all()
        seen[key] = seen.get(key, 0) + 1
    for x in itertools.product((0.0, 1.0), repeat=2):
        weight = math.prod(r if a else 1.0 - r for a, r in zip(x, XREF, strict=True))
        for y in itertools.product((0.0, 1.0), repeat=3):
            if selected and not any(y):
                assert (*x, *y) not in seen
                continue
            one = Group(1, [v == 1 for v in y], [v == 0 for v in y], list(x))
            p = weight * by_hand(one, source, selected=selected)
            error = math.sqrt(p * (1.0 - p) / n)
            # 4.5 binomial standard errors: thirty-two comparisons in each of four runs
            assert abs(seen.get((*x, *y), 0) / n - p) < 4.5 * error + 1.0 / n


def test_vague_branch_ignores_the_profile() -> None:
    """The unmodelled branch of an inference source is that of the reference's vague source."""
    model = point_model(GROUPS[:1])
    one = dataclasses.replace(model, misfit=np.ones(2))
    source = Source("residual", [0.0] * 3, [0.0] * 3)
    plain = model_of(
        Problem([vague(source)], [Group(1, [True, True, False], [False, False, True])], pi=(1.0,))
    )
    np.testing.assert_allclose(infer(one).log_evidence, infer(plain).log_evidence[0], rtol=1e-9)
    assert len(Plan([one]).problems) == 3  # two points and one shared vague integral


def test_terms_list_what_a_victim_shares() -> None:
    model = point_model(GROUPS[:2])
    terms = DISCLOSURE.terms(model, 1)
    assert ("u[s1]", "c[s1,f0]", "g[s1,x0]", "g[s1,x1]") in [t.latents for t in terms]
    assert all(not any("g[" in latent for latent in t.latents) for t in DISCLOSURE.terms(model, 0))
    assert len(terms) == 5
    assert model.terms()[: len(terms)]


def test_a_case_without_fields() -> None:
    model = point_model(GROUPS[:1]).reduced(without_groups=["g0"])
    bare = dataclasses.replace(model, fields=(), disclosed=np.zeros((0, 0)))
    assert DISCLOSURE.problems(bare, 0, Branch.ELICITED, np.zeros(0)) == []
    assert DISCLOSURE.log_likelihood(np, bare, 0, Branch.ELICITED, {}).shape == (0,)
