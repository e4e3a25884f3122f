"""What a network team has to let through for an account.

Source: MAGDA, "FTPS Technical Information" (firewall, addresses after the move to Azure, proxy). It
asks for port 21 outbound and 40000 to 42000 inbound; in passive mode, the only one that the portal
and MAGDA's own examples use, the client opens both (RFC 959 section 3.2, PASV).
"""

import shlex
from dataclasses import dataclass

from certificates.models import Environment, WatchedServer
from certificates.queries.servers import latest_sightings
from exchange import endpoints
from exchange.models import Account, WhitelistedAddress


@dataclass(frozen=True, slots=True)
class Server:
    """One of MAGDA's servers, and the addresses to which its name should lead."""

    environment: str
    host: str
    addresses: tuple[str, ...]
    is_of_account: bool


@dataclass(frozen=True, slots=True)
class NetworkSheet:
    """An account as a network team sees it."""

    # MAGDA's servers, both; for an account elsewhere its own server stands before them.
    servers: list[Server]
    # What the name led to when the portal last looked; empty when it never did, or a proxy does.
    seen_addresses: list[str]
    # From which we come: at most seven.
    own_addresses: list[WhitelistedAddress]
    # Commands, one a line.
    checks: str

    @property
    def destinations(self) -> tuple[str, ...]:
        """The addresses that the rules for this account are about; empty where none is known."""
        return next(server.addresses for server in self.servers if server.is_of_account)


def network_sheet(account: Account, server: WatchedServer | None) -> NetworkSheet:
    """Return the sheet of ``account``; ``server`` is the watched server that it connects to."""
    withdrawn = WhitelistedAddress.State.WITHDRAWN
    return NetworkSheet(
        servers=_servers(account),
        seen_addresses=_seen(server),
        own_addresses=[row for row in account.addresses.all() if row.state != withdrawn],
        checks="\n".join(_checks(account)),
    )


def _servers(account: Account) -> list[Server]:
    magda = [
        _server(Environment.TNI, endpoints.TNI.host, account),
        _server(Environment.PRD, endpoints.PRD.host, account),
    ]
    if any(server.is_of_account for server in magda):
        return magda
    return [Server(account.environment, account.host, (), is_of_account=True), *magda]


def _server(environment: str, host: str, account: Account) -> Server:
    addresses = endpoints.EXPECTED_ADDRESSES[host]
    return Server(environment, host, addresses, is_of_account=host == account.host.lower())


def _seen(server: WatchedServer | None) -> list[str]:
    if server is None:
        return []
    latest = latest_sightings([server]).get(server.pk)
    return list(latest.addresses) if latest else []


def _checks(account: Account) -> list[str]:
    """Return commands for a machine on the network of the portal; none of them logs in."""
    host, port = account.host, str(account.port)
    if account.proxy_host:
        through = f"http://{account.proxy_host}:{account.proxy_port}"
        url = f"ftp://{host}:{port}/"
        return [shlex.join(["curl", "--verbose", "--proxytunnel", "--proxy", through, url])]
    return [
        shlex.join(["nslookup", host]),
        shlex.join(["Test-NetConnection", host, "-Port", port]),
        shlex.join(["nc", "-vz", host, port]),
        shlex.join(["openssl", "s_client", "-starttls", "ftp", "-connect", f"{host}:{port}"]),
    ]
