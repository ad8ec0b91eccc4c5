"""The mixtures over linkage and misfit, against enumeration by hand."""

from __future__ import annotations

import dataclasses
import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from causation.errors import RefusalError
from causation.inference import infer
from causation.inference.components import MAX_STATES, Layout, compute_components
from causation.inference.integrate import IntegratorSettings
from causation.model.build import Model
from causation.scales import LN10
from tests.bridge import model_of
from tests.reference.evidence import Group, Problem, Source, vague

SETTINGS = IntegratorSettings()


def points(*p: float, misfit: float = 0.0, r: float = 0.5) -> Source:
    """A source of certain numbers."""
    with np.errstate(divide="ignore"):
        m = np.log(p) - np.log1p(-np.array(p))
    return Source("custodian", m, np.zeros(len(p)), r, misfit=misfit)


def wide(*m: float, misfit: float = 0.0) -> Source:
    return Source("custodian", m, np.full(len(m), 1.3), 0.4, misfit=misfit)


def certain(kappas: list[float], counts: list[int], *, selected: bool = False) -> Model:
    sources = [points(0.6, 0.3), points(0.2, 0.5), points(0.05, 0.9)]
    groups = [
        Group(n, [True, False], [False, i % 2 == 0], kappa=k)
        for i, (k, n) in enumerate(zip(kappas, counts, strict=True))
    ]
    return model_of(Problem(sources, groups, selected=selected, pi=[0.2, 0.5, 0.3]))


def by_hand(model: Model) -> np.ndarray:
    """``prod_g (kappa L + (1 - kappa) B)``, exact where no latent is shared."""
    p = 1.0 / (1.0 + np.exp(-model.field_center))
    prior = np.exp(model.log_prior)
    total = np.ones(len(prior))
    for g in range(len(model.groups)):
        like = np.prod(p ** model.disclosed[g] * (1.0 - p) ** model.withheld[g], axis=1)
        if model.selected:
            like = like / (1.0 - np.prod(1.0 - p, axis=1))
        like = like ** model.count[g]
        kappa = model.linkage[g]
        total = total * (kappa * like + (1.0 - kappa) * (prior @ like))
    return total


@pytest.mark.parametrize("selected", [True, False])
@pytest.mark.parametrize(
    "kappas", [[1.0], [0.0], [0.3], [1.0, 0.3, 0.3], [0.99, 0.0, 1.0, 0.5, 0.5, 0.5]]
)
def test_linkage_by_hand(kappas: list[float], selected: bool) -> None:
    model = certain(kappas, [1, 3, 3, 2, 2, 2][: len(kappas)], selected=selected)
    # closed form
    np.testing.assert_allclose(np.exp(infer(model).log_evidence), by_hand(model), rtol=1e-12)


def test_like_groups_are_counted_not_enumerated() -> None:
    """Two hundred like groups of uncertain linkage make 201 states, not 2 to the 200."""
    model = certain([1.0, *[0.4] * 200], [1] * 201)
    model = dataclasses.replace(model, withheld=np.tile(np.array([0.0, 1.0]), (201, 1)))
    layout = Layout.of(model)
    assert len(layout.states) == 202  # and the group alone
    np.testing.assert_allclose(infer(model).log_evidence, np.log(by_hand(model)), rtol=1e-12)


def test_too_many_combinations_are_refused_by_name() -> None:
    model = certain([0.5] * 11, list(range(1, 12)))
    with pytest.raises(RefusalError, match=r"11 different groups .* 2048 combinations"):
        infer(model)
    at_most = certain([1.0, *[0.5] * 10], list(range(1, 12)))
    assert math.prod([2] * 10) == MAX_STATES
    assert np.isfinite(infer(at_most).log_evidence).all()


def test_misfit_is_a_mixture_of_whole_branches() -> None:
    """``(1 - eps) L + eps L_vague``; the vague branch is the same for every source."""
    groups = [Group(3, [True, False], [False, True])]
    base = [points(0.6, 0.3), wide(-1.0, 2.0)]
    mixed = [dataclasses.replace(s, misfit=e) for s, e in zip(base, (0.02, 0.5), strict=True)]
    pure = infer(model_of(Problem([*base, vague(base[0])], groups, pi=[0.3, 0.3, 0.4])))
    ours = infer(model_of(Problem(mixed, groups, pi=[0.5, 0.5])))
    like, both = np.exp(pure.log_evidence), np.exp(ours.log_evidence)
    for i, eps in enumerate((0.02, 0.5)):
        # the same integrals on the same points
        assert both[i] == pytest.approx((1 - eps) * like[i] + eps * like[2], rel=1e-9)


