"""elicit() in a notebook: the widgets write what the terminal would."""

from __future__ import annotations

from pathlib import Path

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
    box.inputs["unknown"].value = True
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
    box.inputs["keep"].click()
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
    box.inputs["keep"].click()  # nothing is asked any more
    assert load_prior_set(path).entries()[NUMBER].form is None

    again = elicit(path, expert="Li", fields=["phone", "id_number"], lang=lang)
    assert box.inputs["unknown"] not in again.children
    assert len(again.children) == len(box.children) - 1  # the statement is made once
    assert ("第2题" if lang == "zh" else "Question 2 of 2") in again.children[0].value
    with pytest.raises(InputError):
        elicit(path, expert="Li", fields=["phon"])
