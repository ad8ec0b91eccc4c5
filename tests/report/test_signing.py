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
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID

from causation.errors import InputError
from causation.report import Status, verify_report, write_report
from causation.report.carried import read_carried
from causation.report.signing import FIELD, check_signature, needs_passphrase, sign_pdf

NAME, WORD = "王某 (Expert)", "open"
FileOf = Callable[[str, str, str], bytes]


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for one day, which nobody vouches for."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
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
