"""What a connection is made with; all of it values, checked when they are made."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

DEFAULT_PORT: Final = 21

_HOST = re.compile(r"[A-Za-z0-9._:-]+")
_CERTIFICATE = re.compile(rb"-----BEGIN CERTIFICATE-----\s.+?-----END CERTIFICATE-----", re.DOTALL)


# Judges a server by the certificates that it showed, in PEM and its own first; raises FTPSError.
Inspect = Callable[[tuple[bytes, ...]], None]


class TLSVersion(StrEnum):
    TLS12 = "TLSv1.2"
    TLS13 = "TLSv1.3"


@dataclass(frozen=True, slots=True)
class Proxy:
    """An HTTP proxy that lets us through with CONNECT (RFC 9110 section 9.3.6)."""

    host: str
    port: int
    username: str = ""
    password: str = field(default="", repr=False)

    def __post_init__(self) -> None:
        _check_address(self.host, self.port)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where the server is. ``highest_tls`` caps the version; TLS 1.2 is always the lowest."""

    host: str
    port: int = DEFAULT_PORT
    proxy: Proxy | None = None
    highest_tls: TLSVersion | None = None

    def __post_init__(self) -> None:
        _check_address(self.host, self.port)


@dataclass(frozen=True, slots=True)
class ClientCredentials:
    """Who we are: the certificate is the login, its common name the user name.

    ``certificate_chain_pem`` starts with our own certificate, followed by its issuers.
    """

    username: str
    certificate_chain_pem: bytes
    private_key_pem: bytes = field(repr=False)

    def __post_init__(self) -> None:
        # The name goes into a command line as it is: a line break in it would be a second command.
        if not self.username or has_control_characters(self.username):
            raise ValueError("the user name is empty or holds control characters")
        if not _CERTIFICATE.search(self.certificate_chain_pem):
            raise ValueError("there is no certificate in the chain")


@dataclass(frozen=True, slots=True)
class TrustStore:
    """The certificates, in PEM, that a server's chain must lead to.

    ``inspect`` is asked once for each chain, after it was found to lead there, to the right host,
    and before the login. What it raises ends the connection and comes out unchanged.

    Raises:
        ValueError: there is no certificate in it. Nothing to trust never means to trust everything.

    """

    pem: bytes
    inspect: Inspect | None = field(default=None, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not _CERTIFICATE.search(self.pem):
            raise ValueError("there is no certificate to trust")


@dataclass(frozen=True, slots=True)
class Timeouts:
    """How long to wait, in seconds, and None for as long as it takes.

    ``connect`` is for opening a connection, ``reply`` for each reply on the control connection,
    ``stall`` for a data connection on which nothing moves, ``total`` for one operation. libcurl
    counts ``stall`` in whole seconds and from an average over five, so it comes up to six later.
    """

    connect: float = 10.0
    reply: float = 30.0
    stall: float = 30.0
    total: float | None = None

    def __post_init__(self) -> None:
        waits = (self.connect, self.reply, self.stall, 1.0 if self.total is None else self.total)
        if min(waits) <= 0:
            raise ValueError("a time-out must be longer than nothing")


def has_control_characters(text: str) -> bool:
    """Say whether the text holds a C0 control character or DEL, line breaks and NUL among them."""
    return any(ord(character) < 0x20 or ord(character) == 0x7F for character in text)


def _check_address(host: str, port: int) -> None:
    if not _HOST.fullmatch(host):
        raise ValueError(f"not a host name or address: {host!r}")
    if not 0 < port < 65536:
        raise ValueError(f"not a port: {port}")
