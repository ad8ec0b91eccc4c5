"""The first publication of a series is that of the first who belongs to it.

A library is one snapshot for the series, made before that. Who may not belong to the series, and
was published earlier, may be its first or have nothing to do with it.
"""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import Any

import numpy as np
import pytest

from causation.evidence.series import build_series
from causation.inference.evaluate import evaluate
from causation.inference.evaluation import Evaluation
from causation.inference.integrate import IntegratorSettings
from causation.inference.joint import Joint
from causation.model.simulation import simulate
from causation.model.structure import Model
from tests.evidence.small import model, sources
from tests.reference.copying import from_filled
from tests.reference.evidence import Claim, Evidence
from tests.reference.prior import name

PLAINTIFF = {"disclosed": ["phone"], "posted": "2024-01-01", "traits": {},
             "dates": {"phone": {"since": "2023-01-01"}}}  # fmt: skip
EARLIER = {"id": "g", "disclosed": ["phone"], "posted": "2020-01-01", "known_by": "exposure"}
AGE = (200.0, 2000.0)


def sharp(*further: dict[str, Any], since: str = "2023-01-01", **changes: Any) -> Model:
    """Every share a number, so that the likelihood can be written down."""
    plaintiff = {**PLAINTIFF, "dates": {"phone": {"since": since}}}
    given = {"disclosure": {"phone": 0.6}, "misfit": 0.0}
    every = sources(
        osint={"kind": "inference", **given},
        library={"kind": "leaked_library", "age": list(AGE), **given},
    )
    every["forum"] |= given
    return model(*further, plaintiff=plaintiff, sources=every, actor={"publishes": 0.8}, **changes)


def older(days: float) -> float:
    """Chance that the library's data are older than so many days."""
    m = 0.5 * (math.log(AGE[0]) + math.log(AGE[1]))
    sd = (math.log(AGE[1]) - math.log(AGE[0])) / (2.0 * 1.6448536)
    return 1.0 - NormalDist(m, sd).cdf(math.log(days)) if days > 0.0 else 1.0


def log_library(m: Model) -> float:
    answer = evaluate(m)
    return float(answer.log_evidence[0, m.route_names.index("library")])


@pytest.mark.parametrize("since", ["2023-01-01", "2019-06-01"])
@pytest.mark.parametrize("count", [1, 3, 5000])
@pytest.mark.parametrize("linkage", [0.0, 1e-4, 0.4, 1.0])
def test_closed_form(linkage: float, count: int, since: str) -> None:
    """None of the earlier ones belongs to the series, or at least one does."""
    m = sharp({**EARLIER, "count": count, "linkage": linkage}, since=since, routes="single")
    b = math.exp(float(Evaluation(m, m.base(), IntegratorSettings()).log_b[0, 0]))
    early, late = (
        1.0 - older(float((np.datetime64(day) - np.datetime64(since)).astype(int)))
        for day in ("2020-01-01", "2024-01-01")
    )
    apart = count * math.log((1.0 - linkage) * b) if linkage < 1.0 else -math.inf
    whole = count * math.log(linkage * 0.48 + (1.0 - linkage) * b)
    some = whole + math.log(-math.expm1(apart - whole)) if linkage else -math.inf
    log_early = math.log(early) if early > 0.0 else -math.inf
    expected = math.log(0.48) + np.logaddexp(some + log_early, apart + math.log(late))
    if math.isinf(expected):
        assert log_library(m) < -650.0
        return
    # days are hours of a day here: a thousandth of the ages at hand
    assert log_library(m) == pytest.approx(float(expected), abs=0.02)


def test_who_does_not_belong_to_the_series_did_not_begin_it() -> None:
    bare = evaluate(sharp()).posterior[0]
    stranger = sharp({**EARLIER, "linkage": 0.0, "count": 3, "dates": {"phone": {"since": "2019"}}})
    np.testing.assert_allclose(evaluate(stranger).posterior[0], bare, atol=1e-9)
    nearly = sharp({**EARLIER, "linkage": 1e-9})
    np.testing.assert_allclose(evaluate(nearly).posterior[0], bare, atol=1e-6)


def test_without_the_plaintiff_somebody_else_was_first() -> None:
    """Rows that leave out who certainly belongs to the series."""
    m = sharp({**EARLIER, "linkage": 0.4, "dates": {"phone": {"since": "2019"}}})
    answer = evaluate(m, m.without([["victims.p"], ["victims.g"]]))
    assert np.isfinite(answer.log_evidence).all()
    np.testing.assert_allclose(answer.log_evidence[1], evaluate(sharp()).log_evidence[0], atol=1e-9)


