"""What all tests have in common."""

from __future__ import annotations

import os
import shutil
import tempfile

import pytest

# Workers take one processor each: threads of OpenBLAS would stand in each other's way. Workers
# inherit this before they import numpy, and so does what tests start.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


def pytest_configure(config: pytest.Config) -> None:
    """Keep compiled code elsewhere where none may lie beside the sources.

    Tests start some two hundred processes, each of which would compile the package once more.
    """
    if os.environ.pop("PYTHONDONTWRITEBYTECODE", ""):
        folder = os.environ["PYTHONPYCACHEPREFIX"] = tempfile.mkdtemp(prefix="causation-compiled-")
        config.add_cleanup(lambda: shutil.rmtree(folder, ignore_errors=True))
