"""Read untrusted XML once, front to back, in bounded memory.

Expat parses, since it can be fed piece by piece, keeps no tree and nests without recursion. It
never opens a file or a connection of its own. What it would still let through is stopped here:
document types (and so every entity), and documents whose nesting, attributes, names or single
tokens grow with the file.
"""

from collections.abc import Callable, Sequence
from typing import BinaryIO, NoReturn, Protocol
from xml.parsers import expat
from xml.parsers.expat import errors as expat_errors

from exchange.messages.errors import (
    DoctypeError,
    NotWellFormedError,
    TooComplexError,
    UnreadableEncodingError,
)

CHUNK_SIZE = 64 * 1024
"""Bytes that are read and parsed at a time."""

MAX_DEPTH = 256
MAX_ATTRIBUTES = 256
"""Attributes of one element."""

MAX_NAMES = 10_000
"""Different names and namespaces in one document; the parser remembers each to the end."""

MAX_TOKEN_SIZE = 256 * 1024
"""Bytes of one tag, comment or processing instruction; the parser holds it whole, and Expat
before 2.6.0 rescans it with every chunk. Text between tags is not one token: it has no limit."""

MAX_TEXT_LENGTH = 256
"""Characters of an element's text that are kept; MAGDA's longest such field has 120."""

_NAMESPACE_SEPARATOR = " "
_ENCODING_ERRORS = frozenset(
    expat_errors.codes[message]
    for message in (
        expat_errors.XML_ERROR_UNKNOWN_ENCODING,
        expat_errors.XML_ERROR_INCORRECT_ENCODING,
    )
)
_INVALID_TOKEN = expat_errors.codes[expat_errors.XML_ERROR_INVALID_TOKEN]


class Listener(Protocol):
    """Hears of every element in document order; paths are local names, root first.

    The path is the scanner's own list: it changes after the call.
    """

    finished: bool
    """Set by the listener when it has heard enough; the scan ends with that end tag."""

    def opened(self, path: Sequence[str]) -> bool:
        """Take note of a start tag; the answer says whether the element's text is wanted."""

    def closed(self, path: Sequence[str], text: str) -> None:
        """Take note of an end tag; the text is empty unless it was wanted.

        It is stripped and cut at MAX_TEXT_LENGTH. That of an element with children is empty too.
        """


class _EnoughError(Exception):
    """Leaves the parser once the listener has finished."""


class Cursor:
    """Where a scan stands, for a listener that tells places."""

    def __init__(self) -> None:
        self._parser: expat.XMLParserType | None = None

    def follow(self, parser: expat.XMLParserType) -> None:
        """Tell the places of this parser from now on."""
        self._parser = parser

    @property
    def line(self) -> int:
        """The line of the tag that the listener is told of, from 1; 0 before the scan."""
        return self._parser.CurrentLineNumber if self._parser else 0


TakeAttributes = Callable[[Sequence[str]], None]
"""Hears of an element's attributes right before ``opened``: names and values in turn."""


def scan(
    stream: BinaryIO,
    listener: Listener,
    *,
    at_most: int | None = None,
    take_attributes: TakeAttributes | None = None,
    cursor: Cursor | None = None,
) -> None:
    """Tell the listener of the elements until it has finished or the document ends.

    With `at_most`, about that many bytes are read (whole chunks) and a document that goes on
    behind them is left unread. What follows the point where the scan stops is not checked.
    Raises a MessageError for a document that is refused; errors of the stream pass through.
    """
    scanner = _Scanner(listener, take_attributes)
    if cursor is not None:
        scanner.tell_places_to(cursor)
    scanner.run(stream, at_most)


