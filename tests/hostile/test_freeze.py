"""Attacks on what must not change: a case, a prior set, a filled case, an assessment."""

from __future__ import annotations

import copy
import hashlib
import json
import pickle
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from causation.case import fill, load_case, load_prior_set, parse_prior_set
from causation.document.writing import canonical, plain
from causation.dossier.assessment import Assessment, assess
from causation.dossier.labels import prior_set_label
from tests.hostile.outcomes import run_command
from tests.hostile.reaching import changeable

_CASE = "shen-2018"


def _everything(a: Assessment) -> Assessment:
    """Read every public figure, so that all of them are kept."""
    for c in type(a).__mro__:
        for name, found in vars(c).items():
            if not name.startswith("__") and hasattr(found, "__get__") and not callable(found):
                getattr(a, name)
    return a


@pytest.fixture(scope="module")
def whole() -> Assessment:
    return _everything(assess(_CASE))


def _text(a: Assessment) -> str:
    return json.dumps(a.to_dict(), sort_keys=True)


def test_nothing_below_an_assessment_takes_a_change(whole: Assessment) -> None:
    assert not changeable(whole, "assessment")
    assert not changeable(whole.filled, "filled")
    assert not changeable(whole.case, "case")
    assert not changeable(load_prior_set("neutral"), "priors")


@pytest.mark.parametrize(
    "value", [{"a": 1}, [1], {1}, np.zeros(2), (0, [1]), np.zeros((2, 2))[:1]], ids=repr
)
def test_what_takes_a_change_is_found(value: Any) -> None:
    assert changeable((value,))


ATTACKS: dict[str, Callable[[Any], object]] = {
    "set": lambda a: setattr(a, "answer", None),
    "delete": lambda a: delattr(a, "filled"),
    "new attribute": lambda a: setattr(a, "more", 1),
    "delete what is kept": lambda a: delattr(a, "posterior"),
    "posterior": lambda a: a.posterior.update(platform=1.0),
    "array of the answer": lambda a: a.answer.log_evidence.__setitem__((0, 0), 0.0),
    "array in place": lambda a: a.answer.credit.__imul__(0.0),
    "array kept beside it": lambda a: a.answer.posterior.fill(0.0),
    "base of a view": lambda a: a.answer.log_evidence[:1].base.fill(0.0),
    "columns": lambda a: a.model.columns.clear(),
    "what is looked up": lambda a: a.model.places.index.clear(),
    "redraws": lambda a: a.redraws.probability.sort(),
    "provenance": lambda a: a.provenance.pop("case_sha256"),
    "table of victims": lambda a: a.victims.__delitem__(next(iter(a.victims))),
    "label of a figure": lambda a: next(iter(a.figures.values())).label.clear(),
    "keys that were set": lambda a: a.case.model_fields_set.clear(),
    "keys of the prior set": lambda a: a.filled.priors.weights.model_fields_set.clear(),
    "state of the case": lambda a: a.case.__setstate__({"__dict__": {}}),
    "copy of the case": lambda a: a.case.model_copy(update={"id": "x"}),
    "copy of the prior set": lambda a: a.filled.priors.model_copy(update={"id": "x"}),
    "deprecated copy": lambda a: a.case.copy(update={"id": "x"}),
    "replace of the library": lambda a: a.case.__replace__(id="x"),
    "filled": lambda a: setattr(a.filled, "threshold", 0.0),
    "numbers of filled": lambda a: a.filled._numbers.clear(),
    "a number": lambda a: setattr(a.filled.numbers()[0], "center", 0.0),
}


@pytest.mark.parametrize("name", ATTACKS)
def test_an_assessment_withstands(name: str, whole: Assessment) -> None:
    before = _text(whole)
    with pytest.raises((AttributeError, TypeError, ValueError)):
        ATTACKS[name](whole)
    assert _text(whole) == before


def test_copies_and_pickles_say_the_same_and_are_closed_too(whole: Assessment) -> None:
    assert copy.copy(whole) is whole
    assert copy.deepcopy(whole) is whole
    again: Assessment = pickle.loads(pickle.dumps(whole))  # noqa: S301
    assert again.to_dict(whole=False) == whole.to_dict(whole=False)
    assert not changeable(_everything(again))
    for thing in (whole.case, whole.filled, whole.filled.priors, whole.answer, whole.model):
        other = pickle.loads(pickle.dumps(thing))  # noqa: S301
        assert not changeable(other), type(thing)
    assert pickle.loads(pickle.dumps(whole.case)).sha256 == whole.case.sha256  # noqa: S301


