from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from certificates.errors import CertificateCode, CertificateError
from certificates.pki import KeyBundle, PKIError, dump_pkcs12
from certificates.services.uploads import LARGEST_FILE, read_upload
from certificates.tests.builders import make_authority, make_client

PASSWORD = "correct horse"
ROOT = make_authority()
CLIENT = make_client(issuer=ROOT)
BUNDLE = CLIENT.bundle(ROOT)
FIXTURES = Path(__file__).parents[2] / "pki" / "tests" / "fixtures"


def key(encoding: Encoding, passphrase: str = "") -> bytes:
    protection = BestAvailableEncryption(passphrase.encode()) if passphrase else NoEncryption()
    return CLIENT.key.private_bytes(encoding, PrivateFormat.PKCS8, protection)


def test_it_reads_pkcs12() -> None:
    file = dump_pkcs12(BUNDLE, password=PASSWORD, friendly_name="x")

    assert read_upload(file, passphrase=PASSWORD) == BUNDLE


@pytest.mark.parametrize("name", ["rc2_40_and_3des", "rc2_40", "3des"])
def test_it_reads_pkcs12_with_the_encryption_of_old_programs(name: str) -> None:
    file = (FIXTURES / f"{name}.p12").read_bytes()

    assert isinstance(read_upload(file, passphrase="practice"), KeyBundle)


@pytest.mark.parametrize("certificate", [CLIENT.pem, CLIENT.der], ids=["PEM", "DER"])
@pytest.mark.parametrize("encoding", [Encoding.PEM, Encoding.DER])
@pytest.mark.parametrize("passphrase", ["", PASSWORD], ids=["plain", "encrypted"])
def test_it_reads_certificate_and_key_in_every_form(
    certificate: bytes, encoding: Encoding, passphrase: str
) -> None:
    bundle = read_upload(certificate, key=key(encoding, passphrase), passphrase=passphrase)

    assert (bundle.certificate_pem, bundle.private_key_pem) == (CLIENT.pem, key(Encoding.PEM))


def test_it_reads_one_pem_file_with_key_certificate_and_chain() -> None:
    assert read_upload(key(Encoding.PEM) + ROOT.pem + CLIENT.pem) == BUNDLE


@pytest.mark.parametrize(
    ("read", "code"),
    [
        (lambda: read_upload(b""), CertificateCode.UPLOAD_EMPTY),
        (lambda: read_upload(CLIENT.pem, key=b""), CertificateCode.UPLOAD_EMPTY),
        (lambda: read_upload(b"x" * (LARGEST_FILE + 1)), CertificateCode.UPLOAD_TOO_LARGE),
        (lambda: read_upload(CLIENT.pem), CertificateCode.UPLOAD_NO_KEY),
        (lambda: read_upload(CLIENT.der), CertificateCode.UPLOAD_NO_KEY),
        (lambda: read_upload(b"no certificate"), "certificate.unreadable"),
        (lambda: read_upload(key(Encoding.PEM), key=CLIENT.pem), CertificateCode.UPLOAD_ONLY_KEY),
        (lambda: read_upload(key(Encoding.DER)), CertificateCode.UPLOAD_ONLY_KEY),
        (lambda: read_upload(key(Encoding.DER, PASSWORD)), CertificateCode.UPLOAD_ONLY_KEY),
        (lambda: read_upload(CLIENT.pem, key=CLIENT.pem), "key.unreadable"),
        (
            lambda: read_upload(CLIENT.pem, key=key(Encoding.PEM, PASSWORD)),
            "key.passphrase_needed",
        ),
        (
            lambda: read_upload(CLIENT.pem, key=key(Encoding.DER, PASSWORD), passphrase="no"),
            "key.wrong_passphrase",
        ),
        (lambda: read_upload(make_client().pem, key=key(Encoding.PEM)), "key.mismatch"),
        (
            lambda: read_upload((FIXTURES / "rc2_40.p12").read_bytes(), passphrase="no"),
            "pkcs12.wrong_password",
        ),
        (
            lambda: read_upload((FIXTURES / "no_key.p12").read_bytes(), passphrase="practice"),
            "pkcs12.no_key",
        ),
    ],
)
def test_each_bad_file_gets_its_own_code(read: Callable[[], KeyBundle], code: str) -> None:
    with pytest.raises((PKIError, CertificateError)) as caught:
        read()

    assert caught.value.code == code  # type: ignore[attr-defined]  # both kinds have one
