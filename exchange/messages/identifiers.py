"""Numbers of persons and enterprises in a message whose check digits are wrong.

What is told is how many there are and on which lines they stand: the numbers stay in the file.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import BinaryIO, Final

from exchange.messages.check_digits import is_valid_insz, is_valid_kbo
from exchange.messages.scanning import Cursor, scan

MAX_LINES: Final = 10
"""Lines that are told; those beyond only count."""

_PERSONS: Final = frozenset({"INSZ", "Gebruiker"})
"""Gebruiker is the civil servant on whose behalf is asked, in the context of a message."""
_ENTERPRISES: Final = frozenset({"Ondernemingsnummer", "KBONummer", "Vestigingsnummer"})


@dataclass(frozen=True, slots=True)
class Places:
    """How often something occurs, and on which lines: the first ten, counted from 1."""

    count: int
    lines: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class WrongNumbers:
    """Where the check digits are wrong, of persons and of enterprises."""

    persons: Places
    enterprises: Places


def find_wrong_numbers(stream: BinaryIO) -> WrongNumbers:
    """Check every such number of the message; reads the whole file.

    It is the check for well-formedness as well: raises a MessageError for bad XML.
    """
    cursor = Cursor()
    reader = _Reader(cursor)
    scan(stream, reader, cursor=cursor)
    return WrongNumbers(reader.persons.places, reader.enterprises.places)


class _Tally:
    """Counts the numbers that a check refuses."""

    def __init__(self, check: Callable[[str], bool]) -> None:
        self._check = check
        self._count = 0
        self._lines: list[int] = []

    def note(self, number: str, cursor: Cursor) -> None:
        # An empty element names nobody; whether it may be empty is the schema's to say.
        if not number or self._check(number):
            return
        self._count += 1
        if len(self._lines) < MAX_LINES and (line := cursor.line) not in self._lines:
            self._lines.append(line)

    @property
    def places(self) -> Places:
        return Places(self._count, tuple(self._lines))


class _Reader:
    """Hears of the elements that hold such numbers."""

    finished = False

    def __init__(self, cursor: Cursor) -> None:
        self._cursor = cursor
        self.persons = _Tally(is_valid_insz)
        self.enterprises = _Tally(is_valid_kbo)
        self._tallies: Mapping[str, _Tally] = {
            **dict.fromkeys(_PERSONS, self.persons),
            **dict.fromkeys(_ENTERPRISES, self.enterprises),
        }

    def opened(self, path: Sequence[str]) -> bool:
        return path[-1] in self._tallies

    def closed(self, path: Sequence[str], text: str) -> None:
        if tally := self._tallies.get(path[-1]):
            tally.note(text, self._cursor)
