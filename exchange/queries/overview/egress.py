"""From where the portal connects, and whether MAGDA's firewall was told of it."""

import ipaddress
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from certificates.models import Environment
from exchange.models import WhitelistedAddress
from exchange.queries.accounts import AccountSummary
from exchange.queries.overview.tallies import Kind, Tally

# RFC 1918, RFC 6598 for carriers, and RFC 4193. Not ``is_private``: that includes the ranges of
# documentation, which whitelists may hold here.
_PRIVATE = tuple(
    ipaddress.ip_network(network)
    for network in (
        "10.0.0.0/8",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "100.64.0.0/10",
        "fc00::/7",
    )
)


class Listing(StrEnum):
    """How an address stands on the lists of the accounts that connected from it."""

    PRACTICE = "practice"
    """Only the practice MAGDA was reached from it, which keeps no list."""
    ACTIVE = "active"
    MISSING = "missing"
    """Not on the list of some account, or only asked for."""
    PRIVATE = "private"
    """Of the own network: what MAGDA sees is another, put in its place on the way."""


@dataclass(frozen=True, slots=True)
class ListOwner:
    """An account on whose list an address is missing."""

    name: str
    account_id: Any


@dataclass(frozen=True, slots=True)
class Egress:
    """An address that connections left from lately, and the accounts whose list it misses."""

    address: str
    last_at: datetime | None
    listing: Listing
    missing_on: tuple[ListOwner, ...]


def egress_addresses(found: Iterable[Tally], summaries: Iterable[AccountSummary]) -> list[Egress]:
    """Return the addresses that connections left from, the latest first."""
    listed = {summary.account.pk: _active(summary.addresses) for summary in summaries}
    tallies: dict[str, list[Tally]] = defaultdict(list)
    for tally in found:
        if tally.kind is Kind.EGRESS:
            tallies[tally.code].append(tally)
    made = [_egress(address, rows, listed) for address, rows in tallies.items()]
    return sorted(made, key=lambda each: (each.last_at is not None, each.last_at), reverse=True)


def _active(addresses: Iterable[WhitelistedAddress]) -> set[str]:
    active = WhitelistedAddress.State.ACTIVE
    return {_plain(row.address) for row in addresses if row.state == active}


def _egress(address: str, rows: list[Tally], listed: dict[Any, set[str]]) -> Egress:
    asked = [row for row in rows if row.environment != Environment.SANDBOX]
    missing = {
        ListOwner(row.account, row.account_id)
        for row in asked
        if _plain(address) not in listed.get(row.account_id, set())
    }
    listing = _listing(address, is_asked=bool(asked), is_missing=bool(missing))
    return Egress(
        address=address,
        last_at=max((row.since for row in rows if row.since), default=None),
        listing=listing,
        missing_on=tuple(sorted(missing, key=lambda owner: owner.name))
        if listing is Listing.MISSING
        else (),
    )


def _listing(address: str, *, is_asked: bool, is_missing: bool) -> Listing:
    if not is_asked:
        return Listing.PRACTICE
    if not is_missing:
        return Listing.ACTIVE
    return Listing.PRIVATE if _is_private(address) else Listing.MISSING


def _plain(address: str) -> str:
    """Return an address in its one usual form, so that two can be compared."""
    try:
        return str(ipaddress.ip_address(address))
    except ValueError:
        return address


def _is_private(address: str) -> bool:
    """Tell whether no firewall on the internet can see it; documentation ranges count as seen."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    if parsed.is_loopback or parsed.is_link_local:
        return True
    return any(parsed in network for network in _PRIVATE)
