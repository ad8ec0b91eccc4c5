"""Figures on matplotlib axes. They draw what was assessed, and compute nothing.

Every function takes ``ax=`` (new axes by default) and ``lang=``, returns the axes, and leaves
matplotlib's settings as they are. The colours are Okabe and Ito's, darkened where
they would be faint.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from causation.plots.answer import plot_burden, plot_posterior, plot_prior_curve
    from causation.plots.calibration import plot_reliability, plot_tippett
    from causation.plots.evidence import plot_contributions, plot_model_graph, plot_saturation
    from causation.plots.inputs import plot_carriers, plot_tornado, plot_uncertainty
    from causation.plots.opinions import plot_claimants, plot_opinions, plot_redraws, plot_standing
    from causation.plots.sweeps import plot_sweep_heat, plot_sweep_lines, plot_tipping_plane
    from causation.plots.ways import plot_flow, plot_provenance, plot_timeline

__all__ = [
    "plot_burden",
    "plot_carriers",
    "plot_claimants",
    "plot_contributions",
    "plot_flow",
    "plot_model_graph",
    "plot_opinions",
    "plot_posterior",
    "plot_prior_curve",
    "plot_provenance",
    "plot_redraws",
    "plot_reliability",
    "plot_saturation",
    "plot_standing",
    "plot_sweep_heat",
    "plot_sweep_lines",
    "plot_timeline",
    "plot_tippett",
    "plot_tipping_plane",
    "plot_tornado",
    "plot_uncertainty",
]

_HOME = {
    "answer": ("plot_burden", "plot_posterior", "plot_prior_curve"),
    "calibration": ("plot_reliability", "plot_tippett"),
    "evidence": ("plot_contributions", "plot_model_graph", "plot_saturation"),
    "inputs": ("plot_carriers", "plot_tornado", "plot_uncertainty"),
    "opinions": ("plot_claimants", "plot_opinions", "plot_redraws", "plot_standing"),
    "sweeps": ("plot_sweep_heat", "plot_sweep_lines", "plot_tipping_plane"),
    "ways": ("plot_flow", "plot_provenance", "plot_timeline"),
}
"""Where each is found: Matplotlib is imported when a figure is asked for."""


def __getattr__(name: str) -> Any:
    for module, names in _HOME.items():
        if name in names:
            return getattr(importlib.import_module(f"causation.plots.{module}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
