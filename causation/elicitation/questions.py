"""What experts are asked: the shares of a prior set, one field and one kind of source at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from causation.case.ledger import labels
from causation.case.library import load_fields
from causation.case.priors import PriorSet
from causation.document.mappings import Fixed
from causation.document.problems import listing, nearest
from causation.document.shipped import load_table
from causation.errors import InputError

COLUMNS: Mapping[str, Mapping[str, str]] = {
    "leaked_library": {"en": "a leaked library", "zh": "某一已泄露数据库（社工库）"},
    "inference": {"en": "public traces", "zh": "公开信息关联比对"},
    "custodian_holding": {"en": "a custodian that holds it", "zh": "保管该项信息的保管方"},
    "custodian_not_holding": {
        "en": "a custodian that does not hold it",
        "zh": "不保管该项信息的保管方",
    },
}
"""The kinds of sources that are asked about, as the columns of a prior set."""
_ASKED = (
    "Of 100 persons exposed through {source}, for how many does it give the actor the {field}?",
    "经由{source}被公开的每100人中，该来源向行为人给出“{field}”的有多少人？",
)
SEEDS = (
    "hibp.phone", "hibp.home_address", "hibp.birth_date", "hibp.sex", "hibp.id_number",
    "hibp.transaction", "hibp.employer", "hibp.account_link", "hibp.listed_within_a_year",
    "yougov.any",
)  # fmt: skip
"""Rows of the shipped tables whose shares are asked for to see how well an expert is calibrated."""


@dataclass(frozen=True, slots=True)
class Question:
    """A share that is asked for.

    Parameters
    ----------
    path : str
        Of the number in the prior set, such as ``fields.phone.leaked_library``.
    text, source, field, reference_class : mapping of str to str
        By language; `reference_class` is what the share is a share of.
    """

    path: str
    text: Mapping[str, str]
    source: Mapping[str, str]
    field: Mapping[str, str]
    reference_class: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Seed:
    """A share that is known, asked for to see how well an expert is calibrated.

    Parameters
    ----------
    id : str
        Row of a shipped table.
    text, reference_class : mapping of str to str
    truth : float
        In [0, 1].
    """

    id: str
    text: Mapping[str, str]
    reference_class: Mapping[str, str]
    truth: float


def questions(
    priors: PriorSet, *, sources: Sequence[str] = (), fields: Sequence[str] = ()
) -> tuple[Question, ...]:
    """Return what is asked, by source and field.

    Parameters
    ----------
    priors : PriorSet
        The set that the answers will change.
    sources : sequence of str
        Columns of the set: ``leaked_library``, ``inference``, ``custodian_holding``,
        ``custodian_not_holding``; by default leaked libraries alone.
    fields : sequence of str
        By default all of the set.

    Raises
    ------
    InputError
        If there is no such source or field.

    Examples
    --------
    >>> from causation.case import load_prior_set
    >>> [q.path for q in questions(load_prior_set("neutral"), fields=["phone"])]
    ['fields.phone.leaked_library']
    """
    _known("source to ask about", sources, list(COLUMNS))
    _known("field of the prior set", fields, list(priors.fields))
    return tuple(
        _question(priors, column, field)
        for column in sources or ("leaked_library",)
        for field in fields or priors.fields
    )


def _known(what: str, names: Sequence[str], known: Sequence[str]) -> None:
    for name in names:
        if name not in known:
            raise InputError(
                f"unknown {what}; found: {nearest(name, known)}; allowed: {listing(known)}"
            )


def _question(priors: PriorSet, column: str, field: str) -> Question:
    term = load_fields().get(field)
    label = labels(term.label if term else None, field)
    asked = {
        lang: text.format(source=COLUMNS[column][lang], field=label[lang])
        for lang, text in zip(("en", "zh"), _ASKED, strict=True)
    }
    return Question(
        f"fields.{field}.{column}", Fixed(asked), COLUMNS[column], label,
        labels(priors.reference_class),
    )  # fmt: skip


def seeds() -> tuple[Seed, ...]:
    """Return the questions whose answers are known.

    Examples
    --------
    >>> len(seeds()), round(seeds()[0].truth, 3)
    (10, 0.628)
    """
    return tuple(_seed(name) for name in SEEDS)


def _seed(name: str) -> Seed:
    table = load_table(name.partition(".")[0])
    row = table.rows[name.partition(".")[2]]
    text = {
        "en": f"Of 100 of these, for how many is it so: {row['label']['en']}?",
        "zh": f"每100个之中，属于下列情形的有多少：{row['label']['zh']}？",
    }
    return Seed(name, Fixed(text), table.population, row["count"] / row["of"])
