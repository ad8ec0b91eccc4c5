"""The tables of data: every count of the breach catalogue counted again, every row usable."""

from __future__ import annotations

import csv
import datetime as dt
import re

import numpy as np
import pytest
from scipy.optimize import brentq, least_squares
from scipy.stats import multivariate_normal, norm

from causation.case import data_path
from causation.document.forms import Count
from causation.document.quantities import check_shares
from causation.document.shipped import load_tables

IDENTITY = {"phone", "real_name", "id_number", "home_address"}
NINE = (
    "account_link", "phone", "real_name", "id_number", "home_address", "birth_date", "sex",
    "transaction", "employer",
)  # fmt: skip


def _databases() -> list[dict[str, str]]:
    with data_path("tables", "hibp-breaches.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _fields(row: dict[str, str]) -> set[str]:
    fields = {*row["fields"].split()}
    linked = "account" in fields and fields & {"real_name", "phone"}
    return fields | ({"account_link"} if linked else set())


ALL = [_fields(row) for row in _databases()]
BEARING = [fields for fields in ALL if fields & IDENTITY]


def test_the_counts_are_those_of_the_catalogue() -> None:
    rows = load_tables()["hibp"].rows
    counted = [key for key, row in rows.items() if row.get("spread") == "all_or_nothing"]
    assert len(counted) == 28
    for key in counted:
        field, of_all, _ = key.partition("_of_all")
        databases = ALL if of_all else BEARING
        have = sum(field in fields for fields in databases)
        assert (rows[key]["count"], rows[key]["of"]) == (have, len(databases)), key


def _tetrachoric(a: np.ndarray, b: np.ndarray) -> float:
    h, k, both = norm.ppf(a.mean()), norm.ppf(b.mean()), (a & b).mean()

    def over(r: float) -> float:
        return float(multivariate_normal.cdf([h, k], cov=[[1, r], [r, 1]]) - both)

    return float(brentq(over, -0.999, 0.999))


def _correlations(names: tuple[str, ...], databases: list[set[str]]) -> np.ndarray:
    has = [np.array([name in fields for fields in databases]) for name in names]
    return np.array([[1.0 if a is b else _tetrachoric(a, b) for a in has] for b in has])


def test_the_loadings_are_those_of_one_factor_over_the_same_databases() -> None:
    rows = load_tables()["hibp"].rows
    r = _correlations(NINE, BEARING)
    pairs = np.triu_indices(9, 1)

    def misses(x: np.ndarray) -> np.ndarray:
        missed: np.ndarray = (np.outer(x, x) - r)[pairs]
        return missed

    fit = least_squares(misses, np.full(9, 0.4), bounds=(-0.99, 0.99))
    for name, loading in zip(NINE, fit.x, strict=True):
        assert rows[f"loading_{name}"]["value"] == pytest.approx(loading, abs=0.011), name
    assert rows["correlation"]["value"] == pytest.approx((fit.x**2).mean(), abs=0.01)


def test_the_correlations_over_all_databases() -> None:
    rows = load_tables()["hibp"].rows
    five = _correlations(("real_name", "phone", "home_address", "id_number", "birth_date"), ALL)
    assert rows["correlation_of_all"]["value"] == pytest.approx(
        five[np.triu_indices(5, 1)].mean(), abs=0.01
    )
    users = _correlations(("account", "real_name", "phone"), ALL)
    assert rows["user_name_with_name_of_all"]["value"] == pytest.approx(users[0, 1], abs=0.01)
    assert rows["user_name_with_phone_of_all"]["value"] == pytest.approx(users[0, 2], abs=0.01)


def test_the_ages_are_those_of_the_databases_that_were_listed_by_then() -> None:
    row, day = load_tables()["hibp"].rows["age"], dt.date(2023, 10, 1)
    ages = [
        (day - dt.date.fromisoformat(r["breached"])).days
        for r in _databases()
        if _fields(r) & IDENTITY and dt.date.fromisoformat(r["listed"]) <= day
    ]
    assert row["n"] == len(ages) == 342
    assert row["value"] == pytest.approx(np.quantile(ages, [0.05, 0.95]), abs=0.5)


@pytest.mark.parametrize("name", sorted(load_tables()))
def test_every_table_says_of_what_whose_and_to_what_it_is_blind(name: str) -> None:
    table = load_tables()[name]
    assert table.id == name
    for text in (table.title, table.population, table.source, table.licence, table.limits):
        assert set(text) == {"en", "zh"}
        assert re.search("[\u4e00-\u9fff]", text["zh"])
    assert table.status in {"V", "U"}
    for key, row in table.rows.items():
        assert set(row["label"]) == {"en", "zh"}, key
        assert ("count" in row) != ("value" in row), key
        if "count" in row:
            number = check_shares({"x": {"data": f"{name}.{key}"}})["x"]
            assert isinstance(number.form.stated.form, Count)
            assert number.n == row["of"]
            assert number.source == row.get("source", table.source)
            assert number.status == table.status
