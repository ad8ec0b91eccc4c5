"""A signature is put on, is seen by others, and nothing can be changed under it unnoticed."""

from __future__ import annotations

import asyncio
import datetime as dt
import io
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("pyhanko")

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from causation.errors import InputError
from causation.report import Status, signing, verify_report, write_report
from causation.report.carried import read_carried
from causation.report.signing import FIELD, check_signature, needs_passphrase, sign_pdf

NAME, WORD = "王某 (Expert)", "open"
FileOf = Callable[[str, str, str], bytes]


def _certificate(
    key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey,
    common_name: str,
    purpose: x509.ObjectIdentifier | None = None,
) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])
    now = dt.datetime.now(dt.UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(days=1))
    )
    if purpose is not None:
        builder = builder.add_extension(x509.ExtendedKeyUsage([purpose]), critical=True)
    return builder.sign(key, hashes.SHA256())


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for one day, which nobody vouches for."""
    key = ec.generate_private_key(ec.SECP256R1())
    made = _certificate(key, NAME)
    secret = serialization.BestAvailableEncryption(WORD.encode())
    path = tmp_path_factory.mktemp("certificate") / "expert.p12"
    path.write_bytes(pkcs12.serialize_key_and_certificates(b"expert", key, made, None, secret))
    return path


@pytest.fixture(scope="module")
def plain(file_of: FileOf) -> bytes:
    return file_of("bic-2025-doxxing", "en", "pdf")


@pytest.fixture(scope="module")
def signed(plain: bytes, certificate: Path) -> bytes:
    return sign_pdf(plain, certificate, passphrase=WORD, lang="en")


def test_the_report_stays_and_the_signature_is_appended(
    signed: bytes, plain: bytes, tmp_path: Path
) -> None:
    path = tmp_path / "signed.pdf"
    path.write_bytes(signed)
    carried = read_carried(path)
    assert carried.intact
    assert carried.content == plain
    assert carried.content + carried.appended == signed


def test_a_notebook_whose_event_loop_is_at_work_can_sign(plain: bytes, certificate: Path) -> None:
    async def cell() -> bytes:
        return sign_pdf(plain, certificate, passphrase=WORD, lang="en")

    with ThreadPoolExecutor(1) as apart:  # other tests may have a loop at work here
        assert apart.submit(asyncio.run, cell()).result().startswith(plain)


def test_other_readers_see_the_signature(signed: bytes) -> None:
    import pypdf

    reader = pypdf.PdfReader(io.BytesIO(signed))
    fields = reader.get_fields()
    assert fields is not None
    value = fields[FIELD]["/V"]
    assert value["/SubFilter"] == "/ETSI.CAdES.detached"
    start, before, after, length = value["/ByteRange"]
    assert (start, after + length) == (0, len(signed))
    assert after - before == len(value["/Contents"]) * 2 + 2
    on = [k for k, page in enumerate(reader.pages) if "/Annots" in page and FIELD in str(
        [a.get_object().get("/T") for a in page["/Annots"]]  # type: ignore[attr-defined]
    )]  # fmt: skip
    heading = reader.named_destinations["signature"]
    assert on == [reader.get_destination_page_number(heading)]


def test_a_signature_is_intact_and_covers_the_whole_file(signed: bytes, plain: bytes) -> None:
    found = check_signature(signed)
    assert found is not None
    assert (found.signer, found.intact, found.whole) == (NAME, True, True)
    assert check_signature(plain) is None


def test_what_is_changed_under_a_signature_is_caught(signed: bytes, plain: bytes) -> None:
    changed = bytearray(signed)
    changed[len(plain) // 2] ^= 1
    found = check_signature(bytes(changed))
    assert found is not None
    assert not found.intact


def test_what_follows_a_signature_is_caught(signed: bytes) -> None:
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

    writer: Any = IncrementalPdfFileWriter(io.BytesIO(signed))
    page = writer.find_page_for_modification(0)[0].get_object()
    writer.update_container(page)
    stream = io.BytesIO()
    writer.write(stream)
    found = check_signature(stream.getvalue())
    assert found is not None
    assert not found.whole


def test_a_page_changed_by_whoever_signs_is_caught(plain: bytes, certificate: Path) -> None:
    """The signature is good, and covers the change; but it is not only a signature."""
    from pyhanko.pdf_utils.generic import NameObject, NumberObject
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

    writer: Any = IncrementalPdfFileWriter(io.BytesIO(plain))
    page = writer.find_page_for_modification(0)[0].get_object()
    page[NameObject("/Rotate")] = NumberObject(180)  # type: ignore[no-untyped-call]
    writer.update_container(page)
    stream = io.BytesIO()
    writer.write(stream)
    found = check_signature(sign_pdf(stream.getvalue(), certificate, passphrase=WORD, lang="en"))
    assert found is not None
    assert found.intact
    assert not found.whole


def _an_xfa_form(writer: Any) -> None:
    from pyhanko.pdf_utils import generic

    make: Any = generic.DictionaryObject
    form = make({generic.pdf_name("/Fields"): generic.ArrayObject()})
    form[generic.pdf_name("/XFA")] = generic.pdf_string("<xdp>another document</xdp>")
    writer.root[generic.pdf_name("/AcroForm")] = writer.add_object(form)
    writer.update_root()


def _another_root(writer: Any) -> None:
    from pyhanko.pdf_utils import generic

    make: Any = generic.DictionaryObject
    root = make(writer.root)
    root[generic.pdf_name("/OpenAction")] = writer.root["/Outlines"].raw_get("/First")
    writer._root = writer.add_object(root)


def _words_as_what_names_the_writer(writer: Any) -> None:
    """The content of the first page written anew, as if it were the dictionary of the writer."""
    from pyhanko.pdf_utils import generic

    page = writer.find_page_for_modification(0)[0].get_object()
    contents = page.raw_get("/Contents")
    writer.set_info(contents)
    stream: Any = generic.StreamObject(stream_data=b"BT (12.3 %) Tj ET")
    writer.objects[(contents.generation, contents.idnum)] = stream


@pytest.mark.parametrize("change", [_an_xfa_form, _another_root, _words_as_what_names_the_writer])
def test_what_is_changed_in_the_step_of_a_signature_is_caught(
    plain: bytes, certificate: Path, change: Callable[[Any], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever signs can write anything into the same step; readers may show that instead."""
    from pyhanko.pdf_utils import incremental_writer

    class Writer(incremental_writer.IncrementalPdfFileWriter):
        def __init__(self, stream: Any) -> None:
            super().__init__(stream)
            change(self)

    monkeypatch.setattr(incremental_writer, "IncrementalPdfFileWriter", Writer)
    found = check_signature(sign_pdf(plain, certificate, passphrase=WORD, lang="en"))
    assert found is not None
    assert found.intact
    assert not found.whole