def mixed(victim: str, *, apart: bool) -> Model:
    """Victims of several first publications; `apart` that the fields separate."""
    more = [
        {**EARLIER, "disclosed": ["phone", "account_link"], "linkage": [0.3, 0.9], "count": 3,
         "dates": {"account_link": {"since": "2019"}}},
        {"id": "h", "disclosed": ["phone"], "posted": "2021-06", "count": 2,
         "known_by": "exposure"},
        {"id": "k", "disclosed": ["phone", "real_name"], "posted": "2021-06", "linkage": 0.4,
         "known_by": {"published_any": ["phone", "real_name"]}},
    ]  # fmt: skip
    if not apart:
        more.append({"id": "l", "disclosed": ["phone", "email"], "posted": "2022-06-01",
                     "known_by": {"published_any": ["phone", "email"]},
                     "linkage": [0.2, 0.6]})  # fmt: skip
    return model(
        *more, plaintiff={**PLAINTIFF, "dates": {"phone": {"since": "2022-01"}}},
        routes={"osint/library": 0.4, "forum/library": 0.3, "library/osint": 0},
        proposition={"source": "library", "victim": victim},
    )  # fmt: skip


@pytest.mark.parametrize(
    ("victim", "apart"),
    [
        ("p", True),
        pytest.param("h", True, marks=pytest.mark.slow),
        pytest.param("g", False, marks=pytest.mark.slow),
    ],
)
def test_against_the_reference(victim: str, apart: bool) -> None:
    m = mixed(victim, apart=apart)
    answer = evaluate(m)
    reference = Evidence(
        from_filled(m.filled), "importance", {"tolerance": 0.004, "draws": 5000}, log2=12
    )
    for z, x in reference.log.items():
        mine = float(answer.log_evidence[0, m.route_names.index(name(z))])
        assert mine == pytest.approx(x, abs=0.05), name(z)
    claim = reference.probability(Claim(("library",)), victim)
    assert float(answer.probability[0]) == pytest.approx(claim, abs=0.008)


def test_all_engines_read_the_same_density() -> None:
    tensor = pytest.importorskip("pytensor.tensor")
    from pytensor import function

    from causation.inference.tensors import PYTENSOR

    joint = Joint(mixed("p", apart=False))
    density = joint.densities[joint.model.route_names.index("osint/library")]
    z = np.random.default_rng(1).standard_normal(density.dim)
    mine = density.log_total(
        joint.at(dict(zip(density.names, z[:, None], strict=True))), joint.log_b
    )
    named = {n: tensor.scalar() for n in density.names}
    value = density.log_total(joint.at(named, PYTENSOR), joint.log_b)
    theirs = function([*named.values()], value, on_unused_input="ignore", mode="FAST_COMPILE")(*z)
    assert float(np.ravel(mine)[0]) == pytest.approx(float(theirs), abs=1e-9)


def test_simulated_snapshots_are_older_than_who_belongs_to_the_series() -> None:
    """Of a library whose data are years old at 2020 the plaintiff's new number is not."""
    design = sharp({**EARLIER, "linkage": 0.5, "known_by": "exposure"}, routes="single")
    drawn = [simulate(design, route="library", rng=seed) for seed in range(120)]
    since = next(iter(design.filled.groups[0].dates.values()))
    found = {True: 0, False: 0}
    for one in drawn:
        if one.groups[0].disclosed:
            found[one.linked[1]] += one.groups[0].dates.get("phone") == since
    assert found[True] == 0
    assert found[False] > 5


@pytest.mark.parametrize("linkage", [0.1, 0.7])
def test_closed_form_of_many_publications(linkage: float) -> None:
    """Any of thirty may have been the first who belongs to it."""
    every = [f"{2016 + i // 5}-{1 + 2 * (i % 5):02}-11" for i in range(30)]
    many = [{**EARLIER, "id": f"g{i}", "linkage": linkage, "posted": x}
            for i, x in enumerate(every)]  # fmt: skip
    since = "2015-06-01"
    m = sharp(*many, since=since, routes="single")
    b = math.exp(float(Evaluation(m, m.base(), IntegratorSettings()).log_b[0, 0]))
    days = np.array([*every, "2024-01-01"], "datetime64[D]") - np.datetime64(since)
    young = [1.0 - older(float(x.astype(int))) for x in days]
    belongs, apart = linkage * 0.48, (1.0 - linkage) * b
    first = [apart**i * belongs * (belongs + apart) ** (29 - i) for i in range(30)]
    expected = 0.48 * np.dot([*first, apart**30], young)
    assert log_library(m) == pytest.approx(math.log(expected), abs=2e-3)


