"""What notebooks and prompts show."""

from __future__ import annotations

import html
import html.parser
import json

import pytest

from causation import load_case, parse_case, show
from causation.document.writing import plain
from causation.dossier.assessment import Assessment
from causation.dossier.digits import percent, stated
from causation.dossier.headline import uncertainty_sentences
from causation.dossier.labels import LANGUAGES
from causation.errors import InputError
from causation.notebook.display import html_of
from tests.handmade import dossier

HOSTILE = "<script>alert(1)</script> & \u202e =cmd()"


@pytest.fixture(scope="module")
def beijing() -> Assessment:
    return dossier()


class _Checker(html.parser.HTMLParser):
    """Collects tags, and fails where they do not close in order."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)
        assert not any(name.startswith("on") for name, _ in attrs)
        if tag != "br":
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)
        assert not any(name.startswith("on") for name, _ in attrs)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def _tags(text: str) -> set[str]:
    checker = _Checker()
    checker.feed(text)
    assert checker.open == []
    return checker.seen


@pytest.mark.parametrize("lang", LANGUAGES)
def test_html_is_whole_and_says_the_numbers(lang: str, beijing: Assessment) -> None:
    text = html_of(beijing, lang=lang)
    assert {"table", "svg", "bdi"} <= _tags(text)
    assert stated(beijing.threshold).removesuffix(" %") in text
    values = [beijing.probability, beijing.held.probability]
    values += [*beijing.posterior.values(), *beijing.prior.values()]
    values += [b.probability for b in beijing.burden]
    values += [table["role"] for table in beijing.propositions.values()]
    for value in values:
        assert percent(value).removesuffix(" %") in text
    assert ("平台后台" if lang == "zh" else "Platform backend") in text
    for thing in (beijing.answer, beijing.case):
        assert "table" in _tags(html_of(thing, lang=lang))


def test_ratios_beyond_validation_are_not_given_in_digits(beijing: Assessment) -> None:
    text = html_of(beijing)
    assert any(abs(r.log10) > 1.0 for r in beijing.likelihood_ratios)
    assert "more than 10" in text


def test_every_claimant_is_shown_and_where_the_uncertainty_lies() -> None:
    case = load_case("bic-2025-doxxing").replace({"sources.library.origin": {"platform": 0.3}})
    tree = plain(case)
    further = {"disclosed": ["phone"], "known_by": "exposure"}
    tree["victims"] += [{"id": f"v{k}", **further} for k in range(14)]
    a = dossier(parse_case(json.dumps(tree)))
    text = html_of(a)
    for c in a.claimants[:12]:
        assert percent(c.probability) in text
        assert percent(c.held) in text
    assert f"{len(a.claimants) - 12} more: .to_frame(" in html.unescape(text)
    assert percent(a.any_remove["platform"]) in text
    assert "at any remove" in text
    for lang in LANGUAGES:
        for sentence in uncertainty_sentences(a, lang):
            assert sentence in html.unescape(html_of(a, lang=lang))
    assert " %" not in html_of(a, lang="zh")


def test_html_takes_hostile_text_literally() -> None:
    case = load_case("bic-2025-doxxing").replace(
        {
            "title": {"en": HOSTILE, "zh": HOSTILE},
            "sources.platform.label": {"en": HOSTILE, "zh": HOSTILE},
            "victims.plaintiff.label": {"en": HOSTILE, "zh": HOSTILE},
        }
    )
    a = dossier(case)
    for thing in (case, a, a.answer):
        assert "script" not in _tags(html_of(thing))
        assert html.escape("<script>") in html_of(thing)


def test_notebook_and_prompt_use_these(beijing: Assessment) -> None:
    assert beijing._repr_html_() == html_of(beijing)
    assert beijing.case._repr_html_() == html_of(beijing.case)
    assert repr(beijing) == (
        "<Assessment bic-2025-doxxing: Platform backend played a role, "
        f"P = {percent(beijing.probability)} (comparison value 75 %), priors neutral>"
    )
    shown = show(beijing.case, lang="zh")
    assert repr(shown) == (
        "案件 bic-2025-doxxing：待证事实：平台后台参与泄露链条；被公开者6人；证据事项1项"
    )
    assert shown._repr_html_() == html_of(beijing.case, lang="zh")
    assert "osint/library" in repr(show(beijing.answer))
    assert "先验集“中性”" in repr(show(beijing, lang="zh"))


def test_nothing_else_is_shown(beijing: Assessment) -> None:
    with pytest.raises(InputError, match="cannot show a int"):
        show(3)  # type: ignore[arg-type]
    for thing in (beijing, beijing.case, beijing.answer):
        with pytest.raises(InputError, match="allowed: en, zh"):
            show(thing, lang="fr")


def test_a_sweep_is_shown_in_both_languages() -> None:
    from causation import sweep

    data = sweep("bic-2025-doxxing", {"sources.osint.weight": [1.0, 5.0], "standard": [0.5]})
    for lang, weight, side in (("en", "weight", "above"), ("zh", "先验权重", "高于对照值")):
        shown = html_of(data, lang=lang)
        assert "table" in _tags(shown)
        assert weight in shown
        assert side in shown
        for p in data["probability"].to_numpy().ravel():
            assert f"{p:.3f}" in shown
    assert repr(show(data)).startswith("<Sweep of bic-2025-doxxing: sources.osint.weight (2)")


def test_a_case_shows_how_victims_are_known_and_who_brought_what() -> None:
    case = load_case("bic-2025-doxxing").replace(
        {
            "victims.co_victims.linkage": [0.6, 0.9],
            "victims.co_victims.not_disclosed": ["email"],
            "victims.co_victims.redacted": ["phone"],
            "victims.co_victims.traits.anonymous": 0.5,
        }
    )
    case = case.with_finding(
        "audit", template="clean_access_log_audit", about="platform", party="defendant",
        stage="rebuttal",
    )  # fmt: skip
    english = html_of(case)
    for said in (
        "as listed: user of Platform backend", "published: link of account and person",
        "redacted: phone number", "[0.6, 0.9]", "anonymous on the front end 0.5",
        "defendant", "brought by", "how they came to be known", "then", "Routes",
    ):  # fmt: skip
        assert said in english, said
    chinese = html_of(case, lang="zh")
    for said in (
        "名单共同特征不计入：平台后台用户",
        "已遮盖：手机号码",
        "被告",
        "属同一系列的概率",
    ):
        assert said in chinese, said
    chosen = html_of(case.replace({"victims.co_victims.known_by": "exposure"}))
    assert "their exposure" in chosen
    assert "as listed" not in chosen
