"""What the identifiers of an encryption say; whole files are read in test_pkcs12.py."""

import pytest

from certificates.pki.ber import BERError, read
from certificates.pki.encryption import derivation_cost, legacy_ciphers_available, mac_rounds


def tlv(tag: int, *contents: bytes) -> bytes:
    joined = b"".join(contents)
    return bytes([tag, len(joined)]) + joined


PBKDF2 = bytes.fromhex("06092A864886F70D01050C")
PBMAC1 = bytes.fromhex("06092A864886F70D01050E")
SCRYPT = bytes.fromhex("06092B06010401DA47040B")
SHA_256 = bytes.fromhex("0609608648016503040201")
SALT = tlv(0x04, bytes(8))
THOUSAND_ROUNDS = tlv(0x30, PBKDF2, tlv(0x30, SALT, tlv(0x02, b"\x03\xe8")))


def test_the_cost_of_scrypt_grows_with_all_its_numbers() -> None:
    numbers = [tlv(0x02, number) for number in (b"\x40\x00", b"\x08", b"\x01")]

    assert derivation_cost(read(tlv(0x30, SCRYPT, tlv(0x30, SALT, *numbers)))) == 8 * 2**17


def test_a_derivation_without_rounds_is_refused() -> None:
    with pytest.raises(BERError):
        derivation_cost(read(tlv(0x30, PBKDF2, tlv(0x30, SALT))))


def test_a_mac_over_pbkdf2_states_its_rounds_within() -> None:
    algorithm = tlv(0x30, PBMAC1, tlv(0x30, THOUSAND_ROUNDS))

    assert mac_rounds(read(algorithm), 1) == 1000


def test_a_customary_mac_states_its_rounds_beside_it() -> None:
    assert mac_rounds(read(tlv(0x30, SHA_256)), 2048) == 2048


def test_the_old_ciphers_can_be_opened_here() -> None:
    """Images must not set CRYPTOGRAPHY_OPENSSL_NO_LEGACY."""
    assert legacy_ciphers_available()
