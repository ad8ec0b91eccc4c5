"""Every example in every docstring runs."""

from __future__ import annotations

import doctest
import importlib
import pkgutil

import pytest

import causation

MODULES = sorted(
    m.name
    for m in pkgutil.walk_packages(causation.__path__, "causation.")
    if "__main__" not in m.name
)


@pytest.mark.parametrize("name", ["causation", *MODULES])
def test_examples_run(name: str) -> None:
    import matplotlib.pyplot as plt

    if name in ("causation.notebook.eliciting", "causation.notebook.widgets"):
        pytest.importorskip("ipywidgets")
    module = importlib.import_module(name)
    failed, _ = doctest.testmod(module, optionflags=doctest.NORMALIZE_WHITESPACE)
    plt.close("all")
    assert failed == 0
