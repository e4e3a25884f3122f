"""The dialogue on the control connection, fit to be shown: no secrets, nothing that acts."""

from collections import deque
from typing import Final

MAXIMUM_LINES: Final = 400
MAXIMUM_LENGTH: Final = 500

_SECRET_COMMANDS = ("PASS", "ACCT")
_SECRET_HEADERS = ("proxy-authorization", "authorization", "cookie")
_MASK = "***"


class Transcript:
    """The last lines of the dialogue: ``>`` from us, ``<`` from the other side, ``*`` remarks."""

    def __init__(self) -> None:
        self._lines: deque[str] = deque(maxlen=MAXIMUM_LINES)
        self.written = 0
        """How many lines were ever written; a mark for :meth:`since`."""

    @property
    def lines(self) -> tuple[str, ...]:
        return tuple(self._lines)

    def since(self, mark: int) -> tuple[str, ...]:
        """Return the lines written after ``written`` was ``mark``, as far as they are kept."""
        count = min(self.written - mark, len(self._lines))
        return self.lines[len(self._lines) - count :]

    def sent(self, text: str) -> None:
        for line in _lines(text):
            self._add(">", without_secrets(line))

    def received(self, text: str) -> None:
        for line in _lines(text):
            self._add("<", line)

    def remark(self, text: str) -> None:
        self._add("*", text)

    def _add(self, sign: str, line: str) -> None:
        self.written += 1
        self._lines.append(f"{sign} {displayable(line[:MAXIMUM_LENGTH])[:MAXIMUM_LENGTH]}")


def without_secrets(line: str) -> str:
    """Mask the argument of a command, or the value of an HTTP header, that holds a secret."""
    verb, space, _ = line.partition(" ")
    if space and verb.upper() in _SECRET_COMMANDS:
        return f"{verb} {_MASK}"
    header, colon, _ = line.partition(":")
    if colon and header.strip().lower() in _SECRET_HEADERS:
        return f"{header}: {_MASK}"
    return line


def displayable(text: str) -> str:
    """Escape whatever a terminal or a page might act upon, direction marks and surrogates too."""
    return "".join(
        character
        if character.isprintable()
        else character.encode("unicode_escape", "backslashreplace").decode("ascii")
        for character in text
    )


def _lines(text: str) -> list[str]:
    return [line for line in text.replace("\r\n", "\n").split("\n") if line]
