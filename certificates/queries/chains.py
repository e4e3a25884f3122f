"""The path above a certificate, for the page that shows it."""

from dataclasses import dataclass
from datetime import datetime

from certificates.models import Certificate
from certificates.pki import (
    BuiltPath,
    CertificateInfo,
    PathEnd,
    build_path,
    describe,
    load_certificates,
)
from certificates.queries import trust_pem


@dataclass(frozen=True, slots=True)
class PathView:
    """A certificate with the issuers above it, as far as they are known."""

    links: tuple[CertificateInfo, ...]
    """The certificate itself first, each followed by its issuer."""
    end: PathEnd
    missing: str
    """The subject of the issuer that nobody has here; "" when the path is complete."""


def path_above(certificate: Certificate, *, at: datetime) -> PathView:
    """Build the path from the issuers that came along and the trust anchors of the environment.

    It parses certificates: for the page of one identity, never for a list.
    """
    (leaf,) = load_certificates(bytes(certificate.der))
    came_along = certificate.chain_pem.encode()
    trusted = trust_pem(certificate.identity)
    path: BuiltPath = build_path(
        leaf,
        pool=load_certificates(came_along) if came_along else [],
        anchors=load_certificates(trusted) if trusted else [],
        at=at,
    )
    links = tuple(describe(link) for link in path.certificates)
    return PathView(links, path.end, path.missing)
