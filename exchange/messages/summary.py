"""What a MAGDA message holds, in numbers: its items and the exceptions that MAGDA reported.

An exception (*uitzondering*) stands below the message when MAGDA refused it as a whole, else
below the one answer or subject that it concerns. Its number is only unique together with its
origin (Generiek-02.00, Uitzondering.xsd).
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import BinaryIO

from exchange.messages.batch import MessageKind, MessageLocator
from exchange.messages.scanning import scan

MAX_KINDS = 100
"""Different exceptions that are kept apart; those beyond only count in the total."""


@dataclass(frozen=True, slots=True)
class ExceptionCount:
    """How often one exception was reported. Its wording is left out: it may name a person."""

    code: str
    """Identificatie, digits such as 13202."""
    origin: str
    """Oorsprong: MAGDA or the source's abbreviation."""
    severity: str
    """Type as the file has it: FOUT, WAARSCHUWING or INFORMATIE."""
    whole_message: bool
    """True when it concerns the message, False when it concerns one item."""
    count: int


@dataclass(frozen=True, slots=True)
class Summary:
    """The numbers of one message; `kind` is None, and all is nought, for other XML."""

    kind: MessageKind | None
    items: int
    """Questions of a request, answers of an answer, subjects of a publication."""
    exceptions: tuple[ExceptionCount, ...]
    """In the order in which each first occurs, at most a hundred."""
    exception_total: int
    items_with_errors: int = 0
    """Items with at least one exception of type FOUT."""
    is_whole: bool = True
    """False when the file goes on behind what was read: then every number is a lower bound."""

    @property
    def is_refused(self) -> bool:
        """Tell whether MAGDA refused the request as a whole."""
        return any(each.whole_message and each.severity == "FOUT" for each in self.exceptions)

    @property
    def errors(self) -> int:
        """How many errors MAGDA reports: items that are one, and those of the whole message."""
        of_message = sum(
            each.count for each in self.exceptions if each.whole_message and each.severity == "FOUT"
        )
        return self.items_with_errors + of_message


def summarise(stream: BinaryIO, *, at_most: int | None = None) -> Summary:
    """Count what the message holds, in the whole file or in its first ``at_most`` bytes or so.

    Raises a MessageError for bad XML in what was read.
    """
    counter = _Counter()
    scan(stream, counter, at_most=at_most)
    return counter.summary(is_whole=at_most is None or not stream.read(1))


_ITEMS = frozenset({("Vragen", "Vraag"), ("Antwoorden", "Antwoord"), ("Onderwerpen", "Onderwerp")})
_FIELDS = frozenset({"Identificatie", "Oorsprong", "Type"})
_EXCEPTION = ("Uitzonderingen", "Uitzondering")
_DEEPEST = 5
"""Antwoorden, Antwoord, Uitzonderingen, Uitzondering and a field of it."""


class _Counter:
    """Counts items and exceptions as their end tags pass."""

    def __init__(self) -> None:
        self.finished = False
        self._locator = MessageLocator()
        self._items = 0
        self._fields: dict[str, str] = {}
        self._exceptions: Counter[tuple[str, str, str, bool]] = Counter()
        self._total = 0
        self._has_error = False
        self._items_with_errors = 0

    def opened(self, path: Sequence[str]) -> bool:
        inner = self._locator.locate(path)
        return bool(inner) and inner[-1] in _FIELDS and _is_exception(inner[:-1])

    def closed(self, path: Sequence[str], text: str) -> None:
        inner = self._locator.locate(path)
        if not inner or len(inner) > _DEEPEST:
            return
        if inner in _ITEMS:
            self._items += 1
            self._items_with_errors += self._has_error
            self._has_error = False
        elif _is_exception(inner):
            self._count(whole_message=inner == _EXCEPTION)
        elif inner[-1] in _FIELDS and _is_exception(inner[:-1]):
            self._fields[inner[-1]] = text

    def summary(self, *, is_whole: bool) -> Summary:
        return Summary(
            kind=self._locator.kind,
            items=self._items,
            exceptions=tuple(
                ExceptionCount(*key, count=count) for key, count in self._exceptions.items()
            ),
            exception_total=self._total,
            items_with_errors=self._items_with_errors,
            is_whole=is_whole,
        )

    def _count(self, *, whole_message: bool) -> None:
        code, origin, severity = (
            self._fields.get(field, "") for field in ("Identificatie", "Oorsprong", "Type")
        )
        self._fields.clear()
        self._total += 1
        self._has_error |= severity == "FOUT" and not whole_message
        key = (code, origin, severity, whole_message)
        if key in self._exceptions or len(self._exceptions) < MAX_KINDS:
            self._exceptions[key] += 1


def _is_exception(inner: tuple[str, ...]) -> bool:
    return inner == _EXCEPTION or (inner[:2] in _ITEMS and inner[2:] == _EXCEPTION)
