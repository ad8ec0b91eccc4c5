"""Reports that several tests read; each case is assessed once, whatever the language."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import pytest

from causation.case.filled import Filled
from causation.dossier.assessment import Assessment, assess
from causation.report import build as building
from causation.report import printed
from causation.report.build import Report, build_report
from causation.report.language import load_language
from causation.report.material import gather
from causation.report.results import Results
from causation.report.write import render
from tests.browser import CHROMIUM, CHROMIUM_ARGUMENTS, require_chromium
from tests.report import hostile

_SEED = inspect.signature(assess).parameters["random_seed"].default
_assessed: dict[tuple[Any, ...], Assessment] = {}


def _once(filled: Filled, **options: Any) -> Assessment:
    options = {"random_seed": _SEED} | options
    key = (filled.case.sha256, filled.priors, filled.threshold, *sorted(options.items()))
    found = _assessed.get(key)
    if found is None:
        found = _assessed[key] = assess(filled, **options)
    return found


@pytest.fixture(scope="package", autouse=True)
def assessed_once() -> Iterator[None]:
    """What a report computes is computed once; another process computes it again.

    So is what is read of a PDF, which takes seconds for each of the same bytes.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(printed, "read_apart", cache(printed.read_apart))
        patch.setattr(building, "assess", _once)
        patch.setattr(building, "Results", cache(Results))
        yield


@cache
def report_of(name: str, lang: str) -> Report:
    case = hostile.case() if name == "hostile" else name
    language = load_language(lang)
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
