"""Lets libcurl hear why a TLS 1.3 server turns our certificate down.

Such a server judges our certificate when the handshake is done on our side. It sends an alert and
closes, with the rest of our handshake still unread, and that resets the connection
(RFC 1122 section 4.2.2.13). libcurl then fails to send USER and never reads the alert, although it
lies in the socket's queue. So libcurl is kept from speaking until the server has said something;
and when the connection is dead by then, it gets what came on a socket that still takes its USER.
"""

import os
import select
import socket
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from exchange.ftps._abort import OpenSocket

# Seconds. Nearly every server says something, if only a session ticket: that is one round trip.
PATIENCE: Final = 0.5
# Seconds for the reset that follows an alert; both are sent at once.
_FOR_THE_RESET: Final = 0.1
# An alert takes 24 bytes (RFC 8446 section 5.2), a session ticket some hundreds.
_LONGEST_ALERT: Final = 64
_MOST_KEPT: Final = 16 * 1024
_DEAD: Final = select.POLLERR | select.POLLHUP


@dataclass(frozen=True, slots=True)
class Reset:
    """A connection that the server has reset, as libcurl goes on with it.

    ``far_end`` is that of the socket which libcurl has now; it stays open until libcurl is done.
    """

    far_end: socket.socket
    our_address: str


def await_verdict(sockets: Sequence[OpenSocket], *, seconds: float = PATIENCE) -> Reset | None:
    """Wait for the first word of the server after the handshake, for so long at most.

    ``sockets`` are those of the control connection, tries that lost against another included.
    Returns None where the connection lives, or ended in good order.
    """
    control = next((each for each in sockets if each.is_open()), None)
    if control is None:
        return None
    with socket.socket(fileno=os.dup(control.number)) as connection:
        events = _wait(connection, select.POLLIN, seconds)
        if events == select.POLLIN and _may_be_alert(connection):
            events |= _wait(connection, 0, _FOR_THE_RESET)
        if not events & _DEAD:
            return None
        our_address = str(connection.getsockname()[0])
        return Reset(_replay(connection, control.number), our_address)


def _wait(connection: socket.socket, events: int, seconds: float) -> int:
    poll = select.poll()
    # POLLERR and POLLHUP are always waited for.
    poll.register(connection, events)
    return sum(found for _number, found in poll.poll(seconds * 1000))


def _may_be_alert(connection: socket.socket) -> bool:
    with suppress(OSError):
        return len(connection.recv(_LONGEST_ALERT, socket.MSG_PEEK)) < _LONGEST_ALERT
    return False


def _replay(connection: socket.socket, number: int) -> socket.socket:
    """Put a socket in the place of ``number`` from which the same bytes can be read."""
    near, far = socket.socketpair()
    with near:
        far.sendall(_queued(connection))
        far.shutdown(socket.SHUT_WR)
        near.setblocking(False)
        os.dup2(near.fileno(), number, inheritable=False)
    return far


def _queued(connection: socket.socket) -> bytes:
    with suppress(OSError):
        return connection.recv(_MOST_KEPT)
    return b""
