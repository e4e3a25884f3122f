"""MAGDA's servers and the Flemish government's proxy, as their pages name them.

Source: MAGDA, "FTPS Technical Information" (hosts per environment; proxy servers).
"""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Address:
    """A host and the port of its control connection, or of the proxy."""

    host: str
    port: int


PRD: Final = Address("vipftps.vlaanderen.be", 21)
TNI: Final = Address("vipftps-aip.vlaanderen.be", 21)
SANDBOX_HOST: Final = "127.0.0.1"
"""Where the practice MAGDA listens; its port is a setting."""

GOVERNMENT_PROXY: Final = Address("proxyservers.vlaanderen.be", 8080)
"""The HTTP proxy of the Flemish government's own network."""
