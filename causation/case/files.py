"""Cases from files and texts."""

from __future__ import annotations

from pathlib import Path

from causation.case.checks import check_variants
from causation.case.library import bundled_prior_sets, case_file, is_path
from causation.case.schema import Case
from causation.document.problems import listing
from causation.document.reading import read_document, read_file, shown_file
from causation.output import is_file


def load_case(path_or_id: str | Path) -> Case:
    """Load a case from a file, or a bundled one by its id.

    Parameters
    ----------
    path_or_id : str or Path
        A path wins when it exists or has a suffix or separator.

    Raises
    ------
    CaseError
        With file, line, path, what was found and what is allowed.

    Examples
    --------
    >>> load_case("bic-2025-doxxing").proposition.source
    ('platform',)
    """
    path = case_file(path_or_id)
    return parse_case(read_file(path), file=shown_file(path))


def parse_case(content: str | bytes, *, file: str = "<string>") -> Case:
    """Read a case from a YAML or JSON document.

    Parameters
    ----------
    content : str or bytes
        The document.
    file : str
        Its name for messages; a prior set given by a relative path lies beside it.

    Raises
    ------
    CaseError
        With file, line, path, what was found and what is allowed.

    Examples
    --------
    >>> from causation.case import starter_case
    >>> parse_case(starter_case()).id
    'my-case'
    """
    document = read_document(content, file=file)
    case = Case.read(document, check=check_variants)
    case.read_from(file, lines=document.lines)
    if is_path(case.priors) and not is_file(prior_set_of(case)):
        allowed = f"a file, or one of {listing(bundled_prior_sets())}"
        raise case.fault("unknown prior set", "priors", found="no such file", allowed=allowed)
    return case


def prior_set_of(case: Case) -> str | Path:
    """Name or path of the prior set of a case; a path is taken from the folder of its file.

    A case that was read may name a set only there or below; one that was made in code, any.

    Raises
    ------
    CaseError
        If it names one elsewhere.
    """
    if not is_path(case.priors) or case.file is None:
        return case.priors
    folder = Path() if case.file.startswith("<") else Path(case.file).parent
    path = folder / case.priors
    if not _is_below(path, folder):
        text, found = "a prior set outside the folder of the case", "a path that leads out of it"
        allowed = "a file in the folder of the case or below; another one by --priors"
        raise case.fault(text, "priors", found=found, allowed=allowed)
    return path


def _is_below(path: Path, folder: Path) -> bool:
    try:
        return path.resolve().is_relative_to(folder.resolve())
    except (OSError, RuntimeError, ValueError):  # a loop of links, or no file name
        return False
