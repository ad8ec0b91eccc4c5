"""The HTML report in a real browser: exact sliders, no console message, nothing asked outside."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from causation.analyses.bound import held
from causation.dossier.digits import percent
from causation.inference.evaluate import evaluate
from causation.report.build import Report

FileOf = Callable[[str, str, str], bytes]


class Visit:
    """A page, what it wrote to the console, and what it asked for."""

    def __init__(self, page: Any) -> None:
        self.page = page
        self.messages: list[str] = []
        self.requests: list[str] = []
        page.on("console", lambda message: self.messages.append(message.text))
        page.on("pageerror", lambda error: self.messages.append(str(error)))
        page.on("request", lambda request: self.requests.append(request.url))


@pytest.fixture
def visit(browser: Any, tmp_path: Path, file_of: FileOf) -> Iterator[Callable[..., Visit]]:
    pages = []

    def go(name: str, lang: str, *, width: int = 1100, javascript: bool = True) -> Visit:
        path = tmp_path / f"{name}-{lang}.html"
        path.write_bytes(file_of(name, lang, "html"))
        context = browser.new_context(
            viewport={"width": width, "height": 900}, java_script_enabled=javascript
        )
        visit = Visit(context.new_page())
        visit.page.goto(path.as_uri())
        pages.append(context)
        return visit

    yield go
    for context in pages:
        context.close()


def _set(page: Any, element: str, value: float) -> float:
    """Move a slider; returns where it came to rest."""
    found: float = page.evaluate(
        """([id, value]) => {
            const slider = document.getElementById(id);
            slider.value = String(value);
            slider.dispatchEvent(new Event("input", {bubbles: true}));
            return Number(slider.value);
        }""",
        [element, value],
    )
    return found


def _answer(page: Any) -> float:
    return float(page.evaluate("document.getElementById('answer').dataset.value"))


def _held(page: Any) -> float:
    return float(page.evaluate("document.getElementById('limited').dataset.value"))


@pytest.mark.parametrize("name", ["bic-2025-doxxing", "pang-2017", "gao-2024"])
def test_sliders_give_what_the_assessment_gives(
    visit: Callable[..., Visit], build: Callable[[str, str], Report], name: str
) -> None:
    page = visit(name, "en").page
    base = build(name, "en").assessment
    # the same sums in another order: rounding only
    assert _answer(page) == pytest.approx(base.probability, abs=1e-12)
    assert _held(page) == pytest.approx(base.held.probability, abs=1e-12)
    data = page.evaluate("JSON.parse(document.getElementById('explorer-data').textContent)")
    classes = data["classes"]
    for moves in ({0: -0.7, 1: 1.2}, {1: 3.0}, {2: -3.0, 0: 0.33}, {0: 3.0}):
        changes = {}
        for k, move in moves.items():
            rest = _set(page, f"weight-{k}", move)
            changes[classes[k]["path"]] = classes[k]["weight"] * 10.0**rest
        again = evaluate(base.model, base.model.rows([changes]))
        changed = replace(base.answer, log_prior=again.log_prior)
        limited = float(held(changed, base.bound).probability[0])
        assert _answer(page) == pytest.approx(float(changed.probability[0]), abs=1e-10)
        assert _held(page) == pytest.approx(limited, abs=1e-10)
        # integrated anew, so up to the stated error of both
        error = 5.0 * float(again.probability_error[0] + changed.probability_error[0])
        assert _answer(page) == pytest.approx(float(again.probability[0]), abs=error)
        for k in range(len(classes)):
            shown = page.evaluate(
                f"Number(document.getElementById('output-{k}').dataset.posterior)"
            )
            of_class = [r["class"] == k for r in data["routes"]]
            assert shown == pytest.approx(changed.posterior[0, of_class].sum(), abs=1e-10)
        tau = round(limited, 2)
        for threshold in (min(tau + 0.01, 0.99), max(tau - 0.01, 0.01)):
            at = _set(page, "slider-standard", threshold)
            reached = page.evaluate("document.getElementById('verdict').dataset.reached")
            assert reached == str(limited >= at).lower()
        page.click("#reset")
    assert _answer(page) == pytest.approx(base.probability, abs=1e-12)


def test_sliders_print_digits_as_the_rest_of_the_report(visit: Callable[..., Visit]) -> None:
    page = visit("bic-2025-doxxing", "en").page
    for move in (-3.0, -1.5, 0.0, 2.0, 3.0):
        _set(page, "weight-0", move)
        shown = page.evaluate("document.getElementById('answer').textContent")
        assert shown == percent(_answer(page)).replace(" %", "\u00a0%")


@pytest.mark.parametrize(
    ("name", "lang"),
    [
        ("bic-2025-doxxing", "en"),
        ("bic-2025-doxxing", "zh"),
        ("hostile", "en"),
        pytest.param("hostile", "zh", marks=pytest.mark.slow),
    ],
)
@pytest.mark.parametrize("width", [1100, 390])
def test_nothing_leaves_the_page_and_nothing_overflows(
    visit: Callable[..., Visit], name: str, lang: str, width: int
) -> None:
    seen = visit(name, lang, width=width)
    page = seen.page
    _set(page, "weight-0", 0.5)
    assert seen.messages == []
    assert [u for u in seen.requests if not u.startswith(("file:", "data:"))] == []
    wide, room = page.evaluate(
        "[document.documentElement.scrollWidth, document.documentElement.clientWidth]"
    )
    assert wide <= room
    sizes = page.evaluate("[...document.images].map((i) => i.complete && i.naturalWidth > 0)")
    assert len(sizes) == 5
    assert all(sizes)
    assert page.evaluate("document.querySelectorAll('script').length") == 3
    assert page.evaluate("document.querySelector('main i, main u, main img[src=x]')") is None


def test_sliders_move_by_keyboard(visit: Callable[..., Visit]) -> None:
    page = visit("bic-2025-doxxing", "en").page
    before = _answer(page)
    page.focus("#weight-2")
    for _ in range(5):
        page.keyboard.press("ArrowRight")
    assert float(page.evaluate("document.getElementById('weight-2').value")) == pytest.approx(0.05)
    assert _answer(page) < before
    labelled = page.evaluate(
        "[...document.querySelectorAll('#explorer-form input')].every((i) => i.labels.length === 1)"
    )
    assert labelled


def test_without_scripts_the_report_is_whole(visit: Callable[..., Visit]) -> None:
    page = visit("bic-2025-doxxing", "en", javascript=False).page
    assert page.is_visible("#explorer-without")
    assert not page.is_visible("#explorer-form")
    assert "not sole proof" in page.inner_text("main")


def test_print_leaves_the_form_out(visit: Callable[..., Visit]) -> None:
    page = visit("bic-2025-doxxing", "en").page
    page.emulate_media(media="print")
    assert not page.is_visible("#explorer-form")


def test_no_two_elements_share_an_id(file_of: FileOf) -> None:
    ids = re.findall(r'<[a-z0-9]+ [^>]*?id="([^"]*)"', file_of("hostile", "en", "html").decode())
    assert len(ids) == len(set(ids))


def test_the_policy_allows_nothing_but_what_is_inside(file_of: FileOf) -> None:
    text = file_of("bic-2025-doxxing", "en", "html").decode()
    match = re.search(r'Content-Security-Policy" content="([^"]*)"', text)
    assert match is not None
    assert match[1].startswith("default-src 'none'")
    assert "unsafe" not in match[1]
    assert "http" not in match[1]
    assert not re.search(r'(src|href)="(?!data:|#)', text)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_chinese_is_set_in_the_font_of_the_page_where_there_is_no_other(
    visit: Callable[..., Visit], lang: str
) -> None:
    page = visit("bic-2025-doxxing", lang).page
    families = page.evaluate(
        """() => [...document.querySelectorAll("main *")]
            .filter((e) => [...e.childNodes].some(
                (n) => n.nodeType === 3 && /[\\u4e00-\\u9fff]/.test(n.data)))
            .map((e) => getComputedStyle(e).fontFamily)"""
    )
    assert len(families) > 5
    assert all("Report SC" in family for family in families)
