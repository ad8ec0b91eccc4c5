#!/usr/bin/env python3
"""Write the prior set data-based: numbers from the shipped tables of data, the rest neutral.

    tools/data_based_set.py [--check]

Where a table has a row for a number, the number is that row's, and its basis says of how many.
Where none has, it is the neutral number, marked so in its basis. The rows:

    fields        leaked library: share of the identity-bearing databases of the catalogue that have
                  the field; a database has it or not: the interval is as wide as they get
    loadings, correlation   leaked library: one factor fitted to the same databases
    ages          leaked library: age of the same databases on one day
    security      rate: years in which a firm of the class has one breach

The tables are in data/tables, the neutral set is data/priors/neutral.yaml. Change those, or this
rule; data/priors/data-based.yaml is never edited by hand.
"""

import sys
from collections.abc import Mapping
from typing import Any

from causation.case import data_path, dump_prior_set
from causation.case.ledger import labels
from causation.case.priors import parse_prior_set
from causation.document.forms import Row, interval
from causation.document.quantities import check_shares
from causation.document.shipped import load_tables
from causation.document.stated import ABOUT, Stated
from causation.document.writing import plain
from causation.scales import Scale

SHARE = Scale.PROBABILITY

HEAD = """\
# Prior set written by tools/data_based_set.py from data/tables and neutral.yaml: change those, not
# this file.
"""
TITLE = {"en": "Data-based", "zh": "数据型"}
NOTE = {
    "en": (
        "Numbers that were counted, where there are any: what leaked databases contain, how it "
        "goes together and how old it is, and breaches a year by size of firm. The rest is neutral "
        "and marked so. It is blind to what its data do not see: the catalogue of databases is "
        "Western and keyed by e-mail, none of its 24 Chinese breaches has identity numbers, while "
        "libraries traded in China are said to be full of them; and a catalogue of databases is "
        "not the collection that a seller has merged. It is printed beside the other sets and "
        "replaces none."
    ),
    "zh": (
        "有计数可用的，采用计数：已泄露数据库含有哪些信息、各项如何同时出现、年限几何，以及按企业规模划分的每年泄露"
        "次数。其余取中性数值，并逐一标明。其数据未及之处，本集亦不能反映：所用目录以西方数据为主，以电子邮箱为检索键，"
        "其中24起中国境内泄露均无证件号码，而据称社工库中证件号码很多；单个数据库的目录也不同于卖家汇总后的库。本集与其他"
        "先验集并列，不取代任何一个。"
    ),
}
LIBRARIES = {
    "en": " Of leaked libraries: databases of the catalogue that bear identity data, each once.",
    "zh": "就社工库而言：该目录中含身份信息的数据库，每个计一次。",
}
FIELDS = {
    "account_link": "account_link", "phone": "phone", "real_name": "real_name",
    "id_number": "id_number", "id_photo": "photo", "home_address": "home_address",
    "employer": "employer", "social_ties": "social_ties", "email": "email",
    "transaction": "transaction", "face_photo": "photo", "birth_date": "birth_date", "sex": "sex",
    "occupation": "occupation", "bank_account": "bank_account",
}  # fmt: skip
"""Row of the catalogue for the field of a leaked library."""
LOADINGS = (
    "account_link", "phone", "real_name", "id_number", "home_address", "birth_date", "sex",
    "transaction", "employer",
)  # fmt: skip
NO_DATA = {"en": "no data, so the neutral number; ", "zh": "无数据，故取中性数值；"}
TWO_BODIES = {
    "en": "data that contradict each other, so the neutral number; ",
    "zh": "各数据相互矛盾，故取中性数值；",
}


def entry(row: str, *, divide: float | None = None) -> dict[str, Any]:
    """An entry of the set from a row of a table; `divide` is divided by the row's number."""
    table, _, key = row.partition(".")
    stated = load_tables()[table].rows[key]
    if "count" in stated:  # a share: what a case would have by {data: ROW}
        form = check_shares({"x": {"data": row}})["x"].form
        value: Any = [digits(end) for end in interval(form.normal(SHARE), SHARE)]
    else:
        value, form = stated["value"], Row(row, Stated(stated["value"], n=stated.get("n")))
    if divide is not None:
        value = digits(divide / value)
    about = {k: form.implied()[k] for k in ABOUT if form.implied()[k] is not None}
    return {"value": value} | about


def digits(x: float) -> float:
    """Four significant digits of x, or of 1 - x where that is smaller.

    Examples
    --------
    >>> digits(0.123456), digits(0.99987654), digits(10.7527)
    (0.1235, 0.9998765, 10.75)
    """
    if 0.5 < x < 1.0:
        return round(1.0 - float(f"{1.0 - x:.4g}"), 12)
    return float(f"{x:.4g}")


def marked(part: Any, mark: Mapping[str, str] = NO_DATA) -> Any:
    """The neutral set's part with every number marked as having no data."""
    if not isinstance(part, Mapping):
        return part
    if "value" not in part:
        return {key: marked(inner, mark) for key, inner in part.items()}
    basis = labels(part["basis"])
    return {**part, "basis": {lang: mark[lang] + basis[lang] for lang in mark}}


def data_based() -> dict[str, Any]:
    """The tree of the set."""
    neutral = parse_prior_set(data_path("priors", "neutral.yaml").read_bytes())
    tree: dict[str, Any] = marked(plain(neutral))
    reference = labels(neutral.reference_class)
    tree |= {
        "id": "data-based",
        "title": TITLE,
        "note": NOTE,
        "reference_class": {lang: reference[lang] + LIBRARIES[lang] for lang in LIBRARIES},
    }
    tree["weights"]["custodian"] = marked(plain(neutral.weights.custodian), TWO_BODIES)
    for field, row in FIELDS.items():
        tree["fields"][field]["leaked_library"] = entry(f"hibp.{row}")
    tree["correlation"]["leaked_library"] = entry("hibp.correlation")
    tree["loadings"]["leaked_library"] = {f: entry(f"hibp.loading_{f}") for f in LOADINGS}
    tree["ages"]["leaked_library"] = entry("hibp.age")
    for size in ("large", "average", "small"):
        tree["security"]["breach"][size]["rate"] = entry(f"breach_rates.{size}", divide=1.0)
    return tree


def texts() -> dict[str, str]:
    """The text of the file, by name of the set."""
    return {"data-based": HEAD + dump_prior_set(data_based())}


def main(arguments: list[str]) -> int:
    """Write the set, or check that it is as written."""
    stale = False
    for name, text in texts().items():
        path = data_path("priors", f"{name}.yaml")
        if arguments == ["--check"]:
            if path.read_text(encoding="utf-8") != text:
                print(f"{path.name} is not what tools/data_based_set.py writes")
                stale = True
        else:
            path.write_text(text, encoding="utf-8")
    return int(stale)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
