"""Name the password-based encryption of a PKCS#12 file or an encrypted key.

The identifiers come from RFC 7292 appendix C (PKCS#12), RFC 8018 appendix C (PBES1, PBES2) and
NIST's registry of AES modes.
"""

import math
from dataclasses import dataclass

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.decrepit.ciphers.algorithms import RC2
from cryptography.hazmat.primitives.ciphers import Cipher, modes

from certificates.pki.ber import INTEGER, SEQUENCE, BERError, Element

MAX_ITERATIONS = 10_000_000
"""More rounds than this are refused: a made-up count would keep a process busy for hours."""

_PBES2 = "1.2.840.113549.1.5.13"
_PBMAC1 = "1.2.840.113549.1.5.14"
_SCRYPT = "1.3.6.1.4.1.11591.4.11"

# Ciphers that OpenSSL 3 and newer keep in the legacy provider, which curl does not load:
# "digital envelope routines::unsupported".
_NEEDS_LEGACY_PROVIDER = {
    "1.2.840.113549.1.12.1.1": "RC4-128",
    "1.2.840.113549.1.12.1.2": "RC4-40",
    "1.2.840.113549.1.12.1.5": "RC2-128",
    "1.2.840.113549.1.12.1.6": "RC2-40",
}
_OLD = _NEEDS_LEGACY_PROVIDER | {
    "1.2.840.113549.1.12.1.3": "3DES",
    "1.2.840.113549.1.12.1.4": "3DES with two keys",
}
_PBES2_CIPHERS = {
    "2.16.840.1.101.3.4.1.2": "AES-128",
    "2.16.840.1.101.3.4.1.22": "AES-192",
    "2.16.840.1.101.3.4.1.42": "AES-256",
}
_PBES2_OLD_CIPHERS = {"1.2.840.113549.3.7": "3DES in PBES2"}


@dataclass(frozen=True, slots=True)
class Encryption:
    """How one part of a file is encrypted; ``name`` is the identifier where it is unknown."""

    name: str
    iterations: int
    is_known: bool
    is_legacy: bool
    """Older than PBES2 with AES: worth writing anew."""
    needs_legacy_provider: bool
    """Unreadable for curl, WinSCP and others with OpenSSL 3: RC2 and RC4."""


def describe_encryption(algorithm: Element) -> Encryption:
    """Describe an AlgorithmIdentifier (RFC 5280, 4.1.1.2); raises BERError."""
    parts = algorithm.expect(SEQUENCE).children()
    identifier, parameters = parts[0].identifier(), parts[1].expect(SEQUENCE).children()
    if identifier == _PBES2:
        return _describe_pbes2(parameters)
    return Encryption(
        name=_OLD.get(identifier, identifier),
        iterations=parameters[1].integer(),
        is_known=identifier in _OLD,
        is_legacy=True,
        needs_legacy_provider=identifier in _NEEDS_LEGACY_PROVIDER,
    )


def _describe_pbes2(parameters: list[Element]) -> Encryption:
    """Read PBES2-params (RFC 8018, A.4): how the key is derived, then the cipher."""
    derivation, scheme = parameters[0], parameters[1].expect(SEQUENCE).children()
    cipher = scheme[0].identifier()
    known = _PBES2_CIPHERS | _PBES2_OLD_CIPHERS
    return Encryption(
        name=known.get(cipher, cipher),
        iterations=derivation_cost(derivation),
        is_known=cipher in known,
        is_legacy=cipher not in _PBES2_CIPHERS,
        needs_legacy_provider=False,
    )


def derivation_cost(derivation: Element) -> int:
    """Return how many rounds a key derivation takes (RFC 8018, A.2; scrypt: RFC 7914, 7)."""
    parts = derivation.expect(SEQUENCE).children()
    numbers = [
        part.integer() for part in parts[1].expect(SEQUENCE).children() if part.tag == INTEGER
    ]
    if not numbers:
        raise BERError("a key derivation without a number of rounds")
    if parts[0].identifier() == _SCRYPT:
        # Cost, block size and parallelisation multiply, in units of 128 octets of memory. The
        # factor lets the one limit stand for 160 MB; 2**14 * 8 * 1 is the customary choice.
        return 8 * math.prod(numbers[:3])
    return numbers[0]


def mac_rounds(mac_algorithm: Element, stated: int) -> int:
    """Return the rounds behind a PKCS#12 MAC: those stated, or PBMAC1's own (RFC 9579)."""
    parts = mac_algorithm.expect(SEQUENCE).children()
    if parts[0].identifier() != _PBMAC1:
        return stated
    return derivation_cost(parts[1].expect(SEQUENCE).children()[0])


def legacy_ciphers_available() -> bool:
    """Say whether RC2 and RC4 can be opened in this process.

    cryptography loads OpenSSL's legacy provider unless CRYPTOGRAPHY_OPENSSL_NO_LEGACY is set.
    """
    try:
        Cipher(RC2(bytes(16)), modes.CBC(bytes(8))).encryptor()
    except UnsupportedAlgorithm:
        return False
    return True
