"""The dialogue as the server saw it, for tests that watch what a client really did."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class LogLine:
    """One reply, with the command it answers.

    A transfer gives two lines with the same command, 150 and the outcome. `account` is empty
    before the login; `connection` numbers the control connections from 1. The greeting has an
    empty command.
    """

    time: datetime
    connection: int
    account: str
    command: str
    argument: str
    code: int


class Journal:
    """A list of log lines that one thread writes and others read."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._lines: list[LogLine] = []
        self._connections = 0
        self._lock = threading.Lock()

    def number_connection(self) -> int:
        """Return the number of a new control connection."""
        with self._lock:
            self._connections += 1
            return self._connections

    def add(self, *, connection: int, account: str, command: str, argument: str, code: int) -> None:
        """Note one reply; the caller hides what is secret in the argument."""
        line = LogLine(self._clock(), connection, account, command, argument, code)
        with self._lock:
            self._lines.append(line)

    def lines(self) -> list[LogLine]:
        """Return a copy of everything noted so far."""
        with self._lock:
            return list(self._lines)
