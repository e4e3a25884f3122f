"""Notices an operation in which nothing happens any more, also where libcurl asks nobody.

libcurl has time-outs for connecting, for a reply and for a transfer that stalls. For the TLS
handshake of a data connection it has none, and calls no callback either: when the packets vanish
there it waits without end. So a thread of our own looks at the operations that are under way, and
shuts the data connections of one that is silent; libcurl then goes on, to an error.
"""

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from exchange.ftps.config import Timeouts

# Seconds on top of libcurl's own time-outs, which come first where they apply: they say more.
MARGIN: Final = 2.0
_LOOK_EVERY: Final = 0.5


class Silence:
    """The time since a byte moved or a reply came, in one operation after the other.

    ``break_off`` is called, by another thread, when that is too long.
    """

    def __init__(
        self,
        timeouts: Timeouts,
        break_off: Callable[[], object],
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.was_too_long = False
        self._longest = max(timeouts.connect, timeouts.reply, timeouts.stall) + MARGIN
        self._break_off = break_off
        self._clock = clock
        self._since = clock()
        self._moved = 0
        self._is_ours = False

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Watch the operation in the block."""
        self._moved = 0
        self.was_too_long = False
        self.end()
        with _watchmen[0].watching(self):
            yield

    def end(self) -> None:
        """Note that something happened."""
        self._since = self._clock()

    def note_moved(self, count: int) -> None:
        """Note how many bytes moved so far, which is something when it is more than before."""
        if count != self._moved:
            self._moved = count
            self.end()

    @contextmanager
    def our_own_time(self) -> Iterator[None]:
        """Don't count the block, in which the other side waits for us."""
        began = self._clock()
        self._is_ours = True
        try:
            yield
        finally:
            self._since += self._clock() - began
            self._is_ours = False

    def look(self) -> None:
        """Break the operation off if nothing has happened for too long."""
        if not self._is_ours and self._clock() - self._since > self._longest:
            self.was_too_long = True
            self._break_off()


class _Watchman:
    """The thread that looks, one for a process; made when there is something to look at."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._watched: set[Silence] = set()
        self._thread: threading.Thread | None = None

    @contextmanager
    def watching(self, silence: Silence) -> Iterator[None]:
        with self._changed:
            self._watched.add(silence)
            if self._thread is None:
                self._thread = threading.Thread(
                    target=self._look_on, name="ftps-watch", daemon=True
                )
                self._thread.start()
            self._changed.notify()
        try:
            yield
        finally:
            with self._changed:
                self._watched.discard(silence)

    def _look_on(self) -> None:
        while True:
            time.sleep(_LOOK_EVERY)
            with self._changed:
                while not self._watched:
                    self._changed.wait()
                # Under the lock: an operation that has ended is not broken off.
                for silence in self._watched:
                    silence.look()


_watchmen: list[_Watchman] = [_Watchman()]


def _begin_anew_after_fork() -> None:
    """Leave the parent's operations and thread behind, and a lock that it may have held."""
    _watchmen[0] = _Watchman()


os.register_at_fork(after_in_child=_begin_anew_after_fork)
