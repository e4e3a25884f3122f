"""Choose which servers we believe."""

from collections.abc import Sequence

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from django.db import transaction
from django.utils import timezone

from certificates.errors import CertificateCode, TrustError
from certificates.models import KeyPair, TrustAnchor
from certificates.pki import (
    allows_server_auth,
    describe,
    distinguished_name,
    is_authority,
    is_servers_own,
    load_certificates,
    spki_fingerprint,
)
from certificates.services.uploads import check_size
from certificates.services.watch import judge_all_again
from magda_portal.audit.actions import Action
from magda_portal.audit.services import Actor, Subject, record
from magda_portal.people.models import Organisation

MOST_AT_ONCE = 20
"""A file with more is a browser's or system's store: trusting that means trusting anybody."""


def read_trust_anchors(file: bytes) -> list[x509.Certificate]:
    """Read the certificates of a PEM, DER or PKCS#7 file that are to be trusted, each once.

    Raises ParseError, UploadError, or TrustError for a file with an expired certificate, with one
    that can be neither an authority's nor a server's, or with very many.
    """
    check_size(file)
    certificates = list(dict.fromkeys(load_certificates(file)))
    _check(certificates)
    return certificates


@transaction.atomic
def add_trust_anchors(
    file: bytes, *, environment: str, organisation: Organisation | None, actor: Actor
) -> list[TrustAnchor]:
    """Trust every certificate of a PEM, DER or PKCS#7 file, for one environment.

    Without an organisation they are trusted for all. Those that were there already are returned
    too and change nothing. Raises what :func:`read_trust_anchors` raises; then none is added.
    """
    anchors = [
        _add(certificate, environment=environment, organisation=organisation, actor=actor)
        for certificate in read_trust_anchors(file)
    ]
    judge_all_again(environment=environment, organisation=organisation, now=timezone.now())
    return anchors


@transaction.atomic
def remove_trust_anchor(anchor: TrustAnchor, *, actor: Actor) -> None:
    """Stop trusting a certificate; connections that are open go on until they end."""
    _record(Action.TRUST_ANCHOR_REMOVED, anchor, actor)
    anchor.delete()
    judge_all_again(
        environment=anchor.environment, organisation=anchor.organisation, now=timezone.now()
    )


def _check(certificates: Sequence[x509.Certificate]) -> None:
    if len(certificates) > MOST_AT_ONCE:
        raise TrustError(
            f"{len(certificates)} certificates in one file", code=CertificateCode.TRUST_TOO_MANY
        )
    for certificate in certificates:
        _check_one(certificate)


def _check_one(certificate: x509.Certificate) -> None:
    """Refuse what would make no server trusted, and what somebody took for the server's."""
    subject = distinguished_name(certificate.subject)
    if certificate.not_valid_after_utc < timezone.now():
        raise TrustError(
            f"{subject} has expired",
            code=CertificateCode.TRUST_EXPIRED,
            subject=subject,
            not_after=certificate.not_valid_after_utc.isoformat(),
        )
    if not is_authority(certificate) and not allows_server_auth(certificate):
        raise TrustError(
            f"{subject} does not allow server authentication",
            code=CertificateCode.TRUST_NOT_A_SERVER,
            subject=subject,
        )
    own_key = spki_fingerprint(certificate.public_key())
    if KeyPair.objects.filter(spki_fingerprint=own_key).exists():
        raise TrustError(
            f"the key of {subject} is kept here",
            code=CertificateCode.TRUST_OWN_KEY,
            subject=subject,
        )


def _add(
    certificate: x509.Certificate,
    *,
    environment: str,
    organisation: Organisation | None,
    actor: Actor,
) -> TrustAnchor:
    found = describe(certificate)
    anchor, new = TrustAnchor.objects.get_or_create(
        organisation=organisation,
        environment=environment,
        fingerprint=found.fingerprint,
        defaults={
            "der": certificate.public_bytes(Encoding.DER),
            "subject": found.subject,
            "issuer": found.issuer,
            "serial": found.serial,
            "is_authority": not is_servers_own(certificate),
            "not_before": found.not_before,
            "not_after": found.not_after,
        },
    )
    if new:
        _record(Action.TRUST_ANCHOR_ADDED, anchor, actor)
    return anchor


def _record(action: Action, anchor: TrustAnchor, actor: Actor) -> None:
    record(
        action,
        actor=actor,
        organisation_id=anchor.organisation_id,
        subject=Subject.row(anchor),
        details={"environment": anchor.environment, "fingerprint": anchor.fingerprint},
    )
