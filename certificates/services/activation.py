"""Decide which certificate of an identity is in use."""

from datetime import datetime

from django.db import transaction

from certificates.models import Certificate, ClientIdentity
from magda_portal.audit.actions import Action
from magda_portal.audit.services import Actor, Subject, record


def lock_identity(identity: ClientIdentity) -> None:
    """Bring ``identity`` up to date and keep others from changing it until the transaction ends."""
    identity.refresh_from_db(from_queryset=ClientIdentity.objects.select_for_update())


def activate(identity: ClientIdentity, certificate: Certificate, *, actor: Actor) -> None:
    """Put a certificate in use; call it inside a transaction, with the identity locked.

    The one it replaces stays in the history of the identity.
    """
    before = identity.current
    identity.current = certificate
    if identity.next_id == certificate.pk:
        identity.next = None
    identity.save(update_fields=["current", "next"])
    record(
        Action.CERTIFICATE_ACTIVATED,
        actor=actor,
        organisation_id=identity.organisation_id,
        subject=Subject.row(identity),
        details={
            "before": before.fingerprint if before else None,
            "after": certificate.fingerprint,
        },
    )


def activate_due(*, now: datetime, actor: Actor) -> int:
    """Put every next certificate in use whose period has begun; return how many."""
    due = ClientIdentity.objects.filter(next__not_before__lte=now)
    return sum(_activate_next(identity, now=now, actor=actor) for identity in due)


@transaction.atomic
def _activate_next(identity: ClientIdentity, *, now: datetime, actor: Actor) -> bool:
    """Look again under the lock: two runs at once put a certificate in use once."""
    lock_identity(identity)
    following = identity.next
    if following is None or following.not_before > now:
        return False
    activate(identity, following, actor=actor)
    return True
