"""Rows of evidence: every item in one, many of a sort together and by name."""

from __future__ import annotations

from causation.analyses.items import MOST_ROWS, evidence_rows, single_rows
from causation.case import Case
from causation.model.structure import build_model
from tests.analyses.tables import bic, case_of, model_of


def crowd(count: int, **keys: object) -> Case:
    """A case with many groups of further victims, all unlike in who they are."""
    first = {"id": "first", "plaintiff": True, "disclosed": ["phone", "real_name"]}
    others = [
        {"id": f"g{i}", "count": i + 1, "disclosed": ["phone"], "traits": {"anonymous": i % 2 == 0}}
        for i in range(count)
    ]
    return case_of(victims=[first, *others], **keys)


def test_rows_of_a_case() -> None:
    rows = evidence_rows(bic())
    assert [r.id for r in rows] == [
        "victims.plaintiff",
        "victims.co_victims",
        "traits.anonymous",
        "findings.no_alternative_route",
        "security.platform",
    ]
    trait = rows[2]
    assert trait.items == (
        "victims.plaintiff.traits.anonymous",
        "victims.co_victims.traits.anonymous",
    )
    assert trait.label["zh"] == "前台匿名"


def test_no_item_is_in_two_rows_and_only_fields_go_with_their_group() -> None:
    for model in (bic(), build_model(crowd(30))):
        inside = [item for r in evidence_rows(model) for item in r.items]
        assert len(inside) == len(set(inside))
        assert {x.id for x in model.items} - set(inside) == {
            x.id for x in model.items if x.kind == "fields"
        }


def test_findings_of_one_group_leave_together() -> None:
    row = {"shop": 0.9, "osint": 0.2, "library": 0.3, "unknown": 0.4}
    model = model_of(
        findings=[
            {"id": "a", "likelihood": row, "about": "shop", "group": "logs", "stage": "reply"},
            {"id": "b", "likelihood": row, "about": "shop", "group": "logs", "stage": "rebuttal"},
            {"id": "c", "likelihood": row, "about": "shop"},
        ]
    )
    rows = {r.id: r for r in evidence_rows(model)}
    assert rows["findings.logs"].items == ("findings.a", "findings.b")
    assert rows["findings.logs"].stage == "rebuttal"
    assert rows["findings.logs"].label["zh"] == "a；b"
    assert [r.id for r in evidence_rows(model)] == ["victims.first", "findings.c", "findings.logs"]


def test_many_groups_make_one_row_that_names_them() -> None:
    model = build_model(crowd(MOST_ROWS + 1))
    rows = {r.id: r for r in evidence_rows(model)}
    assert set(rows) == {"victims.first", "traits.anonymous", "series.all_21_of_prima_facie"}
    pool = rows["series.all_21_of_prima_facie"]
    assert pool.members == tuple(f"victims.g{i}" for i in range(21))
    assert pool.items == pool.members


def test_as_many_as_fit_stay_by_themselves() -> None:
    assert len(evidence_rows(build_model(crowd(MOST_ROWS)))) == MOST_ROWS + 2


def test_single_rows_are_the_items() -> None:
    model = bic()
    assert sorted(r.id for r in single_rows(model)) == sorted(x.id for x in model.items)
    assert all(r.items == (r.id,) and not r.members for r in single_rows(model))


def test_single_rows_of_a_crowd_say_the_same_of_all_groups() -> None:
    rows = {r.id: r for r in single_rows(build_model(crowd(25)))}
    assert len(rows["fields.phone"].items) == 26
    assert len(rows["traits.anonymous"].items) == 25
    assert rows["series.all_26_of_prima_facie"].members[0] == "victims.first"
