"""The integrator against brute force by somebody else: random cases of every shape.

log10 evidence of every route within .01 (1 % beyond 20 bans), or four errors of both; posteriors,
roles, and every victim's sources. Every item left out, against the file without it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from causation.analyses.dependence import count_curve
from causation.case import Case, fill
from causation.errors import CaseError
from causation.inference.evaluate import evaluate
from causation.model.structure import build_model
from tests.evidence.small import case as small_case
from tests.inference.comparing import Compared, differences
from tests.reference.random_cases import SHAPES, random_tree, random_trees

COARSE = {"tolerance": 0.008, "draws": 3000}
LIVE = {
    shape: 3 if shape == "dates" else 0
    for shape in SHAPES
    if shape not in {"snapshots", "everything"}
}
"""Seeds of each shape that take little time; the others are with the slow ones."""
WITH_ROLES = ("lists", "records", "attempt", "libraries", "single", "custodians")


@pytest.mark.parametrize("shape", LIVE)
def test_random_cases(shape: str) -> None:
    compared = Compared(random_tree(LIVE[shape], shape), COARSE)
    compared.check_evidence()
    compared.check_posterior()
    if shape in WITH_ROLES:
        compared.check_roles()


@pytest.mark.parametrize("shape", ["single", "security"])
def test_more_random_cases(shape: str) -> None:
    compared = Compared(random_tree(4, shape), COARSE)
    compared.check_evidence()
    compared.check_posterior()


def test_chosen_beforehand_where_no_residual_is_listed() -> None:
    """The stand-in reaches as vaguely as it has fields."""
    tree = random_tree(7, "attempt")
    tree["exhaustive"] = True
    del tree["sources"]["unknown"]
    tree.pop("findings", None)
    tree.pop("background", None)
    compared = Compared(tree, COARSE)
    assert any(g.known_by.how == "attempt" for g in compared.model.filled.groups)
    assert not any(r.vague for r in compared.model.routes)
    compared.check_evidence()


@pytest.mark.slow
@pytest.mark.parametrize("part", range(20))
def test_many_random_cases(part: int) -> None:
    """Two hundred, ten at a time."""
    for tree in random_trees(10, first=1000 + 10 * part):
        compared = Compared(tree, {"tolerance": 0.0025, "draws": 10_000}, log2=15)
        compared.check_evidence()
        compared.check_posterior(0.01)


@pytest.mark.slow
@pytest.mark.parametrize("shape", [*SHAPES[:10], "implied"])
def test_every_role_and_every_victim(shape: str) -> None:
    compared = Compared(random_tree(2, shape), {"tolerance": 0.001, "draws": 40_000})
    compared.check_roles(0.008, every=True)


def left_out(tree: Any, *, most: int | None = None) -> None:
    """Compare rows without one item each with the files that never had it."""
    case = Case.model_validate(tree)
    model = build_model(fill(case))
    first = next(g.id for g in model.filled.groups if g.first)
    asked = [i.id for i in model.items if i.id != f"victims.{first}"]
    kept, reduced = [], []
    for item in asked:
        try:
            reduced.append(case.without(item))
        except CaseError:  # somebody of whom nothing would be published, and the like
            continue
        kept.append(item)
    kept, reduced = kept[:most], reduced[:most]
    assert kept
    rows = evaluate(model, model.without([[item] for item in kept]))
    for i, (item, less) in enumerate(zip(kept, reduced, strict=True)):
        alone = evaluate(build_model(fill(less)))
        assert rows.model.route_names == alone.model.route_names
        gap = np.abs(differences(rows, i, alone))
        allowed = np.maximum(0.01, 4.0 * np.hypot(rows.error[i], alone.error[0]))
        assert np.all(gap < allowed), (item, gap)
        np.testing.assert_allclose(rows.log_prior[i], alone.log_prior[0], rtol=1e-9, atol=1e-9)
        assert abs(rows.probability[i] - alone.probability[0]) < 0.01, item


def test_every_item_left_out() -> None:
    left_out(random_tree(0, "implied"))


def test_without_those_who_were_published_first() -> None:
    """A library's age is then counted from the first publication of the others."""
    since = {"dates": {"phone": {"since": "2022-06-01"}}}
    early = {"id": "early", "count": 2, "disclosed": ["phone"], "posted": "2022-07-01"}
    other = {"id": "other", "disclosed": ["phone"], **since}
    case = small_case(early, other, plaintiff=since)
    left_out(case)
    model = build_model(fill(case))
    rows = evaluate(model, model.without([[], ["victims.early"]]))
    library = model.route_names.index("library")
    assert np.diff(rows.log_evidence[:, library])[0] > 1.0
    curve = count_curve(model, "early", bound=None, counts=(0,))
    assert curve.probability[0] == pytest.approx(float(rows.probability[1]), abs=1e-9)


@pytest.mark.slow
@pytest.mark.parametrize(
    "shape", ["lists", "not_users", "records", "dates", "findings", "security", "many"]
)
@pytest.mark.parametrize("seed", [1, 2])
def test_every_item_of_more_cases_left_out(shape: str, seed: int) -> None:
    left_out(random_tree(seed, shape))


@pytest.mark.slow
def test_an_item_left_out_against_the_reference() -> None:
    """Neither the product nor its own file: brute force on the reduced case."""
    tree = random_tree(3, "implied")
    case = Case.model_validate(tree)
    model = build_model(fill(case))
    item = next(
        i.id for i in model.items if i.kind == "fields" and len(case.victims[0].disclosed) > 1
    )
    rows = evaluate(model, model.without([[item]]))
    reference = Compared(case.without(item)).reference
    theirs = {"/".join(z): x for z, x in reference.log.items()}
    for z, name in enumerate(model.route_names):
        assert abs(rows.log_evidence[0, z] - theirs[name]) / np.log(10.0) < 0.015


@pytest.mark.slow
@pytest.mark.parametrize("part", range(25))
def test_no_case_is_refused(part: int) -> None:
    """Five hundred valid cases: each has an answer, with its error."""
    for tree in random_trees(20, first=5000 + 20 * part):
        model = build_model(fill(Case.model_validate(tree)))
        answer = evaluate(model)
        assert np.isfinite(answer.probability).all()
        assert answer.posterior.sum() == pytest.approx(1.0, abs=1e-9)
        best = answer.log_evidence[0].max()
        near = answer.log_evidence[0] > best - 20.0 * np.log(10.0)
        assert answer.error[0][near].max() < 0.02
