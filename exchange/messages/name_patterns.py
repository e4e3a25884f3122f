"""Patterns of file names, as an administrator writes them down.

MAGDA agrees with each public body how the request files of a service are named. The notation is
small on purpose, and it is no regular expression: a mistake in it can neither be slow nor match
something that its writer did not see.

======================  ==================================================================
``*``                   any characters, or none
``#``                   one digit
``{date}``              a date in eight digits, such as 20250131
``{timestamp}``         date and time in 14 digits, or 17 with the thousandths of a second
any other character     itself; capitals make no difference
======================  ==================================================================
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Final, Protocol

LONGEST_PATTERN: Final = 200
LONGEST_NAME: Final = 1000
"""Characters; a longer name matches nothing. No name that can be delivered comes near."""

_DIGITS: Final = frozenset("0123456789")
_PIECES: Final = re.compile(r"\{[^{}]*\}|.", re.DOTALL)
_MESSAGES: Final = {
    "pattern.empty": "the pattern is empty",
    "pattern.too_long": f"the pattern is over {LONGEST_PATTERN} characters",
    "pattern.character": "the pattern holds a character that no name may have",
    "pattern.word": "the pattern holds braces around another word than date or timestamp",
}

PATTERN_ERROR_CODES: frozenset[str] = frozenset(_MESSAGES)
"""Every code of PatternError; each has its sentence in the app's advice."""


class PatternError(ValueError):
    """A text that is no pattern; ``code`` is one of PATTERN_ERROR_CODES."""

    retryable: ClassVar[bool] = False

    def __init__(self, code: str) -> None:
        super().__init__(_MESSAGES[code])
        self.code = code


class _Part(Protocol):
    def ends(self, name: str, start: int) -> Iterable[int]:
        """Return where this part may end in ``name`` when it begins at ``start``."""


@dataclass(frozen=True, slots=True)
class _Itself:
    character: str

    def ends(self, name: str, start: int) -> Iterable[int]:
        return (start + 1,) if name[start : start + 1] == self.character else ()


@dataclass(frozen=True, slots=True)
class _Digit:
    def ends(self, name: str, start: int) -> Iterable[int]:
        return (start + 1,) if name[start : start + 1] in _DIGITS else ()


@dataclass(frozen=True, slots=True)
class _Moment:
    """Digits that are a moment which exists; ``lengths`` says how many there may be."""

    lengths: tuple[int, ...]

    def ends(self, name: str, start: int) -> Iterable[int]:
        return [
            start + length for length in self.lengths if _is_moment(name, start, start + length)
        ]


@dataclass(frozen=True, slots=True)
class _Anything:
    def ends(self, name: str, start: int) -> Iterable[int]:
        return range(start, len(name) + 1)


_WORDS: Final = {"{date}": _Moment((8,)), "{timestamp}": _Moment((14, 17))}


class NamePattern:
    """A pattern that was read; ask it with :meth:`matches`."""

    def __init__(self, text: str) -> None:
        """Read a pattern. Raises PatternError."""
        _check(text)
        self._parts = tuple(_part(piece) for piece in _PIECES.findall(text.casefold()))

    def matches(self, name: str) -> bool:
        """Tell whether the whole of ``name`` fits.

        All places that can be reached are followed side by side, so the work is bounded by the
        length of the pattern times that of the name, whatever stands in them.
        """
        name = name.casefold()
        if len(name) > LONGEST_NAME:
            return False
        places = {0}
        for part in self._parts:
            if isinstance(part, _Anything):
                # From the first place on, everything can be reached: one range tells it.
                places = set(part.ends(name, min(places)))
            else:
                places = {end for start in places for end in part.ends(name, start)}
            if not places:
                return False
        return len(name) in places


def _check(text: str) -> None:
    if not text.strip():
        raise PatternError("pattern.empty")
    if len(text) > LONGEST_PATTERN:
        raise PatternError("pattern.too_long")
    if not text.isprintable() or "/" in text or "\\" in text:
        raise PatternError("pattern.character")


def _part(piece: str) -> _Part:
    if piece == "*":
        return _Anything()
    if piece == "#":
        return _Digit()
    if piece[0] in "{}":
        if piece not in _WORDS:
            raise PatternError("pattern.word")
        return _WORDS[piece]
    return _Itself(piece)


def _is_moment(name: str, start: int, end: int) -> bool:
    digits = name[start:end]
    if len(digits) != end - start or not _DIGITS.issuperset(digits):
        return False
    try:
        datetime.fromisoformat(f"{digits[:8]}T{digits[8:14] or '000000'}")
    except ValueError:
        return False
    return True
