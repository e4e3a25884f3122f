"""Make certificate requests (PKCS#10), with a new key or with one that is kept here."""

from dataclasses import replace

from django.db import transaction

from certificates.models import CertificateRequest, ClientIdentity, KeyPair
from certificates.pki import KeyKind, SubjectName, build_request, check_subject, write_request
from certificates.pki import load_request as read_request
from certificates.services.bundles import explaining_sealing, opened_key
from certificates.services.exports import FileForm
from certificates.services.key_pairs import make_key_pair, require_kept
from certificates.services.relay import lock_identity
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
    with transaction.atomic():
        key_pair = make_key_pair(identity, kind, actor=actor)
        return request_with_kept_key(identity, key_pair, subject=named, actor=actor)


@transaction.atomic
def request_with_kept_key(
    identity: ClientIdentity, key_pair: KeyPair, *, subject: SubjectName, actor: Actor
) -> CertificateRequest:
    """Make a request for a key pair of the identity.

    The common name is always the identity's. Raises SubjectError, and KeyPairError when the key
    has been destroyed or can't be opened.
    """
    lock_identity(identity)
    require_kept(key_pair)
    with explaining_sealing():
        key = opened_key(key_pair)
    der = build_request(key, replace(subject, common_name=identity.common_name))
    made = CertificateRequest.objects.create(
        identity=identity,
        key_pair=key_pair,
        der=der,
        subject=read_request(der).subject.rfc4514_string(),
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
