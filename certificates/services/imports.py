"""Take in a certificate with its private key, whole or not at all."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from django.db import transaction

from certificates.errors import CertificateCode, CertificateError, UploadError
from certificates.models import Certificate, ClientIdentity, KeyPair
from certificates.pki import (
    CertificateInfo,
    KeyBundle,
    NotYetValidError,
    PrivateKey,
    check_client_certificate,
    check_common_name,
    check_usage,
    common_name,
    describe,
    load_private_key,
    spki_fingerprint,
)
from certificates.services.bundles import explaining_sealing, join_kept_key
from certificates.services.chains import completed_chain
from certificates.services.key_pairs import keep_key_pair, lock_kept, require_kept
from certificates.services.relay import lock_identity, place
from certificates.services.revocation import refuse_revoked_client
from certificates.services.uploads import brings_key, read_certificates, read_upload
from magda_portal.audit.actions import Action
from magda_portal.audit.services import Actor, Subject, record

CLOCK_DIFFERENCE = timedelta(minutes=15)
"""A period that begins within this is about to begin: the issuer's clock is ahead of ours."""


def import_upload(
    identity: ClientIdentity,
    file: bytes,
    *,
    key: bytes | None = None,
    passphrase: str = "",
    actor: Actor,
    at: datetime,
) -> Certificate:
    """Import what somebody hands over: with its key, or alone when the key is kept here.

    Raises what :func:`read_upload`, :func:`import_certificate` and
    :func:`import_issued_certificate` raise.
    """
    if not brings_key(file, key=key):
        return import_issued_certificate(identity, file, actor=actor, at=at)
    bundle = read_upload(file, key=key, passphrase=passphrase)
    return import_certificate(identity, bundle, actor=actor, at=at)


def import_issued_certificate(
    identity: ClientIdentity, file: bytes, *, actor: Actor, at: datetime
) -> Certificate:
    """Keep a certificate that was issued for one of the identity's own keys.

    Raises a PKIError when it is another's certificate or none to log in with, UploadError when
    none of the keys fits, KeyPairError when it has been destroyed, and what
    :func:`import_certificate` raises.
    """
    certificates = read_certificates(file)
    fingerprints = {spki_fingerprint(certificate.public_key()) for certificate in certificates}
    key_pair = identity.key_pairs.filter(spki_fingerprint__in=fingerprints).first()
    if key_pair is None:
        _check_whose(certificates, identity.common_name)
        raise UploadError(
            "a certificate without its private key", code=CertificateCode.UPLOAD_NO_KEY
        )
    require_kept(key_pair)
    with explaining_sealing():
        bundle = join_kept_key(key_pair, certificates)
    with transaction.atomic():
        lock_kept(key_pair)
        return import_certificate(identity, bundle, actor=actor, at=at)


def _check_whose(certificates: Sequence[x509.Certificate], expected: str) -> None:
    """Raise what is wrong with a certificate for which no key is here, but for the key.

    Looking for the key of an authority or of another account would be in vain.
    """
    issuers = {one.issuer for one in certificates if one.issuer != one.subject}
    leaves = [one for one in certificates if one.subject not in issuers] or certificates
    leaf = next((one for one in leaves if common_name(one) == expected), leaves[0])
    check_usage(leaf)
    check_common_name(leaf, expected)


