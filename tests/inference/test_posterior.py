"""The posterior object, and the way in to the engines."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from causation.errors import ImpossibleEvidenceError, InputError
from causation.inference import Posterior, infer
from causation.inference.infer import infer_many
from causation.scales import LN10
from tests.build import document, model_of_document
from tests.reference import evidence as reference

PI = np.array([0.5, 0.3, 0.2])


def posterior(log_evidence: Any, proposition: tuple[bool, ...] = (True, False, False)) -> Posterior:
    return Posterior(
        sources=("a", "b", "c"),
        proposition=np.array(proposition),
        log_prior=np.log(PI),
        log_evidence_replicates=np.atleast_2d(np.asarray(log_evidence, dtype=float)),
        engine="integrate",
        random_seed=1,
    )


@given(st.lists(st.floats(-2000.0, 2000.0), min_size=3, max_size=3))
@settings(max_examples=50)
def test_bayes(log_evidence: list[float]) -> None:
    ours = posterior(log_evidence)
    theirs = reference.posterior(PI, np.array(log_evidence))
    np.testing.assert_allclose(ours.probability, theirs, rtol=1e-9, atol=1e-300)
    assert ours.probability.sum() == pytest.approx(1.0, rel=1e-12)
    assert 0.0 <= ours.proposition_probability <= 1.0
    assert ours.proposition_probability == pytest.approx(ours.probability_of(["a"]), rel=1e-12)


def test_union() -> None:
    """Its probability is the sum, its likelihood the prior-weighted mean."""
    log_l = np.array([-1.0, -3.0, -0.5])
    both = posterior(log_l, (True, True, False))
    assert both.proposition_probability == pytest.approx(both.probability[:2].sum(), rel=1e-12)
    union = reference.union_log_likelihood(PI, log_l, [0, 1])
    assert both.log10_lr(["c"])[0] == pytest.approx((union - log_l[2]) / LN10, rel=1e-12)
    one = posterior(log_l)
    rest = reference.union_log_likelihood(PI, log_l, [1, 2])
    assert one.log10_lr()[0] == pytest.approx((log_l[0] - rest) / LN10, rel=1e-12)
    odds = one.proposition_probability / (1.0 - one.proposition_probability)
    assert math.log10(odds) == pytest.approx(one.log10_lr()[0] + math.log10(0.5 / 0.5), rel=1e-12)


def test_pairwise_ratio_is_free_of_the_prior() -> None:
    log_l = np.array([-1.0, -3.0, -0.5])
    for source, k in (("b", 1), ("c", 2)):
        expected = (log_l[0] - log_l[k]) / LN10
        assert posterior(log_l).log10_lr([source])[0] == pytest.approx(expected, rel=1e-12)


def test_errors_from_replicates() -> None:
    """By the delta method, written out; they shrink with the number of randomisations."""
    rng = np.random.default_rng(0)
    table = np.array([-10.0, -12.0, -300.0]) + 0.01 * rng.standard_normal((16, 3))
    ours = posterior(table)
    # of the mean of 16 evidences, relative, in bans
    expected = np.exp(table - table.mean(axis=0)).std(axis=0, ddof=1) / 4.0 / LN10
    np.testing.assert_allclose(ours.error, expected, rtol=1e-3)
    single = np.array([posterior(row).proposition_probability for row in table])
    assert ours.proposition_error == pytest.approx(single.std(ddof=1) / 4.0, rel=1e-9)
    ratio = (table[:, 0] - table[:, 1]) / LN10
    assert ours.log10_lr(["b"])[1] == pytest.approx(ratio.std(ddof=1) / 4.0, rel=1e-9)


def test_one_replicate_has_no_error() -> None:
    ours = posterior([-1.0, -2.0, -3.0])
    assert ours.error.tolist() == [0.0, 0.0, 0.0]
    assert ours.proposition_error == 0.0


def test_excluded_sources() -> None:
    nothing = -math.inf
    excluded = posterior([[-1.0, nothing, -2.0]] * 2)
    assert excluded.probability[1] == 0.0
    assert excluded.error[1] == 0.0
    assert excluded.log10_lr(["b"]) == (math.inf, 0.0)
    lost = posterior([[nothing, nothing, -2.0]] * 2)
    assert lost.proposition_probability == 0.0
    assert lost.log10_lr(["c"]) == (-math.inf, 0.0)
    undefined, error = lost.log10_lr(["b"])
    assert math.isnan(undefined)
    assert error == 0.0


FINDING: dict[str, Any] = {
    "id": "decisive",
    "likelihood": {"platform": 0, "osint": 0, "unknown": 0},
    "reliability": 1,
}


def test_findings_that_exclude_every_source_are_named() -> None:
    with pytest.raises(ImpossibleEvidenceError, match="platform by finding decisive"):
        infer(model_of_document(findings=[FINDING]))


def test_memberships_that_exclude_every_source_are_named() -> None:
    sources = document()["sources"]
    for source in sources.values():
        source |= {"membership": {"platform": 0}, "misfit": 0}
    victims = document()["victims"][:1]
    with pytest.raises(ImpossibleEvidenceError, match="osint by memberships of the victims"):
        infer(model_of_document(sources=sources, victims=victims))


def test_findings_only_and_nothing_at_all() -> None:
    """Without victims only findings speak; without either the prior stands."""
    finding = document()["findings"][0] | {"reliability": 1}
    finding["likelihood"] = {"platform": 0.4, "osint": 0.9, "unknown": 0.1}
    ours = infer(model_of_document(victims=[], findings=[finding]))
    expected = reference.posterior(ours.prior, np.log([0.4, 0.9, 0.1]))
    np.testing.assert_allclose(ours.probability, expected, rtol=1e-12)
    bare = infer(model_of_document(victims=[], findings=[]))
    np.testing.assert_allclose(bare.probability, bare.prior, rtol=1e-12)
    assert bare.log10_lr()[0] == pytest.approx(0.0, abs=1e-12)


def test_an_uninformative_finding_changes_nothing() -> None:
    """LR = 1, whatever its size."""
    base = document()["findings"]
    flat = {"id": "flat", "likelihood": {"platform": 0.01, "osint": 0.01, "unknown": 0.01}}
    one = infer(model_of_document())
    two = infer(model_of_document(findings=[*base, {**flat, "reliability": 0.7}]))
    np.testing.assert_allclose(one.probability, two.probability, rtol=1e-12)


def test_an_unreliable_finding_changes_nothing() -> None:
    base = document()["findings"]
    sharp = {"id": "sharp", "likelihood": {"platform": 0.99, "osint": 0.001, "unknown": 0.01}}
    one = infer(model_of_document())
    two = infer(model_of_document(findings=[*base, {**sharp, "reliability": 0}]))
    np.testing.assert_allclose(one.probability, two.probability, rtol=1e-12)


def test_order_of_findings_of_different_groups_is_irrelevant() -> None:
    other = {
        "id": "other",
        "likelihood": {"platform": 0.5, "osint": 0.2, "unknown": 0.3},
        "reliability": 0.9,
    }
    base = document()["findings"]
    one = infer(model_of_document(findings=[*base, other]))
    two = infer(model_of_document(findings=[other, *base]))
    np.testing.assert_allclose(one.probability, two.probability, rtol=1e-12)


def test_several_models_share_their_integrals() -> None:
    model = model_of_document()
    less = model.reduced(without_findings=["audit"])
    many = infer_many([model, less])
    np.testing.assert_allclose(many[0].probability, infer(model).probability, rtol=1e-9)
    np.testing.assert_allclose(many[1].probability, infer(less).probability, rtol=1e-9)


def test_there_are_two_engines() -> None:
    with pytest.raises(InputError, match="no engine 'guess'; allowed: integrate, mcmc"):
        infer(model_of_document(), engine="guess")
