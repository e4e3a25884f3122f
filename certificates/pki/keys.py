"""Private and public keys: describe, judge, compare and write them."""

import hashlib
from dataclasses import dataclass, field

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from cryptography.x509.oid import PublicKeyAlgorithmOID

from certificates.pki.errors import ErrorCode, WeakKeyError

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
"""The kinds of private key that TLS servers of the FTPS world accept from a client."""

MINIMUM_RSA_BITS = 2048
_CURVES = {"secp256r1": "P-256", "secp384r1": "P-384", "secp521r1": "P-521"}

# Loading a Diffie-Hellman key judges its prime, which takes minutes for a long one.
_READABLE_KINDS = frozenset(
    [
        PublicKeyAlgorithmOID.RSAES_PKCS1_v1_5,
        PublicKeyAlgorithmOID.RSASSA_PSS,
        PublicKeyAlgorithmOID.EC_PUBLIC_KEY,
        PublicKeyAlgorithmOID.DSA,
        PublicKeyAlgorithmOID.ED25519,
        PublicKeyAlgorithmOID.ED448,
    ]
)


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


def check_public_key_kind(algorithm: x509.ObjectIdentifier) -> None:
    """Raise UnsupportedAlgorithm for a kind of key that nobody signs with; look before loading."""
    if algorithm not in _READABLE_KINDS:
        raise UnsupportedAlgorithm(f"a public key of the kind {algorithm.dotted_string}")


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
