"""The simulator against the likelihood: how often each outcome is drawn, by enumeration."""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import chisquare, nbinom

from causation.case import load_case, resolve
from causation.errors import InputError
from causation.evidence.findings import FindingGroup, simulate_finding_group
from causation.evidence.security import incident_factor, simulate_incidents
from causation.inference.infer import infer_many
from causation.model.build import Model, build_model
from causation.model.simulation import SimulatedCase, one_victim_groups, simulate, with_evidence
from tests.bridge import model_of
from tests.reference import evidence as reference

DRAWS = 1500


def _model(*, selected: bool, victims: int, kappa: float = 1.0, missing: bool = False) -> Model:
    sources = (
        reference.Source(
            "custodian",
            m=(0.4, -1.0),
            sd=(0.8, 1.1),
            r=0.4,
            member_m=(1.5,),
            member_sd=(0.6,),
            misfit=0.2,
        ),
        reference.Source(
            "inference",
            m=(-0.7, 0.2),
            sd=(0.5, 0.9),
            r=0.2,
            gamma_m=(-1.5,),
            gamma_sd=(0.6,),
            member_m=(0.3,),
            member_sd=(0.9,),
        ),
    )
    groups = tuple(
        reference.Group(
            n=1,
            disclosed=(True, False),
            not_disclosed=(False, not (missing and i)),
            profile=(1.0,) if victims == 1 else (None,),
            users_of=(True,) if victims == 1 else (None,),
            kappa=kappa if i else 1.0,
        )
        for i in range(victims)
    )
    return model_of(
        reference.Problem(
            sources=sources, groups=groups, xref=(0.3,), pi=(0.6, 0.4), selected=selected
        )
    )


def _outcomes(model: Model) -> Iterator[Model]:
    """Every outcome that the victims of a model can show."""
    seen = (model.disclosed + model.withheld) > 0.0
    cells = [*zip(*np.nonzero(seen), strict=True)]
    items = [*zip(*np.nonzero(~np.isnan(model.profile)), strict=True)]
    users = [*zip(*np.nonzero(~np.isnan(model.user)), strict=True)]
    for bits in itertools.product((0.0, 1.0), repeat=len(cells) + len(items) + len(users)):
        disclosed = np.zeros_like(model.disclosed)
        profile, user = model.profile.copy(), model.user.copy()
        values = iter(bits)
        for table, places in ((disclosed, cells), (profile, items), (user, users)):
            for place in places:
                table[place] = next(values)
        shown = disclosed.any(axis=1) | (~seen).any(axis=1)
        if shown.all() or not model.selected:
            yield replace(
                model,
                disclosed=disclosed,
                withheld=np.where(seen, 1.0 - disclosed, 0.0),
                profile=profile,
                user=user,
            )


def _key(model: Model) -> bytes:
    parts = (model.disclosed, np.nan_to_num(model.profile), np.nan_to_num(model.user))
    return b"".join(part.tobytes() for part in parts)


@pytest.mark.parametrize("source", [0, 1])
@pytest.mark.parametrize(
    ("selected", "victims", "kappa", "missing"),
    [(True, 1, 1.0, False), (False, 1, 1.0, False), (True, 2, 0.5, False), (True, 2, 0.5, True)],
)
def test_outcomes_are_drawn_as_often_as_they_are_likely(
    source: int, selected: bool, victims: int, kappa: float, missing: bool
) -> None:
    """Chi-square over every outcome of profile, fields and membership; misfit and linkage in."""
    model = _model(selected=selected, victims=victims, kappa=kappa, missing=missing)
    outcomes = list(_outcomes(model))
    evidence = [p.log_evidence[source] for p in infer_many(outcomes)]
    known = ~np.isnan(model.profile)
    weight = [
        math.exp(value) * np.where(m.profile == 1.0, 0.3, 0.7)[known].prod()
        for value, m in zip(evidence, outcomes, strict=True)
    ]
    # the likelihood is normalised over outcomes, to the integrator's error
    assert sum(weight) == pytest.approx(1.0, abs=0.01)
    rng = np.random.default_rng(1)
    name = model.sources[source]
    count = Counter(_key(simulate(model, source=name, rng=rng).model) for _ in range(DRAWS))
    observed = [count.pop(_key(m), 0) for m in outcomes]
    assert not count
    expected = np.array(weight) / sum(weight) * DRAWS
    # one draw in a thousand of a right simulator would fail; the seed is fixed
    assert chisquare(observed, expected).pvalue > 1e-3


