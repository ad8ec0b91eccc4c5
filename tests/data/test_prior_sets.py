"""The prior sets as they ship: read as plain YAML, against the numbers that were decided."""

from __future__ import annotations

import importlib.util
import math
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT / "data"
SETS = ("claimant", "data-based", "neutral", "respondent")


def _tree(*parts: str) -> Any:
    return yaml.safe_load(DATA.joinpath(*parts).read_text(encoding="utf-8"))


def _entries(part: Any, path: tuple[str, ...] = ()) -> dict[tuple[str, ...], dict[str, Any]]:
    """Every number of a tree with its place."""
    if not isinstance(part, dict):
        return {}
    if "value" in part:
        return {path: part}
    found: dict[tuple[str, ...], dict[str, Any]] = {}
    for key, inner in part.items():
        found |= _entries(inner, (*path, key))
    return found


NUMBERS = {name: _entries(_tree("priors", f"{name}.yaml")) for name in SETS}

# As decided: custodian holding the field, custodian not holding it, public traces, library.
FIELDS = {
    "account_link": ([0.55, 0.99], [0.02, 0.4], [0.1, 0.7], [0.05, 0.5]),
    "phone": ([0.55, 0.99], [0.02, 0.4], [0.05, 0.5], [0.5, 0.98]),
    "real_name": ([0.55, 0.99], [0.05, 0.5], [0.1, 0.6], [0.5, 0.98]),
    "id_number": ([0.4, 0.98], [0.01, 0.2], [0.01, 0.2], [0.4, 0.95]),
    "id_photo": ([0.2, 0.95], [0.002, 0.05], [0.002, 0.05], [0.01, 0.3]),
    "home_address": ([0.4, 0.98], [0.05, 0.4], [0.05, 0.4], [0.2, 0.8]),
    "employer": ([0.4, 0.95], [0.1, 0.6], [0.1, 0.7], [0.1, 0.6]),
    "social_ties": ([0.4, 0.95], [0.1, 0.6], [0.1, 0.7], [0.1, 0.6]),
    "email": ([0.5, 0.98], [0.1, 0.6], [0.1, 0.6], [0.3, 0.9]),
    "transaction": ([0.5, 0.98], [0.001, 0.05], [0.001, 0.05], [0.005, 0.1]),
}
COLUMNS = ("custodian_holding", "custodian_not_holding", "inference", "leaked_library")
NEUTRAL = {
    "elicitation_sd": 0.5,
    "weights.custodian": [0.5, 2],
    "weights.inference": [1, 4],
    "weights.leaked_library": [2, 8],
    "weights.residual": [0.25, 1],
    "chains.inference/leaked_library": [0.1, 0.5],
    "chains.custodian/leaked_library": [0.05, 0.35],
    "chains.leaked_library/inference": [0.05, 0.35],
    "odds_ratio.anonymous": [0.1, 0.9],
    "odds_ratio.handle_reuse": [1.2, 8],
    "odds_ratio.public_traces": [1.2, 10],
    "actor.publishes": [0.5, 0.95],
    "actor.users": [0.3, 0.95],
    "actor.linkage": [0.7, 0.98],
    **{
        f"actor.traits.{name}": [0.05, 0.95]
        for name in ("anonymous", "handle_reuse", "public_traces", "other")
    },
    "membership": 0.995,
    **{f"misfit.{kind}": 0.02 for kind in ("custodian", "leaked_library", "inference")},
    **{f"correlation.{kind}": 0.5 for kind in ("custodian", "leaked_library", "inference")},
    "loadings.leaked_library.account_link": -0.5,
    "ages.custodian": [0.5, 90],
    "ages.leaked_library": [250, 3800],
    "ages.inference": [0.5, 1500],
    "ages.residual": [1, 3000],
    "agreement.own": [0.9, 0.995],
    "agreement.fields.real_name": [0.85, 0.99],
    "agreement.fields.birth_date": [0.85, 0.99],
    "agreement.fields.id_number": [0.9, 0.995],
    "agreement.fields.sex": [0.9, 0.995],
    "agreement.fields.phone": [0.6, 0.95],
    "agreement.fields.email": [0.5, 0.9],
    "agreement.fields.home_address": [0.3, 0.8],
    "agreement.fields.transaction": [0.005, 0.06],
    "agreement.fields.check_in_time": [0.005, 0.06],
    "agreement.other": [0.3, 0.9],
    "security.breach.large.rate": 4,
    "security.breach.average.rate": 11,
    "security.breach.small.rate": 50,
    **{f"security.breach.{size}.shape": 1 for size in ("large", "average", "small")},
    "security.detection": [0.05, 0.5],
    "security.hazard_ratio": [0.3, 0.9],
    "security.half_life": 1,
    "security.reference": 0.5,
    "findings.reliability": [0.8, 0.99],
    "findings.overlap": 0.3,
    "findings.repeats": 0.3,
    **{
        f"fields.{field}.{column}": value
        for field, row in FIELDS.items()
        for column, value in zip(COLUMNS, row, strict=True)
    },
}
JUDGED = {"face_photo", "birth_date", "sex", "occupation", "bank_account", "check_in_time"}


