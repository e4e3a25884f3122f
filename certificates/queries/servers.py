"""Read the servers that are watched, and what they showed."""

from collections import defaultdict
from collections.abc import Collection

from django.db.models import OuterRef, QuerySet, Subquery

from certificates.models import ServerAlarm, ServerSighting, WatchedServer
from certificates.queries import organisations_managed_by
from magda_portal.people.access import organisations_seen_by
from magda_portal.people.models import Organisation, Person


def servers_in_use() -> QuerySet[WatchedServer]:
    """Return the servers that some active account connects to."""
    users = WatchedServer.organisations.through.objects.all()
    return WatchedServer.objects.filter(pk__in=users.values("watchedserver_id"))


def servers_visible_to(person: Person) -> QuerySet[WatchedServer]:
    """Return the servers that an organisation which ``person`` sees connects to."""
    users = WatchedServer.organisations.through.objects.filter(
        organisation__in=organisations_seen_by(person)
    )
    return WatchedServer.objects.filter(pk__in=users.values("watchedserver_id"))


def sightings_visible_to(person: Person) -> QuerySet[ServerSighting]:
    return ServerSighting.objects.filter(server__in=servers_visible_to(person)).select_related(
        "server"
    )


def users_managed_by(person: Person, server: WatchedServer) -> QuerySet[Organisation]:
    """Return the organisations that connect to the server and that ``person`` administers."""
    return organisations_managed_by(person).filter(watched_servers=server)


def latest_sightings(servers: Collection[WatchedServer]) -> dict[int, ServerSighting]:
    """Return what each server showed last, by the server's key, without the certificates."""
    latest = ServerSighting.objects.filter(server=OuterRef("server")).values("pk")[:1]
    rows = ServerSighting.objects.filter(server__in=servers, pk=Subquery(latest))
    return {row.server_id: row for row in rows.defer("chain_pem")}


def expected_addresses(server: WatchedServer) -> dict[int, list[str]]:
    """Return what each organisation that uses the server expects: its own choice, or the server's.

    An empty list stands for any address.
    """
    chosen = dict(server.expectations.values_list("organisation_id", "addresses"))
    users = server.organisations.values_list("pk", flat=True)
    return {user: chosen.get(user, server.expected_addresses) for user in users}


def unacknowledged_servers() -> set[int]:
    """Return the keys of the servers about which some organisation has an alarm to look into."""
    open_alarms = ServerAlarm.objects.filter(ended_at=None, acknowledged_at=None)
    return set(open_alarms.values_list("sighting__server_id", flat=True))


def alarms_visible_to(person: Person) -> QuerySet[ServerAlarm]:
    """Return the alarms, also those that ended, of the organisations that ``person`` sees."""
    seen = ServerAlarm.objects.filter(organisation__in=organisations_seen_by(person))
    return seen.select_related("organisation", "sighting__server")


def alarms_by_sighting(
    person: Person, sightings: Collection[ServerSighting]
) -> dict[int, list[ServerAlarm]]:
    """Return what each sighting means, or meant, to the organisations that ``person`` sees."""
    found: dict[int, list[ServerAlarm]] = defaultdict(list)
    for alarm in alarms_visible_to(person).filter(sighting__in=sightings):
        found[alarm.sighting_id].append(alarm)
    return dict(found)
