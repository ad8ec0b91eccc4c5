"""Which cases the tests read: one by default, every shipped one among the slow tests."""

from __future__ import annotations

import pytest

from causation.case import bundled_cases

QUICK = "bic-2025-doxxing"
LANGUAGES = ("en", "zh")


def _marks(name: str) -> tuple[pytest.MarkDecorator, ...]:
    return () if name == QUICK else (pytest.mark.slow,)


NAMES = [pytest.param(name, marks=_marks(name)) for name in bundled_cases()]
EVERY = [
    pytest.param(name, lang, marks=_marks(name)) for name in bundled_cases() for lang in LANGUAGES
]