def test_the_neutral_numbers_are_those_that_were_decided() -> None:
    ours = {".".join(path): entry["value"] for path, entry in NUMBERS["neutral"].items()}
    judged = {key for key in ours if key.split(".")[0] == "fields" and key.split(".")[1] in JUDGED}
    assert {k: v for k, v in ours.items() if k not in judged} == NEUTRAL | {
        "default_size": "average"
    }
    assert {key.split(".")[1] for key in judged} == JUDGED


@pytest.mark.parametrize("name", SETS)
def test_every_number_has_its_basis_in_both_languages_and_its_mark(name: str) -> None:
    assert len(NUMBERS[name]) > 110
    for path, entry in NUMBERS[name].items():
        assert set(entry) <= {"value", "basis", "source", "status", "n"}, path
        assert set(entry["basis"]) == {"en", "zh"}, path
        assert len(entry["basis"]["en"].split(":")[-1].strip()) > 5, path
        assert re.search("[\u4e00-\u9fff]", entry["basis"]["zh"]), path
        assert entry["status"] in ({"V", "U"} if "source" in entry else {"judgement"}), path
        if "source" in entry:
            assert set(entry["source"]) == {"en", "zh"}, path
            assert re.search("[\u4e00-\u9fff]", entry["source"]["zh"]), path
        if entry["basis"]["en"].startswith("judgement: "):
            assert entry["basis"]["zh"].startswith("判断："), path


@pytest.mark.parametrize("name", SETS)
def test_a_set_says_what_it_is_about(name: str) -> None:
    tree = _tree("priors", f"{name}.yaml")
    assert (tree["schema"], tree["id"]) == (2, name)
    assert "persons like the plaintiff" in tree["reference_class"]["en"]
    for key in ("title", "note", "reference_class"):
        assert set(tree[key]) == {"en", "zh"}
    fields = _tree("fields.yaml")
    assert set(tree["fields"]) == set(fields["fields"])
    assert set(tree["odds_ratio"]) == set(fields["traits"])
    assert set(tree["actor"]["traits"]) == {*fields["traits"], "other"}


def test_only_a_photo_of_the_card_implies_other_fields() -> None:
    implied = {
        k: row["implies"] for k, row in _tree("fields.yaml")["fields"].items() if len(row) > 1
    }
    assert implied == {"id_photo": ["real_name", "id_number", "birth_date", "face_photo"]}


# ---- the two sides


def _moves(field: str) -> set[tuple[str, ...]]:
    return {("fields", field, c) for c in ("custodian_holding", "inference", "leaked_library")}


MOVED = {
    ("weights", "custodian"),
    ("weights", "residual"),
    ("chains", "inference/leaked_library"),
    ("chains", "leaked_library/inference"),
    ("odds_ratio", "anonymous"),
    ("odds_ratio", "handle_reuse"),
    ("odds_ratio", "public_traces"),
    ("actor", "users"),
    ("actor", "linkage"),
}.union(*(_moves(field) for field in {*FIELDS, *JUDGED}))
UP_FOR_THE_CLAIMANT = {("weights", "custodian"), ("actor", "linkage")}


def _scaled(path: tuple[str, ...], value: float) -> float:
    """A number on the scale on which the sides move it, natural logarithms."""
    if path[0] == "weights":
        return math.log(value)
    if path[0] == "odds_ratio" and value > 1:
        return math.log(value - 1)
    return math.log(value / (1 - value))


def _shifts(name: str) -> dict[tuple[str, ...], list[float]]:
    own, neutral = NUMBERS[name], NUMBERS["neutral"]
    return {
        path: [
            _scaled(path, a) - _scaled(path, b)
            for a, b in zip(own[path]["value"], neutral[path]["value"], strict=True)
        ]
        for path in own
        if own[path]["value"] != neutral[path]["value"]
    }


