"""From a case to a file."""

from __future__ import annotations

import contextlib
import gc
import importlib
from collections.abc import Iterator, Sequence
from pathlib import Path

from causation.case import Case
from causation.errors import InputError
from causation.output import check_writable, write_whole
from causation.report.document import Document

__all__ = ["FORMATS", "format_of", "render", "write_report", "write_reports"]

FORMATS: dict[str, tuple[str, str]] = {
    "docx": ("causation.report.docx", "render_docx"),
    "html": ("causation.report.html", "render_html"),
    "md": ("causation.report.markdown", "render_markdown"),
    "pdf": ("causation.report.pdf", "render_pdf"),
}
"""Where each format is rendered."""

_SUFFIXES = {"htm": "html", "markdown": "md"}


def format_of(output: Path, format: str | None = None) -> str:  # noqa: A002
    """Format of a report: as asked for, else from the suffix of the file.

    Raises
    ------
    InputError
        If there is no such format.

    Examples
    --------
    >>> format_of(Path("opinion.PDF"))
    'pdf'
    """
    name = format if format is not None else output.suffix.lstrip(".").lower()
    name = _SUFFIXES.get(name, name)
    if name not in FORMATS:
        what = f"the format {name!r}" if name else f"a file without a suffix ({output})"
        raise InputError(f"there is no report in {what}; allowed: {', '.join(FORMATS)}")
    return name


def render(document: Document, format: str) -> bytes:  # noqa: A002
    """Render a document in a format."""
    module, function = FORMATS[format]
    content = getattr(importlib.import_module(module), function)(document)
    if not isinstance(content, bytes):
        raise TypeError("a renderer returns bytes")
    return content


@contextlib.contextmanager
def _no_collection() -> Iterator[None]:
    """Do not look for cycles among the many small objects of a report: there is nothing to free."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def write_report(
    case: Case | str | Path,
    output: str | Path,
    *,
    lang: str = "en",
    format: str | None = None,  # noqa: A002
    priors: str | Path | None = None,
    standard: str | float | None = None,
    identify: bool = False,
    overwrite: bool = True,
) -> Path:
    """Assess a case and write its expert report.

    Parameters
    ----------
    case : Case, str or Path
        A case, the path of a case file, or the id of a bundled case.
    output : str or Path
        The file; its suffix names the format unless `format` does.
    lang : {"en", "zh"}
        Language of the report.
    format : {"html", "pdf", "docx", "md"}, optional
    priors : str or Path, optional
        Prior set, in place of the one that the case names.
    standard : str or float, optional
        Standard of proof, in place of the case's.
    identify : bool
        Print the names of persons as the case file has them; by default pseudonyms.
    overwrite : bool
        Replace a file that is there.

    Returns
    -------
    Path
        The file written. The same inputs give the same bytes.

    Raises
    ------
    CaseError
        If the case cannot be used.
    InputError
        If there is no such format or language, or the font for a PDF is missing.
    OutputError
        If the file cannot be written; what was there is untouched.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_report("bic-2025-doxxing", Path(folder) / "report.md").name
    'report.md'
    """
    [written] = write_reports(
        case,
        [output],
        lang=lang,
        format=format,
        priors=priors,
        standard=standard,
        identify=identify,
        overwrite=overwrite,
    )
    return written


def write_reports(
    case: Case | str | Path,
    outputs: Sequence[str | Path],
    *,
    lang: str = "en",
    format: str | None = None,  # noqa: A002
    priors: str | Path | None = None,
    standard: str | float | None = None,
    identify: bool = False,
    overwrite: bool = True,
) -> list[Path]:
    """Assess a case once and write its expert report in several formats.

    Everything is computed and rendered before the first file is written. The parameters are those
    of `write_report`; the bytes are the same as if each file were written by itself.

    Parameters
    ----------
    case : Case, str or Path
    outputs : sequence of str or Path
    lang, format, priors, standard, identify, overwrite
        See `write_report`.

    Returns
    -------
    list of Path

    Raises
    ------
    CaseError, InputError, OutputError
        See `write_report`; `InputError` also if a file is named twice, or none.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     [path.name for path in write_reports("gao-2024", [Path(folder) / "opinion.md"])]
    ['opinion.md']
    """
    from causation.report.build import build_report
    from causation.report.language import load_language
    from causation.report.material import gather

    targets = [Path(output) for output in outputs]
    if not targets or len({target.absolute() for target in targets}) < len(targets):
        raise InputError("report: a file is named twice, or none; allowed: different files")
    kinds = [format_of(target, format) for target in targets]
    language = load_language(lang)
    for target in targets:
        check_writable(target, read=(case, priors))
        if not overwrite and target.exists():
            raise InputError(f"{target}: is there already")
    if {"html", "pdf"} & set(kinds):
        from causation.report.fonts import font_file

        font_file()
    material = gather(case, language=language, priors=priors, standard=standard, identify=identify)
    with _no_collection():
        report = build_report(material, language)
        rendered = [render(report.document, kind) for kind in kinds]
    return [write_whole(target, content) for target, content in zip(targets, rendered, strict=True)]
