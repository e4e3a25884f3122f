"""Read certificates from every usual file format, describe them, put them in order."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.hazmat.primitives.serialization.pkcs7 import load_der_pkcs7_certificates
from cryptography.x509.oid import ExtendedKeyUsageOID

from certificates.pki.errors import ErrorCode, ParseError
from certificates.pki.keys import check_public_key_kind, describe_key, spki_fingerprint
from certificates.pki.library import LIBRARY_ERRORS
from certificates.pki.names import alternative_names, common_name, distinguished_name
from certificates.pki.pem import PEMError, find_blocks

_LABELS = ("CERTIFICATE", "X509 CERTIFICATE", "PKCS7", "CMS")
MOST_CERTIFICATES = 200
"""In one file; the bundles of all authorities that browsers trust are smaller."""
_LONGEST_CHAIN = 10


@dataclass(frozen=True, slots=True)
class CertificateInfo:
    """What lists and pages show of a certificate."""

    serial: str
    """Hexadecimal, lower case, whole octets."""
    subject: str
    """As RFC 4514 writes it; so is the issuer."""
    common_name: str
    issuer: str
    not_before: datetime
    """UTC, aware; so is not_after. Both ends belong to the period (RFC 5280, 4.1.2.5)."""
    not_after: datetime
    fingerprint: str
    """SHA-256 of the DER, hexadecimal, lower case."""
    key_fingerprint: str
    """SHA-256 of the SubjectPublicKeyInfo, hexadecimal, lower case."""
    key: str
    """Kind and size, such as "RSA 3072"."""
    alternative_names: tuple[str, ...]
    is_authority: bool
    allows_client_auth: bool


def load_certificates(data: bytes) -> list[x509.Certificate]:
    """Read all certificates of a PEM, DER or PKCS#7 file, in the order of the file.

    A PEM file may hold comments, keys and several kinds of block. Raises ParseError when there
    is no certificate, or one that cannot be read whole.
    """
    try:
        blocks = find_blocks(data, *_LABELS)
        found = [one for block in blocks for one in _from_der(block.der())]
    except PEMError as exc:
        raise _unreadable(str(exc)) from exc
    if not blocks:
        found = _from_der(data)
    if len(found) > MOST_CERTIFICATES:
        raise ParseError(
            f"the file holds over {MOST_CERTIFICATES} certificates",
            code=ErrorCode.CERTIFICATE_TOO_MANY,
        )
    return found


def read_whole(certificate: x509.Certificate) -> x509.Certificate:
    """Read every part now, since the library parses most parts only when they are asked for.

    What is returned raises nothing later. Raises ParseError.
    """
    try:
        check_public_key_kind(certificate.public_key_algorithm_oid)
        describe(certificate)
    except LIBRARY_ERRORS as exc:
        raise _unreadable(str(exc)) from exc
    return certificate


def describe(certificate: x509.Certificate) -> CertificateInfo:
    """Describe a certificate that load_certificates has read."""
    return CertificateInfo(
        serial=_hex(certificate.serial_number),
        subject=distinguished_name(certificate.subject),
        common_name=common_name(certificate),
        issuer=distinguished_name(certificate.issuer),
        not_before=certificate.not_valid_before_utc,
        not_after=certificate.not_valid_after_utc,
        fingerprint=hashlib.sha256(write_der(certificate)).hexdigest(),
        key_fingerprint=spki_fingerprint(certificate.public_key()),
        key=describe_key(certificate.public_key()),
        alternative_names=alternative_names(certificate),
        is_authority=is_authority(certificate),
        allows_client_auth=allows_client_auth(certificate),
    )


def is_authority(certificate: x509.Certificate) -> bool:
    """Say whether the certificate may issue others (basicConstraints, RFC 5280, 4.2.1.9)."""
    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except x509.ExtensionNotFound:
        return False


def allows_client_auth(certificate: x509.Certificate) -> bool:
    """Say whether a TLS server lets somebody log in with the certificate.

    Without the extensions every use is allowed (RFC 5280, 4.2.1.3 and 4.2.1.12). As in OpenSSL,
    which the servers use, anyExtendedKeyUsage does not stand for clientAuth.
    """
    extensions = certificate.extensions
    try:
        purposes = extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except x509.ExtensionNotFound:
        purposes = None
    try:
        usage = extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        usage = None
    return (purposes is None or ExtendedKeyUsageOID.CLIENT_AUTH in purposes) and (
        usage is None or usage.digital_signature or usage.key_agreement
    )


def allows_server_auth(certificate: x509.Certificate) -> bool:
    """Say whether a certificate may be a TLS server's, by its extendedKeyUsage if it has one."""
    try:
        purposes = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except x509.ExtensionNotFound:
        return True
    return ExtendedKeyUsageOID.SERVER_AUTH in purposes


def is_self_signed(certificate: x509.Certificate) -> bool:
    """Say whether the certificate was signed with its own key, as a root is."""
    return is_issued_by(certificate, certificate)


def is_issued_by(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    """Say whether the issuer's name and signature fit; its right to issue is not looked at."""
    try:
        certificate.verify_directly_issued_by(issuer)
    except (InvalidSignature, *LIBRARY_ERRORS):
        return False
    return True


def order_chain(leaf: x509.Certificate, pool: Iterable[x509.Certificate]) -> list[x509.Certificate]:
    """Return the issuers above a leaf, nearest first, as far as the pool has them.

    The leaf itself is left out, a root is kept, and what does not belong to the path is dropped.
    After ten issuers it ends, as a pool of hundreds of one name would take minutes.
    """
    candidates = [certificate for certificate in dict.fromkeys(pool) if certificate != leaf]
    chain: list[x509.Certificate] = []
    current = leaf
    while len(chain) < _LONGEST_CHAIN and not is_self_signed(current):
        issuer = next((one for one in candidates if is_issued_by(current, one)), None)
        if issuer is None:
            break
        candidates.remove(issuer)
        chain.append(issuer)
        current = issuer
    return chain


def write_certificates(certificates: Iterable[x509.Certificate]) -> bytes:
    """Write certificates as PEM, one after the other."""
    return b"".join(certificate.public_bytes(Encoding.PEM) for certificate in certificates)


def write_der(certificate: x509.Certificate) -> bytes:
    """Write one certificate as DER, the form of .cer and .der files."""
    return certificate.public_bytes(Encoding.DER)


def _from_der(der: bytes) -> list[x509.Certificate]:
    """Read one certificate, or the certificates of a PKCS#7 file (RFC 2315, 9)."""
    try:
        return [read_whole(x509.load_der_x509_certificate(der))]
    except LIBRARY_ERRORS as exc:
        not_a_certificate = exc
    try:
        found = load_der_pkcs7_certificates(der)
    except LIBRARY_ERRORS as exc:
        raise _unreadable(str(not_a_certificate)) from exc
    if not found:
        raise _unreadable("a PKCS#7 file without certificates")
    return [read_whole(certificate) for certificate in found]


def _unreadable(reason: str) -> ParseError:
    return ParseError(f"no readable certificate: {reason}", code=ErrorCode.CERTIFICATE_UNREADABLE)


def _hex(number: int) -> str:
    """Write a serial number; raises ValueError for a negative one (RFC 5280, 4.1.2.2)."""
    if number < 0:
        raise ValueError("the serial number is negative")
    return number.to_bytes(max(1, (number.bit_length() + 7) // 8), "big").hex()
