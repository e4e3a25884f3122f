"""MAGDA's servers and the Flemish government's proxy, as their pages name them.

Source: MAGDA, "FTPS Technical Information" (hosts per environment; addresses after the move to
Azure; proxy servers).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Address:
    """A host and the port of its control connection, or of the proxy."""

    host: str
    port: int


PRD: Final = Address("vipftps.vlaanderen.be", 21)
TNI: Final = Address("vipftps-aip.vlaanderen.be", 21)
EXPECTED_ADDRESSES: Final[Mapping[str, tuple[str, ...]]] = {
    TNI.host: ("4.185.2.199",),
    PRD.host: ("131.189.106.246",),
}
"""The IP addresses to which the names should lead, which firewalls were told of."""

SANDBOX_HOST: Final = "127.0.0.1"
"""Where the practice MAGDA listens; its port is a setting."""

GOVERNMENT_PROXY: Final = Address("proxyservers.vlaanderen.be", 8080)
"""The HTTP proxy of the Flemish government's own network."""
