"""Replies on the control connection (RFC 959 section 4.2), and what FEAT lists (RFC 2389)."""

import re
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

# A server that never ends its reply must not fill our memory.
MAXIMUM_LINES: Final = 500

_REPLY_LINE = re.compile(r"(\d{3})([ -]|$)(.*)", re.DOTALL)


class ReplyKind(IntEnum):
    """The first digit of a reply code (RFC 959 section 4.2.1)."""

    PRELIMINARY = 1
    COMPLETION = 2
    INTERMEDIATE = 3
    TRANSIENT_REFUSAL = 4
    PERMANENT_REFUSAL = 5


@dataclass(frozen=True, slots=True)
class Reply:
    """A complete reply: its three-digit code and the text of each line, without the code."""

    code: int
    lines: tuple[str, ...]

    @property
    def kind(self) -> ReplyKind:
        return ReplyKind(self.code // 100)

    @property
    def is_refusal(self) -> bool:
        return self.kind >= ReplyKind.TRANSIENT_REFUSAL

    @property
    def text(self) -> str:
        """The reply on one line, with its code."""
        return f"{self.code} {' '.join(self.lines)}".rstrip()


class ReplyReader:
    """Puts the lines of multi-line replies together, one line at a time."""

    def __init__(self) -> None:
        self._code = ""
        self._lines: list[str] = []

    def feed(self, line: str) -> Reply | None:
        """Return the reply that this line completes, if it does.

        A multi-line reply starts with ``code-`` and ends with ``code `` of the same code; lines in
        between may begin with anything, digits too. A line outside of a reply that bears no code is
        skipped.
        """
        line = line.rstrip("\r\n")
        match = _REPLY_LINE.match(line)
        if not self._code:
            return self._first(match)
        if match and match[1] == self._code and match[2] != "-":
            self._keep(match[3])
            return self._complete()
        self._keep(line.removeprefix(f"{self._code}-").strip())
        return None

    def reset(self) -> None:
        """Forget a half-read reply: the connection it came over is gone."""
        self._code, self._lines = "", []

    def _first(self, match: re.Match[str] | None) -> Reply | None:
        if match is None or match[1][0] not in "12345":
            return None
        self._code = match[1]
        self._keep(match[3])
        return None if match[2] == "-" else self._complete()

    def _keep(self, text: str) -> None:
        if len(self._lines) < MAXIMUM_LINES:
            self._lines.append(text)

    def _complete(self) -> Reply:
        reply = Reply(int(self._code), tuple(self._lines))
        self.reset()
        return reply


def features(reply: Reply) -> dict[str, str]:
    """Return what a FEAT reply lists: names in capitals, each with its parameters."""
    # The first and the last line frame the list (RFC 2389 section 3.2).
    lines = (line.strip().partition(" ") for line in reply.lines[1:-1] if line.strip())
    return {name.upper(): parameters.strip() for name, _, parameters in lines}
