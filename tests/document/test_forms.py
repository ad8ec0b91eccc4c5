"""Numbers with a basis: counts, pools of experts, rows of data, against closed forms."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from scipy import stats
from scipy.special import expit
from scipy.special import logit as logits

from causation.case import fill, load_case, parse_case, parse_prior_set
from causation.case.filled import Filled
from causation.case.writing import dump_case, dump_prior_set
from causation.document.counted import (
    WIDEST,
    all_or_nothing,
    beta_binomial,
    mixed,
    next_incident,
)
from causation.document.pooling import POOLS, Pool, apart, linear_quantile, pooled, pooled_points
from causation.document.shipped import data_path
from causation.errors import CaseError

Z = 1.6448536269514722
LIBRARY = "sources.library.disclosure"
BEIJING = load_case("bic-2025-doxxing")


def normal(lo: float, hi: float) -> tuple[float, float]:
    a, b = logits(lo), logits(hi)
    return (a + b) / 2, (b - a) / 2 / Z


# ---- pools


@pytest.mark.parametrize(
    ("pool", "expected"),
    [
        ("linear", (0.128723, 0.560446, 0.969588)),
        ("quantile", (0.25, 0.62832, 0.895542)),
        ("log", (0.175449, 0.495579, 0.819376)),
    ],
)
def test_two_experts_by_every_pool(pool: Pool, expected: tuple[float, ...]) -> None:
    parts = [normal(0.5, 0.98), normal(0.1, 0.6)]
    points = pooled_points(parts, (0.5, 0.5), pool, (0.05, 0.5, 0.95))
    assert expit(points) == pytest.approx(expected, abs=6e-7)
    m, sd = pooled(parts, (0.5, 0.5), pool)
    assert expit([m - Z * sd, m + Z * sd]) == pytest.approx((expected[0], expected[2]), abs=6e-7)


def test_a_linear_pool_of_unlike_distributions() -> None:
    cdfs = [stats.gamma(10, scale=1 / 4).cdf, stats.norm(3, 2).cdf, stats.lognorm(2, scale=3).cdf]
    weights = (1 / 6, 2 / 6, 3 / 6)
    assert sum(w * f(1.5) for w, f in zip(weights, cdfs, strict=True)) == pytest.approx(
        0.27175771, abs=5e-9
    )
    found = linear_quantile(0.95, cdfs, weights, within=(0.0, 1e4))
    assert found == pytest.approx(38.928064, abs=5e-7)


@pytest.mark.parametrize("pool", POOLS)
def test_experts_who_agree_are_one(pool: Pool) -> None:
    assert pooled([(0.3, 0.7)] * 3, (0.2, 0.3, 0.5), pool) == pytest.approx((0.3, 0.7))


def test_a_log_pool_is_the_product_of_densities() -> None:
    parts, weights = [(0.0, 1.0), (2.0, 0.5), (-1.0, 2.0)], (0.2, 0.5, 0.3)
    x = np.linspace(-15, 15, 60_001)
    density = np.prod(
        [stats.norm(*p).pdf(x) ** w for p, w in zip(parts, weights, strict=True)], axis=0
    )
    density /= density.sum()
    mean = density @ x
    assert pooled(parts, weights, "log") == pytest.approx(
        (mean, math.sqrt(density @ (x - mean) ** 2)), abs=1e-6
    )


def test_how_far_experts_stand_apart() -> None:
    parts, weights = [(0.0, 1.0), (2.0, 1.0), (5.0, 3.0)], (0.5, 0.3, 0.2)
    mean = 0.6 + 1.0
    between = 0.5 * mean**2 + 0.3 * (2 - mean) ** 2 + 0.2 * (5 - mean) ** 2
    assert sum(d * d for d in apart(parts, weights)) == pytest.approx(between)
    assert apart([(1.0, 2.0)], (1.0,)) == (0.0,)


# ---- counts


def test_the_fit_gives_back_the_variance_between_incidents() -> None:
    """Counts drawn from a beta-binomial that is known, by its own generator."""
    rng = np.random.default_rng(3)
    a, b, incidents = 2.0, 3.0, 6000
    shares = rng.beta(a, b, incidents)
    sizes = rng.integers(2, 60, incidents)
    counts = [(int(rng.binomial(n, p)), int(n)) for p, n in zip(shares, sizes, strict=True)]
    mean, ratio = beta_binomial(counts)
    assert mean == pytest.approx(a / (a + b), abs=0.01)
    assert ratio == pytest.approx(1 / (a + b + 1), abs=0.01)


@pytest.mark.parametrize(("a", "b"), [(1.0, 1.0), (2.0, 1.0), (1.0, 4.0)])
def test_the_interval_is_that_of_the_fitted_beta(a: float, b: float) -> None:
    """Beta(1, 1), Beta(a, 1) and Beta(1, b) have quantiles in closed form."""
    rng = np.random.default_rng(5)
    shares = rng.beta(a, b, 20_000)
    m, sd = next_incident(tuple((round(p * 10**6), 10**6) for p in shares))
    lo, hi = expit([m - Z * sd, m + Z * sd])

    def quantile(q: float) -> float:
        return float(q ** (1 / a) if b == 1.0 else 1 - (1 - q) ** (1 / b))

    assert (lo, hi) == pytest.approx((quantile(0.05), quantile(0.95)), abs=0.012)


def test_more_in_one_incident_tells_nothing_of_the_next() -> None:
    few = next_incident(((3, 10), (9, 12), (5, 9), (8, 10)))
    many = next_incident(tuple((100 * k, 100 * n) for k, n in ((3, 10), (9, 12), (5, 9), (8, 10))))
    assert many[1] > few[1] > 0.8  # only the noise of counting is gone


def test_like_incidents_are_known_better_the_more_there_are() -> None:
    widths = [next_incident(((50, 100),) * n)[1] for n in (2, 5, 20, 200)]
    assert all(a > b > 0 for a, b in pairwise(widths))
    # no more than counting explains: the variance is that of the mean, p (1 - p) / N
    assert widths[-1] == pytest.approx(4 * math.sqrt(0.25 / 20_000), rel=0.02)


@pytest.mark.parametrize("size", [1, 1000])
def test_all_or_nothing_is_wide_and_keeps_its_mean(size: int) -> None:
    counts = ((size, size),) * 63 + ((0, size),) * 37
    m, sd = next_incident(counts)
    assert sd == WIDEST == pytest.approx(math.log(999) / Z, abs=2e-3)
    draws = expit(m + sd * stats.norm.ppf((np.arange(200_000) + 0.5) / 200_000))
    assert draws.mean() == pytest.approx(0.63, abs=1e-4)
    assert expit(m - Z * sd) < 0.01
    assert expit(m + Z * sd) > 0.99
    assert all_or_nothing(0.5)[0] == pytest.approx(0.0, abs=1e-9)


def test_nobody_and_everybody_are_no_certainties() -> None:
    for counts in (((0, 10), (0, 20)), ((10, 10), (20, 20))):
        m, sd = next_incident(counts)
        assert math.isfinite(m)
        assert sd > 0.3


def test_relevance_mixes_two_distributions() -> None:
    own, data = (-1.0, 0.5), (2.0, 1.2)
    assert mixed(own, data, 0.0) == own
    assert mixed(own, data, 1.0) == pytest.approx(data)
    rng = np.random.default_rng(1)
    part = rng.random(400_000) < 0.3
    draws = np.where(part, rng.normal(*data, part.size), rng.normal(*own, part.size))
    assert mixed(own, data, 0.3) == pytest.approx((draws.mean(), draws.std()), abs=0.01)
    assert mixed(own, (2.0, None), 0.5) == (0.5, 0.5)


# ---- in a case


def filled(**disclosure: object) -> Filled:
    return fill(BEIJING.replace({LIBRARY: disclosure}))


def test_every_form_in_a_case_carries_what_it_rests_on() -> None:
    case = filled(
        phone={"data": "hibp.phone"},
        id_photo={"counts": [[3, 10], [9, 12], [4, 9]], "source": "police"},
        real_name={"count": 61, "of": 100, "spread": [0.3, 0.9]},
        account_link={"experts": [{"name": "A", "value": [0.1, 0.4]}], "basis": "asked"},
    )
    phone = case.number(f"{LIBRARY}.phone")
    assert (phone.n, phone.status, phone.origin) == (444, "V", "case")
    assert phone.source is not None
    assert "Have I Been Pwned" in phone.source["en"]
    assert "279 of 444" in phone.basis["en"]
    assert "444中的279" in phone.basis["zh"]
    photo = case.number(f"{LIBRARY}.id_photo")
    assert (photo.n, photo.source) == (31, {"en": "police", "zh": "police"})
    assert (photo.center, photo.sd) == next_incident(((3, 10), (9, 12), (4, 9)))
    name = case.number(f"{LIBRARY}.real_name")
    assert name.n == 100
    assert name.middle == pytest.approx(0.61)
    assert name.sd == pytest.approx(normal(0.3, 0.9)[1])
    account = case.number(f"{LIBRARY}.account_link")
    assert (account.lo, account.hi) == pytest.approx((0.1, 0.4))
    assert account.basis == {"en": "asked", "zh": "asked"}
    assert account.status == "judgement"


def test_relevance_nought_gives_the_interval_of_the_set_back() -> None:
    plain = fill(BEIJING).number(f"{LIBRARY}.phone")
    for stated in (
        {"data": "hibp.phone", "relevance": 0},
        {"counts": [[1, 9], [2, 30]], "relevance": 0},
        {"count": 1, "of": 9, "relevance": 0},
    ):
        number = filled(phone=stated).number(f"{LIBRARY}.phone")
        assert (number.center, number.sd) == pytest.approx((plain.center, plain.sd))
    half = filled(phone={"counts": [[1, 9], [2, 30]], "relevance": 0.5}).number(f"{LIBRARY}.phone")
    m, sd = next_incident(((1, 9), (2, 30)))
    assert half.center == pytest.approx((m + plain.center) / 2)
    assert half.sd == pytest.approx(
        math.sqrt(sd**2 / 2 + plain.sd**2 / 2 + (m - plain.center) ** 2 / 4)
    )


@pytest.mark.parametrize("stated", [{"counts": [[61, 100]]}, {"count": 61, "of": 100}])
def test_a_pooled_count_moves_the_centre_only_and_says_so(stated: dict[str, object]) -> None:
    plain = fill(BEIJING).number(f"{LIBRARY}.phone")
    case = filled(phone=stated)
    number = case.number(f"{LIBRARY}.phone")
    assert number.middle == pytest.approx(0.61)
    assert number.sd == plain.sd
    notice = {n.id: n.text for n in case.notices}["count_without_spread"]
    assert f"{LIBRARY}.phone" in notice["en"]
    assert f"{LIBRARY}.phone" in notice["zh"]


def test_all_or_nothing_says_that_two_sources_say_it_more_plainly() -> None:
    notices = {n.id for n in filled(phone={"data": "hibp.phone"}).notices}
    assert "all_or_nothing" in notices
    assert "count_without_spread" not in notices


def test_a_wide_age_is_no_share() -> None:
    dates = {"phone": {"since": 2020}}
    aged = BEIJING.replace(
        {"sources.library.age": [0.1, 250_000], "victims.plaintiff.dates": dates}
    )
    notices = {n.id for n in fill(aged).notices}
    assert "all_or_nothing" not in notices


def test_forms_are_written_and_read_back() -> None:
    case = BEIJING.replace(
        {
            LIBRARY: {
                "phone": {"data": "hibp.phone", "relevance": 0.5, "basis": "ours"},
                "id_photo": {"counts": [[3, 10], [9, 12]], "relevance": 0.25},
                "real_name": {
                    "experts": [
                        {"name": "A", "value": [0.2, 0.6], "median": 0.4, "rationale": "seen"},
                        {"name": "B", "value": [0.3, 0.9]},
                    ],
                    "pool": "log", "weights": [0.25, 0.75],
                    "group": {"value": [0.3, 0.7], "rationale": "talked over"},
                },
                "account_link": {"count": 3, "of": 9, "spread": "all_or_nothing"},
            },
            "sources.library.correlation": {"data": "hibp.correlation"},
        }
    )  # fmt: skip
    again = parse_case(dump_case(case))
    assert again == case
    assert again.sha256 == case.sha256
    assert "hibp.phone" in dump_case(case)
    assert fill(again).number("sources.library.correlation").center == 0.25
    name = fill(again).number(f"{LIBRARY}.real_name")
    assert (name.lo, name.hi) == pytest.approx((0.3, 0.7))  # the group's, not the pool's
    assert [expert for expert, _ in name.experts] == ["A", "B"]


# ---- what is refused, in one message with its place

REFUSED = [
    ({"counts": [[3, 10], [12, 10]]}, "more were counted than there are", "counts[1]", "12"),
    ({"count": 9, "of": 3}, "more were counted than there are", "count", "9"),
    ({"count": 9}, "a key is missing", None, "of"),
    ({"counts": [[3]]}, "not a count", "counts[0]", "pairs"),
    ({"counts": []}, "not a list of counts", "counts", "pairs"),
    ({"count": 1, "of": 10, "spread": [0.3, 0.6]}, "does not contain", "spread", "0.1"),
    ({"count": 1, "of": 10, "relevance": 2}, "outside [0, 1]", None, "2"),
    (
        {"experts": [{"name": "A", "value": 0.3}, {"name": "B", "value": 0.4}],
         "weights": [0.5, 0.6]},
        "the weights do not add up", "weights", "1.1",
    ),
    (
        {"experts": [{"name": "A", "value": 0.3}], "weights": [0.5, 0.5]},
        "not a weight for every expert", "weights", "1 numbers",
    ),
    (
        {"experts": [{"name": "A", "value": 0.3}, {"name": "A", "value": 0.4}]},
        "an expert stands twice", "experts[1]", "number 1",
    ),
    (
        {"experts": [{"name": "A", "value": [0.2, 0.4], "median": 0.5}]},
        "does not contain its own median", "experts[0].median", "between 0.2 and 0.4",
    ),
    ({"experts": [{"name": "A", "value": 0.3}], "pool": "lineer"}, "unknown value", "pool", "log"),
    ({"experts": [{"name": "A", "value": 0.3}], "pool": "log"}, "no room", "experts[0]", "every"),
    ({"experts": [{"name": "A"}]}, "a key is missing", "experts[0].value", "value"),
    ({"experts": [{"name": "A", "value": 0.3, "sd": 1}]}, "unknown key", "experts[0].sd", "median"),
    ({"data": "hibb.phone"}, "unknown data set", "data", "did you mean hibp?"),
    ({"data": "hibp.phones"}, "unknown row of hibp", "data", "did you mean phone?"),
    ({"value": 0.3, "relevance": 0.5}, "unknown key", "relevance", "basis"),
    ({"basis": "none"}, "a key is missing", None, "counts"),
]  # fmt: skip


@pytest.mark.parametrize(("stated", "text", "place", "found"), REFUSED)
def test_what_is_refused(stated: object, text: str, place: str | None, found: str) -> None:
    with pytest.raises(CaseError) as raised:
        BEIJING.replace({LIBRARY: {"phone": stated}})
    message = str(raised.value)
    assert text in message
    assert found in message
    if place is not None:
        assert f"{LIBRARY}.phone.{place}" in message


def test_counts_are_of_shares() -> None:
    with pytest.raises(CaseError, match="counts are of shares"):
        BEIJING.replace({"sources.platform.weight": {"counts": [[1, 3], [2, 4]]}})


def test_a_prior_set_has_nothing_to_be_weighed_against() -> None:
    text = data_path("priors", "neutral.yaml").read_text(encoding="utf-8")
    old = "linkage: {value: [0.7, 0.98], "
    assert old in text
    for form in ("count: 3, of: 9", "counts: [[3, 9], [4, 8]], relevance: 0.5"):
        with pytest.raises(CaseError, match="nothing that this could be weighed against"):
            parse_prior_set(text.replace(old, f"linkage: {{{form}, "))
    own = parse_prior_set(text.replace(old, "linkage: {counts: [[3, 9], [4, 8]], "))
    assert own.actor.linkage.form is not None
    assert parse_prior_set(dump_prior_set(own)) == own
    with pytest.raises(CaseError, match="a key is missing"):
        parse_prior_set(text.replace(old + "basis", "linkage: {value: [0.7, 0.98], source"))


def test_what_the_prior_set_lacks_cannot_be_weighed_against_it() -> None:
    case = BEIJING.replace(
        {
            "fields": [{"id": "plate", "label": "plate"}],
            "sources.platform.disclosure": {"plate": [0.1, 0.5]},
            "sources.osint.disclosure": {"plate": [0.1, 0.5]},
            LIBRARY: {"plate": {"count": 3, "of": 9}},
        }
    )
    with pytest.raises(CaseError, match="no number against which") as raised:
        fill(case)
    assert f"{LIBRARY}.plate" in str(raised.value)