def test_misfit_bounds_every_ratio() -> None:
    """A thousand victims that a source cannot explain: its evidence is eps times the vague."""
    groups = [Group(1000, [True], [False])]
    sources = [points(1e-6, misfit=0.02), points(0.999)]
    ours = infer(model_of(Problem(sources, groups, selected=False, pi=[0.5, 0.5])))
    alone = infer(model_of(Problem([vague(sources[0])], groups, selected=False)))
    expected = math.log(0.02) + alone.log_evidence[0]
    assert ours.log_evidence[0] == pytest.approx(expected, abs=1e-9)


def test_background_uses_the_misfit_and_the_prior_with_security() -> None:
    """A group of linkage 0 contributes ``sum_s pi_s L_s``, each ``L_s`` with its misfit."""
    groups = [Group(2, [True, True], [False, False], kappa=0.0)]
    sources = [points(0.6, 0.3, misfit=0.5), points(0.2, 0.5)]
    model = model_of(Problem(sources, groups, selected=False, pi=[0.9, 0.1]))
    ours = infer(model).log_evidence
    whole = infer(dataclasses.replace(model, linkage=np.ones(1))).log_evidence
    assert ours[0] == ours[1]
    assert math.exp(ours[0]) == pytest.approx(0.9 * math.exp(whole[0]) + 0.1 * math.exp(whole[1]))


def uncertain_model() -> Model:
    sources = [
        dataclasses.replace(wide(0.3, -0.5, misfit=0.02), member_m=[2.0], member_sd=[0.7]),
        Source("inference", [-1.0, 0.2], [0.8, 0.5], 0.3, [-0.9], [0.5], [0.1], [1.0], 0.1),
        dataclasses.replace(vague(wide(0.0, 0.0)), member_m=[0.0], member_sd=[1.8]),
    ]
    groups = [
        Group(1, [True, True], [False, False], [1.0], [True]),
        Group(4, [True, False], [False, False], [None], [True], 0.8),
        Group(2, [False, True], [True, False], [0.0], [None], 0.3),
    ]
    return model_of(Problem(sources, groups, [0.3], pi=[0.3, 0.5, 0.2]))


def test_splitting_a_group_into_halves_changes_nothing() -> None:
    model = uncertain_model()
    linked = dataclasses.replace(model, linkage=np.ones(3))
    halves = np.array([0, 1, 1, 2])
    split = dataclasses.replace(
        linked,
        groups=("g0", "g1a", "g1b", "g2"),
        group_stage=tuple(linked.group_stage[i] for i in halves),
        **{
            name: getattr(linked, name)[halves]
            for name in ("linkage", "disclosed", "withheld", "profile", "user")
        },
        count=np.array([1.0, 2.0, 2.0, 2.0]),
    )
    # the same victims pooled: rounding only
    np.testing.assert_allclose(
        infer(split).log_evidence, infer(linked).log_evidence, rtol=1e-9, atol=1e-9
    )


@given(st.permutations(range(3)))
@settings(max_examples=6, deadline=None)
def test_order_of_groups_is_irrelevant(order: list[int]) -> None:
    model = uncertain_model()
    shuffled = dataclasses.replace(
        model,
        groups=tuple(model.groups[i] for i in order),
        group_stage=tuple(model.group_stage[i] for i in order),
        **{
            name: getattr(model, name)[order]
            for name in ("linkage", "disclosed", "withheld", "profile", "user", "count")
        },
    )
    np.testing.assert_allclose(
        infer(shuffled).log_evidence, infer(model).log_evidence, rtol=1e-9, atol=1e-9
    )


