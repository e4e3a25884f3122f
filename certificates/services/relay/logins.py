"""What logins tell about a certificate: it works, it is rejected, it was only tested."""

from datetime import datetime

from django.db import transaction

from certificates.models import Certificate, ClientIdentity, LoginTest
from certificates.services.actors import PORTAL
from certificates.services.relay.places import (
    RELAY_FIELDS,
    is_usable,
    lock_identity,
    record_relay,
)
from magda_portal.audit.actions import Action
from magda_portal.audit.services import Actor


@transaction.atomic
def step_back(
    identity: ClientIdentity,
    *,
    rejected: Certificate,
    reason: str,
    now: datetime,
    actor: Actor = PORTAL,
) -> bool:
    """Use the previous certificate again, because the server rejected the current one.

    ``reason`` is the code of the rejection. The rejected one is the next again, unless another
    waits there: then that one stays, with the moment that was planned for it. Nothing happens, and
    False is returned, when another certificate is in use by now, or when there is no previous one
    that is still good.
    """
    lock_identity(identity)
    previous = identity.previous
    if identity.current_id != rejected.pk or previous is None or not is_usable(previous, now):
        return False
    if previous.key_pair.destroyed_at is not None:
        return False
    identity.current, identity.previous = previous, None
    identity.next = identity.next or rejected
    identity.switched_at = now
    identity.save(update_fields=RELAY_FIELDS)
    details = {
        "before": rejected.fingerprint,
        "after": previous.fingerprint,
        "reason": reason,
    }
    record_relay(Action.CERTIFICATE_STEPPED_BACK, identity, actor, details)
    return True


@transaction.atomic
def prove(identity: ClientIdentity, certificate_fingerprint: str, *, now: datetime) -> None:
    """Note that a login with this certificate worked: there is no more stepping back from it.

    Without anything to step back to, or for another certificate than the current one, nothing
    changes; callers look at ``previous_id`` first and spare the lock.
    """
    lock_identity(identity)
    current, previous = identity.current, identity.previous
    if previous is None or current is None or current.fingerprint != certificate_fingerprint:
        return
    identity.previous = None
    identity.save(update_fields=["previous"])
    details = {
        "fingerprint": current.fingerprint,
        "replaced": previous.fingerprint,
        "at": now.isoformat(),
    }
    record_relay(Action.CERTIFICATE_PROVEN, identity, PORTAL, details)


@transaction.atomic
def record_login_test(
    certificate: Certificate,
    *,
    error_code: str,
    detail: str,
    tls_version: str,
    now: datetime,
    actor: Actor,
) -> LoginTest:
    """Keep how a test login ended; an empty ``error_code`` means that the server let us in.

    ``detail`` is one line without secrets.
    """
    test = LoginTest.objects.create(
        certificate=certificate,
        at=now,
        error_code=error_code,
        detail=detail,
        tls_version=tls_version,
    )
    details = {"fingerprint": certificate.fingerprint, "outcome": error_code or "works"}
    record_relay(Action.CERTIFICATE_TESTED, certificate.identity, actor, details)
    return test
