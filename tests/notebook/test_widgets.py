"""The explorer: its numbers against assess, and its sliders in a real browser."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from causation import assess, load_case
from causation.case import Case
from causation.errors import InputError, MissingExtraError
from causation.inference.integrate import IntegratorSettings
from causation.notebook.exploring import Explorer, Setting
from causation.notebook.widgets import answer_html, explore
from tests.browser import CHROMIUM, CHROMIUM_ARGUMENTS, require_chromium

pytest.importorskip("ipywidgets")


@pytest.fixture(scope="module")
def exact() -> Explorer:
    return Explorer("bic-2025-doxxing", settings=IntegratorSettings())


@pytest.fixture(scope="module")
def case() -> Case:
    return load_case("bic-2025-doxxing")


def test_start_is_the_case(exact: Explorer) -> None:
    # the same integrals at the same points, weighed in the same way: rounding only
    assert exact.step(exact.start).probability == pytest.approx(
        assess("bic-2025-doxxing").probability, rel=1e-9
    )
    assert exact.start.counts == {"co_victims": 5}
    assert exact.step(Setting()).probability == exact.step(exact.start).probability


@pytest.mark.parametrize(
    ("setting", "changes"),
    [
        ({"counts": {"co_victims": 12}}, {"victims.co_victims.count": 12}),
        ({"linkage": {"co_victims": 0.3}}, {"victims.co_victims.linkage": 0.3}),
        ({"linkage": {"co_victims": 1.0}}, {"victims.co_victims.linkage": 1.0}),
        ({"weights": {"osint": 40.0}}, {"sources.osint.weight": 40.0}),
        (
            {"traits": {"anonymous": 0.25}},
            {
                "victims.plaintiff.profile.anonymous": 0.25,
                "victims.co_victims.profile.anonymous": 0.25,
            },
        ),
    ],
)
def test_every_setting_is_the_edited_case(
    setting: dict[str, dict[str, float]], changes: dict[str, float], exact: Explorer, case: Case
) -> None:
    step = exact.step(replace(exact.start, **setting))  # type: ignore[arg-type]
    assert step.probability == pytest.approx(assess(case.replace(changes)).probability, rel=1e-6)


def test_no_victims_is_the_case_without_the_group(exact: Explorer, case: Case) -> None:
    step = exact.step(replace(exact.start, counts={"co_victims": 0}))
    without = assess(case.without("co_victims"))
    assert step.probability == pytest.approx(without.probability, rel=1e-6)


def test_interactive_settings_stay_within_a_hundredth_of_a_ban(case: Case) -> None:
    fast = Explorer(case)
    for count in (1, 7, 20):
        step = fast.step(replace(fast.start, counts={"co_victims": count}))
        exact = assess(case.replace({"victims.co_victims.count": count}))
        # INTERACTIVE states a standard error of 0.01 in log10; it is a few times better here
        assert abs(step.posterior.log10_lr()[0] - exact.likelihood_ratio_rest.log10) < 0.01


def test_groups_that_are_alike_move_apart(case: Case) -> None:
    alike = {"count": 1, "disclosed": ["phone"], "linkage": 0.5}
    tree = [{"id": name, **alike} for name in ("p", "a", "b")]
    explorer = Explorer(case.replace(victims=tree), settings=IntegratorSettings())
    step = explorer.step(replace(explorer.start, linkage={"a": 0.9, "b": 0.1}))
    edited = case.replace(victims=tree).replace(
        {"victims.a.linkage": 0.9, "victims.b.linkage": 0.1}
    )
    assert step.probability == pytest.approx(assess(edited).probability, rel=1e-6)


def test_what_the_case_does_not_have_is_refused(exact: Explorer) -> None:
    with pytest.raises(InputError, match="no source 'nobody'; allowed: platform"):
        exact.step(Setting(weights={"nobody": 1.0}))
    with pytest.raises(InputError, match="no further group of victims 'plaintiff'"):
        exact.step(Setting(counts={"plaintiff": 2}))


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_sliders_move_the_answer(lang: str) -> None:
    box = explore("bic-2025-doxxing", lang=lang)
    answer, sliders = box.children[0], box.sliders
    before = answer.value
    sliders["weight.osint"].value = 1000.0
    moved = box.explorer.step(replace(box.explorer.start, weights={"osint": 1000.0}))
    assert answer.value == answer_html(box.explorer, moved, lang)
    assert answer.value != before
    box.children[-1].click()
    assert float(np.abs(_shown(answer.value) - _shown(before))) < 1e-3


def _shown(text: str) -> float:
    return float(text.partition('data-probability="')[2].partition('"')[0])


def test_standard_moves_the_verdict_only() -> None:
    box = explore("bic-2025-doxxing", lang="zh")
    assert "达到证明标准" in box.children[0].value
    box.sliders["standard"].value = 0.99
    assert "未达到证明标准" in box.children[0].value


def test_labels_are_taken_literally(case: Case) -> None:
    bad = "<img src=x onerror=alert(1)>"
    hostile = case.replace({"sources.platform.label": {"en": bad, "zh": bad}})
    assert "<img" not in explore(hostile).children[0].value


def test_without_ipywidgets_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ipywidgets", None)
    with pytest.raises(MissingExtraError, match=r"causation\[notebooks\]"):
        explore("bic-2025-doxxing")


# --- in a browser -----------------------------------------------------------------------------


def _free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


@pytest.fixture
def voila(tmp_path: Path) -> Iterator[str]:
    """Address of a Voilà server that shows the explorer."""
    import nbformat

    cell = "from causation import explore\nexplore('bic-2025-doxxing')"
    notebook = nbformat.v4.new_notebook(  # type: ignore[no-untyped-call]
        cells=[nbformat.v4.new_code_cell(cell)],  # type: ignore[no-untyped-call]
        metadata={
            "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}
        },
    )
    path = tmp_path / "explore.ipynb"
    nbformat.write(notebook, path)  # type: ignore[no-untyped-call]
    port = _free_port()
    command = [sys.executable, "-m", "voila", str(path), "--no-browser", f"--port={port}"]
    with (tmp_path / "log").open("wb") as log:
        server = subprocess.Popen(command, cwd=tmp_path, stdout=log, stderr=subprocess.STDOUT)
        try:
            address = f"http://127.0.0.1:{port}/"
            _wait_for(address, server, tmp_path / "log")
            yield address
        finally:
            server.terminate()
            server.wait(timeout=30)


def _wait_for(address: str, server: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(600):
        assert server.poll() is None, log.read_text(encoding="utf-8")
        try:
            with urllib.request.urlopen(f"{address}voila/static/voila.js", timeout=5):  # noqa: S310
                return
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.1)
    pytest.fail(log.read_text(encoding="utf-8"))


@pytest.mark.slow
def test_explorer_in_chromium(voila: str) -> None:
    require_chromium()
    from playwright.sync_api import expect, sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=CHROMIUM_ARGUMENTS)
        try:
            page = browser.new_page()
            errors: list[str] = []
            local = (voila, voila.replace("http", "ws", 1), "data:", "blob:")
            page.on("pageerror", lambda error: errors.append(str(error)))
            # Voilà's page asks for a style sheet elsewhere; the explorer works without
            page.route(lambda url: not url.startswith(local), lambda route: route.abort())
            page.goto(voila, timeout=120_000)
            answer = page.locator(".causation-answer [data-probability]")
            expect(answer).to_be_visible(timeout=120_000)
            shown = float(answer.get_attribute("data-probability") or "nan")
            explorer = Explorer("bic-2025-doxxing")
            assert shown == pytest.approx(explorer.step(explorer.start).probability, abs=1e-6)

            handle = page.locator(".noUi-handle").first  # number of co-victims
            handle.focus()
            handle.press("ArrowRight")
            moved = explorer.step(replace(explorer.start, counts={"co_victims": 6}))
            text = f'[data-probability="{moved.probability:.6f}"]'
            expect(page.locator(text)).to_be_visible(timeout=60_000)

            handle.press("Home")
            none = explorer.step(replace(explorer.start, counts={"co_victims": 0}))
            text = f'[data-probability="{none.probability:.6f}"]'
            expect(page.locator(text)).to_be_visible(timeout=60_000)
            assert errors == []
        finally:
            browser.close()
