"""Many victims who outvote a narrow interval: the mode lies tens of deviations out.

One latent by sums over a fine grid, in logarithms, with the mode inside. Those who belong to the
series all but surely are as good as those who do, and have a state for every number of them.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from causation.case import Case, fill
from causation.inference.evaluate import evaluate
from causation.model.structure import build_model

LN10 = np.log(10.0)
NARROW = (0.3, 0.4)


def _log10_mean(published: float, withheld: float = 0.0, times: float = 1.0) -> float:
    """Log10 of E[p^published (1 - times p)^withheld] of a share of this interval."""
    low, high = (np.log(p / (1.0 - p)) for p in NARROW)
    z = np.linspace(-150.0, 150.0, 600_001)
    log_p = -np.logaddexp(0.0, -(0.5 * (low + high) + 0.5 * (high - low) / 1.6448536269514722 * z))
    log_f = published * log_p - 0.5 * z * z
    if withheld:
        log_f = log_f + withheld * np.log1p(-times * np.exp(log_p))
    whole = np.logaddexp.reduce(log_f) + np.log(z[1] - z[0]) - 0.5 * np.log(2.0 * np.pi)
    return float(whole / LN10)


def _evidence(
    count: int, linkage: float, *, publishes: Any, share: Any, hidden: bool = False
) -> tuple[Any, Any]:
    """Log10 evidence of the library and its error: a plaintiff and `count` more who are alike."""
    fields = {"disclosed": ["phone"]}
    others = {"not_disclosed": ["phone"], "disclosed": ["email"]} if hidden else fields
    tree = {
        "schema": 2, "id": "far", "jurisdiction": "none", "proposition": "shop",
        "routes": "single", "standard": 0.75,
        "sources": {
            "shop": {"kind": "custodian", "holds": ["phone"]},
            "library": {
                "kind": "leaked_library", "misfit": 0.0,
                "disclosure": {"phone": share, "email": 0.9},
            },
        },
        "victims": [
            {"id": "first", "plaintiff": True, **fields},
            {"id": "more", "count": count, "linkage": linkage, **others},
        ],
        "actor": {"publishes": publishes},
    }  # fmt: skip
    model = build_model(fill(Case.model_validate(tree)))
    found = evaluate(model)
    place = model.route_names.index("library")
    return found.log_evidence[0, place] / LN10, found.error[0, place]


@pytest.mark.parametrize("linkage", [1.0, 1.0 - 1e-9])
@pytest.mark.parametrize("count", [10, 1000, 100_000])
def test_a_share_published_that_all_outvote(count: int, linkage: float) -> None:
    found, error = _evidence(count, linkage, publishes=[*NARROW], share=0.8)
    expected = _log10_mean(count + 1.0) + (count + 1.0) * np.log10(0.8)
    assert found == pytest.approx(expected, abs=4.0 * error + 1e-3)


@pytest.mark.parametrize("linkage", [1.0, 1.0 - 1e-9])
@pytest.mark.parametrize("count", [10, 1000, 100_000])
def test_a_share_given_that_all_outvote(count: int, linkage: float) -> None:
    found, error = _evidence(count, linkage, publishes=0.7, share=[*NARROW])
    expected = _log10_mean(count + 1.0) + (count + 1.0) * np.log10(0.7)
    assert found == pytest.approx(expected, abs=4.0 * error + 1e-3)


@pytest.mark.parametrize("linkage", [1.0, 1.0 - 1e-9])
@pytest.mark.parametrize("count", [10, 1000, 100_000])
def test_a_share_given_of_whom_all_but_one_show_nothing(count: int, linkage: float) -> None:
    found, error = _evidence(count, linkage, publishes=0.7, share=[*NARROW], hidden=True)
    expected = _log10_mean(1.0, count, 0.7) + np.log10(0.7) + count * np.log10(0.9 * 0.7)
    assert found == pytest.approx(expected, abs=4.0 * error + 1e-3)


def test_a_list_by_one_of_two_of_whom_both_were_published() -> None:
    """Either all is published of everybody, or the name is given of nobody but in the photo.

    Seven bans were missed at a stated .002: no search began where the name is never given. The
    expected value is that of importance sampling from many starts in `tests.reference` (standard
    error .005).
    """
    fields = ["id_photo", "real_name"]
    tree = {
        "schema": 2, "id": "any", "jurisdiction": "none", "standard": 0.75,
        "incident_date": "2023-10-02", "proposition": ["shop"],
        "sources": {"shop": {"kind": "custodian", "holds": ["phone", *fields]},
                    "unknown": {"kind": "residual", "weight": [0.2841, 4.8418]}},
        "actor": {"users": {"shop": [0.05, 0.06]}, "traits": {"anonymous": 0.4461}},
        "victims": [
            {"id": "p", "disclosed": fields, "traits": {"anonymous": True}, "plaintiff": True},
            {"id": "g", "disclosed": fields, "count": 39206, "users_of": ["shop"],
             "traits": {"handle_reuse": True},
             "known_by": {"published_any": fields, "traits": ["handle_reuse"]}},
            {"id": "q", "disclosed": ["phone", *fields], "users_of": ["shop"], "plaintiff": True},
        ],
    }  # fmt: skip
    model = build_model(fill(Case.model_validate(tree)))
    answer = evaluate(model)
    place = model.route_names.index("shop")
    assert answer.log_evidence[0, place] / LN10 == pytest.approx(-119.723, abs=0.02)
    assert answer.error[0, place] < 0.01
