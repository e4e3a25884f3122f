"""The practice certificate authority: a root, an issuing authority, and what they issue.

The chain has the shape of the Flemish government's (root, issuing, end entity; MAGDA page "FTPS
Technical Information"), and follows the profile of RFC 5280 section 4.2 closely enough for
strict verifiers: BasicConstraints, KeyUsage, subject and authority key identifiers.
"""

from __future__ import annotations

import ipaddress
import os
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Self

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509 import InvalidVersion
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes

AUTHORITY_LIFETIME = timedelta(days=3650)
END_ENTITY_LIFETIME = timedelta(days=730)
# A certificate that is valid from this very second fails on a machine whose clock is a bit behind.
CLOCK_SKEW = timedelta(minutes=5)

ROOT_FILE = "root.pem"
ISSUING_FILE = "issuing.pem"
ISSUING_KEY_FILE = "issuing.key.pem"


@dataclass(frozen=True, slots=True)
class Issued:
    """A certificate with its private key (PKCS#8, not encrypted), all in PEM.

    `chain_pem` holds the issuing authority only: what a client or server sends along, without
    the root that the other side must know already.
    """

    certificate_pem: bytes
    private_key_pem: bytes = field(repr=False)
    chain_pem: bytes


class Authority:
    """A self-signed root and the issuing authority below it."""

    def __init__(
        self,
        *,
        root: x509.Certificate,
        issuing: x509.Certificate,
        issuing_key: ec.EllipticCurvePrivateKey,
    ) -> None:
        self._root = root
        self._issuing = issuing
        self._issuing_key = issuing_key

    @classmethod
    def create(cls, name: str = "Practice MAGDA") -> Self:
        """Make a new root and issuing authority; the root's key is forgotten at once."""
        root_key = ec.generate_private_key(ec.SECP256R1())
        issuing_key = ec.generate_private_key(ec.SECP256R1())
        root_name = _authority_name(f"{name} Root CA")
        root = _authority_certificate(
            subject=root_name,
            public_key=root_key.public_key(),
            issuer=root_name,
            signing_key=root_key,
            path_length=1,
        )
        issuing = _authority_certificate(
            subject=_authority_name(f"{name} Issuing CA"),
            public_key=issuing_key.public_key(),
            issuer=root_name,
            signing_key=root_key,
            path_length=0,
        )
        return cls(root=root, issuing=issuing, issuing_key=issuing_key)

    @classmethod
    def load(cls, directory: Path) -> Self:
        """Read back what `save` wrote; raises OSError or ValueError when it is not all there."""
        key = load_pem_private_key((directory / ISSUING_KEY_FILE).read_bytes(), password=None)
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            msg = f"{ISSUING_KEY_FILE} holds no elliptic-curve key"
            raise ValueError(msg)  # noqa: TRY004 - the file's content is wrong, not an argument
        return cls(
            root=x509.load_pem_x509_certificate((directory / ROOT_FILE).read_bytes()),
            issuing=x509.load_pem_x509_certificate((directory / ISSUING_FILE).read_bytes()),
            issuing_key=key,
        )

    def save(self, directory: Path) -> None:
        """Write certificates and the issuing key (mode 0600) into `directory`."""
        directory.mkdir(parents=True, exist_ok=True)
        (directory / ROOT_FILE).write_bytes(self.root_pem)
        (directory / ISSUING_FILE).write_bytes(self.chain_pem)
        descriptor = os.open(
            directory / ISSUING_KEY_FILE, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600
        )
        with os.fdopen(descriptor, "wb") as stream:
            os.fchmod(stream.fileno(), 0o600)
            stream.write(_private_key_pem(self._issuing_key))

    @property
    def root_pem(self) -> bytes:
        """The trust anchor that clients of the practice server need."""
        return self._root.public_bytes(Encoding.PEM)

    @property
    def chain_pem(self) -> bytes:
        """The issuing authority's certificate."""
        return self._issuing.public_bytes(Encoding.PEM)

    @property
    def bundle_pem(self) -> bytes:
        """Issuing authority and root, for a server that verifies client certificates."""
        return self.chain_pem + self.root_pem

    def issue_server(self, hosts: Sequence[str]) -> Issued:
        """Issue a server certificate for names and addresses, the first one also being its CN."""
        names = x509.SubjectAlternativeName([_general_name(host) for host in hosts])
        return self._issue(
            hosts[0],
            usage=ExtendedKeyUsageOID.SERVER_AUTH,
            alternative_names=names,
            not_before=None,
            not_after=None,
        )

    def issue_client(
        self,
        common_name: str,
        *,
        not_before: datetime | None = None,
        not_after: datetime | None = None,
    ) -> Issued:
        """Issue a client certificate without SAN, as VO-DCB does; default validity two years."""
        return self._issue(
            common_name,
            usage=ExtendedKeyUsageOID.CLIENT_AUTH,
            alternative_names=None,
            not_before=not_before,
            not_after=not_after,
        )

    def certify(self, request: bytes) -> bytes:
        """Issue a client certificate (PEM) for the subject and key of a PKCS#10 request.

        The request is PEM or DER (RFC 2986). Raises ValueError when it can't be read, isn't signed
        with its own key, or bears no common name.
        """
        asked = _read_request(request)
        if not asked.subject.get_attributes_for_oid(NameOID.COMMON_NAME):
            msg = "it has no common name"
            raise ValueError(msg)
        certificate = self._sign(
            asked.subject,
            asked.public_key(),
            usage=ExtendedKeyUsageOID.CLIENT_AUTH,
            alternative_names=None,
            validity=_validity(None, None),
        )
        return certificate.public_bytes(Encoding.PEM)

    def _issue(
        self,
        common_name: str,
        *,
        usage: x509.ObjectIdentifier,
        alternative_names: x509.SubjectAlternativeName | None,
        not_before: datetime | None,
        not_after: datetime | None,
    ) -> Issued:
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = self._sign(
            _end_entity_name(common_name),
            key.public_key(),
            usage=usage,
            alternative_names=alternative_names,
            validity=_validity(not_before, not_after),
        )
        return Issued(
            certificate_pem=certificate.public_bytes(Encoding.PEM),
            private_key_pem=_private_key_pem(key),
            chain_pem=self.chain_pem,
        )

    def _sign(
        self,
        subject: x509.Name,
        public_key: CertificatePublicKeyTypes,
        *,
        usage: x509.ObjectIdentifier,
        alternative_names: x509.SubjectAlternativeName | None,
        validity: tuple[datetime, datetime],
    ) -> x509.Certificate:
        valid_from, valid_to = validity
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._issuing.subject)
            .public_key(public_key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(valid_from)
            .not_valid_after(valid_to)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_key_usage(digital_signature=True), critical=True)
            .add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
            .add_extension(_authority_key_identifier(self._issuing_key), critical=False)
        )
        if alternative_names is not None:
            builder = builder.add_extension(alternative_names, critical=False)
        return builder.sign(self._issuing_key, hashes.SHA256())