def test_what_is_handed_out_is_a_copy(whole: Assessment) -> None:
    before = _text(whole)
    given = whole.to_dict()
    given["posterior"].clear()
    given["sources"].clear()
    given["provenance"]["case_sha256"] = "x"
    frame = whole.to_frame()
    frame.iloc[:, -1] = 0.0
    tree = whole.to_datatree()
    for node in tree.subtree:
        for variable in node.data_vars.values():
            if variable.values.flags.writeable and variable.dtype.kind == "f":
                variable.values[...] = 0.0
    assert _text(whole) == before


def test_force_after_an_assessment_changes_neither_numbers_nor_digests() -> None:
    """``object.__setattr__`` cannot be refused; what was computed and its digests stand."""
    case = load_case(_CASE)
    priors = parse_prior_set(yaml.safe_dump(plain(load_prior_set("neutral"))))
    a = assess(case, priors=priors)
    before, number = dict(a.provenance), a.probability
    object.__setattr__(priors.weights.inference, "value", (100.0, 200.0))
    vars(case)["victims"] = ()
    assert (dict(a.provenance), a.probability) == (before, number)
    changed = assess(load_case(_CASE), priors=priors)
    assert changed.provenance["prior_set_sha256"] != before["prior_set_sha256"]
    assert changed.probability != number


def test_digests_are_of_what_was_computed() -> None:
    a = assess(_CASE, priors="claimant")
    assert a.provenance["case_sha256"] == hashlib.sha256(canonical(load_case(_CASE))).hexdigest()
    digest = hashlib.sha256(canonical(load_prior_set("claimant"))).hexdigest()
    assert a.provenance["prior_set_sha256"] == digest
    other = replace(a.filled, case=load_case(_CASE).replace({"standard": 0.9}))
    assert assess(other).provenance["case_sha256"] == other.case.sha256


# --- a set of one's own under a shipped name -----------------------------------------------------


@pytest.fixture(scope="module")
def own_set(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The neutral set with one number changed, and its id."""
    tree = plain(load_prior_set("neutral"))
    tree["weights"]["inference"] = {"value": [0.1, 0.2], "basis": "x"}
    file = tmp_path_factory.mktemp("sets") / "mine.yaml"
    file.write_text(yaml.safe_dump(tree, allow_unicode=True), encoding="utf-8")
    return file


def test_a_set_of_ones_own_has_its_digest_in_its_name(own_set: Path) -> None:
    priors = load_prior_set(own_set)
    assert priors.name == f"neutral@{priors.sha256[:12]}"
    assert load_prior_set("neutral").name == "neutral"
    same = parse_prior_set(yaml.safe_dump(plain(load_prior_set("neutral"))))
    assert same.name == "neutral"
    names = {n.origin for n in fill(load_case(_CASE), priors=priors).numbers()}
    assert f"priors:{priors.name}" in names
    assert "priors:neutral" not in names


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_terminal_and_json_never_call_it_by_the_shipped_name(lang: str, own_set: Path) -> None:
    name = load_prior_set(own_set).name
    printed = run_command("assess", _CASE, "--priors", own_set, "--lang", lang)
    assert printed.code == 0, printed.err
    shown = "".join(printed.out.split())
    assert "".join(prior_set_label(name, lang).split()) in shown
    assert ("neutral)." if lang == "en" else "“中性”") not in shown
    got = json.loads(run_command("assess", _CASE, "--priors", own_set, "--json").out)
    assert got["provenance"]["prior_set"] == name
    assert {"neutral", name} <= {s["id"] for s in got["sets"]}
    assert [s["id"] for s in got["sets"] if s["own"]] == [name]


def test_two_sets_of_one_name_are_not_printed_as_one(own_set: Path) -> None:
    run = run_command("assess", _CASE, "--priors", f"{own_set},{own_set}", "--json")
    assert run.code == 2
    assert "twice" in run.err


@pytest.mark.slow
def test_a_report_names_it_with_its_digest(own_set: Path, tmp_path: Path) -> None:
    report = tmp_path / "r.md"
    run = run_command("report", _CASE, "--priors", own_set, "-o", report)
    assert run.code == 0, run.err
    text = report.read_text(encoding="utf-8")
    assert prior_set_label(load_prior_set(own_set).name, "en") in text
    assert "prior set neutral |" not in text
    assert run_command("verify", report).out.startswith("same")
