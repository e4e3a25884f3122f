"""Keys and certificates from separate files and from one."""

from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from certificates.pki import (
    KeyMismatchError,
    ParseError,
    PasswordError,
    load_bundle,
    write_private_key,
)
from certificates.tests.builders import NOON, make_authority, make_client, make_key

ROOT = make_authority()
ISSUER = make_authority("Practice Issuing CA", issuer=ROOT)
CLIENT = make_client(issuer=ISSUER)
KEY = write_private_key(CLIENT.key)


def test_it_finds_the_leaf_and_orders_the_chain_whatever_the_order_of_the_file() -> None:
    bundle = load_bundle(ROOT.pem + CLIENT.pem + ISSUER.pem, key=KEY)

    assert bundle == CLIENT.bundle(ISSUER, ROOT)
    assert bundle.certificate_chain_pem == CLIENT.pem + ISSUER.pem + ROOT.pem


def test_it_reads_one_file_that_holds_both() -> None:
    assert load_bundle(KEY + CLIENT.pem + ISSUER.pem) == CLIENT.bundle(ISSUER)


def test_it_reads_der_files() -> None:
    key = CLIENT.key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())

    assert load_bundle(CLIENT.der, key=key) == CLIENT.bundle()


def test_it_opens_an_encrypted_key() -> None:
    key = CLIENT.key.private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"practice")
    )

    assert load_bundle(CLIENT.pem, key=key, passphrase=b"practice") == CLIENT.bundle()
    with pytest.raises(PasswordError):
        load_bundle(CLIENT.pem, key=key)


def test_of_two_certificates_for_the_key_it_takes_the_renewed_one() -> None:
    renewed = make_client(issuer=ISSUER, key=CLIENT.key, not_after=NOON + timedelta(days=700))

    assert load_bundle(CLIENT.pem + renewed.pem, key=KEY).certificate == renewed.certificate


def test_it_refuses_a_key_of_another_certificate() -> None:
    with pytest.raises(KeyMismatchError):
        load_bundle(CLIENT.pem, key=write_private_key(make_key()))


def test_it_refuses_one_file_without_a_key() -> None:
    with pytest.raises(ParseError):
        load_bundle(CLIENT.pem)
