"""Read private keys in every form they come in, and compare them with certificates."""

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass, field

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes, PublicKeyTypes
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_private_key,
    load_pem_private_key,
)

from certificates.pki.ber import OCTET_STRING, SEQUENCE, read
from certificates.pki.encryption import MAX_ITERATIONS, describe_encryption
from certificates.pki.errors import ErrorCode, ParseError, PasswordError, WeakKeyError

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
"""The kinds of private key that TLS servers of the FTPS world accept from a client."""

MINIMUM_RSA_BITS = 2048
_CURVES = {"secp256r1": "P-256", "secp384r1": "P-384", "secp521r1": "P-521"}

_PEM_KEY = re.compile(
    rb"-----BEGIN ((?:ENCRYPTED |RSA |EC )?PRIVATE KEY)-----(.*?)-----END \1-----", re.DOTALL
)
_CIPHER_HEADER = re.compile(rb"^DEK-Info: ?([A-Z0-9-]+),([0-9A-Fa-f]+)\s*$", re.MULTILINE)
_VECTOR_OCTETS = {
    b"AES-128-CBC": 16,
    b"AES-192-CBC": 16,
    b"AES-256-CBC": 16,
    b"DES-EDE3-CBC": 8,
}


@dataclass(frozen=True, slots=True)
class KeyBundle:
    """A private key with its certificate and the issuers above it, all as PEM.

    The key is unencrypted PKCS#8 and never part of the ``repr``. The chain begins with the
    certificate's issuer; it may be empty.
    """

    private_key_pem: bytes = field(repr=False)
    certificate_pem: bytes
    chain_pem: bytes

    @property
    def certificate(self) -> x509.Certificate:
        """The end-entity certificate."""
        return x509.load_pem_x509_certificate(self.certificate_pem)

    @property
    def certificate_chain_pem(self) -> bytes:
        """The certificate and then its chain, in the order TLS sends them (RFC 5246, 7.4.2)."""
        return self.certificate_pem + self.chain_pem


def load_private_key(data: bytes, *, passphrase: bytes | None) -> PrivateKey:
    """Read the one private key in a PEM or DER file, whatever else a PEM file holds.

    Reads PKCS#8 (RFC 5958), PKCS#1 and SEC 1, encrypted or not; a passphrase that is not needed
    does no harm. Raises ParseError or PasswordError.
    """
    blocks = list(_PEM_KEY.finditer(data))
    if len(blocks) > 1:
        raise ParseError("the file holds several private keys", code=ErrorCode.KEY_SEVERAL)
    if not blocks:
        return _load_der(data, passphrase or None)
    if b"Proc-Type:" in blocks[0][2]:
        return _load_traditional_encrypted(blocks[0][0], passphrase or None)
    try:
        return _load_der(base64.b64decode(blocks[0][2]), passphrase or None)
    except binascii.Error as exc:
        raise _unreadable() from exc


def write_private_key(private_key: PrivateKey) -> bytes:
    """Write a private key as unencrypted PKCS#8 in PEM, which every TLS library reads."""
    return private_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def spki_fingerprint(public_key: PublicKeyTypes) -> str:
    """Return the SHA-256 of the SubjectPublicKeyInfo in hex: the identity of a key pair."""
    spki = public_key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return hashlib.sha256(spki).hexdigest()


def same_key(certificate: x509.Certificate, private_key: PrivateKey) -> bool:
    """Say whether the certificate was issued for this private key."""
    return spki_fingerprint(certificate.public_key()) == spki_fingerprint(private_key.public_key())


def describe_key(public_key: PublicKeyTypes) -> str:
    """Return a key's kind and size, such as "RSA 3072" or "EC P-256"."""
    match public_key:
        case rsa.RSAPublicKey():
            return f"RSA {public_key.key_size}"
        case ec.EllipticCurvePublicKey():
            return f"EC {_CURVES.get(public_key.curve.name, public_key.curve.name)}"
        case _:
            return type(public_key).__name__.removesuffix("PublicKey")


def check_key_strength(public_key: PublicKeyTypes) -> None:
    """Raise WeakKeyError unless RSA has 2048 bits or the curve is P-256, P-384 or P-521."""
    match public_key:
        case rsa.RSAPublicKey() if public_key.key_size >= MINIMUM_RSA_BITS:
            return
        case ec.EllipticCurvePublicKey() if public_key.curve.name in _CURVES:
            return
    found = describe_key(public_key)
    raise WeakKeyError(
        f"the key is {found}; RSA needs {MINIMUM_RSA_BITS} bits, EC one of P-256, P-384, P-521",
        code=ErrorCode.KEY_TOO_WEAK,
        found=found,
    )


def _load_der(der: bytes, passphrase: bytes | None) -> PrivateKey:
    """Read PKCS#8, PKCS#1 or SEC 1; only PKCS#8 knows encryption in DER."""
    encrypted = _is_encrypted_pkcs8(der)
    if not encrypted:
        passphrase = None
    elif passphrase is None:
        raise _passphrase_needed()
    try:
        return _accepted(load_der_private_key(der, passphrase))
    except UnsupportedAlgorithm as exc:
        raise _unsupported() from exc
    except (ValueError, TypeError) as exc:
        if encrypted and "Unknown key encryption algorithm" in str(exc):
            raise _unsupported() from exc
        raise _wrong_passphrase() if encrypted else _unreadable() from exc


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


def _load_traditional_encrypted(pem: bytes, passphrase: bytes | None) -> PrivateKey:
    """Read what OpenSSL wrote before PKCS#8, with the cipher in a PEM header (RFC 1421, 4.6)."""
    _check_cipher_header(pem)
    if passphrase is None:
        raise _passphrase_needed()
    try:
        return _accepted(load_pem_private_key(pem, passphrase))
    except UnsupportedAlgorithm as exc:
        raise _unsupported() from exc
    except (ValueError, TypeError) as exc:
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


def _accepted(private_key: PrivateKeyTypes) -> PrivateKey:
    if isinstance(private_key, PrivateKey):
        return private_key
    raise _unsupported()


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
