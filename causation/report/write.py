"""From a case to a file."""

from __future__ import annotations

import contextlib
import gc
import importlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TypedDict, Unpack

from causation.case import Case
from causation.errors import InputError
from causation.output import check_writable, write_whole
from causation.report.document import Document

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


class Options(TypedDict, total=False):
    """How a report is made.

    Parameters
    ----------
    lang : {"en", "zh"}
        Language of the report.
    format : {"html", "pdf", "docx", "md"}, optional
        In place of what the suffix of the file names.
    priors : str or Path, optional
        Prior set, in place of the one that the case names.
    standard : str or float, optional
        Standard of proof, in place of the case's.
    identify : bool
        Print the names of persons as the case file has them; by default pseudonyms.
    overwrite : bool
        Replace a file that is there, as is done by default.
    sign : str or Path, optional
        PKCS#12 file with key and certificate with which a PDF is signed.
    passphrase : str, optional
        Of that file.
    timestamp : str, optional
        Address of a timestamp authority (RFC 3161), asked for one over the network.
    """

    lang: str
    format: str | None
    priors: str | Path | None
    standard: str | float | None
    identify: bool
    overwrite: bool
    sign: str | Path | None
    passphrase: str | None
    timestamp: str | None


def write_report(case: Case | str | Path, output: str | Path, **options: Unpack[Options]) -> Path:
    """Assess a case and write its expert report.

    Parameters
    ----------
    case : Case, str or Path
        A case, the path of a case file, or the id of a bundled case.
    output : str or Path
        The file; its suffix names the format unless `format` does.
    **options
        See `Options`: lang, format, priors, standard, identify, overwrite, sign, passphrase,
        timestamp.

    Returns
    -------
    Path
        The file written. The same inputs give the same bytes, but for a signature.

    Raises
    ------
    CaseError
        If the case cannot be used.
    InputError
        If there is no such format or language, the font for a PDF is missing, or the certificate
        cannot be used.
    OutputError
        If the file cannot be written; what was there is untouched.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_report("bic-2025-doxxing", Path(folder) / "report.md").name
    'report.md'
    """
    return write_reports(case, [output], **options)[0]


def write_reports(
    case: Case | str | Path, outputs: Sequence[str | Path], **options: Unpack[Options]
) -> list[Path]:
    """Assess a case once and write its expert report in several formats.

    Everything is computed and rendered before the first file is written. The bytes are the same as
    if each file were written by itself; the rest is as for `write_report`.

    Raises
    ------
    CaseError, InputError, OutputError
        See `write_report`; `InputError` also if a file is named twice, or none.

    Examples
    --------
    >>> write_reports("bic-2025-doxxing", ["report.md", "report.md"])
    Traceback (most recent call last):
    causation.errors.InputError: report: a file is named twice, or none; allowed: different files
    """
    from causation.report.build import build_report
    from causation.report.language import load_language
    from causation.report.material import gather

    targets = [Path(output) for output in outputs]
    if not targets or len({target.absolute() for target in targets}) < len(targets):
        raise InputError("report: a file is named twice, or none; allowed: different files")
    kinds = [format_of(target, options.get("format")) for target in targets]
    priors, sign = options.get("priors"), options.get("sign")
    certificate, passphrase = Path(sign) if sign else None, options.get("passphrase")
    timestamp = options.get("timestamp")
    if timestamp is not None and certificate is None:
        raise InputError("report: a timestamp is of a signature; name a certificate as well")
    if certificate is not None:
        from causation.report.signing import load_signer, timestamper

        if "pdf" not in kinds:
            raise InputError("report: only a PDF can be signed; allowed: a file .pdf among them")
        load_signer(certificate, passphrase)
        if timestamp is not None:
            timestamper(timestamp)
    language = load_language(options.get("lang", "en"))
    for target in targets:
        check_writable(target, read=(case, priors), overwrite=options.get("overwrite", True))
    if {"html", "pdf"} & set(kinds):
        from causation.report.fonts import font_file

        font_file()
    material = gather(
        case,
        language=language,
        priors=priors,
        standard=options.get("standard"),
        identify=options.get("identify", False),
    )
    with _no_collection():
        report = build_report(material, language)
        rendered = [render(report.document, kind) for kind in kinds]
    if certificate is not None:
        from causation.report.signing import sign_pdf

        for k in (k for k, kind in enumerate(kinds) if kind == "pdf"):
            rendered[k] = sign_pdf(
                rendered[k], certificate, passphrase=passphrase, lang=language.name,
                timestamp=timestamp,
            )  # fmt: skip
    return [write_whole(target, content) for target, content in zip(targets, rendered, strict=True)]
