"""What people say about a watched server: an alarm is known, these addresses are right."""

from collections.abc import Sequence
from datetime import datetime
from ipaddress import ip_address

from django.db import transaction

from certificates.errors import CertificateCode, WatchError
from certificates.models import ServerSighting, WatchedServer
from magda_portal.audit.actions import Action
from magda_portal.audit.services import Actor, Details, Subject, event, record_all


@transaction.atomic
def acknowledge(sighting: ServerSighting, *, actor: Actor, now: datetime) -> bool:
    """Mark an alarm as known to somebody; return whether this call did."""
    unknown = ServerSighting.objects.filter(
        pk=sighting.pk, severity=ServerSighting.Severity.ALARM, acknowledged_at=None
    )
    if not unknown.update(acknowledged_at=now):
        return False
    details: Details = {"finding": sighting.finding, "fingerprint": sighting.fingerprint}
    _record_for_all(Action.SERVER_ACKNOWLEDGED, sighting.server, details, actor)
    return True


@transaction.atomic
def expect_addresses(
    server: WatchedServer, addresses: Sequence[str], *, actor: Actor, now: datetime
) -> None:
    """Expect these addresses from the resolver, or any when there are none; then look again.

    Raises WatchError for what is no IP address.
    """
    wanted = sorted({_normal(address) for address in addresses})
    if wanted == server.expected_addresses:
        return
    details: Details = {"before": list(server.expected_addresses), "after": wanted}
    server.expected_addresses, server.next_look_at = wanted, now
    server.save(update_fields=["expected_addresses", "next_look_at"])
    _record_for_all(Action.SERVER_CHANGED, server, details, actor)


def _normal(address: str) -> str:
    try:
        return str(ip_address(address))
    except ValueError as exc:
        raise WatchError(
            f"{address[:100]!r} is no IP address",
            code=CertificateCode.WATCH_ADDRESS,
            found=address[:100],
        ) from exc


def _record_for_all(action: Action, server: WatchedServer, details: Details, actor: Actor) -> None:
    """Tell every organisation that uses the server, since all of them share what is kept of it."""
    organisations = server.organisations.values_list("pk", flat=True)
    record_all(
        [
            event(
                action,
                actor=actor,
                organisation_id=organisation_id,
                subject=Subject.row(server),
                details=details,
            )
            for organisation_id in organisations
        ]
    )