class _Scanner:
    """One parser, the path to its place in the document, and the limits."""

    def __init__(self, listener: Listener, take_attributes: TakeAttributes | None) -> None:
        self._listener = listener
        self._take_attributes = take_attributes
        self._path: list[str] = []
        self._text: list[str] = []
        self._collecting = False
        self._fed = 0
        self._parser = expat.ParserCreate(namespace_separator=_NAMESPACE_SEPARATOR)
        self._parser.ordered_attributes = True
        self._parser.StartDoctypeDeclHandler = _refuse_doctype
        self._parser.StartElementHandler = self._opened
        self._parser.EndElementHandler = self._closed
        # A handler, even an idle one, makes the parser list prefixes and URIs in `intern`.
        self._parser.StartNamespaceDeclHandler = _ignore_namespace

    def tell_places_to(self, cursor: Cursor) -> None:
        cursor.follow(self._parser)

    def run(self, stream: BinaryIO, at_most: int | None) -> None:
        try:
            while chunk := stream.read(CHUNK_SIZE):
                self._feed(chunk, final=False)
                if at_most is not None and self._fed >= at_most:
                    return
            self._feed(b"", final=True)
        except _EnoughError:
            return

    def _feed(self, chunk: bytes, *, final: bool) -> None:
        self._fed += len(chunk)
        try:
            self._parser.Parse(chunk, final)
        except expat.ExpatError as exc:
            raise self._translated(exc, chunk) from exc
        except (LookupError, ValueError) as exc:
            # Python's codecs raise these for an encoding that Expat hands to them.
            raise UnreadableEncodingError from exc
        if self._fed - self._parser.CurrentByteIndex > MAX_TOKEN_SIZE:
            raise TooComplexError(f"a tag or comment over {MAX_TOKEN_SIZE} bytes")
        if len(self._parser.intern) > MAX_NAMES:
            raise TooComplexError(f"over {MAX_NAMES} different names")

    def _opened(self, name: str, attributes: Sequence[str]) -> None:
        # `attributes` holds names and values in turn.
        if len(attributes) > 2 * MAX_ATTRIBUTES:
            raise TooComplexError(f"over {MAX_ATTRIBUTES} attributes on one element")
        if len(self._path) == MAX_DEPTH:
            raise TooComplexError(f"over {MAX_DEPTH} levels of elements")
        self._path.append(name.rpartition(_NAMESPACE_SEPARATOR)[2])
        self._end_text()
        if self._take_attributes:
            self._take_attributes(attributes)
        if self._listener.opened(self._path):
            # Text is only handed over while it is wanted, which keeps bulk content inside Expat.
            self._collecting = True
            self._parser.CharacterDataHandler = self._collect

    def _closed(self, _name: str) -> None:
        self._listener.closed(self._path, self._end_text())
        self._path.pop()
        if self._listener.finished:
            raise _EnoughError

    def _end_text(self) -> str:
        if not self._collecting:
            return ""
        text = "".join(self._text)[:MAX_TEXT_LENGTH].strip()
        self._text.clear()
        self._collecting = False
        self._parser.CharacterDataHandler = None
        return text

    def _collect(self, text: str) -> None:
        # Leading white space could otherwise fill the room that the value needs.
        piece = text if self._text else text.lstrip()
        if piece and len(self._text) < MAX_TEXT_LENGTH:
            self._text.append(piece[:MAX_TEXT_LENGTH])

    def _translated(
        self, error: expat.ExpatError, chunk: bytes
    ) -> NotWellFormedError | UnreadableEncodingError:
        if error.code in _ENCODING_ERRORS:
            return UnreadableEncodingError()
        place = self._parser.ErrorByteIndex - (self._fed - len(chunk))
        if error.code == _INVALID_TOKEN and place >= 0 and _is_not_utf8(chunk[place : place + 4]):
            return UnreadableEncodingError()
        reason = expat.ErrorString(error.code)
        return NotWellFormedError(reason, line=error.lineno, column=error.offset)


def _is_not_utf8(start: bytes) -> bool:
    """Tell a Windows-1252 file without a declaration from a syntax error: Expat cannot."""
    try:
        start.decode()
    except UnicodeDecodeError as exc:
        return exc.start == 0
    return False


def _refuse_doctype(*_declaration: object) -> NoReturn:
    raise DoctypeError


def _ignore_namespace(*_declaration: object) -> None:
    pass
