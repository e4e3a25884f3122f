"""The places of an identity's certificates: current, next, previous."""

from datetime import datetime

from certificates.models import Certificate, ClientIdentity, RevocationState
from magda_portal.audit.actions import Action
from magda_portal.audit.services import Actor, Details, Subject, record

RELAY_FIELDS = ("current", "next", "previous", "activate_next_at", "switched_at")


def lock_identity(identity: ClientIdentity) -> None:
    """Bring ``identity`` up to date and keep others from changing it until the transaction ends."""
    identity.refresh_from_db(from_queryset=ClientIdentity.objects.select_for_update())


def is_usable(certificate: Certificate | None, now: datetime) -> bool:
    """Say whether a login with the certificate can succeed at ``now``, as far as we know."""
    return (
        certificate is not None
        and certificate.not_before <= now < certificate.not_after
        and certificate.revocation != RevocationState.REVOKED
    )


def activate(
    identity: ClientIdentity, certificate: Certificate, *, actor: Actor, now: datetime
) -> None:
    """Put a certificate in use; call it inside a transaction, with the identity locked.

    The certificate to step back to is the last one that has proved itself, if it is still good.
    Another one that waits as the next stays there, with the moment that was planned for it.
    """
    before = identity.current
    proven = identity.previous if is_usable(identity.previous, now) else before
    identity.previous = proven if is_usable(proven, now) and proven != certificate else None
    identity.current = certificate
    if identity.next_id == certificate.pk:
        identity.next, identity.activate_next_at = None, None
    identity.switched_at = now
    identity.save(update_fields=RELAY_FIELDS)
    record_relay(
        Action.CERTIFICATE_ACTIVATED,
        identity,
        actor,
        {
            "before": before.fingerprint if before else None,
            "after": certificate.fingerprint,
        },
    )


def place(
    identity: ClientIdentity, certificate: Certificate, *, actor: Actor, now: datetime
) -> None:
    """Put an imported certificate where it belongs; call it with the identity locked.

    It is put in use at once when nothing else works, and on its first day when that is to come.
    Otherwise it becomes the next, and a switch that was planned for another one is called off.
    """
    if certificate.pk == identity.current_id:
        return
    has_working_one = is_usable(identity.current, now)
    if not has_working_one and is_usable(certificate, now):
        activate(identity, certificate, actor=actor, now=now)
        return
    if certificate.pk == identity.next_id:
        return
    _lay_aside_next(identity, certificate, actor=actor)
    waits = not has_working_one and certificate.not_before > now
    set_moment(identity, certificate.not_before if waits else None, actor=actor)
    identity.next = certificate
    identity.save(update_fields=["next"])


def _lay_aside_next(identity: ClientIdentity, successor: Certificate, *, actor: Actor) -> None:
    """Tell the trail which certificate waited as the next before this one; change nothing."""
    if identity.next is not None:
        details = {"before": identity.next.fingerprint, "after": successor.fingerprint}
        record_relay(Action.CERTIFICATE_DISCARDED, identity, actor, details)


def set_moment(identity: ClientIdentity, at: datetime | None, *, actor: Actor) -> None:
    """Set or forget the moment of the switch, and tell the trail when that changes it."""
    before = identity.activate_next_at
    if before == at:
        return
    identity.activate_next_at = at
    identity.save(update_fields=["activate_next_at"])
    details = {
        "before": before.isoformat() if before else None,
        "after": at.isoformat() if at else None,
    }
    record_relay(Action.SWITCH_PLANNED if at else Action.SWITCH_CANCELLED, identity, actor, details)


def record_relay(action: Action, identity: ClientIdentity, actor: Actor, details: Details) -> None:
    """Record what happened to the relay of an identity."""
    record(
        action,
        actor=actor,
        organisation_id=identity.organisation_id,
        subject=Subject.row(identity),
        details=details,
    )
