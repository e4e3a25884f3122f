"""The seven places of an account at MAGDA's firewall: who holds them, and what became of others."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from exchange.models import Account, WhitelistedAddress
from exchange.models.address import ADDRESS_LIMIT
from magda_portal.audit.actions import Action
from magda_portal.audit.models import AuditEvent

# A letter names an address that was withdrawn as long ago as this: MAGDA may have it still.
TO_BE_TOLD = timedelta(days=60)
MOST_EVENTS = 200

State = WhitelistedAddress.State


@dataclass(frozen=True, slots=True)
class AddressSlot:
    """One of the seven places; free without an address."""

    number: int
    address: WhitelistedAddress | None


@dataclass(frozen=True, slots=True)
class AddressEvent:
    """Something that was done with an address of the account."""

    event: AuditEvent
    address: str


@dataclass(frozen=True, slots=True)
class AddressRegister:
    """All that a page tells about the addresses of an account."""

    slots: list[AddressSlot]
    # Newest first.
    history: list[AddressEvent]
    to_add: list[WhitelistedAddress]
    # Withdrawn lately, and let in by MAGDA before that.
    to_remove: list[WhitelistedAddress]
    in_use: list[WhitelistedAddress]

    @property
    def free(self) -> int:
        return ADDRESS_LIMIT - len(self.in_use)

    @property
    def limit(self) -> int:
        return ADDRESS_LIMIT


def address_register(account: Account, *, now: datetime) -> AddressRegister:
    """Return the addresses of ``account`` and what happened to them: two questions."""
    rows = list(account.addresses.all())
    events = _events(rows)
    in_use = [row for row in rows if row.state != State.WITHDRAWN]
    by_slot = {row.slot: row for row in in_use}
    names = {str(row.pk): row.address for row in rows}
    return AddressRegister(
        slots=[AddressSlot(number, by_slot.get(number)) for number in range(1, ADDRESS_LIMIT + 1)],
        history=[AddressEvent(event, names[event.subject_id]) for event in events],
        to_add=[row for row in in_use if row.state == State.REQUESTED],
        to_remove=_to_remove(rows, in_use, events, since=now - TO_BE_TOLD),
        in_use=in_use,
    )


def _events(rows: Iterable[WhitelistedAddress]) -> list[AuditEvent]:
    events = AuditEvent.objects.filter(
        subject_type=WhitelistedAddress._meta.model_name,
        subject_id__in=[str(row.pk) for row in rows],
    )
    return list(events.order_by("-id")[:MOST_EVENTS])


def _to_remove(
    rows: Iterable[WhitelistedAddress],
    in_use: Iterable[WhitelistedAddress],
    events: Sequence[AuditEvent],
    *,
    since: datetime,
) -> list[WhitelistedAddress]:
    let_in = {event.subject_id for event in events if event.action == Action.ADDRESS_ACTIVATED}
    lately = {
        event.subject_id
        for event in events
        if event.action == Action.ADDRESS_WITHDRAWN and event.at >= since
    }
    # Requested anew after that: MAGDA is to keep it.
    kept = {row.address for row in in_use}
    by_address = {
        row.address: row
        for row in rows
        if row.state == State.WITHDRAWN
        and str(row.pk) in let_in & lately
        and row.address not in kept
    }
    return list(by_address.values())
