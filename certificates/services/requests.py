"""Make certificate requests (PKCS#10), with a new key or with one that is kept here."""

from dataclasses import replace

from django.db import transaction

from certificates.models import CertificateRequest, ClientIdentity, KeyPair
from certificates.pki import (
    KeyKind,
    SubjectName,
    build_request,
    check_subject,
    distinguished_name,
    generate_key,
    write_request,
)
from certificates.pki import load_request as read_request
from certificates.services.bundles import explaining_sealing, opened_key
from certificates.services.exports import FileForm
from certificates.services.key_pairs import (
    call_off_destruction,
    keep_made_key,
    lock_kept,
    require_kept,
)
from magda_portal.audit.actions import Action
from magda_portal.audit.services import Actor, Subject, record


def request_with_new_key(
    identity: ClientIdentity, kind: KeyKind, *, subject: SubjectName, actor: Actor
) -> CertificateRequest:
    """Make a key pair and a request for it.

    The common name is always the identity's, whatever ``subject`` says. Raises SubjectError or
    WeakKeyError; then no key is left behind.
    """
    named = replace(subject, common_name=identity.common_name)
    check_subject(named)
    private_key = generate_key(kind)
    der = build_request(private_key, named)
    with transaction.atomic():
        key_pair = keep_made_key(identity, private_key, actor=actor)
        return _keep(identity, key_pair, der, actor=actor)


def request_with_kept_key(
    identity: ClientIdentity, key_pair: KeyPair, *, subject: SubjectName, actor: Actor
) -> CertificateRequest:
    """Make a request for a key pair of the identity.

    The common name is always the identity's. A certificate will come for it, so a day set for the
    key's destruction is called off. Raises SubjectError, and KeyPairError when the key has been
    destroyed or can't be opened.
    """
    require_kept(key_pair)
    with explaining_sealing():
        key = opened_key(key_pair)
    der = build_request(key, replace(subject, common_name=identity.common_name))
    with transaction.atomic():
        lock_kept(key_pair)
        call_off_destruction(key_pair, actor=actor)
        return _keep(identity, key_pair, der, actor=actor)


def _keep(
    identity: ClientIdentity, key_pair: KeyPair, der: bytes, *, actor: Actor
) -> CertificateRequest:
    """Keep a request and tell the trail; call it inside the transaction that has the key."""
    made = CertificateRequest.objects.create(
        identity=identity,
        key_pair=key_pair,
        der=der,
        subject=distinguished_name(read_request(der).subject),
    )
    _record(Action.CERTIFICATE_REQUEST_MADE, made, actor)
    return made


def take_request(made: CertificateRequest, form: FileForm, *, actor: Actor) -> bytes:
    """Return the request as a file for VO-DCB, and note that somebody took it."""
    der = bytes(made.der)
    _record(Action.CERTIFICATE_REQUEST_TAKEN, made, actor)
    return write_request(der) if form is FileForm.PEM else der


def _record(action: Action, made: CertificateRequest, actor: Actor) -> None:
    record(
        action,
        actor=actor,
        organisation_id=made.identity.organisation_id,
        subject=Subject.row(made.identity),
        details={"subject": made.subject, "key": str(made.key_pair)},
    )
