"""The bundled cases as parameters of tests: a few by default, all in the slow suite."""

from __future__ import annotations

from typing import Any

import pytest

from causation.case import bundled_cases

__all__ = ["FEW", "SHIPPED", "SHIPPED_IN_BOTH"]

FEW = ("bic-2025-doxxing", "homeplus-2024", "linan-2025", "pang-2017")
"""One with a series, one with a crowd chosen beforehand, one without victims, one with links."""


def _of(name: str, *rest: str) -> Any:
    values = (name, *rest)
    if name in FEW:
        return values if rest else name
    return pytest.param(*values, marks=pytest.mark.slow)


SHIPPED = [_of(name) for name in bundled_cases()]
SHIPPED_IN_BOTH = [_of(name, lang) for name in bundled_cases() for lang in ("en", "zh")]