def test_sources_are_drawn_from_the_prior() -> None:
    model = _model(selected=True, victims=1)
    rng = np.random.default_rng(2)
    count = Counter(simulate(model, rng=rng).source for _ in range(DRAWS))
    assert chisquare([count["s0"], count["s1"]], [0.6 * DRAWS, 0.4 * DRAWS]).pvalue > 1e-3


@pytest.mark.parametrize("source", [0, 1])
def test_findings_are_drawn_as_often_as_they_are_likely(source: int) -> None:
    from causation.evidence.findings import finding_group_log_likelihood

    log_prior = np.log([0.7, 0.3])
    group = FindingGroup("g", ("a", "b"), np.log([[0.9, 0.2], [0.6, 0.3]]), 0.8, 0.3)
    rng = np.random.default_rng(3)
    drawn = [simulate_finding_group(group, source, log_prior, rng) for _ in range(DRAWS)]
    count = Counter((d.log_likelihood.tobytes(), d.repeats) for d in drawn)
    share = {}
    for d in drawn:
        value = finding_group_log_likelihood(d.log_likelihood, 0.8, d.repeats, log_prior)[source]
        # a mixed outcome shows that nothing was repeated, which has probability 1 - 0.3
        share[d.log_likelihood.tobytes(), d.repeats] = math.exp(value) * (
            0.7 if not d.repeats else 1
        )
    assert sum(share.values()) == pytest.approx(1.0, abs=1e-12)
    keys = list(share)
    assert chisquare([count[k] for k in keys], [DRAWS * share[k] for k in keys]).pvalue > 1e-3


def test_incidents_favour_the_source_by_the_factor_of_its_record() -> None:
    """The ratio of their probabilities is the factor that the model applies."""
    shape, rate, years = 1.5, 4.0, 6.0
    k = np.arange(4)
    source = nbinom.pmf(k, shape + 1, rate / (rate + years))
    other = nbinom.pmf(k, shape, rate / (rate + years))
    factor = [incident_factor(shape, rate, int(n), years) for n in k]
    np.testing.assert_allclose(source / other, factor, rtol=1e-12)
    rng = np.random.default_rng(4)
    drawn = [simulate_incidents(shape, rate, years, rng, is_source=True) for _ in range(DRAWS)]
    observed = [drawn.count(int(n)) for n in k]
    expected = source * DRAWS
    rest = DRAWS - sum(observed)
    assert chisquare([*observed, rest], [*expected, DRAWS - expected.sum()]).pvalue > 1e-3


def _beijing() -> Model:
    return build_model(resolve(load_case("bic-2025-doxxing")))


def test_a_shipped_case_is_drawn_whole() -> None:
    model = _beijing()
    case = simulate(model, rng=np.random.default_rng(5))
    assert case.model.count.sum() == model.count.sum() == len(case.model.groups)
    assert case.source in model.sources
    assert set(case.latents) == {"u", "c", "g", "d"}
    assert len(case.model.finding_groups) == len(model.finding_groups)


def test_a_case_of_findings_alone_is_drawn() -> None:
    model = _beijing()
    bare = model.reduced(without_groups=model.groups)
    none, flat = np.zeros((0, 0)), np.zeros((len(model.sources), 0))
    bare = replace(bare, fields=(), disclosed=none, withheld=none, field_center=flat, field_sd=flat)
    case = simulate(bare, rng=np.random.default_rng(5))
    assert case.model.groups == ()
    assert len(case.model.finding_groups) == len(model.finding_groups)


def test_the_elicited_model_sees_the_evidence_of_another_world() -> None:
    model = _beijing()
    world = replace(model, correlation=np.full_like(model.correlation, 0.9))
    case: SimulatedCase = simulate(world, rng=np.random.default_rng(6))
    seen = with_evidence(model, case)
    np.testing.assert_array_equal(seen.disclosed, case.model.disclosed)
    np.testing.assert_array_equal(seen.correlation, model.correlation)


def test_impossible_simulations_are_refused() -> None:
    model = _beijing()
    many = replace(model, count=np.array([1.0, 5000.0]))
    with pytest.raises(InputError, match="5001 victims"):
        one_victim_groups(many)
    with pytest.raises(InputError, match="11 victims of uncertain linkage"):
        one_victim_groups(replace(model, count=np.array([1.0, 11.0])))
    with pytest.raises(InputError, match="no source 'nobody'"):
        simulate(model, source="nobody", rng=np.random.default_rng(0))
