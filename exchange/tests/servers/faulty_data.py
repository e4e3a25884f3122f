"""A data connection that goes wrong where its :class:`DataFault` says."""

import logging
import os
import socket
import struct
from typing import Any

from pyftpdlib.exceptions import _RetryError
from pyftpdlib.ioloop import AsyncChat

from exchange.tests.servers.faults import DIES, DataFault, Ending, Midway, first_of
from sandbox.data_channel import DataChannel

_logger = logging.getLogger(__name__)


class FaultyDataChannel(DataChannel):
    """Looks for a fault when its transfer begins; ordinary where there is none."""

    _fault: DataFault | None = None
    _midways: tuple[Midway, ...] = ()

    # --- the beginning

    def enable_receiving(self, type: str, cmd: str) -> None:  # noqa: A002 - pyftpdlib's name
        super().enable_receiving(type, cmd)
        self._meet()
        if self._fault is not None and self._fault.limit is not None:
            self._data_wrapper = self._no_more_than_the_limit
        if not self._was_refused():
            self._stop_at_the_limit()

    def push(self, data: bytes) -> None:
        self._meet()
        if not self._was_refused():
            super().push(_doctored(data, self._fault))

    def push_with_producer(self, producer: Any) -> None:
        self._meet()
        if not self._was_refused():
            super().push_with_producer(
                _Doctored(producer, self._fault) if self._fault else producer
            )

    def handle_ssl_established(self) -> None:
        if not self._was_refused():
            super().handle_ssl_established()
            self._stop_at_the_limit()

    def _meet(self) -> None:
        channel = self.cmd_channel
        occasion = channel._command, channel._argument
        self._fault = first_of(channel.plan.data_faults, *occasion)
        self._midways = tuple(each for each in channel.plan.midways if each.takes(*occasion))

    def _was_refused(self) -> bool:
        """Refuse where the fault says so, as soon as the handshake is through."""
        fault = self._fault
        if fault is None or not fault.refuses or self._is_shaking_hands:
            return False
        self._fault = None
        self._refuse(fault.refuses)
        return True

    # --- under way

    def _no_more_than_the_limit(self, chunk: bytes) -> bytes:
        assert self._fault is not None
        assert self._fault.limit is not None
        before = self.tot_bytes_received - len(chunk)
        return chunk[: max(0, self._fault.limit - before)]

    def handle_read_event(self) -> None:
        super().handle_read_event()
        self._call_midways(self.tot_bytes_received)
        self._stop_at_the_limit()

    def send(self, data: bytes) -> int:
        sent = super().send(data)
        self._call_midways(self.tot_bytes_sent)
        return sent

    def _call_midways(self, count: int) -> None:
        due = [each for each in self._midways if each.count <= count]
        if due and self.receive and self.file_obj is not None and not self.file_obj.closed:
            self.file_obj.flush()
        self._midways = tuple(each for each in self._midways if each not in due)
        for each in due:
            self.cmd_channel.plan.call(each.call)

    # --- the end

    def handle_close(self) -> None:
        is_through = self.receive or not self.producer_fifo
        if self._fault is not None and is_through and not self._closed:
            self._end(self._fault)
        else:
            super().handle_close()

    def _stop_at_the_limit(self) -> None:
        fault = self._fault
        if fault is None or fault.limit is None or not self.receive or self._is_shaking_hands:
            return
        if self.tot_bytes_received >= fault.limit and not self._closed:
            self._end(fault)

    def _end(self, fault: DataFault) -> None:
        self._fault = None
        self.transfer_finished = True
        if self.file_obj is not None:
            self.file_obj.close()
        if fault.ends is Ending.NEVER:
            self.ioloop.unregister(self._fileno)
            return
        if fault.reply != DIES:
            self._resp = (fault.reply, _logger.debug)
        channel = self.cmd_channel
        if fault.ends is Ending.RST:
            no_lingering = struct.pack("ii", 1, 0)
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, no_lingering)
            self.drop()
        else:
            # What comes later must not turn our FIN into a RST.
            _Drain(socket.socket(fileno=os.dup(self._fileno)), self.ioloop)
            self._say_goodbye(fault.ends)
        if fault.reply == DIES:
            channel.die()

    def _say_goodbye(self, ending: Ending) -> None:
        if ending is Ending.NOTIFY:
            self.close()
        else:
            self.socket.sock_shutdown(socket.SHUT_WR)
            self.drop()


class _Doctored:
    """What a producer gives, as the fault wants it."""

    def __init__(self, producer: Any, fault: DataFault) -> None:
        self._producer = producer
        self._fault = fault
        self._left = fault.limit
        self._instead = fault.content
        self._extra = fault.extra

    def more(self) -> bytes:
        if self._instead is None:
            data = self._cut(bytes(self._producer.more()) if self._left != 0 else b"")
        else:
            data, self._instead = self._cut(self._instead), b""
        if not data:
            data, self._extra = self._extra, b""
        return data

    def _cut(self, data: bytes) -> bytes:
        if self._left is None:
            return data
        data = data[: self._left]
        self._left -= len(data)
        return data


def _doctored(data: bytes, fault: DataFault | None) -> bytes:
    if fault is None:
        return data
    content = data if fault.content is None else fault.content
    return content[: fault.limit] + fault.extra


class _Drain(AsyncChat):  # type: ignore[misc]  # pyftpdlib publishes no types
    """Throws away what still comes, until the other side closes."""

    def __init__(self, sock: socket.socket, ioloop: object) -> None:
        sock.setblocking(False)
        super().__init__(sock, ioloop)

    def handle_read(self) -> None:
        try:
            self.recv(65536)
        except _RetryError:
            return

    def handle_close(self) -> None:
        self.close()