def _read_request(data: bytes) -> x509.CertificateSigningRequest:
    """Read a request and check its signature. Raises ValueError."""
    is_pem = b"-----BEGIN" in data
    load = x509.load_pem_x509_csr if is_pem else x509.load_der_x509_csr
    try:
        request = load(data)
        is_signed = request.is_signature_valid
    except (UnsupportedAlgorithm, InvalidVersion) as error:
        msg = str(error)
        raise ValueError(msg) from error
    if not is_signed:
        msg = "its signature is wrong"
        raise ValueError(msg)
    return request


def _authority_certificate(
    *,
    subject: x509.Name,
    public_key: ec.EllipticCurvePublicKey,
    issuer: x509.Name,
    signing_key: ec.EllipticCurvePrivateKey,
    path_length: int,
) -> x509.Certificate:
    now = datetime.now(UTC)  # noqa: TID251 - plain Python; the sandbox does not know Django
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - CLOCK_SKEW)
        .not_valid_after(now + AUTHORITY_LIFETIME)
        .add_extension(x509.BasicConstraints(ca=True, path_length=path_length), critical=True)
        .add_extension(_key_usage(key_cert_sign=True, crl_sign=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
        .add_extension(_authority_key_identifier(signing_key), critical=False)
        .sign(signing_key, hashes.SHA256())
    )


def _validity(not_before: datetime | None, not_after: datetime | None) -> tuple[datetime, datetime]:
    now = datetime.now(UTC)  # noqa: TID251 - plain Python; the sandbox does not know Django
    valid_to = not_after or (not_before or now) + END_ENTITY_LIFETIME
    # Asking only for an end in the past must still give a well-formed, expired certificate.
    valid_from = not_before or min(now - CLOCK_SKEW, valid_to - timedelta(days=1))
    return valid_from, valid_to


def _authority_name(common_name: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "BE"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Practice MAGDA"),
            x509.NameAttribute(NameOID.COMMON_NAME, common_name),
        ]
    )


def _end_entity_name(common_name: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "BE"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Practice organisation"),
            x509.NameAttribute(NameOID.COMMON_NAME, common_name),
        ]
    )


def _general_name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _key_usage(
    *, digital_signature: bool = False, key_cert_sign: bool = False, crl_sign: bool = False
) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=digital_signature,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=key_cert_sign,
        crl_sign=crl_sign,
        encipher_only=False,
        decipher_only=False,
    )


def _authority_key_identifier(key: ec.EllipticCurvePrivateKey) -> x509.AuthorityKeyIdentifier:
    return x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key())


def _private_key_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