def test_where_there_are_many_windows_few_publications_are_told_apart() -> None:
    """Neighbours in time are one; nothing else is lost."""
    many = [
        {**EARLIER, "id": f"g{i}", "linkage": 0.3, "posted": f"20{10 + i // 12}-{1 + i % 12:02}",
         "dates": {"phone": {"since": f"200{i % 10}-0{1 + i // 10}-01"}}}
        for i in range(30)
    ]  # fmt: skip
    m = sharp(*many, routes="single")
    series = build_series(m.filled, lambda _: True)
    ranks = [v.facts["dates"].rank for v in series.victims if "dates" in v.facts]  # type: ignore[attr-defined]
    assert {r for r in ranks if r is not None} == set(range(8))
    few = [{k: x for k, x in group.items() if k != "dates"} for group in many]
    m = sharp(*few, routes="single")
    together = sharp({**EARLIER, "count": 30, "linkage": 0.3, "posted": "2011"}, routes="single")
    # all long before what the window asks for
    assert log_library(m) == pytest.approx(log_library(together), abs=0.02)


def test_nothing_was_published_of_those_who_are_left() -> None:
    """Rows of persons chosen beforehand whom nobody exposed: no publication is the first."""
    chosen = {"id": "g", "not_disclosed": ["phone"], "known_by": "attempt", "count": 2}
    every = sources(
        osint={"kind": "inference", "reach": 0.5},
        library={"kind": "leaked_library", "reach": 0.5},
        unknown={"kind": "residual", "reach": 0.5},
    )
    every["forum"]["reach"] = 0.5
    dated, plain = (
        model(chosen, plaintiff=PLAINTIFF | {"dates": dates}, sources=every, routes="single")
        for dates in (PLAINTIFF["dates"], {})
    )
    found = [evaluate(m, m.without([["victims.p"]])).log_evidence for m in (dated, plain)]
    np.testing.assert_allclose(found[0], found[1], atol=1e-9)


def test_fields_of_the_stand_in_were_published_at_one_moment() -> None:
    """An age for every field, counted back from one publication of an uncertain date."""
    fields = {
        f: {"disclosed": ["phone", "real_name"], "traits": {}, "posted": "2023",
            "dates": {x: {"since": "2023-03-01"} for x in f}}
        for f in ((), ("phone",), ("phone", "real_name"))
    }  # fmt: skip
    every = sources(unknown={"kind": "residual", "age": list(AGE)})
    found = [
        float(evaluate(m).log_evidence[0, m.route_names.index("unknown")])
        for f in fields.values()
        for m in [model(plaintiff=f, sources=every, routes="single")]
    ]
    start, edge = (float(np.datetime64(x).astype(int)) for x in ("2023-01-01", "2023-03-01"))
    days = [start + 365.0 * (i + 0.5) / 12.0 - edge - 0.5 for i in range(12)]
    younger = np.array([1.0 - older(x) for x in days if x > 0.0])
    for n in (1, 2):
        assert found[n] - found[0] == pytest.approx(math.log((younger**n).sum() / 12.0), abs=1e-3)


def test_two_libraries_count_back_from_one_moment() -> None:
    """In one year it decides how two persons' values stood in both."""
    every = sources(
        first={"kind": "leaked_library", "age": 720.0, "misfit": 0.0,
               "disclosure": {"phone": 0.9}},
        second={"kind": "leaked_library", "age": 355.0, "misfit": 0.0,
                "disclosure": {"phone": 0.1}},
    )  # fmt: skip
    early, late = (
        {
            "disclosed": ["phone"],
            "traits": {},
            "posted": posted,
            "dates": {"phone": {"since": since}},
        }
        for posted, since in (("2024", "2022"), ("2025-06-01", "2023"))
    )
    m = model({"id": "g", "plaintiff": True, "known_by": "exposure", **late}, plaintiff=early,
              sources=every, actor={"publishes": 0.8}, routes={"first/second": 0.3})  # fmt: skip
    share = np.arange(1, 13) / 12.0  # of the beginnings, that lie before both copies
    chance = (1.0 - (1.0 - 0.9 * share) * 0.9) * 0.1 * share * 0.64
    found = float(evaluate(m).log_evidence[0, m.route_names.index("first/second")])
    assert found == pytest.approx(math.log(chance.mean()), abs=1e-3)


@pytest.mark.parametrize("count", [1, 5])
@pytest.mark.parametrize("linkage", [0.4, 1.0])
def test_a_list_by_a_dated_field_leaves_the_plaintiffs_suppliers(
    linkage: float, count: int
) -> None:
    """What others' lists divide out is not what was published of him."""
    listed = {"published_all": ["phone"]}
    m = sharp(
        {**EARLIER, "known_by": listed, "linkage": linkage, "count": count,
         "dates": {"phone": {"since": "2019-01-01"}}},
        since="2018-01-01", routes={"osint/library": 0.3},
        proposition={"source": "library", "role": "supplied", "fields": ["phone"]},
    )  # fmt: skip
    bare = m.without([["victims.p.dates"]])
    credit = float(evaluate(m, bare).credit[0, m.route_names.index("osint/library")])
    assert credit == pytest.approx(0.6 / (1.0 - 0.4 * 0.4), abs=1e-3)