@transaction.atomic
def import_certificate(
    identity: ClientIdentity, bundle: KeyBundle, *, actor: Actor, at: datetime
) -> Certificate:
    """Keep a certificate and its sealed key, and give it its place in the relay.

    It is put in use at ``at`` only when the identity has no certificate that works; else it
    becomes the next one, to be tested and activated. Issuers that are missing from its chain are
    added where they are known. One that was here keeps its place and gets the chain that came
    along. Raises a PKIError when nobody could log in with it as this identity, also when a
    revocation list that is here names it, and CertificateError when its serial number is that of
    another certificate.
    """
    _check(bundle, common_name=identity.common_name, at=at)
    lock_identity(identity)
    facts = describe(bundle.certificate)
    certificate = identity.certificates.filter(fingerprint=facts.fingerprint).first()
    bundle = _with_chain(bundle, identity, certificate, at=at)
    refuse_revoked_client(bundle.certificate, chain_pem=bundle.chain_pem, at=at)
    key_pair = keep_key_pair(identity, _opened(bundle), actor=actor)
    if certificate is None:
        _check_serial(identity, facts)
        certificate = _keep(identity, key_pair, bundle, facts)
        _record(certificate, identity, actor)
    elif _renew_chain(certificate, bundle) or not _has_place(certificate, identity):
        _record(certificate, identity, actor)
    place(identity, certificate, actor=actor, now=at)
    return certificate


def _with_chain(
    bundle: KeyBundle, identity: ClientIdentity, known: Certificate | None, *, at: datetime
) -> KeyBundle:
    """Return the bundle with all issuers that are here; ``known`` is its row, if it has one."""
    came_along = bundle.chain_pem or (known.chain_pem.encode() if known else b"")
    chain = completed_chain(identity, bundle.certificate, came_along, at=at)
    return replace(bundle, chain_pem=chain)


def _renew_chain(certificate: Certificate, bundle: KeyBundle) -> bool:
    """Take over the chain of a certificate that is imported again; say whether it differs."""
    chain = bundle.chain_pem.decode("ascii")
    if certificate.chain_pem == chain:
        return False
    certificate.chain_pem = chain
    certificate.save(update_fields=["chain_pem"])
    return True


def _has_place(certificate: Certificate, identity: ClientIdentity) -> bool:
    return certificate.pk in {identity.current_id, identity.next_id}


def _opened(bundle: KeyBundle) -> PrivateKey:
    return load_private_key(bundle.private_key_pem, passphrase=None)


def _check(bundle: KeyBundle, *, common_name: str, at: datetime) -> None:
    """Look at everything but whether the period has begun, which pki looks at last."""
    try:
        check_client_certificate(bundle, common_name=common_name, at=at)
    except NotYetValidError:
        return


def _check_serial(identity: ClientIdentity, facts: CertificateInfo) -> None:
    """Refuse a serial number that the issuer gave out before (RFC 5280, 4.1.2.2).

    Only the organisation's own certificates are compared: authorities that somebody made for
    himself often have the same name, and all count from 1.
    """
    same = Certificate.objects.filter(
        identity__organisation=identity.organisation_id, issuer=facts.issuer, serial=facts.serial
    )
    if same.exclude(fingerprint=facts.fingerprint).exists():
        raise CertificateError(
            f"serial number {facts.serial} of {facts.issuer} is that of another certificate",
            code=CertificateCode.CERTIFICATE_SERIAL_REPEATED,
            serial=facts.serial,
        )


def _keep(
    identity: ClientIdentity, key_pair: KeyPair, bundle: KeyBundle, facts: CertificateInfo
) -> Certificate:
    return Certificate.objects.create(
        identity=identity,
        key_pair=key_pair,
        der=bundle.certificate.public_bytes(Encoding.DER),
        chain_pem=bundle.chain_pem.decode("ascii"),
        serial=facts.serial,
        subject=facts.subject,
        issuer=facts.issuer,
        not_before=facts.not_before,
        not_after=facts.not_after,
        fingerprint=facts.fingerprint,
    )


def _record(certificate: Certificate, identity: ClientIdentity, actor: Actor) -> None:
    record(
        Action.CERTIFICATE_IMPORTED,
        actor=actor,
        organisation_id=identity.organisation_id,
        subject=Subject.row(identity),
        details={
            "serial": certificate.serial,
            "fingerprint": certificate.fingerprint,
            "not_after": certificate.not_after.isoformat(),
        },
    )
