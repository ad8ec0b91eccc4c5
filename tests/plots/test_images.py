"""Figures of a dossier written by hand against pictures kept beside this file.

Drawn anew only when asked for: CAUSATION_RENEW_IMAGES=1 python -m pytest tests/plots/test_images.py
"""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib import pyplot as plt

from causation import plots
from causation.plots.style import own_settings
from tests.handmade import dossier

FOLDER = Path(__file__).parent / "images"
FIGURES: dict[str, tuple[Any, str]] = {
    "posterior-zh": (plots.plot_posterior, "zh"),
    "contributions-en": (plots.plot_contributions, "en"),
    "opinions-zh": (plots.plot_opinions, "zh"),
    "provenance-en": (plots.plot_provenance, "en"),
}


@pytest.mark.parametrize("name", FIGURES)
def test_figure_looks_as_it_did(name: str) -> None:
    draw, lang = FIGURES[name]
    stream = io.BytesIO()
    with own_settings():  # a library that other tests import sets its own
        figure = draw(dossier(), lang=lang).figure
        figure.savefig(stream, format="png", dpi=60, metadata={"Software": None})
        plt.close(figure)
    path = FOLDER / f"{name}.png"
    if os.environ.get("CAUSATION_RENEW_IMAGES") == "1":
        FOLDER.mkdir(exist_ok=True)
        path.write_bytes(stream.getvalue())
    stream.seek(0)
    drawn, kept = plt.imread(stream)[..., :3], plt.imread(path)[..., :3]
    assert drawn.shape == kept.shape
    # root mean square over grey levels in [0, 1]: antialiasing differs by a few thousandths
    # between FreeType versions, a bar or a label that is missing by several hundredths
    assert float(np.sqrt(np.mean((drawn - kept) ** 2))) < 0.02