def test_what_is_given_up_in_the_step_of_a_signature_is_caught(
    plain: bytes, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An object that the step calls free is nothing to some readers: a page without its words."""
    import pypdf
    from pyhanko.pdf_utils import writer, xref

    given_up: Any = pypdf.PdfReader(io.BytesIO(plain)).pages[0].raw_get("/Contents")
    table = xref.write_xref_table

    def write(stream: Any, positions: Any) -> int:
        place: int = table(stream, positions)
        stream.write(f"{given_up.idnum} 1\n0000000000 00001 f \n".encode())
        return place

    monkeypatch.setattr(writer, "write_xref_table", write)
    made = sign_pdf(plain, certificate, passphrase=WORD, lang="en")
    found = check_signature(made)
    assert found is not None
    assert found.intact
    assert not found.whole


@pytest.mark.parametrize("place", [(0, (303, 701, 533, 763)), (None, (303, 101, 533, 163))])
def test_a_field_that_stands_elsewhere_is_caught(
    plain: bytes, certificate: Path, place: tuple[int | None, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It could cover a number and show another one."""
    page, box = place
    with monkeypatch.context() as patch:
        there = signing._place
        patch.setattr(signing, "_place", lambda r: (there(r)[0] if page is None else page, box))
        made = sign_pdf(plain, certificate, passphrase=WORD, lang="en")
    found = check_signature(made)
    assert found is not None
    assert not found.whole


def test_verify_says_what_the_signature_is(signed: bytes, plain: bytes, tmp_path: Path) -> None:
    path = tmp_path / "report.pdf"
    path.write_bytes(signed)
    result = verify_report(path)
    assert result.status is Status.SAME
    assert any("signature: intact" in n and NAME in n and "trust" in n for n in result.notes)
    path.write_bytes(plain + b"\n% no signature\n%%EOF")
    result = verify_report(path)
    assert result.status is Status.DIFFERENT
    assert any("follows the report" in reason for reason in result.reasons)


def test_a_certificate_that_cannot_be_used_is_refused(
    plain: bytes, certificate: Path, tmp_path: Path
) -> None:
    assert needs_passphrase(certificate)
    with pytest.raises(InputError, match=r"expert\.p12: no key and certificate"):
        sign_pdf(plain, certificate, passphrase=WORD * 2, lang="en")
    with pytest.raises(InputError, match="cannot be read"):
        sign_pdf(plain, tmp_path / "none.p12", passphrase=None, lang="en")
    output = tmp_path / "report.md"
    with pytest.raises(InputError, match="only a PDF can be signed"):
        write_report("gao-2024", output, sign=certificate, passphrase=WORD)
    assert not output.exists()


@pytest.fixture(scope="module")
def authority() -> Any:
    """A timestamp authority of this test, without a network: its clock stands still."""
    from asn1crypto import keys  # type: ignore[import-untyped]
    from asn1crypto import x509 as asn1
    from pyhanko.sign.timestamps import DummyTimeStamper

    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    made = _certificate(key, "Authority", purpose=ExtendedKeyUsageOID.TIME_STAMPING)
    secret = key.private_bytes(
        serialization.Encoding.DER,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return DummyTimeStamper(
        asn1.Certificate.load(made.public_bytes(serialization.Encoding.DER)),
        keys.PrivateKeyInfo.load(secret),
        fixed_dt=dt.datetime(2026, 3, 4, 5, 6, 7, tzinfo=dt.UTC),
    )


def test_a_timestamp_is_in_the_signature_and_verify_says_when(
    plain: bytes, certificate: Path, authority: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(signing, "timestamper", lambda _url: authority)
    path = tmp_path / "stamped.pdf"
    path.write_bytes(
        sign_pdf(plain, certificate, passphrase=WORD, lang="en", timestamp="http://tsa.invalid")
    )
    found = check_signature(path.read_bytes())
    assert found is not None
    assert (found.intact, found.whole) == (True, True)
    assert found.stamped == "2026-03-04 05:06:07 UTC, Authority"
    result = verify_report(path)
    assert result.status is Status.SAME
    assert any(note.startswith("timestamp: 2026-03-04") for note in result.notes)


def test_without_a_timestamp_nothing_is_signed(
    plain: bytes, certificate: Path, tmp_path: Path
) -> None:
    """An address where nobody answers, one that is none, and a timestamp of no signature."""
    for url, said in (("http://127.0.0.1:9/", "gave no timestamp"), ("tsa", "no address")):
        with pytest.raises(InputError, match=said):
            sign_pdf(plain, certificate, passphrase=WORD, lang="en", timestamp=url)
    output = tmp_path / "report.pdf"
    with pytest.raises(InputError, match="a timestamp is of a signature"):
        write_report("gao-2024", output, timestamp="http://127.0.0.1:9/")
    assert not output.exists()
