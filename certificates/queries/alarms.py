"""Alarms about servers that stand and that nobody has acknowledged."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import QuerySet

from certificates.advice import advice_for
from certificates.models import ServerAlarm, WatchedServer
from certificates.queries.servers import alarms_visible_to
from magda_portal.people.models import Organisation, Person
from magda_portal.web.advice import Advice


@dataclass(frozen=True, slots=True)
class OpenAlarm:
    """What alarms about a server, with the names of those whom it alarms."""

    server: WatchedServer
    advice: Advice
    organisations: tuple[str, ...]


def open_alarms(person: Person) -> list[OpenAlarm]:
    """Return what alarms the organisations that ``person`` sees, from columns alone."""
    return _grouped(_open(person))


def open_alarms_of(
    organisation: Organisation, server: WatchedServer | None, *, person: Person
) -> list[OpenAlarm]:
    """Return what alarms one organisation about one server; nothing without a server."""
    if server is None:
        return []
    return _grouped(_open(person).filter(organisation=organisation, sighting__server=server))


def _open(person: Person) -> QuerySet[ServerAlarm]:
    rows = alarms_visible_to(person).filter(ended_at=None, acknowledged_at=None)
    in_order = ("sighting__server__host", "sighting__server_id", "organisation__name")
    return rows.defer("sighting__chain_pem").order_by(*in_order)


def _grouped(alarms: Iterable[ServerAlarm]) -> list[OpenAlarm]:
    """Make one of the alarms of several organisations about the same."""
    found: dict[tuple[WatchedServer, str], list[str]] = {}
    for alarm in alarms:
        found.setdefault((alarm.sighting.server, alarm.finding), []).append(alarm.organisation.name)
    return [
        OpenAlarm(server, advice_for(finding), tuple(names))
        for (server, finding), names in found.items()
    ]
