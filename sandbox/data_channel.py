"""The data connection: TLS that is finished before anything is sent, and honest endings.

Where pyftpdlib's own handler falls short: it lets OpenSSL write no bytes, so that half of the NLST
listings of an empty folder break off before the handshake is finished; it may send before it is
known whether the session was resumed; it spins while it waits for a handshake; it calls an upload
complete that was cut; and after an error of the disk it says nothing at all.
"""

from __future__ import annotations

import logging
import socket
from typing import TYPE_CHECKING

from OpenSSL import SSL
from pyftpdlib.exceptions import _RetryError
from pyftpdlib.handlers.ftp.data import DTPHandler
from pyftpdlib.handlers.ftps.data import TLS_DTPHandler
from pyftpdlib.ioloop import AsyncChat

from sandbox.tls import is_resumed

if TYPE_CHECKING:
    from sandbox.handler import ControlChannel

logger = logging.getLogger(__name__)


class DataChannel(TLS_DTPHandler):  # type: ignore[misc]  # pyftpdlib publishes no types
    """One data connection of a control channel."""

    def __init__(self, sock: socket.socket, control: ControlChannel) -> None:
        # Nagle's algorithm against a delayed ACK costs 40 ms for every small file.
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        super().__init__(sock, control)

    # --- the handshake comes first

    @property
    def _is_shaking_hands(self) -> bool:
        return bool(self._ssl_requested and not self._ssl_established)

    def initiate_send(self) -> None:
        """Send what is queued, but not before the handshake is finished and approved.

        OpenSSL would finish a handshake while writing, and nobody would have looked at it.
        """
        if not self._is_shaking_hands:
            super().initiate_send()

    def modify_ioloop_events(self, events: int, logdebug: bool = False) -> None:
        """Ask the loop for events; during the handshake only for those that it waits for."""
        if self._is_shaking_hands:
            # A socket is nearly always writable: waiting for that would spin the loop.
            events = self.ioloop.WRITE if self._ssl_want_write else self.ioloop.READ
        super().modify_ioloop_events(events, logdebug)

    def handle_ssl_established(self) -> None:
        """Go on with the transfer, unless the session had to be resumed and was not."""
        if self.cmd_channel.server.require_session_reuse and not is_resumed(self.socket):
            self._refuse("522 TLS session of the control connection must be reused.")
            return
        self.modify_ioloop_events(self._wanted_io_events)
        self.initiate_send()

    def send(self, data: bytes) -> int:
        """Send some bytes and return how many; OpenSSL must not be asked to send none."""
        return int(super().send(data)) if data else 0

    # --- the end

    def recv(self, buffer_size: int) -> bytes:
        """Receive, telling an end with close_notify from a connection that was cut.

        Whoever cuts an upload must not hear 226: what was under way is lost (RFC 8446 section
        6.1 calls it truncation).
        """
        try:
            return bytes(AsyncChat.recv(self, buffer_size))
        except SSL.ZeroReturnError:
            self.handle_close()
            return b""
        except SSL.WantReadError as error:
            self._ssl_want_read = True
            raise _RetryError from error
        except SSL.Error:
            self._refuse("426 Connection cut; transfer aborted.")
            return b""

    def handle_error(self) -> None:
        """Answer an error of ours with 426; pyftpdlib's TLS handler would stay silent."""
        self._error = True
        DTPHandler.handle_error(self)

    def _refuse(self, reply: str) -> None:
        """End the transfer with `reply`, closing the connection at once."""
        self.transfer_finished = False
        self._resp = (reply, logger.debug)
        self.drop()

    def drop(self) -> None:
        """Close without TLS's goodbye."""
        self._ssl_accepting = False
        self._ssl_established = False
        DTPHandler.close(self)
