"""Take the certificates that an FTPS server shows, without believing or telling it anything.

The conversation is that of RFC 4217: greeting, AUTH TLS, handshake. No login, no client
certificate, no verification: what is shown is judged afterwards. A server that refuses to go on
without a client certificate has shown its own by then.
"""

import base64
import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from ipaddress import ip_address

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from OpenSSL import SSL

from certificates.pki.certificates import load_certificates
from certificates.pki.errors import ErrorCode, HandshakeError, ParseError
from certificates.pki.wire import Deadline, Wire, connect, look_up

DEFAULT_TIMEOUT = 20.0
MOST_ISSUERS = 20
"""Certificates that are kept beside the server's own: a true path has three or four."""
_GOODBYE = 2.0
_MOST_HEADER_LINES = 100
_HOST = re.compile(r"[A-Za-z0-9._:-]{1,253}")
_REPLY = re.compile(rb"([1-5][0-9]{2})([ -]|$)")
_STATUS = re.compile(rb"HTTP/1\.[01] ([0-9]{3})( |$)")


@dataclass(frozen=True, slots=True)
class ProxyAddress:
    """An HTTP proxy that lets us through with CONNECT (RFC 9110, 9.3.6)."""

    host: str
    port: int
    username: str = ""
    password: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class PresentedChain:
    """What a server showed."""

    certificates: tuple[x509.Certificate, ...]
    """As the server sent them, its own first and MOST_ISSUERS after it; nothing is verified."""
    tls_version: str
    """Such as "TLSv1.3"."""
    addresses: tuple[str, ...]
    """All that the name was resolved to, sorted; empty when a proxy looked it up."""
    left_out: int = 0
    """How many certificates more it showed."""


def fetch_presented_chain(
    host: str,
    port: int,
    *,
    proxy: ProxyAddress | None = None,
    timeout: float = DEFAULT_TIMEOUT,
    tls12_at_most: bool = False,
) -> PresentedChain:
    """Return what the FTPS server at this host (A-label or address) shows.

    ``timeout`` is in seconds, over all. Raises HandshakeError, and ParseError when a certificate
    that was shown can't be read.
    """
    deadline = Deadline(timeout)
    if not _HOST.fullmatch(host):
        raise HandshakeError(f"not a host: {host!r}", code=ErrorCode.LOOK_NAME_UNKNOWN)
    addresses: tuple[str, ...] = ()
    if proxy is None:
        answer = look_up(host, port, deadline)
        addresses = tuple(sorted({str(address[0]) for address in answer}))
        wire = connect(answer, deadline)
    else:
        wire = _connect_to_proxy(proxy, deadline)
    try:
        if proxy is not None:
            _pass_through(wire, proxy, host, port)
        _ask_for_tls(wire)
        shown, version = _shake_hands(wire, host, tls12_at_most=tls12_at_most)
    finally:
        wire.close()
    kept = _readable(shown[: 1 + MOST_ISSUERS])
    return PresentedChain(kept, version, addresses, left_out=len(shown) - len(kept))


def _connect_to_proxy(proxy: ProxyAddress, deadline: Deadline) -> Wire:
    try:
        return connect(look_up(proxy.host, proxy.port, deadline), deadline)
    except HandshakeError as exc:
        raise HandshakeError(f"proxy: {exc}", code=ErrorCode.LOOK_PROXY_UNREACHABLE) from exc


def _pass_through(wire: Wire, proxy: ProxyAddress, host: str, port: int) -> None:
    target = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    lines = [f"CONNECT {target} HTTP/1.1", f"Host: {target}"]
    if proxy.username:
        secret = base64.b64encode(f"{proxy.username}:{proxy.password}".encode()).decode("ascii")
        lines.append(f"Proxy-Authorization: Basic {secret}")
    wire.write("\r\n".join([*lines, "", ""]).encode("ascii"))
    status = _STATUS.match(wire.read_line())
    if status is None:
        raise HandshakeError("not an HTTP proxy", code=ErrorCode.LOOK_PROXY_REFUSED)
    if status[1] == b"407":
        raise HandshakeError("407", code=ErrorCode.LOOK_PROXY_PASSWORD)
    if not status[1].startswith(b"2"):
        raise HandshakeError(status[1].decode(), code=ErrorCode.LOOK_PROXY_REFUSED)
    if not any(wire.read_line() == b"" for _ in range(_MOST_HEADER_LINES)):
        raise HandshakeError("headers without end", code=ErrorCode.LOOK_PROXY_REFUSED)


