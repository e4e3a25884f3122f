"""What the client's operations give back."""

from dataclasses import dataclass

from exchange.ftps.replies import Reply


@dataclass(frozen=True, slots=True)
class ConnectionFacts:
    """Our address, the server's (or the proxy's) and the TLS version; empty while unknown."""

    local_address: str = ""
    server_address: str = ""
    tls_version: str = ""


@dataclass(frozen=True, slots=True)
class Probe:
    """A login that worked: its connection, its duration in seconds, and what the server can do."""

    connection: ConnectionFacts
    features: frozenset[str]
    duration: float


@dataclass(frozen=True, slots=True)
class Receipt:
    """A transfer that the server confirmed: bytes, seconds, and the confirming reply."""

    size: int
    duration: float
    reply: Reply
    tls_version: str
