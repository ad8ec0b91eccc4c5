"""What an analysis is asked about, and the log odds that its conclusion rests on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from causation.analyses.bound import held, log10_odds
from causation.model.structure import Given, Model, build_model
from causation.scales import LN10

if TYPE_CHECKING:
    from causation.inference.evaluate import Answer

__all__ = ["Given", "log_odds", "model_of"]


def model_of(given: Given, **options: Any) -> Model:
    """Return the model itself, or that of a case.

    Parameters
    ----------
    given : Model, Filled, Case, str or Path
    **options
        ``priors`` and ``standard`` in place of those of the case.
    """
    return build_model(given, **options)


def log_odds(answer: Answer, bound: float | None = None) -> np.ndarray:
    """Natural log odds of the proposition, shape (S,).

    Parameters
    ----------
    answer : Answer
    bound : float, optional
        log10 of the greatest likelihood ratio that they may rest on; without it they are exact
        also where the proposition is all but certain.
    """
    if bound is None:
        return LN10 * log10_odds(answer)
    p = held(answer, bound).probability
    with np.errstate(divide="ignore"):
        result: np.ndarray = np.log(p) - np.log1p(-p)
    return result