def test_the_sides_are_mirrors() -> None:
    claimant, respondent = _shifts("claimant"), _shifts("respondent")
    assert set(claimant) == set(respondent) == MOVED
    for path in MOVED:
        up = path in UP_FOR_THE_CLAIMANT or path[-1] == "custodian_holding"
        by = math.log(2) if up else -math.log(2)
        assert claimant[path] == pytest.approx([by, by], abs=1e-3), path
        assert respondent[path] == pytest.approx([-by, -by], abs=1e-3), path


def test_no_side_goes_beyond_half_the_width_of_the_neutral_interval() -> None:
    for name in ("claimant", "respondent"):
        for path in MOVED:
            lo, hi = (_scaled(path, end) for end in NUMBERS["neutral"][path]["value"])
            assert math.log(2) <= (hi - lo) / 2 + 1e-9, path
            ours = NUMBERS[name][path]["value"]
            assert ours[0] < ours[1]
            if path[0] == "odds_ratio":
                assert (ours[0] - 1) * (ours[1] - 1) > 0, "an odds ratio crosses 1"


def test_the_sides_give_their_reason_for_every_number_that_they_move() -> None:
    for name in ("claimant", "respondent"):
        for path in MOVED:
            basis, base = NUMBERS[name][path]["basis"], NUMBERS["neutral"][path]["basis"]
            for lang, words in (("en", "this side would say that"), ("zh", "该方会主张")):
                assert basis[lang].startswith(base[lang])
                assert words in basis[lang]
        for path in set(NUMBERS[name]) - MOVED:
            assert NUMBERS[name][path] == NUMBERS["neutral"][path]


# ---- the set built from data

FROM_DATA = {
    *(("fields", f, "leaked_library") for f in {*FIELDS, *JUDGED} - {"check_in_time"}),
    ("correlation", "leaked_library"),
    ("ages", "leaked_library"),
    *(("security", "breach", size, "rate") for size in ("large", "average", "small")),
    *(
        ("loadings", "leaked_library", f)
        for f in (
            "account_link", "phone", "real_name", "id_number", "home_address", "birth_date",
            "sex", "transaction", "employer",
        )
    ),
}  # fmt: skip


def test_what_has_no_data_is_neutral_and_says_so() -> None:
    ours, neutral = NUMBERS["data-based"], NUMBERS["neutral"]
    assert set(neutral) - set(ours) == set()
    for path, entry in ours.items():
        if path in FROM_DATA:
            assert entry["basis"]["en"].startswith("data: "), path
            assert entry["basis"]["zh"].startswith("数据："), path
            assert (entry["status"], "source" in entry) == ("V", True)
            continue
        base = neutral[path]
        assert entry["value"] == base["value"], path
        for lang, words in (("en", "so the neutral number; "), ("zh", "故取中性数值；")):
            before, mark, after = entry["basis"][lang].partition(words)
            assert mark, path
            assert after == base["basis"][lang]
            assert ("contradict" in before or "矛盾" in before) is (
                path == ("weights", "custodian")
            )


def test_shares_of_leaked_databases_keep_the_mean_and_are_wide() -> None:
    """Mean of the logit-normal by quadrature, against the counts of the catalogue."""
    counts = {"phone": 279, "real_name": 420, "id_number": 30, "home_address": 215, "id_photo": 12}
    nodes, weights = np.polynomial.hermite_e.hermegauss(180)
    for field, count in counts.items():
        entry = NUMBERS["data-based"]["fields", field, "leaked_library"]
        lo, hi = (math.log(x / (1 - x)) for x in entry["value"])
        center, sd = (lo + hi) / 2, (hi - lo) / 2 / 1.6448536269514722
        mean = weights @ (1 / (1 + np.exp(-(center + sd * nodes)))) / weights.sum()
        assert mean == pytest.approx(count / 444, abs=2e-3), field
        assert sd == pytest.approx(math.log(999) / 1.6448536269514722, abs=2e-3)
        assert entry["n"] == 444
    rates = {s: NUMBERS["data-based"]["security", "breach", s, "rate"]["value"] for s in RATES}
    assert rates == pytest.approx(RATES, rel=1e-3)


RATES = {"large": 4, "average": 1 / 0.093, "small": 50}


@pytest.mark.parametrize("tool", ["partisan_sets", "data_based_set"])
def test_built_sets_are_what_their_script_writes_byte_for_byte(tool: str) -> None:
    spec = importlib.util.spec_from_file_location(tool, ROOT / "tools" / f"{tool}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    texts = module.texts()
    assert set(texts) == set(SETS) & {"partisan_sets": {"claimant", "respondent"}}.get(
        tool, {"data-based"}
    )
    for name, text in texts.items():
        assert DATA.joinpath("priors", f"{name}.yaml").read_text(encoding="utf-8") == text
