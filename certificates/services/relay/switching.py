"""Switch to the next certificate: now, at a set moment, or when nothing else works."""

from datetime import datetime

from django.db import transaction
from django.db.models import Q

from certificates.errors import CertificateCode, RelayError
from certificates.models import Certificate, ClientIdentity, RevocationState
from certificates.services.relay.places import (
    activate,
    is_usable,
    lock_identity,
    record_relay,
    set_moment,
)
from certificates.services.revocation import judge_again
from magda_portal.audit.actions import Action
from magda_portal.audit.services import Actor


def activate_next(identity: ClientIdentity, *, actor: Actor, now: datetime) -> None:
    """Put the next certificate in use now.

    Raises RelayError when there is none, or when no server would accept it at ``now``.
    """
    _judge_next(identity, now=now)
    with transaction.atomic():
        lock_identity(identity)
        activate(identity, _next_usable_at(identity, now), actor=actor, now=now)


@transaction.atomic
def plan_switch(identity: ClientIdentity, at: datetime, *, actor: Actor, now: datetime) -> None:
    """Set the moment of the switch, in place of the one set before.

    Raises RelayError when there is no next certificate, when it is revoked or not valid at that
    moment, or when the moment has passed.
    """
    lock_identity(identity)
    if at <= now:
        raise RelayError(f"{at.isoformat()} has passed", code=CertificateCode.RELAY_MOMENT_PASSED)
    _next_usable_at(identity, at)
    set_moment(identity, at, actor=actor)


@transaction.atomic
def cancel_switch(identity: ClientIdentity, *, actor: Actor) -> None:
    """Forget the moment of the switch; without one nothing changes."""
    lock_identity(identity)
    set_moment(identity, None, actor=actor)


@transaction.atomic
def discard_next(identity: ClientIdentity, *, actor: Actor) -> None:
    """Lay the next certificate aside; it stays in the history. Without one nothing changes."""
    lock_identity(identity)
    discarded = identity.next
    if discarded is None:
        return
    set_moment(identity, None, actor=actor)
    identity.next = None
    identity.save(update_fields=["next"])
    details = {"fingerprint": discarded.fingerprint}
    record_relay(Action.CERTIFICATE_DISCARDED, identity, actor, details)


def activate_due(*, now: datetime, actor: Actor) -> int:
    """Put every next certificate in use whose moment has come; return how many.

    The moment is the planned one; and when the current certificate is no good any more, as soon
    as the next one is.
    """
    planned = Q(activate_next_at__lte=now)
    stranded = (
        Q(current=None)
        | Q(current__not_after__lte=now)
        | Q(current__revocation=RevocationState.REVOKED)
    )
    good = Q(next__not_before__lte=now, next__not_after__gt=now) & ~Q(
        next__revocation=RevocationState.REVOKED
    )
    due = ClientIdentity.objects.filter(good & (planned | stranded))
    return sum(_activate_if_due(identity, now=now, actor=actor) for identity in due)


def _judge_next(identity: ClientIdentity, *, now: datetime) -> None:
    """Look the next certificate up in the revocation lists that came since it was judged.

    One that takes its place in the meantime was looked up when it was imported.
    """
    if identity.next_id is not None:
        judge_again(Certificate.objects.get(pk=identity.next_id), now=now)


def _activate_if_due(identity: ClientIdentity, *, now: datetime, actor: Actor) -> bool:
    _judge_next(identity, now=now)
    return _activate_if_still_due(identity, now=now, actor=actor)


@transaction.atomic
def _activate_if_still_due(identity: ClientIdentity, *, now: datetime, actor: Actor) -> bool:
    """Look again under the lock: two runs at once put a certificate in use once."""
    lock_identity(identity)
    planned_at = identity.activate_next_at
    is_due = planned_at is not None and planned_at <= now
    is_stranded = not is_usable(identity.current, now)
    if identity.next is None or not is_usable(identity.next, now) or not (is_due or is_stranded):
        return False
    activate(identity, identity.next, actor=actor, now=now)
    return True


def _next_usable_at(identity: ClientIdentity, at: datetime) -> Certificate:
    """Return the next certificate, or raise RelayError with what makes it unusable then."""
    following = identity.next
    if following is None:
        raise RelayError("there is no next certificate", code=CertificateCode.RELAY_NO_NEXT)
    if following.revocation == RevocationState.REVOKED:
        raise RelayError("the next certificate is revoked", code=CertificateCode.RELAY_REVOKED)
    if at < following.not_before:
        raise RelayError(
            f"the next certificate is not valid at {at.isoformat()}",
            code=CertificateCode.RELAY_NOT_YET_VALID,
            not_before=following.not_before.isoformat(),
        )
    if at >= following.not_after:
        raise RelayError(
            f"the next certificate has expired by {at.isoformat()}",
            code=CertificateCode.RELAY_EXPIRED,
            not_after=following.not_after.isoformat(),
        )
    return following
