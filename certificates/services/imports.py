"""Take in a certificate with its private key, whole or not at all."""

from datetime import datetime

from cryptography.hazmat.primitives.serialization import Encoding
from django.db import transaction

from certificates.models import Certificate, ClientIdentity, KeyPair
from certificates.pki import (
    CertificateInfo,
    KeyBundle,
    NotYetValidError,
    check_client_certificate,
    describe,
)
from certificates.services.activation import activate, lock_identity
from magda_portal.audit.actions import Action
from magda_portal.audit.services import Actor, Subject, record
from magda_portal.sealing.fields import seal_into


@transaction.atomic
def import_certificate(
    identity: ClientIdentity, bundle: KeyBundle, *, actor: Actor, at: datetime
) -> Certificate:
    """Keep a certificate and its sealed key, and put it in use when it is valid at ``at``.

    One that is not valid yet becomes the identity's next certificate. One that is here already
    changes nothing, except that a next certificate whose period has begun is put in use. Raises
    a PKIError when nobody could log in with it as this identity.
    """
    is_valid = _check(bundle, common_name=identity.common_name, at=at)
    lock_identity(identity)
    facts = describe(bundle.certificate)
    certificate = identity.certificates.filter(fingerprint=facts.fingerprint).first()
    is_new = certificate is None
    if certificate is None:
        certificate = _keep(identity, bundle, facts, actor=actor)
    if is_valid and (is_new or identity.next_id == certificate.pk):
        activate(identity, certificate, actor=actor)
    elif is_new:
        identity.next = certificate
        identity.save(update_fields=["next"])
    return certificate


def _check(bundle: KeyBundle, *, common_name: str, at: datetime) -> bool:
    """Return whether the certificate is valid already; everything else must be right.

    The period is what pki looks at last, so a certificate that is not valid yet has passed.
    """
    try:
        check_client_certificate(bundle, common_name=common_name, at=at)
    except NotYetValidError:
        return False
    return True


def _keep(
    identity: ClientIdentity, bundle: KeyBundle, facts: CertificateInfo, *, actor: Actor
) -> Certificate:
    certificate = Certificate.objects.create(
        identity=identity,
        key_pair=_key_pair(identity, bundle, facts),
        der=bundle.certificate.public_bytes(Encoding.DER),
        chain_pem=bundle.chain_pem.decode("ascii"),
        serial=facts.serial,
        subject=facts.subject,
        issuer=facts.issuer,
        not_before=facts.not_before,
        not_after=facts.not_after,
        fingerprint=facts.fingerprint,
    )
    record(
        Action.CERTIFICATE_IMPORTED,
        actor=actor,
        organisation_id=identity.organisation_id,
        subject=Subject.row(identity),
        details={
            "serial": facts.serial,
            "fingerprint": facts.fingerprint,
            "not_after": facts.not_after.isoformat(),
        },
    )
    return certificate


def _key_pair(identity: ClientIdentity, bundle: KeyBundle, facts: CertificateInfo) -> KeyPair:
    """Return the key pair, sealed; a renewal may come with the key of the old certificate."""
    known = identity.key_pairs.filter(spki_fingerprint=facts.key_fingerprint).first()
    if known is not None:
        return known
    key_pair = KeyPair(
        identity=identity, algorithm=facts.key, spki_fingerprint=facts.key_fingerprint
    )
    seal_into(key_pair, "sealed_private_key", bundle.private_key_pem)
    key_pair.save(force_insert=True)
    return key_pair
