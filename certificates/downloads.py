"""Fetch small files from addresses that certificates name, which anybody may have written.

Certificates bring along the address of their issuer's revocation list. Whoever makes a certificate
could so let the portal knock at any door: therefore only hosts of an allow-list are spoken to, a
redirect is not followed, and no connection goes to a private address, whatever the name says. The
address is looked at when the connection is made, so that a name can't change in between.
"""

import math
import re
import socket
import ssl
from collections.abc import Collection
from contextlib import ExitStack
from dataclasses import dataclass
from enum import StrEnum
from io import BytesIO
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Final, NamedTuple

import pycurl


class DownloadCode(StrEnum):
    """Why a download failed; the spelling never changes, advice is looked up by it."""

    ADDRESS = "download.address"
    HOST_NOT_ALLOWED = "download.host_not_allowed"
    PRIVATE_ADDRESS = "download.private_address"
    REDIRECT = "download.redirect"
    STATUS = "download.status"
    TOO_LARGE = "download.too_large"
    TOO_SLOW = "download.too_slow"
    NAME = "download.name"
    CONNECT = "download.connect"
    PROXY = "download.proxy"
    TLS = "download.tls"
    BROKEN_OFF = "download.broken_off"


class DownloadError(Exception):
    """``str()`` is one technical line without secrets."""

    def __init__(self, message: str, *, code: DownloadCode) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a download may take, in seconds."""

    connect: float = 10.0
    total: float = 60.0
    stall: int = 15
    """At fewer than 100 octets a second for so long it is given up."""


@dataclass(frozen=True, slots=True)
class Rules:
    """Where downloads may go, and how much they may bring."""

    hosts: Collection[str]
    """Names, in lower case; one that begins with a dot stands for everything below it. An address
    literal allows that very address, private or not."""
    proxy: str = ""
    """``http://host:port``, or empty. With a proxy it is the proxy that looks names up, so that
    only the names are checked here."""
    limit: int = 20 * 1024**2
    """Octets."""
    patience: Patience = Patience()


# Nothing that two readers of an address might read differently: no user, no backslash, no blank.
_ADDRESS = re.compile(
    r"(?P<scheme>https?)://(?P<host>[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?"
    r"(?P<path>/[!-;=?-\[\]_a-z~%]*)?"
)
_NAT64: Final = IPv6Network("64:ff9b::/96")
# What IANA hands out for the public internet; what lies outside leads into somebody's own network
# or to an IPv4 address in disguise (RFC 4291, 2.4 and 2.5.5; RFC 8215).
_UNICAST: Final = IPv6Network("2000::/3")
_FEWEST_OCTETS_A_SECOND: Final = 100
# CURLE_PROXY (curl/curl.h), which pycurl has no name for.
_E_PROXY: Final = 97
_CODES: Final = {
    pycurl.E_URL_MALFORMAT: DownloadCode.ADDRESS,
    pycurl.E_COULDNT_RESOLVE_HOST: DownloadCode.NAME,
    pycurl.E_COULDNT_RESOLVE_PROXY: DownloadCode.PROXY,
    _E_PROXY: DownloadCode.PROXY,
    pycurl.E_COULDNT_CONNECT: DownloadCode.CONNECT,
    pycurl.E_OPERATION_TIMEDOUT: DownloadCode.TOO_SLOW,
    pycurl.E_FILESIZE_EXCEEDED: DownloadCode.TOO_LARGE,
    pycurl.E_SSL_CONNECT_ERROR: DownloadCode.TLS,
    pycurl.E_PEER_FAILED_VERIFICATION: DownloadCode.TLS,
}


class _Address(NamedTuple):
    """What libcurl is about to connect to, as pycurl passes it."""

    family: int
    socktype: int
    protocol: int
    addr: tuple[str, int] | tuple[str, int, int, int]


def fetch(url: str, rules: Rules) -> bytes:
    """Return what lies at an http or https address. Raises DownloadError."""
    host = check_address(url, rules.hosts)
    return _Download(url, host, rules).run()


def check_address(url: str, hosts: Collection[str]) -> str:
    """Return the host of an address that may be asked. Raises DownloadError, without a look."""
    match = _ADDRESS.fullmatch(url)
    if match is None:
        raise DownloadError("not a plain http or https address", code=DownloadCode.ADDRESS)
    host = match["host"].lower().strip("[]")
    if not is_allowed(host, hosts):
        raise DownloadError(f"{host} is not on the list", code=DownloadCode.HOST_NOT_ALLOWED)
    return host


def is_allowed(host: str, hosts: Collection[str]) -> bool:
    """Say whether a host (lower case) is on the list, itself or below an entry with a dot."""
    literal = _literal(host)
    if literal is not None:
        return literal in _literals(hosts)
    return any(host.endswith(entry) if entry[:1] == "." else host == entry for entry in hosts)


class _Download:
    """One request on a handle of its own."""

    def __init__(self, url: str, host: str, rules: Rules) -> None:
        self._rules = rules
        self._host = host
        self._body = BytesIO()
        self._refused: DownloadError | None = None
        self._sockets = ExitStack()
        self._curl = pycurl.Curl()
        self._prepare(url)

    def run(self) -> bytes:
        try:
            self._curl.perform()
            status = self._curl.getinfo(pycurl.RESPONSE_CODE)
        except pycurl.error as exc:
            raise self._refused or self._translated(exc) from exc
        finally:
            self._curl.close()
            self._sockets.close()
        _check_status(status)
        return self._body.getvalue()

    def _prepare(self, url: str) -> None:
        curl, patience = self._curl, self._rules.patience
        curl.setopt(pycurl.URL, url)
        curl.setopt(pycurl.PROTOCOLS, pycurl.PROTO_HTTP | pycurl.PROTO_HTTPS)
        curl.setopt(pycurl.FOLLOWLOCATION, 0)
        curl.setopt(pycurl.NETRC, pycurl.NETRC_IGNORED)
        curl.setopt(pycurl.NOSIGNAL, 1)
        curl.setopt(pycurl.CONNECTTIMEOUT_MS, math.ceil(patience.connect * 1000))
        curl.setopt(pycurl.TIMEOUT_MS, math.ceil(patience.total * 1000))
        curl.setopt(pycurl.LOW_SPEED_LIMIT, _FEWEST_OCTETS_A_SECOND)
        curl.setopt(pycurl.LOW_SPEED_TIME, patience.stall)
        # Since libcurl 8.4 this also ends what comes without a length and never stops.
        curl.setopt(pycurl.MAXFILESIZE_LARGE, self._rules.limit)
        curl.setopt(pycurl.WRITEDATA, self._body)
        # Empty values also keep libcurl from looking into the environment.
        curl.setopt(pycurl.NOPROXY, "")
        curl.setopt(pycurl.PROXY, self._rules.proxy)
        if not self._rules.proxy:
            curl.setopt(pycurl.OPENSOCKETFUNCTION, self._open)
        if authorities := _system_authorities():
            curl.setopt(pycurl.CAINFO, authorities)

    def _open(self, _purpose: int, given: tuple[object, ...]) -> socket.socket | int:
        """Make the socket for a connection, unless it would go to a private address."""
        address = _Address(*given)  # type: ignore[arg-type]  # pycurl passes a plain tuple
        target = _literal(str(address.addr[0]))
        if target is None or not (is_public(target) or target in _literals(self._rules.hosts)):
            self._refused = DownloadError(
                f"{self._host} is at the private address {target}",
                code=DownloadCode.PRIVATE_ADDRESS,
            )
            return int(pycurl.SOCKET_BAD)
        self._refused = None
        opened = socket.socket(address.family, address.socktype, address.protocol)
        # pycurl hands libcurl a duplicate, so that closing is left to us.
        self._sockets.callback(opened.close)
        return opened

    def _translated(self, error: pycurl.error) -> DownloadError:
        number, message = error.args
        code = _CODES.get(number, DownloadCode.BROKEN_OFF)
        if code is DownloadCode.CONNECT and self._rules.proxy:
            # Behind a proxy nothing else is connected to.
            code = DownloadCode.PROXY
        return DownloadError(message, code=code)


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Say whether an address lies on the public internet, an IPv4 one inside an IPv6 one too."""
    if isinstance(address, IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if address in _NAT64:
            inner = IPv4Address(address.packed[-4:])
        if inner is not None:
            return is_public(inner)
        if address not in _UNICAST:
            return False
    return address.is_global and not address.is_multicast


def _literal(host: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(host.partition("%")[0])
    except ValueError:
        return None


def _literals(hosts: Collection[str]) -> set[IPv4Address | IPv6Address]:
    return {literal for literal in map(_literal, hosts) if literal is not None}


def _check_status(status: int) -> None:
    if 300 <= status < 400:
        raise DownloadError(
            f"status {status}: redirects are not followed", code=DownloadCode.REDIRECT
        )
    if status != 200:
        raise DownloadError(f"status {status}", code=DownloadCode.STATUS)


def _system_authorities() -> str:
    """Return the file with the system's authorities: libcurl as pip brings it has its own idea."""
    return ssl.get_default_verify_paths().cafile or ""
