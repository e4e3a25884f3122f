"""Whatever somebody uploads: a certificate with its key, or an error with advice."""

import base64

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from certificates.advice import has_advice
from certificates.errors import CertificateError
from certificates.pki import PKIError, write_private_key
from certificates.services.uploads import read_upload
from certificates.tests.mutations import SEED, mutated
from certificates.tests.originals import (
    CLIENT,
    PASSWORD,
    certificate_files,
    key_files,
    pkcs12_files,
    request_files,
    revocation_list_files,
)

pytestmark = pytest.mark.filterwarnings("ignore")

COUNT = 600
OWN_KEY = write_private_key(CLIENT.key)
ALL_FILES = [
    *certificate_files(),
    *key_files(),
    *pkcs12_files(),
    *request_files(),
    *revocation_list_files(),
]


def test_a_damaged_file_is_refused_with_advice() -> None:
    for file in mutated(ALL_FILES, COUNT):
        upload(file)


def test_a_damaged_certificate_beside_its_key_is_refused_with_advice() -> None:
    for file in mutated(certificate_files(), COUNT):
        upload(file, key=OWN_KEY)


def test_a_damaged_key_beside_its_certificate_is_refused_with_advice() -> None:
    for key in mutated(key_files(), COUNT):
        upload(CLIENT.pem, key=key)


def test_a_damaged_file_that_holds_both_is_refused_with_advice() -> None:
    for file in mutated([CLIENT.pem + key for key in key_files() if b"-----" in key], COUNT):
        upload(file)


@settings(deadline=None)
@given(st.binary(max_size=400), st.none() | st.binary(max_size=400), st.text(max_size=20))
def test_no_octets_and_no_passphrase_do_any_harm(
    file: bytes, key: bytes | None, passphrase: str
) -> None:
    upload(file, key=key, passphrase=passphrase)


@pytest.mark.parametrize("passphrase", ["\0", "a\0b", "\udc80", "\U0001f600", "x" * 100_000])
@pytest.mark.parametrize("file", [*pkcs12_files(), *(CLIENT.pem + key for key in key_files()[2:4])])
def test_no_passphrase_does_any_harm(file: bytes, passphrase: str) -> None:
    """At a NUL the library panics; what a command line hands over need not be UTF-8."""
    upload(file, passphrase=passphrase)


def upload(file: bytes, *, key: bytes | None = None, passphrase: str = PASSWORD) -> None:
    try:
        read_upload(file, key=key, passphrase=passphrase)
    except (PKIError, CertificateError) as error:
        if not has_advice(error.code):
            raise AssertionError(f"no advice on {error.code}") from error
    except BaseException as error:
        error.add_note(f"seed {SEED}, {base64.b64encode(file)!r}, {base64.b64encode(key or b'')!r}")
        raise
