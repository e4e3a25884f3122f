"""What people say about a watched server: an alarm is known, these addresses are right.

Each says it for their own organisation: the server is one that others use, too.
"""

from collections.abc import Sequence
from datetime import datetime
from ipaddress import ip_address

from django.db import transaction

from certificates.errors import CertificateCode, WatchError
from certificates.models import ExpectedAddresses, ServerAlarm, WatchedServer
from certificates.queries.servers import expected_addresses
from magda_portal.audit.actions import Action
from magda_portal.audit.services import Actor, Subject, record
from magda_portal.people.models import Organisation


@transaction.atomic
def acknowledge(alarm: ServerAlarm, *, actor: Actor, now: datetime) -> bool:
    """Mark an alarm as known to its organisation; return whether this call did."""
    unknown = ServerAlarm.objects.filter(pk=alarm.pk, acknowledged_at=None)
    if not unknown.update(acknowledged_at=now):
        return False
    record(
        Action.SERVER_ACKNOWLEDGED,
        actor=actor,
        organisation_id=alarm.organisation_id,
        subject=Subject.row(alarm.sighting.server),
        details={"finding": alarm.finding, "fingerprint": alarm.sighting.fingerprint},
    )
    return True


@transaction.atomic
def expect_addresses(
    server: WatchedServer,
    addresses: Sequence[str],
    *,
    organisation: Organisation,
    actor: Actor,
    now: datetime,
) -> None:
    """Let an organisation expect these addresses, or any when there are none; then look again.

    Those that are expected of the server anyhow are not kept as its own, so that it follows them.
    Raises WatchError for what is no IP address.
    """
    wanted = sorted({_normal(address) for address in addresses})
    # Held so that of two people one waits, and the trail tells what each of them changed.
    server = WatchedServer.objects.select_for_update().get(pk=server.pk)
    before = expected_addresses(server).get(organisation.pk, [])
    if wanted == before:
        return
    own = ExpectedAddresses.objects.filter(server=server, organisation=organisation)
    if wanted == server.expected_addresses:
        own.delete()
    else:
        ExpectedAddresses.objects.update_or_create(
            server=server, organisation=organisation, defaults={"addresses": wanted}
        )
    server.next_look_at = now
    server.save(update_fields=["next_look_at"])
    record(
        Action.SERVER_CHANGED,
        actor=actor,
        organisation_id=organisation.pk,
        subject=Subject.row(server),
        details={"before": before, "after": wanted},
    )


def ask_for_look(server: WatchedServer, *, now: datetime) -> None:
    """Make the next look due, also while a look is under way: it may have begun too early."""
    WatchedServer.objects.filter(pk=server.pk).update(next_look_at=now)


def _normal(address: str) -> str:
    try:
        return str(ip_address(address))
    except ValueError as exc:
        raise WatchError(
            f"{address[:100]!r} is no IP address",
            code=CertificateCode.WATCH_ADDRESS,
            found=address[:100],
        ) from exc
