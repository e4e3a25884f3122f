"""``manage.py check_servers``: look at the servers of the accounts, and tell what they show."""

from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from certificates.models import ServerSighting, WatchedServer
from certificates.queries.servers import (
    latest_sightings,
    servers_in_use,
    unacknowledged_servers,
)
from exchange.management.command import PortalCommand
from exchange.management.transfer_lines import write_array
from exchange.services.server_watch import look_at_all, watch_servers


class Command(PortalCommand):
    help = (
        "Look at the servers of active accounts that are due, without logging in, and list all of "
        "them: environment, server, proxy, severity, finding, error, certificate valid until, its "
        "SHA-256 fingerprint, TLS version, addresses. Ends with 1 when a server could not be seen "
        "or an organisation has not acknowledged its alarm."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--all", action="store_true", help="look at all of them, due or not")
        parser.add_argument("--json", action="store_true", help="one array of objects")

    def work(self, options: dict[str, Any]) -> bool:
        look = look_at_all if options["all"] else watch_servers
        look(now=timezone.now())
        servers = list(servers_in_use())
        latest = latest_sightings(servers)
        alarming = unacknowledged_servers()
        rows = [_as_object(server, latest.get(server.pk)) for server in servers]
        if options["json"]:
            write_array(self.stdout, rows)
        else:
            for row in rows:
                self.say("\t".join(_as_text(value) for value in row.values()))
        return not any(
            server.error_code or server.pk not in latest or server.pk in alarming
            for server in servers
        )


def _as_object(server: WatchedServer, sighting: ServerSighting | None) -> dict[str, object]:
    proxy = f"{server.proxy_host}:{server.proxy_port}" if server.proxy_host else ""
    return {
        "environment": server.environment,
        "server": f"{server.host}:{server.port}",
        "proxy": proxy,
        "severity": sighting.severity if sighting else "",
        "finding": sighting.finding if sighting else "",
        "error": server.error_code,
        "valid_until": sighting.not_after.isoformat() if sighting else "",
        "fingerprint": sighting.fingerprint if sighting else "",
        "tls_version": sighting.tls_version if sighting else "",
        "addresses": sighting.addresses if sighting else [],
    }


def _as_text(value: object) -> str:
    return ",".join(value) if isinstance(value, list) else str(value or "-")
