"""The explorer: its numbers against assess, and its sliders in a real browser."""

from __future__ import annotations

import math
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from causation import load_case
from causation.case import Case, bundled_cases
from causation.errors import InputError, MissingExtraError
from causation.inference.evaluate import evaluate
from causation.inference.integrate import DRAFT
from causation.model.structure import build_model
from causation.notebook.exploring import Explorer, Setting
from causation.notebook.widgets import answer_html, explore
from causation.scales import Z90
from tests.browser import CHROMIUM, CHROMIUM_ARGUMENTS, require_chromium

pytest.importorskip("ipywidgets")


@pytest.fixture(scope="module")
def explorer() -> Explorer:
    return Explorer("bic-2025-doxxing")


@pytest.fixture(scope="module")
def case() -> Case:
    return load_case("bic-2025-doxxing")


def answer_of(case: Case) -> float:
    """The probability by an evaluation of its own, with the same points."""
    return float(evaluate(build_model(case), settings=DRAFT).probability[0])


def test_start_is_the_case(explorer: Explorer, case: Case) -> None:
    assert explorer.step(explorer.start).probability == answer_of(case)
    assert explorer.start.counts == {"co_victims": 5}
    assert explorer.step(Setting()).probability == explorer.step(explorer.start).probability
    assert {"sources.osint.weight", "actor.linkage"} <= explorer.start.numbers.keys()


@pytest.mark.parametrize(
    ("setting", "changes"),
    [
        (Setting(counts={"co_victims": 12}), {"victims.co_victims.count": 12}),
        (Setting(numbers={"sources.osint.weight": 40.0}), {"sources.osint.weight": 40.0}),
        (Setting(numbers={"sources.unknown.weight": 5.0}), {"sources.unknown.weight": [2.5, 10.0]}),
    ],
)
def test_every_setting_is_the_edited_case(
    setting: Setting, changes: dict[str, Any], explorer: Explorer, case: Case
) -> None:
    step = explorer.step(setting)
    assert step.probability == pytest.approx(answer_of(case.replace(changes)), rel=1e-6)


def test_an_interval_that_is_moved_keeps_its_width(explorer: Explorer, case: Case) -> None:
    number = explorer.model.filled.number("actor.linkage")
    step = explorer.step(Setting(numbers={"actor.linkage": 0.5}))
    half = Z90 * number.sd  # logit(0.5) is 0
    interval = [1.0 / (1.0 + math.exp(half)), 1.0 / (1.0 + math.exp(-half))]
    edited = case.replace({"actor.linkage": interval})
    assert step.probability == pytest.approx(answer_of(edited), abs=1e-3)


def test_no_victims_is_the_case_without_the_group(explorer: Explorer, case: Case) -> None:
    step = explorer.step(replace(explorer.start, counts={"co_victims": 0}))
    assert step.probability == pytest.approx(answer_of(case.without("co_victims")), abs=2e-3)


def test_what_the_case_does_not_have_is_refused(explorer: Explorer) -> None:
    with pytest.raises(InputError, match=r"no number to move 'sources\.nobody\.weight'; allowed"):
        explorer.step(Setting(numbers={"sources.nobody.weight": 1.0}))
    with pytest.raises(InputError, match="no further group of victims 'plaintiff'"):
        explorer.step(Setting(counts={"plaintiff": 2}))


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_sliders_move_the_answer(lang: str) -> None:
    box = explore("bic-2025-doxxing", lang=lang)
    answer, sliders = box.children[0], box.sliders
    before = answer.value
    sliders["sources.osint.weight"].value = 1000.0
    moved = box.explorer.step(Setting(numbers={"sources.osint.weight": 1000.0}))
    assert answer.value == answer_html(box.explorer, moved, lang)
    assert answer.value != before
    box.children[-1].click()
    assert answer.value == before


def test_standard_moves_the_comparison_only() -> None:
    box = explore("bic-2025-doxxing", lang="zh")
    assert "不低于对照值" in box.children[0].value
    box.sliders["standard"].value = 0.99
    assert "低于对照值" in box.children[0].value
    assert "不低于对照值" not in box.children[0].value


def test_labels_are_taken_literally(case: Case) -> None:
    bad = "<img src=x onerror=alert(1)>"
    hostile = case.replace({"sources.platform.label": {"en": bad, "zh": bad}})
    assert "<img" not in explore(hostile).children[0].value


def test_without_ipywidgets_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ipywidgets", None)
    with pytest.raises(MissingExtraError, match=r"causation\[notebooks\]"):
        explore("bic-2025-doxxing")


def _free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


CELLS = (
    "from causation import assess, explore, show\nexplore('bic-2025-doxxing')",
    "a = assess('bic-2025-doxxing')\na.case",
    "a",
    "show(a, lang='zh')",
)
"""What a notebook shows: sliders, a case, an assessment, and that in Chinese."""


