"""Make a self-signed client certificate, for partners that trust the certificate itself.

MAGDA takes certificates of VO-DCB only.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from django.db import transaction

from certificates.models import Certificate, ClientIdentity
from certificates.pki import (
    KeyBundle,
    KeyKind,
    SubjectName,
    check_subject,
    generate_key,
    self_sign,
    write_certificates,
    write_private_key,
)
from certificates.services.imports import import_certificate
from certificates.services.key_pairs import keep_made_key
from magda_portal.audit.services import Actor

_CLOCK_DIFFERENCE = timedelta(minutes=5)
"""The period begins so much earlier, for partners whose clock is behind ours."""


def make_self_signed(
    identity: ClientIdentity,
    kind: KeyKind,
    *,
    subject: SubjectName,
    days: int,
    actor: Actor,
    now: datetime,
) -> Certificate:
    """Make a key with a certificate, and give it its place in the relay as an import does.

    The common name is always the identity's. Raises SubjectError or WeakKeyError; then no key is
    left behind.
    """
    named = replace(subject, common_name=identity.common_name)
    check_subject(named)
    key = generate_key(kind)
    certificate = self_sign(
        key,
        named,
        not_before=now - _CLOCK_DIFFERENCE,
        not_after=now + timedelta(days=days),
    )
    bundle = KeyBundle(
        private_key_pem=write_private_key(key),
        certificate_pem=write_certificates([certificate]),
        chain_pem=b"",
    )
    with transaction.atomic():
        keep_made_key(identity, key, actor=actor)
        return import_certificate(identity, bundle, actor=actor, at=now)
