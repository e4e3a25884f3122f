"""Counts the bytes of a transfer and tells about them now and then."""

import time
from collections.abc import Callable
from typing import Final

INTERVAL: Final = 1.0

Progress = Callable[[int], object]


class Pulse:
    """The count of a transfer's bytes, and the caller's progress function.

    The function is called at the first beat and then at most once in ``INTERVAL`` seconds, also
    while nothing moves; whatever it raises stops the transfer.
    """

    def __init__(
        self, progress: Progress | None, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.count = 0
        self._progress = progress
        self._clock = clock
        self._next = clock()

    def add(self, count: int) -> None:
        self.count += count

    def beat(self) -> None:
        if self._progress is not None and self._clock() >= self._next:
            self._next = self._clock() + INTERVAL
            self._progress(self.count)