@pytest.fixture(params=["voila", "lab"])
def page_address(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """Address at which a server shows a notebook: Voilà, or JupyterLab."""
    import nbformat

    notebook = nbformat.v4.new_notebook(  # type: ignore[no-untyped-call]
        cells=[
            nbformat.v4.new_code_cell(c)  # type: ignore[no-untyped-call]
            for c in (CELLS if request.param == "lab" else CELLS[:1])
        ],
        metadata={
            "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}
        },
    )
    nbformat.write(notebook, tmp_path / "shown.ipynb")  # type: ignore[no-untyped-call]
    port = _free_port()
    if request.param == "voila":
        options = ["voila", "shown.ipynb"]
        page, alive = "", "voila/static/voila.js"
    else:
        quiet = "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate"
        options = [
            "jupyterlab", "--ServerApp.token=", "--ServerApp.password=", "--allow-root",
            "--LabApp.news_url=None", quiet,
        ]  # fmt: skip
        page, alive = "lab/tree/shown.ipynb", "api"
    command = [sys.executable, "-m", *options, "--no-browser", f"--port={port}"]
    kept = {**os.environ, "JUPYTER_CONFIG_DIR": str(tmp_path), "JUPYTER_DATA_DIR": str(tmp_path)}
    with (tmp_path / "log").open("wb") as log:
        server = subprocess.Popen(
            command, cwd=tmp_path, stdout=log, stderr=subprocess.STDOUT, env=kept
        )
        try:
            address = f"http://127.0.0.1:{port}/"
            _wait_for(f"{address}{alive}", server, tmp_path / "log")
            yield f"{address}{page}"
        finally:
            server.terminate()
            server.wait(timeout=30)


def _wait_for(address: str, server: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(1200):
        assert server.poll() is None, log.read_text(encoding="utf-8")
        try:
            with urllib.request.urlopen(address, timeout=5):  # noqa: S310
                return
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.1)
    pytest.fail(log.read_text(encoding="utf-8"))


@pytest.mark.slow
def test_explorer_and_displays_in_chromium(page_address: str) -> None:
    """In JupyterLab the cells are run by the menu's shortcut, and the displays are read too."""
    require_chromium()
    from playwright.sync_api import expect, sync_playwright

    lab = "/lab/" in page_address
    server = "/".join(page_address.split("/")[:3])
    local = (server, server.replace("http", "ws", 1), "data:", "blob:")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=CHROMIUM_ARGUMENTS)
        try:
            page = browser.new_page(viewport={"width": 1100, "height": 900})
            errors: list[str] = []
            page.on("pageerror", lambda error: errors.append(str(error)))
            # Voilà's page asks for a style sheet elsewhere; the explorer works without
            page.route(lambda url: not url.startswith(local), lambda route: route.abort())
            page.goto(page_address, timeout=240_000)
            if lab:
                expect(page.get_by_text("| Idle")).to_be_visible(timeout=240_000)
                page.locator(".jp-CodeCell .cm-content").first.click()
                page.keyboard.press("Control+Enter")
            answer = page.locator(".causation-answer [data-probability]")
            expect(answer).to_be_visible(timeout=240_000)
            shown = float(answer.get_attribute("data-probability") or "nan")
            explorer = Explorer("bic-2025-doxxing")
            assert shown == pytest.approx(explorer.step(explorer.start).probability, abs=1e-6)

            handle = page.locator(".noUi-handle").first  # number of co-victims
            for key, count in (("ArrowRight", 6), ("Home", 0)):
                handle.focus()
                handle.press(key)
                moved = explorer.step(Setting(counts={"co_victims": count}))
                text = f'[data-probability="{moved.probability:.6f}"]'
                expect(page.locator(text)).to_be_visible(timeout=120_000)
            if lab:
                _displays(page, expect)
            if folder := os.environ.get("CAUSATION_SCREENSHOTS"):  # to look at it
                page.screenshot(path=f"{folder}/{'lab' if lab else 'voila'}.png")
            assert errors == []
        finally:
            browser.close()


def _displays(page: Any, expect: Any) -> None:
    """Run the other cells, and find the case and the assessment in both languages."""
    for k, said in enumerate(("holds", "held probability", "按上限计算的概率（保守值）"), 1):
        page.locator(".jp-CodeCell").nth(k).locator(".cm-content").click()
        page.keyboard.press("Control+Enter")
        shown = page.locator(".jp-CodeCell").nth(k).locator(".jp-RenderedHTMLCommon table").first
        expect(shown).to_be_visible(timeout=240_000)
        output = page.locator(".jp-CodeCell").nth(k).locator(".jp-OutputArea-output").first
        expect(output).to_contain_text(said)
        expect(output).to_contain_text("平台后台" if k == 3 else "Platform backend")


@pytest.mark.parametrize(
    "change",
    [
        {"victims.co_victims.linkage": 0.0},
        {"victims.co_victims.count": 0},
        {"victims.co_victims.count": 1_000_000},
        {"sources.platform.weight": 1e6, "standard": 0.999},
        {"routes": "single", "exhaustive": True},
        {"proposition": {"source": "platform", "role": "supplied", "fields": ["phone"]}},
    ],
    ids=str,
)
def test_every_case_that_is_assessed_can_be_explored(change: dict[str, Any]) -> None:
    box = explore(load_case("bic-2025-doxxing").replace(change), lang="zh")
    before = box.children[0].value
    for slider in box.sliders.values():
        slider.value = slider.max
    assert box.children[0].value != before


@pytest.mark.slow
@pytest.mark.parametrize("name", bundled_cases())
def test_every_bundled_case_can_be_explored(name: str) -> None:
    box = explore(name)
    for slider in box.sliders.values():
        slider.value = slider.max
        slider.value = slider.min
