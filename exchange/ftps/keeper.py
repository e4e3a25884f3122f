"""Keeps one libcurl handle for the process and thread that made it, and not for too long."""

import os
import threading
import time
from collections.abc import Callable
from typing import Final

from exchange.ftps._curl import Handle

# TLS session tickets run out, and a data connection without one is refused (425 or 522).
RECYCLE_AFTER: Final = 15 * 60.0

# Closing a handle that came over a fork would end the parent's TLS session, and so would letting it
# be collected: it stays here, untouched, until the process ends.
_INHERITED: list[Handle] = []


class HandleKeeper:
    """Makes a handle on first use and gives it out until it is dropped or too old."""

    def __init__(
        self, make: Callable[[], Handle], *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._make = make
        self._clock = clock
        self._handle: Handle | None = None
        self._made_at = 0.0
        self._owner = (0, 0)

    def current(self) -> Handle:
        """Return the handle, a new one where there is none that may be used.

        Raises:
            RuntimeError: the handle belongs to another thread of this process.

        """
        self._disown_inherited()
        if self._handle is not None and self._owner != _here():
            raise RuntimeError("an FTPS client is used by the thread that used it first")
        if self._handle is not None and self._clock() - self._made_at >= RECYCLE_AFTER:
            self.drop()
        if self._handle is None:
            self._handle, self._made_at, self._owner = self._make(), self._clock(), _here()
        return self._handle

    def drop(self) -> None:
        """Close the handle and its connection, if it is ours to close."""
        self._disown_inherited()
        handle, self._handle = self._handle, None
        if handle is not None:
            handle.close()

    def _disown_inherited(self) -> None:
        if self._handle is not None and self._owner[0] != os.getpid():
            _INHERITED.append(self._handle)
            self._handle = None


def _here() -> tuple[int, int]:
    return os.getpid(), threading.get_ident()
