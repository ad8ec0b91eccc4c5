"""Reports that several tests read; each is built once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache

import pytest

from causation.report.build import Report, build_report
from causation.report.language import load_language
from causation.report.material import gather
from causation.report.write import render
from tests.browser import CHROMIUM, CHROMIUM_ARGUMENTS, require_chromium
from tests.report import hostile


@cache
def report_of(name: str, lang: str) -> Report:
    language = load_language(lang)
    case = hostile.case() if name == "hostile" else name
    material = gather(case, language=language, priors=None, standard=None, identify=False)
    return build_report(material, language)


@cache
def rendered(name: str, lang: str, kind: str) -> bytes:
    return render(report_of(name, lang).document, kind)


@pytest.fixture(scope="session")
def build() -> Callable[[str, str], Report]:
    return report_of


@pytest.fixture(scope="session")
def file_of() -> Callable[[str, str, str], bytes]:
    return rendered


@pytest.fixture(scope="session")
def browser() -> Iterator[object]:
    """Debian's Chromium; where CI is set, a missing one is a failure."""
    require_chromium()
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=str(CHROMIUM), args=CHROMIUM_ARGUMENTS)
        yield started
        started.close()
