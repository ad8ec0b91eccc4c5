"""What a report is made from: the case, its redacted copy, and how it is to be assessed."""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from causation.case import Case, load_case, load_prior_set
from causation.case.files import parse_case, prior_set_of
from causation.case.library import bundled_prior_sets, is_path
from causation.case.writing import dump_case, refuse_placeholders
from causation.document.reading import read_document, read_file
from causation.document.shipped import data_path
from causation.document.writing import plain as tree_of
from causation.errors import CaseError, InputError
from causation.output import is_file
from causation.report.language import Language
from causation.report.privacy import Privacy, leaked_values, visible

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class Material:
    """A case as it goes into a report.

    Parameters
    ----------
    case : Case
        As its file states it, with pseudonyms, without leaked values and without what a court
        found: nothing that is made from it, figures included, can show what is not to be printed.
    case_text : str
        The file as it is embedded: the original text where nothing had to be replaced in it.
    sha256 : str
        Digest of what the original states, without what a court found.
    redacted : bool
        Whether the embedded text differs from the original in what it states.
    leaks : tuple of str
        Kinds of values that were withheld.
    court_found : bool
        Whether the original has what a court found.
    priors : str or Path
        Prior set by name or path.
    priors_text : str
        The prior set.
    priors_embedded : bool
        Whether it is not one of the bundled ones.
    standard : str, float or None
        In place of the case's.
    identify : bool
    """

    case: Case
    case_text: str
    sha256: str
    redacted: bool
    leaks: tuple[str, ...]
    court_found: bool
    priors: str | Path
    priors_text: str
    priors_embedded: bool
    standard: str | float | None
    identify: bool


def withheld_words(language: Language) -> dict[str, str]:
    """What is printed for withheld values, by kind."""
    return {k: language.raw(f"withheld.{k}") for k in ("phone", "id_number", "email", "bank_card")}


def gather(
    case: Case | str | Path,
    *,
    language: Language,
    priors: str | Path | None,
    standard: str | float | None,
    identify: bool,
) -> Material:
    """Read a case, redact what is embedded, and warn of values that seem to be leaked.

    Raises
    ------
    CaseError
        If the case or its prior set cannot be read.
    """
    loaded = case if isinstance(case, Case) else load_case(case)
    refuse_placeholders(tree_of(loaded), file=loaded.file)
    plain = loaded.without("court_found") if loaded.court_found else loaded
    original = _without_court(_original_text(loaded), plain)
    leaks = leaked_values(loaded)
    for leak in leaks:
        _LOG.warning(
            "%s: %s: seems to hold a leaked value (%s); no case file needs one; withheld",
            loaded.file or loaded.id,
            leak.path,
            leak.kind.replace("_", " "),
        )
    privacy = Privacy(loaded, identify=identify, words=withheld_words(language))
    tree = tree_of(plain)
    clean = _redacted(tree, privacy)
    text_is_clean = privacy.redact(original) == original
    redacted = clean != tree or not text_is_clean
    printed = Case.model_validate(clean) if redacted else plain
    text = dump_case(printed) if redacted else original
    chosen: str | Path = prior_set_of(loaded) if priors is None else priors
    load_prior_set(chosen)
    own = isinstance(chosen, Path) or is_path(chosen) or is_file(chosen)
    path = Path(chosen) if own else data_path("priors", f"{chosen}.yaml")
    return Material(
        case=printed,
        case_text=text,
        sha256=plain.sha256,
        redacted=redacted,
        leaks=tuple(sorted({leak.kind for leak in leaks})),
        court_found=bool(loaded.court_found),
        priors=chosen,
        priors_text=read_file(path).decode("utf-8"),
        priors_embedded=own,
        standard=standard,
        identify=identify,
    )


def _original_text(case: Case) -> str:
    """Text of the file where it still states what was read, else a dump of the case."""
    if case.file is not None and is_file(case.file):
        content = read_file(Path(case.file))
        try:
            if parse_case(content, file=case.file) == case:
                return content.decode("utf-8")
        except CaseError:
            pass  # changed since it was read
    return dump_case(case)


_COURT = re.compile(r"^court_found:.*\n?(?:(?:[ \t].*)?\n|[ \t].*$)*", re.MULTILINE)


def _without_court(text: str, case: Case) -> str:
    """The file without what a court found: its own text where that can be cut out of it."""
    cut = _COURT.sub("", text)
    try:
        if parse_case(cut.encode(), file=case.file or "<case>") == case:
            return cut
    except CaseError:
        pass  # written otherwise
    return dump_case(case)


def _redacted(value: Any, privacy: Privacy) -> Any:
    match value:
        case str():
            return visible(privacy.redact(value))
        case dict():
            return {key: _redacted(inner, privacy) for key, inner in value.items()}
        case list():
            return [_redacted(inner, privacy) for inner in value]
        case _:
            return value


def from_embedded(manifest: dict[str, Any], folder: Path) -> Material:
    """The material of a report, from its own manifest.

    Parameters
    ----------
    manifest : dict
    folder : Path
        Where an embedded prior set may be written for as long as it is needed.
    """
    document = read_document(manifest["case"]["text"], file="<report>")
    case = Case.model_validate(document.tree)
    priors: str | Path = manifest["priors"]["name"]
    text = manifest["priors"]["text"]
    if text is not None:
        priors = folder / "priors.yaml"
        priors.write_text(text, encoding="utf-8")
    elif priors in bundled_prior_sets():  # what a file names is read from nowhere else
        text = read_file(data_path("priors", f"{priors}.yaml")).decode("utf-8")
    else:
        raise InputError("there is no prior set of that name; allowed: a bundled one")
    return Material(
        case=case,
        case_text=manifest["case"]["text"],
        sha256=manifest["case"]["sha256"] if manifest["case"]["redacted"] else case.sha256,
        redacted=manifest["case"]["redacted"],
        leaks=tuple(manifest["case"]["withheld"]),
        court_found=bool(manifest["case"]["court_found"]),
        priors=priors,
        priors_text=text,
        priors_embedded=manifest["priors"]["text"] is not None,
        standard=manifest["standard"],
        identify=manifest["identify"],
    )
