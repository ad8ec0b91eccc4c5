"""A signature that common viewers show, put on a finished PDF and checked again.

It is appended: the report itself stays the same bytes. Needs pyHanko (the extra ``sign``).
"""

from __future__ import annotations

import importlib.util
import io
import json
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from causation.errors import InputError
from causation.report.fonts import FONT, LATIN
from causation.report.language import load_language
from causation.report.printed import read_apart
from causation.report.typesetting import typeset

FIELD = "causation-signature"
_WIDTH, _HEIGHT = 230, 62
"""Of the field, in points."""
_RIGHT, _BELOW = 533, 26
"""Where its right edge is, and how far below the heading its upper one."""
_SECONDS = 20
"""That a timestamp may take."""
_MISSING = "a signature needs pyHanko; install it with: pip install 'causation[sign]'"
_IN_ROOT = {"/AcroForm", "/Extensions", "/Version"}
_IN_FORM = {"/Fields", "/SigFlags"}
_IN_FIELD = {"/AP", "/F", "/FT", "/P", "/Rect", "/Subtype", "/T", "/Type", "/V"}
"""What a signature adds to the root of a document, and what its form and its field have."""
_PRINTED_AND_LOCKED = 132
"""Flags of the field."""
_STAMP = """
#let it = json(bytes(sys.inputs.stamp))
#set page(width: 230pt, height: 62pt, margin: 1pt)
#set text(font: (it.latin, it.font), size: 8.5pt)
#rect(width: 100%, height: 100%, fill: white, stroke: 0.7pt + rgb("#00507e"), inset: 6pt,
  align(horizon)[#text(size: 11pt, weight: "bold", it.name) \\ #it.said])
"""


@dataclass(frozen=True, slots=True)
class Signature:
    """What was found of the signature of a PDF.

    Parameters
    ----------
    signer : str
        Name in the certificate, as whoever made the certificate wrote it.
    intact : bool
        Whether what was signed is as it was signed.
    whole : bool
        Whether that is the whole file, and adds nothing to the report but the signature.
    stamped : str
        When a timestamp says that it was there, and the name in that certificate; empty without.
    """

    signer: str
    intact: bool
    whole: bool
    stamped: str = ""


def needs_passphrase(certificate: Path) -> bool:
    """Whether a PKCS#12 file can be opened with a passphrase only.

    Raises
    ------
    InputError
        If it cannot be read.
    """
    from cryptography.hazmat.primitives.serialization import pkcs12

    try:
        pkcs12.load_key_and_certificates(_read(certificate), None)
    except ValueError:
        return True
    return False


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from None


def load_signer(certificate: Path, passphrase: str | None) -> Any:
    """Key and certificate of a PKCS#12 file.

    Raises
    ------
    InputError
        If pyHanko is missing, or the file cannot be used.
    """
    if importlib.util.find_spec("pyhanko") is None:
        raise InputError(_MISSING)
    from pyhanko.sign.signers import SimpleSigner

    secret = None if passphrase is None else passphrase.encode()
    try:
        return SimpleSigner.load_pkcs12_data(_read(certificate), [], passphrase=secret)
    except (AttributeError, TypeError, ValueError):
        raise InputError(
            f"{certificate}: no key and certificate in it that the passphrase opens; "
            "allowed: a PKCS#12 file (.p12, .pfx)"
        ) from None


def timestamper(url: str) -> Any:
    """Ask for timestamps (RFC 3161) at an address.

    Raises
    ------
    InputError
        If it is no such address.
    """
    if not url.startswith(("http://", "https://")):
        raise InputError(f"{url}: no address of a timestamp authority; allowed: http:, https:")
    from pyhanko.sign.timestamps.requests_client import RequestsHTTPTimeStamper

    return RequestsHTTPTimeStamper(url, timeout=_SECONDS)  # type: ignore[no-untyped-call]


def sign_pdf(
    content: bytes,
    certificate: Path,
    *,
    passphrase: str | None,
    lang: str,
    timestamp: str | None = None,
) -> bytes:
    """Append a PAdES signature over the whole file, with a field that viewers show.

    Parameters
    ----------
    content : bytes
        A report as PDF.
    certificate : Path
        Key and certificate, as a PKCS#12 file.
    passphrase : str or None
    lang : {"en", "zh"}
        Language of the visible field, which stands beside the lines for the signature.
    timestamp : str, optional
        Address of a timestamp authority (RFC 3161), which is asked for one over the network.

    Raises
    ------
    InputError
        If pyHanko is missing, the certificate cannot be used, or there is no timestamp.
    """
    signer = load_signer(certificate, passphrase)
    import pypdf
    from pyhanko.pdf_utils.content import ImportedPdfPage
    from pyhanko.stamp import StaticStampStyle

    place = _place(pypdf.PdfReader(io.BytesIO(content)))
    name = str(signer.subject_name)
    with tempfile.TemporaryDirectory() as folder:
        stamp = Path(folder) / "stamp.pdf"
        stamp.write_bytes(_stamp(name, lang))
        style = StaticStampStyle(
            background=ImportedPdfPage(str(stamp)),  # type: ignore[no-untyped-call]
            border_width=0,
        )
        # a notebook has an event loop of its own at work, which pyHanko's cannot share
        with ThreadPoolExecutor(1) as apart:
            stamper = None if timestamp is None else timestamper(timestamp)
            try:
                return apart.submit(_signed, content, signer, stamper, style, place).result()
            except OSError as error:
                if stamper is None:
                    raise
                raise InputError(f"{timestamp}: gave no timestamp: {error}") from None