def _ask_for_tls(wire: Wire) -> None:
    greeting = _read_reply(wire)
    while greeting == 120:  # Ready in some minutes (RFC 959, 4.2): the deadline decides.
        greeting = _read_reply(wire)
    if greeting != 220:
        raise HandshakeError(f"greeted with {greeting}", code=ErrorCode.LOOK_UNAVAILABLE)
    wire.write(b"AUTH TLS\r\n")
    answer = _read_reply(wire)
    if answer != 234:
        raise HandshakeError(f"AUTH TLS: {answer}", code=ErrorCode.LOOK_NO_AUTH_TLS)


def _read_reply(wire: Wire) -> int:
    """Return the code of one reply, of one line or of many (RFC 959, 4.2)."""
    first = _REPLY.match(wire.read_line())
    if first is None:
        raise HandshakeError("not an FTP reply", code=ErrorCode.LOOK_NOT_FTP)
    if first[2] == b"-":
        while not wire.read_line().startswith(first[1] + b" "):
            pass
    return int(first[1])


def _shake_hands(
    wire: Wire, host: str, *, tls12_at_most: bool
) -> tuple[Sequence[x509.Certificate], str]:
    connection = SSL.Connection(_context(tls12_at_most=tls12_at_most), None)
    if not _is_address(host):
        connection.set_tlsext_host_name(host.encode("ascii"))
    connection.set_connect_state()
    refusal: HandshakeError | None = None
    try:
        _negotiate(wire, connection)
    except HandshakeError as exc:
        refusal = exc
    shown = _shown_by(connection)
    if not shown:
        raise refusal or HandshakeError("no certificate", code=ErrorCode.LOOK_NO_TLS)
    version = connection.get_protocol_version_name()
    if refusal is None:
        _say_goodbye(wire, connection)
    return shown, version


def _context(*, tls12_at_most: bool) -> SSL.Context:
    context = SSL.Context(SSL.TLS_CLIENT_METHOD)
    context.set_verify(SSL.VERIFY_NONE)
    # As the transfers do, but for weak keys: nothing secret is sent, and they can then be named.
    context.set_cipher_list(b"ALL:@SECLEVEL=0")
    context.set_min_proto_version(SSL.TLS1_2_VERSION)
    if tls12_at_most:
        context.set_max_proto_version(SSL.TLS1_2_VERSION)
    return context


def _negotiate(wire: Wire, connection: SSL.Connection) -> None:
    while True:
        try:
            connection.do_handshake()
        except SSL.WantReadError:
            _flush(wire, connection)
            connection.bio_write(wire.read())
        except SSL.Error as exc:
            raise HandshakeError(f"handshake: {exc}", code=ErrorCode.LOOK_NO_TLS) from exc
        else:
            _flush(wire, connection)
            return


def _flush(wire: Wire, connection: SSL.Connection) -> None:
    with suppress(SSL.WantReadError):
        while True:
            wire.write(connection.bio_read(65536))


def _shown_by(connection: SSL.Connection) -> Sequence[x509.Certificate]:
    """Return the certificates that came, also from a handshake that failed after them."""
    try:
        return connection.get_peer_cert_chain(as_cryptography=True) or []
    except ValueError as exc:
        raise ParseError(str(exc), code=ErrorCode.CERTIFICATE_UNREADABLE) from exc


def _readable(shown: Sequence[x509.Certificate]) -> tuple[x509.Certificate, ...]:
    """Return the certificates as all others are read here. Raises ParseError."""
    return tuple(load_certificates(one.public_bytes(Encoding.DER))[0] for one in shown)


def _say_goodbye(wire: Wire, connection: SSL.Connection) -> None:
    """End the session in good order, so that the server logs no broken one; it may fail."""
    wire.hurry(_GOODBYE)
    with suppress(HandshakeError, SSL.Error):
        connection.send(b"QUIT\r\n")
        _flush(wire, connection)
        # The reply to QUIT, or the alert of a server that asks for a client certificate.
        wire.read()
        connection.shutdown()
        _flush(wire, connection)


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
