"""Breaks off data connections, so that an upload which we give up does not look finished.

In stream mode the end of the data connection is the end of the file (RFC 959 section 3.4.1), and
libcurl ends it in good order even when it is told to stop: the server would answer 226 to a part.
"""

import os
import socket
import struct
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

_RESET_ON_CLOSE: Final = struct.pack("ii", 1, 0)


@dataclass(frozen=True, slots=True)
class OpenSocket:
    """A socket of libcurl's, by number and inode: the number alone may be another's by now."""

    number: int
    inode: int

    @classmethod
    def at(cls, number: int) -> "OpenSocket":
        return cls(number, os.fstat(number).st_ino)

    def reset(self) -> None:
        """End the connection with RST, if it is still open.

        The number stays open, on a socket that leads nowhere, since it is libcurl's to close; and
        no close_notify goes out, for there is nothing left to send it on.
        """
        if not self.is_open():
            return
        with socket.socket(fileno=os.dup(self.number)) as connection:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
            with socket.socket() as nowhere:
                os.dup2(nowhere.fileno(), self.number, inheritable=False)

    def shut(self) -> None:
        """End the connection in both directions, if it is still open; safe in another thread.

        Whoever waits on it wakes up. What is looked at and shut is one and the same socket, even
        when the number is given to another meanwhile.
        """
        try:
            duplicate = os.dup(self.number)
        except OSError:
            return
        if os.fstat(duplicate).st_ino != self.inode:
            os.close(duplicate)
            return
        with socket.socket(fileno=duplicate) as connection, suppress(OSError):
            connection.shutdown(socket.SHUT_RDWR)

    def is_open(self) -> bool:
        try:
            return os.fstat(self.number).st_ino == self.inode
        except OSError:
            return False
