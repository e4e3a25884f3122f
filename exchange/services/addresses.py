"""Request, activate and withdraw the addresses from which MAGDA lets an account in.

MAGDA, "FTPS Technical Information": at most seven static addresses an account, no ranges.
"""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from django.db import IntegrityError, transaction

from exchange.errors import AddressError
from exchange.models import Account, WhitelistedAddress
from exchange.models.address import ADDRESS_LIMIT
from magda_portal.audit.actions import Action
from magda_portal.audit.services import Actor, Details, Subject, record

IN_USE = (WhitelistedAddress.State.REQUESTED, WhitelistedAddress.State.ACTIVE)
# Somebody else took the slot we chose; each time, one slot less is free. More rounds than slots
# only happen when addresses are withdrawn at the same time.
MOST_TRIES = 2 * ADDRESS_LIMIT

_PRIVATE = tuple(
    map(
        ip_network,
        # RFC 1918, RFC 6598 (carrier-grade NAT), RFC 4193, RFC 3879 (deprecated site-local).
        ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7", "fec0::/10"),
    )
)

# RFC 5737 and RFC 3849.
_DOCUMENTATION = tuple(
    map(ip_network, ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32"))
)


def request_address(
    account: Account, *, address: str, actor: Actor, purpose: str = ""
) -> WhitelistedAddress:
    """Ask for one more address, in the lowest free slot.

    Raises AddressError when it isn't a single public address, is on the list already, or would be
    the eighth. The slots are read without a lock: of two requests that choose the same one, the
    database's unique constraint lets one through, and the other looks again.
    """
    single = str(parse_address(address))
    for _ in range(MOST_TRIES):
        slot = _lowest_free_slot(account, single)
        try:
            return _occupy(account, single, slot=slot, purpose=purpose.strip(), actor=actor)
        except IntegrityError:
            continue
    raise AddressError("address.limit", "The slots were taken by others, time and again.")


@transaction.atomic
def activate_address(row: WhitelistedAddress, *, actor: Actor) -> None:
    """Note that MAGDA confirmed the address; a second call changes nothing. Raises AddressError."""
    requested = WhitelistedAddress.objects.filter(
        pk=row.pk, state=WhitelistedAddress.State.REQUESTED
    )
    if requested.update(state=WhitelistedAddress.State.ACTIVE):
        _record(Action.ADDRESS_ACTIVATED, row, actor)
    row.refresh_from_db(fields=["state", "slot"])
    if row.state != WhitelistedAddress.State.ACTIVE:
        raise AddressError("address.withdrawn", f"{row.address} was withdrawn.")


@transaction.atomic
def withdraw_address(row: WhitelistedAddress, *, actor: Actor) -> None:
    """Free the address's slot; a second call changes nothing."""
    in_use = WhitelistedAddress.objects.filter(pk=row.pk, state__in=IN_USE)
    if in_use.update(state=WhitelistedAddress.State.WITHDRAWN, slot=None):
        _record(Action.ADDRESS_WITHDRAWN, row, actor)
    row.refresh_from_db(fields=["state", "slot"])


def parse_address(text: str) -> IPv4Address | IPv6Address:
    """Return the one public address that ``text`` is; an IPv4-mapped one as IPv4.

    Raises AddressError with a code that says what it is instead.
    """
    text = text.strip()
    try:
        address = ip_address(text)
    except ValueError as exc:
        code = "address.range" if _looks_like_a_range(text) else "address.malformed"
        raise AddressError(code, f"Not one address: {text!r}") from exc
    if isinstance(address, IPv6Address):
        address = address.ipv4_mapped or address
    code = _unusable_code(address)
    if code:
        raise AddressError(code, f"{address} can't be reached from outside.")
    return address


def _looks_like_a_range(text: str) -> bool:
    """Say whether it names several addresses: a network, a first and a last, or a wildcard."""
    if not any(sign in text for sign in "/-*,"):
        return False
    return all(character in "0123456789abcdefABCDEF.:/-*, " for character in text)


def _unusable_code(address: IPv4Address | IPv6Address) -> str:
    """Return why MAGDA can't let this address in; empty when it can."""
    if address.is_unspecified:
        return "address.unspecified"
    if address.is_loopback:
        return "address.loopback"
    if address.is_multicast:
        return "address.multicast"
    if address.is_link_local:
        return "address.link_local"
    if any(address in network for network in _PRIVATE):
        return "address.private"
    # What is left of IANA's special-purpose registries: benchmarks, protocol assignments, future
    # use. Addresses for documentation pass, so that manuals and exercises can be followed.
    is_example = any(address in network for network in _DOCUMENTATION)
    if not is_example and (address.is_reserved or not address.is_global):
        return "address.reserved"
    has_zone = isinstance(address, IPv6Address) and address.scope_id is not None
    return "address.malformed" if has_zone else ""


def _lowest_free_slot(account: Account, address: str) -> int:
    in_use = dict(
        WhitelistedAddress.objects.filter(account=account, state__in=IN_USE).values_list(
            "address", "slot"
        )
    )
    if address in in_use:
        raise AddressError("address.duplicate", f"{address} is on the list already.")
    free = set(range(1, ADDRESS_LIMIT + 1)) - set(in_use.values())
    if not free:
        raise AddressError("address.limit", f"All {ADDRESS_LIMIT} slots are taken.")
    return min(free)


@transaction.atomic
def _occupy(
    account: Account, address: str, *, slot: int, purpose: str, actor: Actor
) -> WhitelistedAddress:
    row = WhitelistedAddress.objects.create(
        account=account, address=address, slot=slot, purpose=purpose
    )
    _record(Action.ADDRESS_REQUESTED, row, actor, {"slot": slot, "purpose": purpose})
    return row


def _record(
    action: Action, row: WhitelistedAddress, actor: Actor, details: Details | None = None
) -> None:
    record(
        action,
        actor=actor,
        organisation_id=row.account.organisation.pk,
        subject=Subject.row(row, f"{row.address} ({row.account})"),
        details=details,
    )
