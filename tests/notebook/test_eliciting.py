"""elicit() in a notebook: the widgets write what the terminal would."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from causation import elicit
from causation.case import load_prior_set
from causation.document.forms import Panel
from causation.document.stated import Stated
from causation.errors import InputError

pytest.importorskip("ipywidgets")
PHONE, NUMBER = "fields.phone.leaked_library", "fields.id_number.leaked_library"


def panel_of(entry: Stated) -> Panel:
    assert isinstance(entry.form, Panel)
    return entry.form


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_an_interview_of_one_source(tmp_path: Path, lang: str) -> None:
    path = tmp_path / "panel.yaml"
    box = elicit(path, expert="Li", fields=["phone", "id_number"], lang=lang)
    head, seen = box.children[0], box.children[-1]
    assert ("手机号码" if lang == "zh" else "phone number") in head.value
    assert not path.exists()  # nothing is written before an answer
    assert box.inputs["keep"].disabled
    box.inputs["lo"].value, box.inputs["hi"].value = "50", "98"
    box.inputs["median"].value = "30"
    box.inputs["keep"].click()
    assert "30" in seen.value  # not between the two: said, and nothing kept
    assert box.session.experts == ()
    box.inputs["median"].value, box.inputs["why"].value = "85", "seen <b>"
    box.inputs["show"].click()
    for point in ("30.9", "60.6", "87.5", "96.96", "99.097"):
        assert f"<td>{point}</td>" in seen.value
    assert seen.value.count("<rect") == 50
    assert not box.inputs["keep"].disabled  # it has been seen
    box.inputs["keep"].click()
    assert box.session.experts == ()  # whether the outcome is known is not left unsaid
    assert box.inputs["unknown"] in box.children
    box.inputs["unknown"].value = True
    box.inputs["keep"].click()
    assert box.inputs["unknown"] not in box.children  # it is said once
    assert "50" in seen.value
    assert "panel.yaml" in seen.value
    assert box.inputs["keep"].disabled
    entry = load_prior_set(path).entries()[PHONE]
    assert entry.value == pytest.approx((0.5, 0.98))
    assert panel_of(entry).members[0].rationale == {"en": "seen <b>", "zh": "seen <b>"}
    assert ("身份证号码" if lang == "zh" else "ID-card number") in head.value
    assert {box.inputs[key].value for key in ("lo", "hi", "median", "why")} == {""}
    box.inputs["lo"].value, box.inputs["hi"].value = "0.2", "5"
    box.inputs["show"].click()
    assert ("中性" if lang == "zh" else "neutral") in seen.value
    box.inputs["skip"].click()
    assert "panel.yaml" in head.value
    assert ("未答" if lang == "zh" else "1 of 2 questions are left open") in head.value
    assert list(box.children) == [head, box.inputs["back"], seen]
    box.inputs["keep"].click()  # nothing is asked any more
    assert load_prior_set(path).entries()[NUMBER].form is None

    again = elicit(path, expert="Li", fields=["phone", "id_number"], lang=lang)
    assert again.inputs["unknown"] not in again.children
    assert again.inputs["lo"] in again.children
    assert ("第2题" if lang == "zh" else "Question 2 of 2") in again.children[0].value
    with pytest.raises(InputError):
        elicit(path, expert="Li", fields=["phon"])


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_kept_answer_is_corrected(tmp_path: Path, lang: str) -> None:
    path = tmp_path / "panel.yaml"
    box = elicit(path, expert="Li", fields=["phone"], lang=lang)
    box.inputs["unknown"].value = True
    kept = {"lo": "50", "hi": "98", "median": "85", "why": "seen <b>"}
    for key, text in kept.items():
        box.inputs[key].value = text
    box.inputs["keep"].click()
    box.inputs["back"].click()
    assert {key: box.inputs[key].value for key in kept} == kept
    assert ("此前的回答" if lang == "zh" else "Answered before") in box.children[0].value
    box.inputs["lo"].value = "40"
    box.inputs["keep"].click()
    assert load_prior_set(path).entries()[PHONE].value == pytest.approx((0.4, 0.98))


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_group_of_two_who_answered_at_the_same_time(tmp_path: Path, lang: str) -> None:
    path = tmp_path / "panel.yaml"
    boxes = [elicit(path, expert=name, fields=["phone"], lang=lang) for name in ("Li", "Wang")]
    with pytest.raises(InputError, match=r"two experts|两名专家"):
        elicit(path, group=True, lang=lang)
    for box, (lo, hi) in zip(boxes, (("50", "98"), ("10", "60")), strict=True):
        box.inputs["unknown"].value = lo == "50"
        box.inputs["lo"].value, box.inputs["hi"].value = lo, hi
        box.inputs["why"].value = f"why {lo}"
        box.inputs["keep"].click()
    assert ("已知案件结果" if lang == "zh" else "outcome was known") in boxes[1].children[-1].value

    group = elicit(path, group=True, lang=lang)
    said = group.children[0].value
    for part in ("Li", "Wang", "why 50", "why 10", "98", "60", "<svg"):
        assert part in said
    assert group.inputs["unknown"] not in group.children
    assert group.inputs["pool"] in group.children
    group.inputs["pool"].value = "log"
    assert panel_of(load_prior_set(path).entries()[PHONE]).pool == "log"
    group.inputs["lo"].value, group.inputs["hi"].value = "30", "90"
    group.inputs["keep"].click()
    assert group.inputs["pool"] in group.children  # at the end, too
    entry = load_prior_set(path).entries()[PHONE]
    assert entry.value == pytest.approx((0.3, 0.9))
    assert [member.name for member in panel_of(entry).members] == ["Li", "Wang"]
    found = load_prior_set(path).elicitation
    assert found is not None
    assert [expert.outcome_unknown for expert in found.experts] == [True, False]


@pytest.mark.parametrize("more", [{}, {"expert": ""}, {"expert": "Li", "group": True}])
def test_an_expert_or_a_group_is_asked(tmp_path: Path, more: dict[str, Any]) -> None:
    with pytest.raises(InputError, match="expert"):
        elicit(tmp_path / "panel.yaml", **more)
