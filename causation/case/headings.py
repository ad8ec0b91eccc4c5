"""What the headings of a table of victims mean, and an empty table to fill in."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping
from functools import cache
from typing import Any

from pydantic import Field

from causation.case.library import load_fields, load_traits, shipped_rows
from causation.document.checking import Choice, Text, Word, Words
from causation.document.mappings import Fixed
from causation.document.parts import Part
from causation.document.problems import closest, nearest
from causation.document.shipped import shipped
from causation.errors import InputError

DATES = ("since", "until")


class Column(Part):
    """A column of a table of victims.

    ``choices`` are what a cell may hold, by the values of a case file; ``members`` says what a
    list in a cell is of: ``fields``, ``traits`` or ``custodians``.
    """

    key: str
    heading: Text
    also: Words = ()
    explained: Text | None = None
    choices: Mapping[str, tuple[Word, ...]] = Field(default_factory=dict, alias="values")
    members: str | None = Field(None, alias="list")
    is_date: Choice = Field(default=False, alias="date")
    ignored: Choice = False
    hidden: Choice = False

    @property
    def words(self) -> dict[str, str]:
        """Values of a case file by the words that stand for them."""
        return {normal(word): value for value, words in self.choices.items() for word in words}


def _columns(part: str) -> Any:
    return shipped("columns.yaml")[part]


@cache
def load_columns() -> Mapping[str, Column]:
    """Load the columns of a table of victims, by key; fields and traits have their own.

    Examples
    --------
    >>> load_columns()["linkage"].heading["en"]
    'how sure'
    """
    return shipped_rows(Column, "columns.yaml", "columns", id="key")


def normal(text: str) -> str:
    """Write a text in half width, small letters and without space around."""
    return unicodedata.normalize("NFKC", text).strip().lower()


def _as_word(text: str) -> str:
    """Write a heading as it is compared: spaces, dashes and lines are one, brackets a member."""
    word = re.sub(r"[\s_-]+", "_", normal(text).strip("*:： "))
    word = re.sub(r"_?\((.+)\)$", r".\1", word)
    return re.sub(r"[:.]_?", ".", word).strip("_.")


@cache
def known_headings() -> Mapping[str, str]:
    """Every heading that is known, in either language, with the key that it means."""
    known: dict[str, str] = {}
    for key, column in load_columns().items():
        for name in (key, *column.heading.values(), *column.also):
            known[_as_word(name)] = key
    for prefix, terms in (("", load_fields()), ("traits.", load_traits())):
        for name, term in terms.items():
            for heading in (
                name,
                *term.label.values(),
                *_columns("also").get(name, ()),
            ):
                known[_as_word(heading)] = prefix + name
    return Fixed(known)


def meanings_of(text: str) -> tuple[str, ...]:
    """Return the keys that a heading may mean where it may mean several, else none."""
    several: dict[str, tuple[str, ...]] = {_as_word(k): v for k, v in _columns("several").items()}
    return tuple(several.get(_as_word(text), ()))


def heading_of(text: str, *, own: Collection[str] = ()) -> str | None:
    """Return the key that a heading means, None where it is not known.

    Parameters
    ----------
    text : str
        The heading, in either language.
    own : collection of str
        Fields that the case defines itself.

    Examples
    --------
    >>> heading_of("Phone number"), heading_of("users of.Shop"), heading_of("手机号码（起）")
    ('phone', 'users_of.Shop', 'since.phone')
    """
    if text.strip() in own:
        return text.strip()
    word = _as_word(text)
    if word in known_headings():
        return known_headings()[word]
    for prefix, names in _columns("members").items():
        for name in sorted(names, key=len, reverse=True):
            for member in _members(word.removeprefix("dates."), name):
                return _member(prefix, member, text, own)
    return _asked_for(word)


def _asked_for(word: str) -> str | None:
    """Return the field of a heading that asks what its column says anyway: "phone published"."""
    word = word.rstrip("?_.")
    for around in sorted(map(_as_word, _columns("around")), key=len, reverse=True):
        for rest in (word.removesuffix(around), word.removeprefix(around)):
            field = known_headings().get(rest.strip("_."))
            if rest != word and field in load_fields():
                return field
    return None


def _members(word: str, name: str) -> Iterator[str]:
    """Find what stands beside the name of a kind of column in a heading."""
    for gap in "._":
        if word.startswith(name + gap):
            yield word.removeprefix(name + gap)
        elif word.endswith(gap + name):
            yield word.removesuffix(gap + name)


def _member(prefix: str, member: str, text: str, own: Collection[str]) -> str | None:
    if prefix in DATES:
        field = known_headings().get(member, member)
        return f"{prefix}.{field}" if field in load_fields() or field in own else None
    known = known_headings().get(member, "")
    if prefix == "traits" and known.startswith("traits."):
        return known
    written = re.split(r"[:.()\s]", unicodedata.normalize("NFKC", text))
    name = next((part for part in written if _as_word(part) == member), member)
    return f"{prefix}.{name}"


def unknown_heading(place: str, text: str) -> InputError:
    """Return the error of a heading that is not known, or may mean several, with those that are."""
    if keys := meanings_of(text):
        return InputError(
            f"{place}: this heading may mean several; found: {normal(text)}; "
            f"allowed: {', '.join(map(_named, keys))}"
        )
    columns = [key for key, column in load_columns().items() if not column.ignored]
    names = [*columns, *load_fields(), *load_traits(), "users_of.SERVICE", "since.FIELD"]
    near = closest(_as_word(text), known_headings())
    return InputError(
        f"{place}: unknown heading in the table of victims; "
        f"found {nearest(text.strip(), (), meant=near and _named(known_headings()[near]))}; "
        f"allowed: {', '.join(names)}, or their names in Chinese, which import --template writes"
    )


def _named(key: str) -> str:
    """Write a key with its heading in Chinese."""
    name = key.removeprefix("traits.")
    term = load_fields().get(key) or load_traits().get(name)
    words = load_columns()[key].heading if term is None else term.label
    return f"{name} ({words['zh']})"


def _template_columns(lang: str) -> list[tuple[str, str, tuple[str, ...]]]:
    """Heading, explanation and words to choose from, for every column of the template."""
    others, yes_no = (
        _columns("others"),
        ("yes", "no") if lang == "en" else ("是", "否"),
    )
    redacted = "redacted" if lang == "en" else "已遮盖"
    found: list[tuple[str, str, tuple[str, ...]]] = []
    for column in load_columns().values():
        if not column.hidden and column.explained is not None:
            choices = column.choices.values()
            choice = tuple(words[0 if lang == "en" else -1] for words in choices)
            choice = yes_no if column.key == "plaintiff" else choice
            found.append((column.heading[lang], column.explained[lang], choice))
    fields = [term.label[lang] for term in load_fields().values()]
    found += [(label, others["field"][lang], (*yes_no, redacted)) for label in fields]
    traits = [(trait.label[lang], trait.explanation[lang]) for trait in load_traits().values()]
    found += [(label, f"{text} {others['trait'][lang]}", yes_no) for label, text in traits]
    prefix = "users of" if lang == "en" else "用户"
    return [*found, (f"{prefix}.platform", others["users_of.platform"][lang], yes_no)]


def victims_template(lang: str = "en", *, suffix: str = ".xlsx") -> bytes:
    """Return an empty table of victims: a workbook, or text with commas.

    Parameters
    ----------
    lang : {"en", "zh"}
        Language of headings and explanations.
    suffix : {".xlsx", ".csv"}
        The workbook has a second sheet that says what goes into each column.

    Raises
    ------
    InputError
        If there is no such language or kind of file.

    Examples
    --------
    >>> victims_template("zh", suffix=".csv").decode("utf-8-sig")[:8]
    '编号,原告,人数'
    """
    if lang not in ("en", "zh"):
        raise InputError(f"there is no language {lang!r}; allowed: en, zh")
    columns = _template_columns(lang)
    if suffix == ".csv":
        text = io.StringIO()
        csv.writer(text).writerow([heading for heading, _, _ in columns])
        return text.getvalue().encode("utf-8-sig")  # with its mark, as Excel needs it
    if suffix != ".xlsx":
        raise InputError(f"there is no empty table of kind {suffix!r}; allowed: .csv, .xlsx")
    return _template_workbook(columns, lang)


def _template_workbook(columns: list[tuple[str, str, tuple[str, ...]]], lang: str) -> bytes:
    from openpyxl import Workbook
    from openpyxl.styles import Alignment, Font
    from openpyxl.worksheet.datavalidation import DataValidation

    from causation.case.sheets import column_name

    titles = ("victims", "columns") if lang == "en" else ("被公开者", "填写说明")
    book = Workbook()
    table, words = book.worksheets[0], book.create_sheet(titles[1])
    table.title = titles[0]
    wrapped = Alignment(wrap_text=True, vertical="top")
    words.column_dimensions["A"].width, words.column_dimensions["B"].width = 32, 90
    for index, (heading, explained, choice) in enumerate(columns):
        letter = column_name(index)
        head = table.cell(1, index + 1, heading)
        head.font, head.alignment = Font(bold=True), wrapped
        table.column_dimensions[letter].width = 16
        words.cell(index + 1, 1, heading).font = Font(bold=True)
        words.cell(index + 1, 2, explained).alignment = wrapped
        if choice:
            rule = DataValidation("list", formula1=f'"{",".join(choice)}"', showErrorMessage=False)
            rule.add(f"{letter}2:{letter}500")
            table.add_data_validation(rule)
    table.freeze_panes = "B2"
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()
