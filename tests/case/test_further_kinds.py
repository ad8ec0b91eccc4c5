"""A kind of evidence that is defined elsewhere brings its own keys of victims."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any

import pytest
from pydantic import Field

from causation import evidence
from causation.case import Case, dump_case, fill, parse_case
from causation.document.checking import Words
from causation.document.parts import Part
from causation.document.quantities import Probability
from causation.errors import CaseError


class Detail(Part):
    """What the toy kind states."""

    seen: Words
    share: Probability | None = None


@dataclass(frozen=True)
class Toy:
    name: str = "toy"
    victim_keys: Mapping[str, Any] = field(
        default_factory=lambda: {"toy": Annotated[int, Field(ge=0)], "toy_detail": Detail}
    )


TEXT = """\
schema: 2
id: x
proposition: a
sources: {a: {kind: custodian}}
victims:
  - id: p
    disclosed: [phone]
    toy: 3
    toy_detail: {seen: [phone], share: 0.5}
"""


@pytest.fixture(autouse=True)
def _toy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evidence, "KINDS", (*evidence.KINDS, Toy()))


def test_its_keys_are_read_kept_and_written() -> None:
    case = parse_case(TEXT)
    group = fill(case).groups[0]
    assert group.extra["toy"] == 3
    assert group.extra["toy_detail"].seen == ("phone",)
    assert hash(group.extra["toy"]) == hash(3)
    assert parse_case(dump_case(case)) == case
    assert case.replace({"victims.p.toy": 5}) != case
    assert case.replace({"victims.p.toy": 5}).victims[0].extra["toy"] == 5
    assert case.without("victims.p.toy").victims[0].extra.keys() == {"toy_detail"}


@pytest.mark.parametrize(
    ("old", "new", "path", "words"),
    [
        ("toy: 3", "toy: -1", "victims[0].toy", "greater than or equal to 0"),
        ("toy: 3", "toy: {a: 1}", "victims[0].toy", "a mapping"),
        ("share: 0.5", "share: 1.5", "victims[0].toy_detail.share", "not a probability"),
        ("toy: 3", "toi: 3", "victims[0].toi", "did you mean toy"),
        ("toy: 3", "extra: {toy: 3}", "victims[0].extra", "unknown key"),
    ],
)
def test_what_it_does_not_take_is_said(old: str, new: str, path: str, words: str) -> None:
    with pytest.raises(CaseError, match=words) as caught:
        parse_case(TEXT.replace(old, new), file="f.yaml")
    assert caught.value.path == path
    assert caught.value.line is not None


def test_without_the_kind_its_keys_are_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evidence, "KINDS", evidence.KINDS[:-1])
    with pytest.raises(CaseError, match="unknown key") as caught:
        Case.model_validate(
            {"schema": 2, "id": "x", "proposition": "a", "sources": {"a": {"kind": "custodian"}},
             "victims": [{"id": "p", "disclosed": ["phone"], "toy": 3}]}
        )  # fmt: skip
    assert caught.value.path == "victims[0].toy"
