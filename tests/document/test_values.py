"""Numbers, dates, and numbers with what they rest on."""

from __future__ import annotations

import datetime as dt
import math
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError
from scipy import integrate, special, stats

from causation.case import Case
from causation.document.dates import When
from causation.document.numbers import Number
from causation.document.quantities import OpenProbability, Probability
from causation.document.stated import Stated, bare, ends, middle
from causation.errors import CaseError
from causation.scales import Scale

_OPEN = st.floats(1e-6, 1 - 1e-6)


@given(st.tuples(_OPEN, _OPEN).map(sorted))
def test_a_probability_gives_back_its_ends(pair: list[float]) -> None:
    number = Number.of("x", pair[0], pair[1], Scale.PROBABILITY)
    assert (number.lo, number.hi) == pytest.approx(tuple(pair), rel=1e-11)
    assert number.lo <= number.middle <= number.hi


@given(st.tuples(st.floats(1e-6, 1e6), st.floats(1e-6, 1e6)).map(sorted))
def test_a_positive_quantity_gives_back_its_ends(pair: list[float]) -> None:
    number = Number.of("x", pair[0], pair[1], Scale.POSITIVE)
    assert (number.lo, number.hi) == pytest.approx(tuple(pair), rel=1e-11)


def test_means_are_those_of_the_distributions() -> None:
    share = Number.of("x", 0.1, 0.7, Scale.PROBABILITY)
    expected, _ = integrate.quad(
        lambda z: special.expit(share.center + share.sd * z) * stats.norm.pdf(z), -10, 10
    )
    assert share.mean() == pytest.approx(expected, rel=1e-9)
    weight = Number.of("x", 0.5, 2.0, Scale.POSITIVE)
    assert weight.mean() == pytest.approx(stats.lognorm(weight.sd).mean(), rel=1e-12)


def test_units_and_counts_are_plain_numbers() -> None:
    for scale, value in ((Scale.UNIT, -0.5), (Scale.UNIT, 0.0), (Scale.COUNT, 7.0)):
        number = Number.of("x", value, value, scale)
        assert (number.center, number.sd, number.lo, number.mean()) == (value, 0.0, value, value)
        assert number.is_point


def test_certain_probabilities() -> None:
    zero, one = (Number.of("x", p, p, Scale.PROBABILITY) for p in (0.0, 1.0))
    assert (zero.center, zero.lo, zero.mean()) == (-math.inf, 0.0, 0.0)
    assert (one.center, one.hi, one.mean()) == (math.inf, 1.0, 1.0)


def test_a_number_can_be_hashed_and_pickled() -> None:
    number = Number.of("x", 0.1, 0.2, Scale.PROBABILITY, basis={"en": "x", "zh": "x"})
    assert pickle.loads(pickle.dumps(number)) == number  # noqa: S301
    assert len({Number.of("x", 0.1, 0.2, Scale.PROBABILITY)}) == 1


@pytest.mark.parametrize(
    ("stated", "first", "last"),
    [
        ("2023-10-02", (2023, 10, 2), (2023, 10, 2)),
        ("2024-02", (2024, 2, 1), (2024, 2, 29)),
        ("2023-02", (2023, 2, 1), (2023, 2, 28)),
        ("2014", (2014, 1, 1), (2014, 12, 31)),
        (2014, (2014, 1, 1), (2014, 12, 31)),
        (dt.date(2014, 5, 6), (2014, 5, 6), (2014, 5, 6)),
        (dt.datetime(2014, 5, 6, 7, 8), (2014, 5, 6), (2014, 5, 6)),  # noqa: DTZ001
    ],
)
def test_dates(stated: object, first: tuple[int, int, int], last: tuple[int, int, int]) -> None:
    when = When.read(stated)
    assert when is not None
    assert when.days == (dt.date(*first), dt.date(*last))
    assert When.read(str(when)) == when


@pytest.mark.parametrize(
    "stated", ["2023-13", "2023-00", "2023-02-30", "23-10-02", "0000", True, 1.5, None, "2023-1-2"]
)
def test_what_is_no_date(stated: object) -> None:
    assert When.read(stated) is None


def _case(weight: object) -> Case:
    return Case.model_validate(
        {
            "schema": 2, "id": "x", "proposition": "a",
            "sources": {"a": {"kind": "custodian", "weight": weight}},
        }
    )  # fmt: skip


def test_a_number_may_stand_with_what_it_rests_on() -> None:
    stated = {"value": [1, 3], "basis": "a survey", "source": {"en": "Li 2018"}, "status": "V",
              "n": 61}  # fmt: skip
    weight = _case(stated).sources["a"].weight
    assert isinstance(weight, Stated)
    assert weight.value == bare(weight) == ends(weight) == (1.0, 3.0)
    assert weight.basis == {"en": "a survey", "zh": "a survey"}
    assert (weight.source, weight.status, weight.n) == ({"en": "Li 2018"}, "V", 61)
    assert _case({"value": 2}).sources["a"].weight == Stated(2.0)


@pytest.mark.parametrize(
    ("stated", "path", "words"),
    [
        ({"value": [3, 1]}, "sources.a.weight", "inverted"),
        ({"value": -1}, "sources.a.weight", "not a positive"),
        ({"basis": "x"}, "sources.a.weight", "a key is missing"),
        ({"value": 1, "bais": "x"}, "sources.a.weight.bais", "did you mean basis"),
        ({"value": 1, "status": "X"}, "sources.a.weight.status", "allowed: S, U, V, judgement"),
        ({"value": 1, "basis": {"fr": "x"}}, "sources.a.weight", "language"),
        ({"value": 1, "n": 0}, "sources.a.weight", "from 1"),
        ({"value": {"value": 1}}, "sources.a.weight", "not a number"),
    ],
)
def test_a_number_with_a_basis_is_checked(stated: object, path: str, words: str) -> None:
    with pytest.raises(CaseError, match=words) as caught:
        _case(stated)
    assert caught.value.path == path


def test_the_middle_of_a_probability() -> None:
    assert middle((0.1, 0.9)) == pytest.approx(0.5)
    assert middle((0.05, 0.35)) == pytest.approx(
        special.expit((special.logit(0.05) + special.logit(0.35)) / 2)
    )
    assert middle(Stated(0.3)) == 0.3


@pytest.mark.parametrize("pair", [(1e-13, 0.5), (5e-324, 0.89), (0.5, 1.0 - 1e-13), (0.5, 1.0)])
def test_no_interval_reaches_beyond_what_is_integrated(pair: tuple[float, float]) -> None:
    for numbers in (Probability, OpenProbability):
        read = TypeAdapter(numbers).validate_python
        assert bare(read((1e-12, 1.0 - 1e-12))) == (1e-12, 1.0 - 1e-12)
        assert bare(read(pair[0])) == pair[0]
        with pytest.raises(ValidationError):
            read(pair)