@given(st.permutations(range(3)))
@settings(max_examples=6, deadline=None)
def test_order_and_names_of_sources_are_irrelevant(order: list[int]) -> None:
    model = uncertain_model()
    tables = (
        "proposition", "log_weight", "field_center", "field_sd", "correlation", "misfit",
        "effect_center", "effect_sd", "profiled", "member_center", "member_sd",
    )  # fmt: skip
    renamed = dataclasses.replace(
        model,
        sources=tuple(f"renamed{i}" for i in order),
        **{name: getattr(model, name)[order] for name in tables},
    )
    np.testing.assert_allclose(
        infer(renamed).log_evidence, infer(model).log_evidence[order], rtol=1e-9, atol=1e-9
    )


def test_order_and_names_of_fields_are_irrelevant() -> None:
    """Not to the last digit: the latents are other coordinates of the same space."""
    model = uncertain_model()
    swap = [1, 0]
    other = dataclasses.replace(
        model,
        fields=("b", "a"),
        **{
            name: getattr(model, name)[:, swap]
            for name in ("field_center", "field_sd", "disclosed", "withheld")
        },
    )
    one, two = infer(model), infer(other)
    limit = 5.4 * np.hypot(one.error, two.error) * LN10 + 1e-4
    assert (np.abs(one.log_evidence - two.log_evidence) < limit).all()


def test_linkage_zero_removes_a_group_from_the_posterior() -> None:
    model = uncertain_model()
    apart = dataclasses.replace(model, linkage=np.array([1.0, 0.8, 0.0]))
    gone = model.reduced(without_groups=["g2"])
    np.testing.assert_allclose(
        infer(apart).probability, infer(gone).probability, rtol=1e-6, atol=1e-9
    )


def test_a_source_of_vanishing_weight_changes_nothing() -> None:
    sources = [points(0.6, 0.3), wide(0.2, -0.4)]
    groups = [
        Group(1, [True, True], [False, False]),
        Group(3, [True, False], [False, True], kappa=0.7),
    ]
    two = infer(model_of(Problem(sources, groups, pi=[0.4, 0.6])))
    three = model_of(Problem([*sources, points(0.9, 0.9)], groups, pi=[0.4, 0.6, 1e-12]))
    np.testing.assert_allclose(infer(three).probability[:2], two.probability, rtol=1e-9)


def test_identical_sources_keep_their_prior_ratio() -> None:
    sources = [wide(0.3, 1.0)] * 3
    groups = [Group(5, [True, False], [False, True], kappa=0.5)]
    posterior = infer(model_of(Problem(sources, groups, pi=[0.2, 0.3, 0.5])))
    np.testing.assert_allclose(posterior.probability, [0.2, 0.3, 0.5], rtol=1e-12)


@given(
    st.lists(st.floats(0.0, 1.0), min_size=3, max_size=3),
    st.lists(st.floats(0.0, 1.0), min_size=3, max_size=3),
    st.lists(st.floats(-3.0, 3.0), min_size=3, max_size=3),
)
@settings(max_examples=25, deadline=None)
def test_reweighting_equals_a_new_model(
    linkage: list[float], misfit: list[float], weight: list[float]
) -> None:
    """Prior, linkage and misfit enter by arithmetic: no integral depends on them."""
    model = uncertain_model()
    (components,) = compute_components([model], SETTINGS)
    live = [k if i else 1.0 for i, k in enumerate(linkage)]
    live = [min(max(k, 0.01), 0.99) if i else 1.0 for i, k in enumerate(live)]
    eps = np.where(model.misfit > 0.0, misfit, 0.0)
    log_prior = np.array(weight) - np.logaddexp.reduce(weight)
    ours = components.log_evidence(log_prior, np.array(live), eps)
    changed = dataclasses.replace(model, log_weight=log_prior, linkage=np.array(live), misfit=eps)
    theirs = infer(changed).log_evidence_replicates
    np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-9)
    table = components.log_evidence(
        np.stack([log_prior, model.log_prior]), np.array(live), np.stack([eps, model.misfit])
    )
    assert table.shape == (8, 2, 3)
    np.testing.assert_allclose(table[:, 0], ours, rtol=1e-12)


def test_shared_integrals_are_computed_once() -> None:
    from causation.inference.components import Plan

    model = uncertain_model()
    alone, twice = Plan([model]), Plan([model, model])
    assert len(alone.problems) == len(twice.problems)
    keys = {p.key for p in alone.problems}
    assert len(keys) == len(alone.problems)
    assert len(list(itertools.chain(*alone.places[0].values()))) > len(keys)
