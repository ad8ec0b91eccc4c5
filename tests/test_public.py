"""The public names: sorted, loaded on first use, documented."""

from __future__ import annotations

import importlib
import inspect
import pkgutil

import pytest

import causation


def test_all_is_sorted_and_complete() -> None:
    assert list(causation.__all__) == sorted(causation.__all__)
    assert dir(causation) == sorted(causation.__all__)
    for name in causation.__all__:
        assert getattr(causation, name) is not None


def test_version() -> None:
    from importlib.metadata import version

    assert causation.__version__ == version("causation")


def test_unknown_names_are_attribute_errors() -> None:
    with pytest.raises(AttributeError, match="no attribute 'asess'"):
        _ = causation.asess


@pytest.mark.parametrize(
    "name",
    [
        m.name
        for m in pkgutil.walk_packages(causation.__path__, "causation.")
        if not m.name.startswith(
            ("causation.report", "causation.plots", "causation.notebook.widgets")
        )
    ],
)
def test_every_public_name_has_a_docstring(name: str) -> None:
    if name == "causation.__main__":
        pytest.skip("runs the command line")
    module = importlib.import_module(name)
    assert module.__doc__
    for public, value in vars(module).items():
        ours = getattr(value, "__module__", None) == name and not public.startswith("_")
        if ours and (inspect.isclass(value) or inspect.isfunction(value)):
            assert value.__doc__, public
