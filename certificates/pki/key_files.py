"""Read private keys in every form they come in."""

import re

from cryptography.exceptions import InternalError, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import load_der_private_key, load_pem_private_key

from certificates.pki.ber import INTEGER, OCTET_STRING, SEQUENCE, read
from certificates.pki.encryption import MAX_ITERATIONS, describe_encryption
from certificates.pki.errors import ErrorCode, ParseError, PasswordError
from certificates.pki.keys import PrivateKey
from certificates.pki.pem import PEMBlock, PEMError, find_blocks

MAXIMUM_RSA_BITS = 8192
"""Judging the primes of a larger key takes half a minute and, beyond that, hours."""

_LABELS = ("PRIVATE KEY", "ENCRYPTED PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY")
# RSA, RSASSA-PSS and EC (RFC 8017, appendix A; RFC 5480, 2.1.1).
_KINDS = {"1.2.840.113549.1.1.1", "1.2.840.113549.1.1.10", "1.2.840.10045.2.1"}
_CIPHER_HEADER = re.compile(rb"^DEK-Info: ?([A-Z0-9-]+),([0-9A-Fa-f]+)\s*$", re.MULTILINE)
_VECTOR_OCTETS = {
    b"AES-128-CBC": 16,
    b"AES-192-CBC": 16,
    b"AES-256-CBC": 16,
    b"DES-EDE3-CBC": 8,
}


def load_private_key(data: bytes, *, passphrase: bytes | None) -> PrivateKey:
    """Read the one private key in a PEM or DER file, whatever else a PEM file holds.

    Reads PKCS#8 (RFC 5958), PKCS#1 and SEC 1, encrypted or not; a passphrase that is not needed
    does no harm. Raises ParseError or PasswordError.
    """
    try:
        blocks = find_blocks(data, *_LABELS)
        if len(blocks) > 1:
            raise ParseError("the file holds several private keys", code=ErrorCode.KEY_SEVERAL)
        loaded = _load_block(blocks[0], passphrase) if blocks else _load_der(data, passphrase)
        return _judged(loaded)
    except PEMError as exc:
        raise _unreadable() from exc


def _load_block(block: PEMBlock, passphrase: bytes | None) -> PrivateKeyTypes:
    if b"Proc-Type:" in block.body:
        return _load_traditional_encrypted(block.text, passphrase)
    return _load_der(block.der(), passphrase)


def _load_der(der: bytes, passphrase: bytes | None) -> PrivateKeyTypes:
    """Read PKCS#8, PKCS#1 or SEC 1; only PKCS#8 knows encryption in DER."""
    encrypted = _is_encrypted_pkcs8(der)
    if not encrypted:
        _check_kind(der)
        passphrase = None
    elif not passphrase:
        raise _passphrase_needed()
    try:
        return load_der_private_key(der, passphrase, unsafe_skip_rsa_key_validation=True)
    except UnsupportedAlgorithm as exc:
        raise _unsupported() from exc
    except (ValueError, TypeError, InternalError) as exc:
        if encrypted and "Unknown key encryption algorithm" in str(exc):
            raise _unsupported() from exc
        raise _wrong_passphrase() if encrypted else _unreadable() from exc


def _check_kind(der: bytes) -> None:
    """Raise ParseError for PKCS#8 of another kind: loading Diffie-Hellman may take minutes."""
    try:
        version, algorithm = read(der).expect(SEQUENCE).children()[:2]
        version.expect(INTEGER)
        identifier = algorithm.expect(SEQUENCE).children()[0].identifier()
    except (ValueError, IndexError):
        return
    if identifier not in _KINDS:
        raise _unsupported()


def _is_encrypted_pkcs8(der: bytes) -> bool:
    """Recognise EncryptedPrivateKeyInfo (RFC 5958, 3); raises ParseError when it is too costly."""
    try:
        parts = read(der).expect(SEQUENCE).children()
        if [part.tag for part in parts] != [SEQUENCE, OCTET_STRING]:
            return False
        iterations = describe_encryption(parts[0]).iterations
    except (ValueError, IndexError):
        return False
    if iterations > MAX_ITERATIONS:
        raise ParseError(
            f"opening the key would take over {MAX_ITERATIONS} rounds of key derivation",
            code=ErrorCode.KEY_TOO_COSTLY,
        )
    return True


def _load_traditional_encrypted(pem: bytes, passphrase: bytes | None) -> PrivateKeyTypes:
    """Read what OpenSSL wrote before PKCS#8, with the cipher in a PEM header (RFC 1421, 4.6)."""
    _check_cipher_header(pem)
    if not passphrase:
        raise _passphrase_needed()
    try:
        return load_pem_private_key(pem, passphrase, unsafe_skip_rsa_key_validation=True)
    except UnsupportedAlgorithm as exc:
        raise _unsupported() from exc
    except (ValueError, TypeError, InternalError) as exc:
        raise _wrong_passphrase() from exc


def _check_cipher_header(pem: bytes) -> None:
    """Raise ParseError for a cipher or initial vector that does not fit.

    cryptography 50 panics at a vector that is too short, with an error that is no Exception.
    """
    headers = _CIPHER_HEADER.findall(pem)
    if len(headers) != 1 or pem.count(b"DEK-Info") != 1:
        raise _unreadable()
    cipher, vector = headers[0]
    if cipher not in _VECTOR_OCTETS:
        raise _unsupported()
    if len(vector) != 2 * _VECTOR_OCTETS[cipher]:
        raise _unreadable()


def _judged(private_key: PrivateKeyTypes) -> PrivateKey:
    """Return a key of an accepted kind, of which the numbers fit together.

    The loaders leave the numbers of RSA to this function, since they would begin with the primes,
    however long these are.
    """
    if not isinstance(private_key, PrivateKey):
        raise _unsupported()
    if not isinstance(private_key, rsa.RSAPrivateKey):
        return private_key
    numbers = private_key.private_numbers()
    if (
        private_key.key_size > MAXIMUM_RSA_BITS
        or max(numbers.p, numbers.q).bit_length() > MAXIMUM_RSA_BITS // 2
    ):
        raise ParseError(
            f"an RSA key of over {MAXIMUM_RSA_BITS} bits is not looked at",
            code=ErrorCode.KEY_TOO_LARGE,
        )
    try:
        return numbers.private_key()
    except ValueError as exc:
        raise _unreadable() from exc


def _unreadable() -> ParseError:
    return ParseError("no readable private key", code=ErrorCode.KEY_UNREADABLE)


def _unsupported() -> ParseError:
    return ParseError(
        "the private key is neither RSA nor EC, or encrypted in a way that is not supported",
        code=ErrorCode.KEY_UNSUPPORTED,
    )


def _passphrase_needed() -> PasswordError:
    return PasswordError(
        "the private key is encrypted and no passphrase was given",
        code=ErrorCode.KEY_PASSPHRASE_NEEDED,
    )


def _wrong_passphrase() -> PasswordError:
    return PasswordError(
        "the passphrase does not open the private key", code=ErrorCode.KEY_WRONG_PASSPHRASE
    )
