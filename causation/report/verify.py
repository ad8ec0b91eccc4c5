"""A report against its case, again.

What is promised: everything that the report carries (case, prior set, standards, settings) has
the digests that it states; every number in it comes out again, as a value and as it is printed;
and the report made anew is the file, byte for byte. Where that cannot be, because another version
of the program or of a library wrote the file, every text in it is compared instead (of a PDF its
words), with what is attached, and figures, fonts and styles where what makes them is the same; what
differs in the surroundings is listed, and what was not compared.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from causation.case import Case
from causation.errors import CausationError
from causation.output import REFUSALS, printable
from causation.report.carried import Carried, read_carried
from causation.report.content.annexes import NUMBERS, numbers_csv
from causation.report.document import Document
from causation.report.manifest import decode, encode, environment
from causation.report.printed import MADE_BY, UnreadableError, differences

if TYPE_CHECKING:
    from causation.report.material import Material

RELATIVE_TOLERANCE = 1e-6
"""Largest relative difference between processors that is no change of a value. What is printed
may not differ at all."""
_FLOOR = 1e-8
"""Below this size differences count as if it were the size: what is nothing but for rounding
differs between processors by some 1e-15."""
_MOST_SHOWN = 20
_BROKEN = (
    CausationError,
    ArithmeticError,
    AttributeError,
    LookupError,
    OSError,
    RecursionError,
    TypeError,
    ValueError,
)
"""What a manifest that this program did not write may end in."""


class Status(StrEnum):
    """What became of a report."""

    SAME = "same"
    ENVIRONMENT = "same but for the environment"
    DIFFERENT = "not the same"


@dataclass(frozen=True, slots=True)
class Change:
    """Something that is not what it was.

    Parameters
    ----------
    key : str
        Its name.
    was, now : str or None
        As the file has it and as it comes out now; None where it is missing.
    """

    key: str
    was: str | None
    now: str | None

    def __str__(self) -> str:
        return f"{self.key}: was {self.was or 'absent'}, is {self.now or 'absent'}"


@dataclass(frozen=True, slots=True)
class Verification:
    """What a verification found.

    Parameters
    ----------
    status : Status
        ``same``: the file is the one that comes out now, byte for byte. ``same but for the
        environment``: it was written by other versions; every number, word and numeral comes
        out again. ``not the same``: something does not, or the file is not as it was written.
    reasons : tuple of str
        Why it is not the same.
    changes : tuple of Change
        Numbers that come out differently, as a value or as they are printed.
    environment : tuple of Change
        Versions that differ.
    notes : tuple of str
        What limits the comparison.
    """

    status: Status
    reasons: tuple[str, ...] = ()
    changes: tuple[Change, ...] = ()
    environment: tuple[Change, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def same(self) -> bool:
        """Whether the file is the one that comes out now, byte for byte."""
        return self.status is Status.SAME

    def summary(self) -> str:
        """What was found, in a few lines; nothing from the file can control a terminal."""
        lines = [self.status.value, *self.reasons, *_first(self.changes)]
        lines += [*_first(self.environment), *self.notes]
        return "\n".join(printable(line) for line in lines)


def _first(changes: tuple[Change, ...]) -> list[str]:
    lines = [str(change) for change in changes[:_MOST_SHOWN]]
    more = len(changes) - _MOST_SHOWN
    return [*lines, f"and {more} more"] if more > 0 else lines


def verify_report(
    path: str | Path,
    *,
    case: Case | str | Path | None = None,
    announce: Callable[[Material], None] | None = None,
) -> Verification:
    """Check a report: that it is as it was written, and that all in it comes out again.

    Parameters
    ----------
    path : str or Path
        A report of this package, in any format.
    case : Case, str or Path, optional
        The case to compute from, in place of the one inside the report.
    announce : callable, optional
        Is given the material of the report before anything is computed from it.

    Returns
    -------
    Verification

    Raises
    ------
    InputError
        If the file cannot be read, or is no report of this package.
    """
    carried = read_carried(Path(path))
    reasons = [] if carried.intact else ["the file differs from what its digest was taken of"]
    try:
        manifest = decode(carried.line)
    except ValueError:
        reasons.append("the manifest inside cannot be read")
        return Verification(Status.DIFFERENT, tuple(reasons))
    here = environment()
    versions = tuple(_differences(manifest["environment"], here))
    try:
        document = _again(manifest, case, here, announce)
        fresh = decode(encode(document.manifest))
        changes = tuple(_changed_numbers(manifest["numbers"], fresh["numbers"]))
        reasons += _other_statements(manifest, fresh, given=case is not None)
        look, notes = _compared(_as_written(document, fresh, manifest), carried, versions)
    except _BROKEN as error:
        if isinstance(error, OSError) and error.errno in REFUSALS:  # says nothing of the file
            raise
        reasons.append(f"the report cannot be computed again: {error}")
        return Verification(Status.DIFFERENT, tuple(reasons), environment=versions)
    reasons += look
    if carried.appended:
        signed, broken = _signature(carried)
        notes, reasons = [*notes, *signed], [*reasons, *broken]
    if manifest["case"]["redacted"] and case is None:
        notes.append(
            "the case inside is a copy without what may not be printed; the digest stated is "
            "that of the original: compare with it by --case"
        )
    if reasons or changes:
        status = Status.DIFFERENT
    else:
        status = Status.ENVIRONMENT if versions else Status.SAME
    return Verification(status, tuple(reasons), changes, versions, tuple(notes))


def _again(
    manifest: dict[str, Any],
    case: Case | str | Path | None,
    here: Mapping[str, str],
    announce: Callable[[Material], None] | None,
) -> Document:
    """The document made anew, with the versions printed that wrote the file."""
    from causation.report.build import build_report
    from causation.report.language import load_language
    from causation.report.material import from_embedded, gather

    language = load_language(manifest["lang"])
    with tempfile.TemporaryDirectory() as folder:
        material = from_embedded(manifest, Path(folder))
        if case is not None:
            material = gather(
                case,
                language=language,
                priors=material.priors if material.priors_embedded else manifest["priors"]["name"],
                standard=manifest["standard"],
                identify=manifest["identify"],
            )
        if announce is not None:
            announce(material)
        return build_report(
            material,
            language,
            random_seed=manifest["provenance"]["random_seed"],
            versions={**here, **manifest["environment"]},
        ).document


def _compared(
    made: Document, carried: Carried, versions: tuple[Change, ...]
) -> tuple[list[str], list[str]]:
    """Why a file is not the one made anew, and what limits that comparison."""
    from causation.report.write import render

    content = render(made, carried.format)
    if content == carried.content:
        return [], []
    changed = {change.key for change in versions}
    reasons, unseen = [], []
    try:
        for found in differences(carried.content, content, carried.format):
            if found.kind == "text":
                reasons.append(f"what is printed differs: {found.name}")
            elif found.kind == "part":
                reasons.append(f"not what comes out: {found.name[:200]}")
            elif MADE_BY[found.kind].isdisjoint(changed):
                reasons.append(f"not what comes out: {found.kind}")
            else:
                unseen.append(found.kind)
    except UnreadableError as error:
        return [f"{error}"], []
    if not (reasons or versions):
        return ["the file differs from the one made anew, though not in what it shows"], []
    if not unseen:
        return reasons, []
    what = ", ".join(dict.fromkeys(unseen))
    return reasons, [f"not compared, since other versions make it otherwise: {what}"]


def _signature(carried: Carried) -> tuple[list[str], list[str]]:
    """What a signature is found to be, and what is wrong with what follows the report."""
    from causation.report.signing import check_signature

    try:
        found = check_signature(carried.content + carried.appended)
    except CausationError as error:
        return [], [f"what follows the report was not checked: {error}"]
    if found is None:
        return [], ["something that is no signature follows the report"]
    if not found.intact:
        return [], ["the signature is broken: what was signed is not what is here"]
    if not found.whole:
        return [], ["the signature does not cover the whole file, or more than it was added"]
    note = (
        f"signature: intact, covers the whole file, made with a certificate of {found.signer!r}; "
        "whose that is and whether to trust it is not checked"
    )
    stamped = f"timestamp: {found.stamped}; whether to trust who gave it is not checked"
    return [note, *([stamped] if found.stamped else [])], []


def _as_written(document: Document, fresh: Mapping[str, Any], manifest: dict[str, Any]) -> Document:
    """The document with the last digits of numbers as a file carries them.

    Processors differ in them; they are carried and not printed. Where anything else differs, the
    document is left as it is.
    """
    written = manifest | {"environment": fresh["environment"]}
    if not _alike(fresh, written):
        return document
    quantities = {
        key: replace(q, value=manifest["numbers"][key][0]) for key, q in document.quantities.items()
    }
    return replace(
        document,
        manifest=manifest,
        quantities=quantities,
        explorer=manifest["explorer"],
        attachments={NUMBERS: numbers_csv(quantities)},
    )


def _alike(a: Any, b: Any) -> bool:
    """Whether two trees are the same but for the last digits of numbers that are not whole."""
    match a, b:
        case dict(), dict():
            return a.keys() == b.keys() and all(_alike(a[key], b[key]) for key in a)
        case list(), list():
            return len(a) == len(b) and all(map(_alike, a, b))
        case float(), float():
            return abs(a - b) <= RELATIVE_TOLERANCE * max(abs(a), abs(b), _FLOOR)
        case _:
            return type(a) is type(b) and bool(a == b)


def _changed_numbers(was: Mapping[str, Any], now: Mapping[str, Any]) -> list[Change]:
    found = []
    for key in dict.fromkeys((*was, *now)):
        before, after = was.get(key), now.get(key)
        if before is None or after is None or not _alike(before, after):
            found.append(Change(key, *(n if n is None else _number(n) for n in (before, after))))
    return found


def _number(number: list[Any]) -> str:
    value, text = number
    return f"{text} ({value!r})" if isinstance(value, float) else str(text)


_STATED_APART = {"environment", "numbers"}


def _other_statements(
    written: Mapping[str, Any], fresh: Mapping[str, Any], *, given: bool
) -> list[str]:
    """What a manifest says beside its numbers and does not come out so."""
    if given:  # its text may be another that states the same
        fresh, written = (
            {**one, "case": {"sha256": one["case"]["sha256"]}} for one in (fresh, written)
        )
    keys = (fresh.keys() | written.keys()) - _STATED_APART
    return [
        f"what it carries of {key!r} is not what comes out"
        for key in sorted(keys)
        if key not in fresh or key not in written or not _alike(fresh[key], written[key])
    ]


def _differences(was: Mapping[str, str], now: Mapping[str, str]) -> list[Change]:
    return [
        Change(key, was.get(key), now.get(key))
        for key in sorted(was.keys() | now.keys())
        if was.get(key) != now.get(key)
    ]