def _signed(content: bytes, signer: Any, stamper: Any, style: Any, place: tuple[int, Any]) -> bytes:
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign.fields import SigFieldSpec, SigSeedSubFilter
    from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner

    made = PdfSigner(
        PdfSignatureMetadata(
            field_name=FIELD, md_algorithm="sha256", subfilter=SigSeedSubFilter.PADES
        ),
        signer,
        timestamper=stamper,
        stamp_style=style,
        new_field_spec=SigFieldSpec(FIELD, on_page=place[0], box=place[1]),
    ).sign_pdf(IncrementalPdfFileWriter(io.BytesIO(content)))
    return bytes(made.getvalue())


def _place(reader: Any) -> tuple[int, tuple[int, int, int, int]]:
    """Page of the lines for the signature, and the box of the field below their heading."""
    found = reader.named_destinations["signature"]
    top = int(float(found.top or 0)) - _BELOW
    page = reader.get_destination_page_number(found) or 0
    return page, (_RIGHT - _WIDTH, top - _HEIGHT, _RIGHT, top)


def _stamp(name: str, lang: str) -> bytes:
    """The visible field: one small page."""
    said = load_language(lang).raw("closing.signature.signed")
    shown = json.dumps({"name": name, "said": said, "latin": LATIN, "font": FONT})
    return typeset(_STAMP, kind="pdf", inputs={"stamp": shown})


def check_signature(content: bytes) -> Signature | None:
    """Check the signature of a PDF, against the certificate that it carries itself.

    Returns
    -------
    Signature or None
        None where there is not exactly one signature.

    Raises
    ------
    InputError
        If pyHanko is missing.
    UnreadableError
        If it cannot be read within bounds of time and memory.
    """
    if importlib.util.find_spec("pyhanko") is None:
        raise InputError(_MISSING)
    found = json.loads(read_apart(content, found_in))
    return Signature(**found) if found else None


def found_in(path: str) -> str:
    """What `check_signature` finds, as JSON."""
    from pyhanko.pdf_utils.reader import PdfFileReader
    from pyhanko.sign.validation import SignatureCoverageLevel, validate_pdf_signature

    content = Path(path).read_bytes()
    reader = PdfFileReader(io.BytesIO(content))
    if len(reader.embedded_signatures) != 1:
        return json.dumps(None)
    [embedded] = reader.embedded_signatures
    status = validate_pdf_signature(embedded)
    stamp = status.timestamp_validity
    found = Signature(
        signer=_name_in(embedded.signer_cert),
        intact=bool(status.intact and status.valid) and (stamp is None or bool(stamp.valid)),
        stamped=f"{stamp.timestamp:%Y-%m-%d %H:%M:%S %Z}, {_name_in(stamp.signing_cert)}"
        if stamp
        else "",
        whole=status.coverage == SignatureCoverageLevel.ENTIRE_FILE
        and _adds_the_field(reader, content),
    )
    return json.dumps(asdict(found))


def _name_in(certificate: Any) -> str:
    return str(certificate.subject.native.get("common_name", ""))


def _adds_the_field(reader: Any, content: bytes) -> bool:
    """Whether what was appended changes nothing that shows but the field, where it belongs.

    The trailer leads to the same root, nothing is given up, and of what was there only the root
    (to which the form is added), one page (to which the field is) and what names the writer are
    written anew. A form that is more than this field could show itself in place of the pages.
    """
    import pypdf

    if reader.total_revisions != 2 or reader.xrefs.refs_freed_in_revision(1):
        return False
    before, trailer = reader.get_historical_resolver(0), reader.trailer
    stated = before.trailer_view
    if any(trailer.raw_get(key) != stated.raw_get(key) for key in ("/Root", "/Info")):
        return False
    root = before.get_object(stated.raw_get("/Root").reference)
    unseen = {stated.raw_get("/Info").reference, root.raw_get("/Metadata").reference}
    old = pypdf.PdfReader(io.BytesIO(content[: content.index(b"%%EOF") + len(b"%%EOF")]))
    number, box = _place(old)
    fields = []
    for ref in reader.xrefs.explicit_refs_in_revision(0) & (
        reader.xrefs.explicit_refs_in_revision(1) - unseen
    ):
        was, now = before.get_object(ref), reader.get_object(ref)
        added = {key for key in now.keys() | was.keys() if now.get(key) != was.get(key)}
        if ref == reader.root_ref and added <= _IN_ROOT and not added & was.keys():
            continue
        notes, all_ = (list(d.get("/Annots", ())) for d in (was, now))
        if added != {"/Annots"} or all_[: len(notes)] != notes or len(all_) != len(notes) + 1:
            return False
        if ref.idnum != old.pages[number].indirect_reference.idnum:  # type: ignore[union-attr]
            return False
        fields.append(all_[-1])
    form = reader.root["/AcroForm"]
    if len(fields) != 1 or not form.keys() <= _IN_FORM or list(form["/Fields"]) != fields:
        return False
    field = fields[0].get_object()
    shown = field["/AP"]
    return bool(
        field.keys() <= _IN_FIELD
        and field["/F"] == _PRINTED_AND_LOCKED
        and [float(x) for x in field["/Rect"]] == [float(x) for x in box]
        and shown.keys() == {"/N"}
        and "/Matrix" not in shown["/N"]
    )
