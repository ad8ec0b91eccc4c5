"""The dependence audit: the naive ratio by hand, and a bound that no count exceeds."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest

from causation.analyses.dependence import audit_dependence, saturation_curve
from causation.analyses.naive import naive_log_evidence
from causation.evidence.findings import FindingGroup
from causation.inference import infer
from causation.inference.integrate import IntegratorSettings
from causation.model.build import Model
from tests.bridge import model_of
from tests.build import assessed
from tests.reference.evidence import Group, Problem, Source, logit_interval

SETTINGS = IntegratorSettings()
COUNTS = [1, 10, 1000, 100_000, 1_000_000]


def source(kind: str, *fields: tuple[float, float], gamma: float | None = None) -> Source:
    m, sd = (np.array(v) for v in zip(*(logit_interval(*f) for f in fields), strict=True))
    effect = ([gamma], [0.5]) if gamma is not None else ((), ())
    return Source(kind, m, sd, 0.5, *effect)


def findings(*likelihood: float) -> tuple[FindingGroup, ...]:
    with np.errstate(divide="ignore"):
        return (FindingGroup("f", ("f",), np.log([likelihood]), 1.0, 0.0),)


def plain(*, selected: bool = True, kappa: float = 0.9) -> Model:
    sources = [
        source("custodian", (0.3, 0.95), (0.2, 0.9)),
        source("custodian", (0.01, 0.2), (0.2, 0.9)),
        source("residual", (0.05, 0.95), (0.05, 0.95)),
    ]
    groups = [
        Group(1, [True, True], [False, False]),
        Group(5, [True, False], [False, True], kappa=kappa),
    ]
    return model_of(Problem(sources, groups, selected=selected, pi=[0.3, 0.5, 0.2]))


def profiled(*, second: float) -> Model:
    """An inference source, rare profiles, and another uncertain group beside the first."""
    sources = [
        source("custodian", (0.3, 0.95)),
        source("inference", (1e-4, 1e-3), gamma=4.0),
    ]
    groups = [
        Group(1, [True], [False], [None]),
        Group(3, [True], [False], [1.0], kappa=second),
        Group(5, [True], [False], [0.0], kappa=0.5),
    ]
    return model_of(Problem(sources, groups, [0.003], pi=[0.01, 0.99]))


def union() -> Model:
    """A union whose likely member the findings all but exclude."""
    sources = [
        source("custodian", (0.9, 0.99)),
        source("custodian", (0.01, 0.05)),
        source("custodian", (0.9, 0.99)),
    ]
    groups = [Group(1, [False], [False]), Group(5, [False], [True], kappa=0.9)]
    model = model_of(Problem(sources, groups, selected=False, pi=[0.5, 0.01, 0.49]))
    return dataclasses.replace(
        model,
        proposition=np.array([True, True, False]),
        finding_groups=findings(1e-12, 1.0, 0.5),
    )


CASES = {
    "selected": plain(),
    "attempted": plain(selected=False),
    "hardly linked": plain(kappa=0.01),
    "all but certain": plain(kappa=0.999),
    "profile of another source": profiled(second=0.5),
    "profile, one group certain": profiled(second=1.0),
    "profile of the proposition": dataclasses.replace(
        profiled(second=0.5), proposition=np.array([False, True])
    ),
    "union with findings": union(),
}


@pytest.mark.parametrize("name", CASES)
def test_no_count_exceeds_the_bound(name: str) -> None:
    model = CASES[name]
    audit = audit_dependence(model, infer(model), SETTINGS)
    for row in audit.co_victims:
        if math.isinf(row.limit_bans):
            continue
        g = model.groups.index(row.group)
        without, _ = infer(model.reduced(without_groups=[row.group])).log10_lr()
        for count in COUNTS:
            counts = model.count.copy()
            counts[g] = count
            value, error = infer(dataclasses.replace(model, count=counts)).log10_lr()
            # exact bound; the numerical error of two ratios, four standard errors
            assert value - without <= row.limit_bans + 4.0 * error + 0.005, count


def test_the_bound_is_nearly_reached() -> None:
    """Where the co-victims are impossible for the rest, the bound is what they are worth."""
    sources = [source("custodian", (0.9, 0.9)), source("custodian", (1e-6, 1e-6))]
    groups = [Group(1, [False], [False]), Group(50, [True], [False], kappa=0.6)]
    model = model_of(Problem(sources, groups, selected=False, pi=[0.25, 0.75]))
    (row,) = audit_dependence(model, infer(model), SETTINGS).co_victims
    # closed form: 1 + kappa / ((1 - kappa) pi); the rest is 300 bans away
    assert row.limit_bans == pytest.approx(math.log10(1.0 + 0.6 / (0.4 * 0.25)), rel=1e-12)
    assert row.bans == pytest.approx(row.limit_bans, rel=1e-12)


def test_certain_linkage_has_no_bound_and_no_linkage_adds_nothing() -> None:
    for kappa, limit in ((1.0, math.inf), (0.0, 0.0)):
        model = plain(kappa=kappa)
        (row,) = audit_dependence(model, infer(model), SETTINGS).co_victims
        assert row.limit_bans == limit
    # the same integrals in another batch: rounding only
    assert row.bans == pytest.approx(0.0, abs=1e-6)


def test_a_profile_that_nobody_has_leaves_no_bound() -> None:
    """With a reference share of 1 a victim without the item can be worth anything."""
    model = dataclasses.replace(profiled(second=0.5), reference=np.array([1.0]))
    audit = audit_dependence(model, infer(model), SETTINGS)
    assert all(math.isinf(row.limit_bans) for row in audit.co_victims)


def test_naive_ratio_by_hand() -> None:
    """Point-valued fields: every victim multiplies, and so does the finding."""
    sources = [
        source("custodian", (0.8, 0.8), (0.5, 0.5)),
        source("residual", (0.3, 0.3), (0.1, 0.1)),
    ]
    groups = [
        Group(1, [True, True], [False, False]),
        Group(3, [True, False], [False, True], kappa=0.5),
    ]
    model = dataclasses.replace(
        model_of(Problem(sources, groups, selected=False, pi=[0.4, 0.6])),
        finding_groups=(FindingGroup("f", ("f",), np.log([[0.9, 0.2]]), 0.75, 0.5),),
    )
    audit = audit_dependence(model, infer(model), SETTINGS)
    finding = [0.75 * p + 0.25 * (0.4 * 0.9 + 0.6 * 0.2) for p in (0.9, 0.2)]
    one = 0.8 * 0.5 * (0.8 * 0.5) ** 3 * finding[0]
    two = 0.3 * 0.1 * (0.3 * 0.9) ** 3 * finding[1]
    assert audit.independent_log10_lr == pytest.approx(math.log10(one / two), rel=1e-12)
    (row,) = audit.co_victims
    each = math.log10((0.8 * 0.5) / (0.3 * 0.9))
    assert row.independent_bans == pytest.approx(3 * each, rel=1e-12)
    assert row.equivalent == pytest.approx(row.bans / each, rel=1e-12)


def test_shared_latents_are_listed() -> None:
    audit = assessed().dependence
    shared = {s.latent: s.evidence for s in audit.shared}
    assert shared["c[platform,phone]"] == (
        "victims.plaintiff.disclosed.phone",
        "victims.others.disclosed.phone",
    )
    assert "c[platform,real_name]" not in shared
    assert "d[platform,platform]" in shared
    assert not any("osint" in latent for latent in shared)


def test_saturation_curve() -> None:
    """The model's ratio levels off, the naive one does not; each point is a model of its own."""
    model = plain()
    ours, naive = saturation_curve(model, "g1", [0, 1, 5, 5000], SETTINGS)
    assert ours[2] == pytest.approx(infer(model).log10_lr()[0], abs=1e-12)
    assert ours[0] == pytest.approx(
        infer(model.reduced(without_groups=["g1"])).log10_lr()[0], abs=1e-12
    )
    log_naive = naive_log_evidence(model) + model.log_prior
    rest = np.logaddexp(log_naive[1], log_naive[2]) - math.log(0.7)
    expected = (log_naive[0] - math.log(0.3) - rest) / math.log(10.0)
    assert naive[2] == pytest.approx(expected, rel=1e-12)
    assert abs(ours[3] - ours[0]) < abs(naive[3] - naive[0])


def test_of_many_groups_the_largest_are_audited() -> None:
    from causation.analyses.dependence import MAX_AUDITED

    sources = [source("custodian", (0.3, 0.9)), source("residual", (0.05, 0.95))]
    sizes = np.random.default_rng(1).permutation(np.arange(1, MAX_AUDITED + 6))
    groups = [Group(1, [True], [False])]
    groups += [Group(int(n), [True], [False]) for n in sizes]
    model = model_of(Problem(sources, groups, selected=False, pi=[0.5, 0.5]))
    audit = audit_dependence(model, infer(model), SETTINGS)
    kept = [row.count for row in audit.co_victims]
    assert kept == [int(n) for n in sizes if n > 5]
