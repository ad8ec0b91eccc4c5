"""Global indices: closed forms of a linear function, seeds, and SALib's own distances."""

from __future__ import annotations

import numpy as np
import pytest

from causation.analyses.indices import global_sensitivity, pawn_medians
from causation.analyses.spread import spreads_of
from causation.errors import InputError
from causation.model.structure import build_model
from tests.analyses.faking import linear

CASE = "bic-2025-doxxing"
SLOPES = {"sources.platform.weight": 1.0, "sources.osint.weight": -0.5, "actor.publishes": 0.1}


@pytest.mark.parametrize("method", ["sobol", "shapley"])
def test_indices_of_a_linear_function_are_its_shares_of_variance(method: str) -> None:
    model = build_model(CASE)
    sds = {s.path: s.sd for s in spreads_of(model)}
    variances = np.array([(SLOPES[p] * sds[p]) ** 2 for p in SLOPES])
    share = variances / variances.sum()
    found = global_sensitivity(
        model, method=method, inputs=list(SLOPES), samples=256, evaluate=linear(0.0, SLOPES)
    )
    assert found.paths == tuple(SLOPES)
    assert (found.interval[:, 0] - 0.01 <= share).all()
    assert (share <= found.interval[:, 1] + 0.01).all()
    np.testing.assert_allclose(found.index, share, atol=0.1)
    assert found.log_odds.std() == pytest.approx(np.sqrt(variances.sum()), rel=0.05)


def test_pawn_ranks_and_its_distances_are_salibs() -> None:
    from SALib.analyze.pawn import analyze

    rng = np.random.default_rng(0)
    x = rng.random((400, 3))
    y = x[:, 0] + 0.2 * x[:, 1] ** 2
    problem = {"num_vars": 3, "names": ["a", "b", "c"], "bounds": [[0, 1]] * 3}
    np.testing.assert_allclose(pawn_medians(x, y), analyze(problem, x, y)["median"], rtol=1e-12)
    found = global_sensitivity(
        CASE, method="pawn", inputs=list(SLOPES), samples=16, evaluate=linear(0.0, SLOPES)
    )
    assert found.paths == tuple(SLOPES)
    assert (found.interval[:, 0] <= found.index).all()
    assert (found.index <= found.interval[:, 1]).all()
    assert list(found.to_dataframe().columns) == ["path", "index", "lower", "upper"]


def test_the_model_itself_ranks_the_weight_above_what_hardly_counts() -> None:
    paths = ["sources.osint.correlation", "sources.platform.weight"]
    found = global_sensitivity(CASE, inputs=paths, samples=8)
    assert found.paths[0] == "sources.platform.weight"
    assert found.index[0] > 0.9


def test_a_seed_repeats() -> None:
    options = {"inputs": list(SLOPES), "samples": 16, "evaluate": linear(0.0, SLOPES)}
    one, two, three = (global_sensitivity(CASE, random_seed=s, **options) for s in (0, 0, 1))  # type: ignore[arg-type]
    np.testing.assert_array_equal(one.log_odds, two.log_odds)
    assert not np.array_equal(one.log_odds, three.log_odds)


def test_mistakes() -> None:
    with pytest.raises(InputError, match="no method 'morris'"):
        global_sensitivity(CASE, method="morris")
    with pytest.raises(InputError, match=r"did you mean 'sources.osint.weight'"):
        global_sensitivity(CASE, inputs=["sources.osint.wieght"])
    with pytest.raises(InputError, match="no input is given"):
        global_sensitivity(CASE, inputs=[])
    with pytest.raises(InputError, match="at least 8"):
        global_sensitivity(CASE, samples=2)
