"""What a case and a seed may be given as; what they may not is said in our words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from causation import assess, build_model, simulate
from causation.case import Case, data_path, fill, load_case
from causation.errors import CaseError, InputError
from causation.inference.infer import infer
from causation.model.seeds import generator_of, seed_of
from tests.build import document

FILE = data_path("cases", "shen-2018.yaml")


def forms() -> list[Any]:
    case = load_case(FILE)
    return ["shen-2018", str(FILE), Path(FILE), case, fill(case), build_model(case)]


def test_a_case_may_be_given_in_every_form() -> None:
    models = [build_model(form) for form in forms()]
    assert {m.route_names for m in models} == {models[0].route_names}
    assert build_model(models[0]) is models[0]
    assert {simulate(form, rng=3).route for form in forms()} == {simulate(FILE, rng=3).route}
    small = Case.model_validate(document())
    assert infer(small).posterior == pytest.approx(infer(build_model(small)).posterior)
    assert fill("shen-2018", standard=0.9).threshold == 0.9


@pytest.mark.parametrize(
    "wrong", [None, 3, 2.5, ["shen-2018"], {"id": "x"}, b"shen-2018", object()]
)
def test_what_is_no_case(wrong: Any) -> None:
    for function in (build_model, simulate, infer, assess, fill, load_case):
        with pytest.raises(CaseError, match="not a case"):
            function(wrong)


def test_a_model_has_its_priors_already() -> None:
    model = build_model("shen-2018")
    for given in (model, model.filled):
        with pytest.raises(InputError, match="already"):
            build_model(given, priors="claimant")


@pytest.mark.parametrize("seed", [0, 3, np.int64(3), np.uint8(3), np.random.default_rng(3), None])
def test_seeds(seed: Any) -> None:
    assert isinstance(seed_of(seed), int)
    assert seed_of(seed) >= 0
    assert isinstance(generator_of(seed), np.random.Generator)


def test_seeds_mean_the_same() -> None:
    assert seed_of(np.int64(7)) == seed_of(7) == 7
    assert seed_of(np.random.default_rng(7)) == seed_of(np.random.default_rng(7))
    assert seed_of(None) != seed_of(None)
    rng = np.random.default_rng(7)
    assert generator_of(rng) is rng
    assert generator_of(7).random() == np.random.default_rng(7).random()
    one, two = (simulate("shen-2018", rng=np.int32(5)) for _ in range(2))
    assert one.outcome == two.outcome


@pytest.mark.parametrize("wrong", [-1, 2**63, 1.0, "1", True, [1], np.random.RandomState(1)])
def test_what_is_no_seed(wrong: Any) -> None:
    small = Case.model_validate(document())
    for call in (
        lambda: assess(small, random_seed=wrong),
        lambda: infer(small, random_seed=wrong),
        lambda: simulate(small, rng=wrong),
    ):
        with pytest.raises(InputError, match="not a seed"):
            call()


def test_an_assessment_remembers_its_seed() -> None:
    small = Case.model_validate(document())
    assert assess(small, random_seed=np.int64(11)).settings.random_seed == 11
    again = [assess(small, random_seed=np.random.default_rng(2)).settings.random_seed] * 2
    assert len(set(again)) == 1
    assert type(again[0]) is int


def test_options_of_another_engine_are_refused() -> None:
    small = Case.model_validate(document())
    for function in (assess, infer):
        with pytest.raises(InputError, match="takes no draws"):
            function(small, draws=100)
    with pytest.raises(InputError, match="no engine 'guess'"):
        infer(small, engine="guess")
