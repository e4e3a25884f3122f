"""A connection that ends by a deadline and after so many octets, whatever the other side does.

For looking at servers that nobody vouched for yet: they may stay silent, or never stop talking.
"""

import queue
import socket
import threading
import time
from collections.abc import Sequence

from certificates.pki.errors import ErrorCode, HandshakeError

MOST_OCTETS = 512 * 1024
"""Received in all: a chain of certificates is a few thousand."""
_PIECE = 16 * 1024

_SocketAddress = tuple[str, int] | tuple[str, int, int, int] | tuple[int, bytes]


class Deadline:
    """The moment at which patience ends, by a clock that nobody sets."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def left(self) -> float:
        """Return the seconds that are left. Raises HandshakeError when none are."""
        seconds = self._end - time.monotonic()
        if seconds <= 0:
            raise _timed_out()
        return seconds


class Wire:
    """A TCP connection, read line by line or in pieces. Raises HandshakeError, never OSError."""

    def __init__(self, connection: socket.socket, deadline: Deadline) -> None:
        self._connection = connection
        self._deadline = deadline
        self._unread = b""
        self._received = 0

    def close(self) -> None:
        self._connection.close()

    def hurry(self, seconds: float) -> None:
        """Wait no longer than this for what is left to say."""
        self._deadline = Deadline(seconds)

    def write(self, octets: bytes) -> None:
        try:
            self._connection.settimeout(self._deadline.left())
            self._connection.sendall(octets)
        except TimeoutError as exc:
            raise _timed_out() from exc
        except OSError as exc:
            raise _lost() from exc

    def read_line(self) -> bytes:
        """Return the next line without its end, or b"" for an empty one."""
        while b"\n" not in self._unread:
            self._unread += self._receive()
        line, _, self._unread = self._unread.partition(b"\n")
        return line.rstrip(b"\r")

    def read(self) -> bytes:
        """Return what has come, at least one octet."""
        octets, self._unread = self._unread or self._receive(), b""
        return octets

    def _receive(self) -> bytes:
        try:
            self._connection.settimeout(self._deadline.left())
            octets = self._connection.recv(_PIECE)
        except TimeoutError as exc:
            raise _timed_out() from exc
        except OSError as exc:
            raise _lost() from exc
        self._received += len(octets)
        if not octets:
            raise _lost()
        if self._received > MOST_OCTETS:
            raise HandshakeError("the server does not stop talking", code=ErrorCode.LOOK_NOT_FTP)
        return octets


def look_up(host: str, port: int, deadline: Deadline) -> list[_SocketAddress]:
    """Return the socket addresses of a host in the resolver's order. Raises HandshakeError.

    The resolver knows no deadline, so it works in a thread of its own that may be left behind.
    """
    answer: queue.SimpleQueue[list[_SocketAddress]] = queue.SimpleQueue()

    def ask() -> None:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            found = []
        answer.put([one[4] for one in found])

    threading.Thread(target=ask, name="look-up", daemon=True).start()
    try:
        addresses = answer.get(timeout=deadline.left())
    except queue.Empty as exc:
        raise _timed_out() from exc
    if not addresses:
        raise HandshakeError(f"no address of {host}", code=ErrorCode.LOOK_NAME_UNKNOWN)
    return addresses


def connect(addresses: Sequence[_SocketAddress], deadline: Deadline) -> Wire:
    """Connect to the first address that answers; each gets its share of the time left.

    Raises HandshakeError with the reason that the last one gave.
    """
    failure = HandshakeError("there is no address", code=ErrorCode.LOOK_UNREACHABLE)
    for tried, address in enumerate(addresses):
        share = deadline.left() / (len(addresses) - tried)
        try:
            connection = socket.create_connection((str(address[0]), int(address[1])), timeout=share)
            return Wire(connection, deadline)
        except TimeoutError:
            failure = _timed_out()
        except ConnectionRefusedError as exc:
            failure = HandshakeError(str(exc), code=ErrorCode.LOOK_REFUSED)
        except OSError as exc:
            failure = HandshakeError(str(exc), code=ErrorCode.LOOK_UNREACHABLE)
    raise failure


def _timed_out() -> HandshakeError:
    return HandshakeError("the time is over", code=ErrorCode.LOOK_TIMED_OUT)


def _lost() -> HandshakeError:
    return HandshakeError("the connection was closed", code=ErrorCode.LOOK_LOST)
