"""Trust what a server showed, once somebody has compared it with what another road told them."""

import re
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from django.db import transaction

from certificates.errors import CertificateCode, TrustError
from certificates.models import ServerSighting, TrustAnchor, WatchedServer
from certificates.pki import describe, load_certificates, order_chain
from certificates.services.trust import add_trust_anchors
from magda_portal.audit.services import Actor
from magda_portal.people.models import Organisation

# As openssl, browsers and certutil write it down.
_LABEL = re.compile(r"^\s*sha-?256( fingerprint)?\s*[=:]", re.IGNORECASE)
_BETWEEN = re.compile(r"[\s:.-]")
_WHOLE = re.compile(r"[0-9a-f]{64}")


def shown_path(sighting: ServerSighting) -> list[x509.Certificate]:
    """Return the server's own certificate and those of its issuers that it showed, nearest first.

    What else it showed has nothing to do with it, and is not offered for trust.
    """
    leaf, *others = load_certificates(sighting.chain_pem.encode())
    return [leaf, *order_chain(leaf, others)]


@transaction.atomic
def trust_shown(
    certificate: x509.Certificate,
    *,
    server: WatchedServer,
    organisation: Organisation,
    fingerprint: str,
    actor: Actor,
    now: datetime,
) -> TrustAnchor:
    """Trust one certificate of a sighting for an organisation, and look at the server again.

    ``fingerprint`` is the SHA-256 one that somebody got by another road, in any usual notation.
    Raises TrustError when it is not whole or differs, or the certificate has expired.
    """
    if read_fingerprint(fingerprint) != describe(certificate).fingerprint:
        raise TrustError("the fingerprints differ", code=CertificateCode.TRUST_FINGERPRINT_DIFFERS)
    (anchor,) = add_trust_anchors(
        certificate.public_bytes(Encoding.DER),
        environment=server.environment,
        organisation=organisation,
        actor=actor,
    )
    WatchedServer.objects.filter(pk=server.pk).update(next_look_at=now)
    return anchor


def read_fingerprint(text: str) -> str:
    """Return a SHA-256 fingerprint as 64 small digits. Raises TrustError when it is none."""
    digits = _BETWEEN.sub("", _LABEL.sub("", text)).lower()
    if not _WHOLE.fullmatch(digits):
        raise TrustError(
            f"{len(digits)} digits instead of 64",
            code=CertificateCode.TRUST_FINGERPRINT_INCOMPLETE,
        )
    return digits
