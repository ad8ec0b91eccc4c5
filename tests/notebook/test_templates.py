"""Every template of evidence in a case, and every outcome of an inquiry, seen in both languages."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest

from causation import Case, build_case, fill
from causation.case.library import load_inquiries, load_templates
from causation.dossier.labels import LANGUAGES
from causation.inference.evaluate import evaluate
from causation.model.structure import build_model
from causation.notebook.display import html_of

TEMPLATES, INQUIRIES = load_templates(), load_inquiries()
SOURCES: dict[str, Any] = {
    "custodian": {"kind": "custodian", "holds": ["phone", "real_name"]},
    "leaked_library": {"kind": "leaked_library"},
    "inference": {"kind": "inference"},
    "residual": {"kind": "residual"},
}
VICTIM = {"id": "plaintiff", "plaintiff": True, "disclosed": ["phone", "real_name"]}


def _case(**finding: Any) -> Case:
    """A case with a source of every kind, called by its kind, and one finding."""
    return build_case(
        "shown", sources=SOURCES, proposition="custodian", standard=0.75, jurisdiction="none",
        victims=[VICTIM], findings=[{"id": "found", "party": "plaintiff", **finding}],
    )  # fmt: skip


def _about(kinds: tuple[str, ...]) -> dict[str, Any]:
    return {"about": kinds[0]} if kinds else {}


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_template_counts_and_is_shown(name: str) -> None:
    template = TEMPLATES[name]
    case = _case(template=name, **_about(template.about))
    filled = fill(case)
    (finding,) = filled.all_findings
    p = evaluate(build_model(filled)).probability[0]
    without = evaluate(build_model(fill(case.without("found")))).probability[0]
    named = template.likelihood.get("named")
    assert 0.0 < p < 1.0
    if named is not None and template.about[:1] == ("custodian",):
        others = [x for key, x in template.likelihood.items() if key != "named"]
        middle = [_middle(x.value) for x in (named, *others)]
        if middle[0] > max(middle[1:]):
            assert p > without
        if middle[0] < min(middle[1:]):
            assert p < without
    for lang in LANGUAGES:
        text = html.unescape(html_of(case, lang=lang))
        assert finding.label[lang] in text
        assert template.label[lang] == finding.label[lang]
        assert re.search("[\u4e00-\u9fff]", template.label[lang]) is not None or lang == "en"
        assert template.explanation[lang]


def _middle(value: Any) -> float:
    return sum(value) / 2 if isinstance(value, tuple) else float(value)


@pytest.mark.parametrize(
    ("name", "outcome"),
    [(name, outcome) for name, i in INQUIRIES.items() for outcome in i.outcomes],
)
def test_an_outcome_of_an_inquiry_counts_and_is_shown(name: str, outcome: str) -> None:
    case = _case(inquiry=name, outcome=outcome, **_about(INQUIRIES[name].about))
    assert 0.0 < evaluate(build_model(fill(case))).probability[0] < 1.0
    (finding,) = fill(case).all_findings
    for lang in LANGUAGES:
        assert finding.label[lang] in html.unescape(html_of(case, lang=lang))
        assert re.search("[\u4e00-\u9fff]", finding.label["zh"])
