"""From a case to a file."""

from __future__ import annotations

import importlib
from pathlib import Path

from causation.case import Case
from causation.errors import InputError
from causation.output import check_writable, write_whole
from causation.report.document import Document

__all__ = ["FORMATS", "format_of", "render", "write_report"]

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
    from causation.report.build import build_report
    from causation.report.language import load_language
    from causation.report.material import gather

    target = Path(output)
    kind = format_of(target, format)
    language = load_language(lang)
    check_writable(target)
    if not overwrite and target.exists():
        raise InputError(f"{target}: is there already")
    if kind in {"html", "pdf"}:
        from causation.report.fonts import font_file

        font_file()
    material = gather(case, language=language, priors=priors, standard=standard, identify=identify)
    report = build_report(material, language)
    return write_whole(target, render(report.document, kind))
