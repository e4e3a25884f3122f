"""What the message in a file says: is it XML, and are the numbers in it possible."""

from dataclasses import dataclass
from typing import BinaryIO

from exchange.messages import (
    Context,
    MessageError,
    NotWellFormedError,
    Places,
    WrongNumbers,
    find_wrong_numbers,
    read_context,
)
from exchange.services.checks.finding import Finding, Severity


@dataclass(frozen=True, slots=True)
class Message:
    """A file that was read to its end: its head when it has one, and its wrong numbers."""

    context: Context | None
    numbers: WrongNumbers


def read_message(content: BinaryIO) -> Message | MessageError:
    """Read the file from its beginning; return why not when it is no XML that we accept."""
    try:
        content.seek(0)
        context = read_context(content)
        content.seek(0)
        return Message(context, find_wrong_numbers(content))
    except MessageError as exc:
        return exc


def refusal(error: MessageError) -> Finding:
    """Return the finding for XML that is not accepted; it has an advice of the same code."""
    lines = (error.line,) if isinstance(error, NotWellFormedError) else ()
    return Finding(error.code, Severity.ERROR, lines)


def check_numbers(numbers: WrongNumbers) -> list[Finding]:
    return [
        Finding(code, Severity.WARNING, places.lines, places.count)
        for code, places in _by_code(numbers)
        if places.count
    ]


def _by_code(numbers: WrongNumbers) -> tuple[tuple[str, Places], ...]:
    return ("check.insz", numbers.persons), ("check.kbo", numbers.enterprises)
