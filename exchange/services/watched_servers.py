"""Keep the list of servers to watch as the active accounts have it."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from certificates.models import WatchedServer
from exchange.endpoints import EXPECTED_ADDRESSES
from exchange.models import Account


@dataclass(frozen=True, slots=True)
class _Place:
    """What tells one watched server from another; no proxy is an empty host and port 0."""

    environment: str
    host: str
    port: int
    proxy_host: str
    proxy_port: int


# For each organisation, whether all of its accounts there take a host in the common name.
_Users = dict[int, bool]


def sync_servers(*, now: datetime) -> None:
    """Watch each server that an active account connects to, for the organisations that do.

    New ones are due at ``now``. What nobody uses any more keeps its sightings and is left alone.
    """
    places = _places()
    known = {_place_of(server): server for server in _with_organisations()}
    for place, users in places.items():
        server = known.get(place)
        if server is None or not _is_up_to_date(server, users):
            _bring_up_to_date(place, users, now)
    for place, server in known.items():
        if place not in places and server.organisations.all():
            server.organisations.clear()


def accounts_at(server: WatchedServer) -> QuerySet[Account]:
    """Return the active accounts that connect to the server, as it is watched."""
    accounts = Account.objects.filter(
        state=Account.State.ACTIVE,
        identity__environment=server.environment,
        host=server.host,
        port=server.port,
        proxy_host=server.proxy_host,
    )
    return accounts.filter(proxy_port=server.proxy_port) if server.proxy_host else accounts


def _places() -> dict[_Place, _Users]:
    rows = Account.objects.filter(state=Account.State.ACTIVE).values_list(
        "identity__environment",
        "host",
        "port",
        "proxy_host",
        "proxy_port",
        "identity__organisation_id",
        "accepts_host_in_common_name",
    )
    places: defaultdict[_Place, _Users] = defaultdict(dict)
    for environment, host, port, proxy_host, proxy_port, organisation, accepts in rows.distinct():
        place = _Place(environment, host, port, proxy_host, proxy_port if proxy_host else 0)
        users = places[place]
        users[organisation] = accepts and users.get(organisation, True)
    return places


def _with_organisations() -> QuerySet[WatchedServer]:
    return WatchedServer.objects.prefetch_related("organisations")


def _place_of(server: WatchedServer) -> _Place:
    return _Place(
        server.environment, server.host, server.port, server.proxy_host, server.proxy_port
    )


def _is_up_to_date(server: WatchedServer, users: _Users) -> bool:
    organisations = {organisation.pk for organisation in server.organisations.all()}
    return organisations == set(users) and server.accepting_common_name == _accepting(users)


def _accepting(users: _Users) -> list[int]:
    return sorted(organisation for organisation, accepts in users.items() if accepts)


@transaction.atomic
def _bring_up_to_date(place: _Place, users: _Users, now: datetime) -> None:
    server, _ = WatchedServer.objects.get_or_create(
        environment=place.environment,
        host=place.host,
        port=place.port,
        proxy_host=place.proxy_host,
        proxy_port=place.proxy_port,
        defaults={"expected_addresses": _addresses(place), "next_look_at": now},
    )
    server.organisations.set(users)
    server.accepting_common_name = _accepting(users)
    server.save(update_fields=["accepting_common_name"])


def _addresses(place: _Place) -> list[str]:
    """Return what MAGDA published; where a proxy looks the name up, there is nothing to compare."""
    return [] if place.proxy_host else list(EXPECTED_ADDRESSES.get(place.host, ()))
