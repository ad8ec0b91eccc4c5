"""Portfolios: many cases at once, each as it stands."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from causation.case import Case, load_case, resolve
from causation.inference.components import compute_components
from causation.inference.infer import posterior_from_components
from causation.inference.integrate import IntegratorSettings
from causation.model.build import Model, build_model
from causation.version import VERSION

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["assess_portfolio"]

_BATCH = 64
"""Cases whose integrals are collected and computed together."""


def assess_portfolio(
    cases: Sequence[Case | str | Path],
    *,
    priors: str | Path | None = None,
    standard: str | float | None = None,
    settings: IntegratorSettings | None = None,
    progress: Callable[[float], None] | None = None,
) -> xr.Dataset:
    """Posterior of every case of a portfolio.

    Integrals that cases share are computed once. Sources that a case does not have are NaN in
    its row.

    Parameters
    ----------
    cases : sequence of Case, str or Path
    priors, standard
        In place of those of every case.
    settings : IntegratorSettings, optional
    progress : callable, optional
        Takes the share done.

    Returns
    -------
    xarray.Dataset
        Dimensions ``case`` and ``source``.

    Raises
    ------
    CaseError
        If a case cannot be used; the message names its file.
    """
    settings = settings or IntegratorSettings()
    rows: list[dict[str, Any]] = []
    for start in range(0, len(cases), _BATCH):
        loaded = [c if isinstance(c, Case) else load_case(c) for c in cases[start : start + _BATCH]]
        models = [build_model(resolve(c, priors=priors, standard=standard)) for c in loaded]
        for model, components in zip(models, compute_components(models, settings), strict=True):
            posterior = posterior_from_components(
                model, components, random_seed=settings.random_seed
            )
            rows.append(_row(model, posterior))
        if progress is not None:
            progress(min(1.0, (start + _BATCH) / len(cases)))
    return _dataset(rows, settings)


def _row(model: Model, posterior: Any) -> dict[str, Any]:
    ratios = {s: posterior.log10_lr([s])[0] for s in model.sources}
    return {
        "case": model.case.id,
        "probability": posterior.proposition_probability,
        "meets_standard": posterior.proposition_probability >= model.case.threshold,
        "threshold": model.case.threshold,
        "posterior": dict(zip(model.sources, posterior.probability, strict=True)),
        "log10_lr": ratios,
    }


def _dataset(rows: list[dict[str, Any]], settings: IntegratorSettings) -> xr.Dataset:
    import xarray as xr

    sources = list(dict.fromkeys(s for row in rows for s in row["posterior"]))
    plain = {
        name: ("case", np.array([row[name] for row in rows]))
        for name in ("probability", "meets_standard", "threshold")
    }
    tables = {
        name: (
            ("case", "source"),
            np.array([[row[name].get(s, np.nan) for s in sources] for row in rows]),
        )
        for name in ("posterior", "log10_lr")
    }
    coords = {"case": [row["case"] for row in rows], "source": sources}
    attrs = {
        "version": VERSION,
        **{k: getattr(settings, k) for k in ("random_seed", "points", "replicates")},
    }
    return xr.Dataset({**plain, **tables}, coords, attrs=attrs)
