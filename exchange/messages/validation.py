"""Check a message against the XML Schema of its service, in a stream and in constant memory.

libxml2 validates while it parses and builds no tree. It doesn't tell lines then, so a file with
mistakes is read a second time up to them, line by line where they are. What a mistake is told with
comes from the schema alone: libxml2's own sentences quote the value, which may be an INSZ.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, BinaryIO, Final

from lxml import etree

from exchange.messages.errors import TooComplexError
from exchange.messages.schemas import Schema

MAX_VIOLATIONS: Final = 100
"""Where the check stops: the rest mostly repeats what was found."""
MAX_TEXT_BYTES: Final = 16 * 1024**2
"""Between two tags: libxml2 gathers a text whole, in time that grows with its square."""
CHUNK_SIZE: Final = 64 * 1024

_ELEMENT: Final = re.compile(r"Element '(?:\{[^}]*\})?([^']*)'(, attribute )?")
_BEGINNING: Final = re.compile(r"Element '((?:\{[^}]*\})?[^']*)'")
_LONGEST_NAME: Final = 200
_MISSING: Final = "Missing child element"
_VALUES: Final = re.compile(
    r"SCHEMAV_CVC_(?:DATATYPE|PATTERN|ENUMERATION|FACET|\w*LENGTH|\w*CLUSIVE|\w*DIGITS)"
)
_ATTRIBUTES: Final = re.compile(r"SCHEMAV_CVC_COMPLEX_TYPE_[34]")


class ViolationKind(StrEnum):
    """In which way a message departs from its schema."""

    ROOT = "root"
    """The document is another one than the schema describes."""
    UNEXPECTED = "unexpected"
    """An element stands where it may not."""
    MISSING = "missing"
    """An element lacks another inside it."""
    VALUE = "value"
    ATTRIBUTE = "attribute"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Violation:
    """One mistake. `element` is empty when the schema declares none of that name.

    For ROOT it is what the document begins with, as `{namespace}name`: an element's name tells of
    no person. It is cut at 200 characters.
    """

    kind: ViolationKind
    element: str
    line: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found: at most a hundred mistakes; `is_cut_off` when the check stopped there."""

    violations: tuple[Violation, ...]
    is_cut_off: bool


def validate(stream: BinaryIO, schema: Schema) -> Verdict:
    """Check a well-formed message, from the beginning of a seekable stream.

    Call it for what :func:`check_well_formed` accepted: that refuses document types. Raises
    TooComplexError for a text over MAX_TEXT_BYTES and for what libxml2 refuses of itself.
    """
    stream.seek(0)
    clean_bytes = _read_clean(stream, schema)
    if clean_bytes is None:
        return Verdict((), is_cut_off=False)
    stream.seek(0)
    found = _locate(stream, schema, clean_bytes)
    return Verdict(tuple(found[:MAX_VIOLATIONS]), is_cut_off=len(found) > MAX_VIOLATIONS)


class _Discarding:
    """A parser's target that wants nothing, so that no tree is built."""

    def close(self) -> None:
        pass


class _Validator:
    """One pass over a file, in pieces; its mistakes come to light one by one."""

    def __init__(self, schema: Schema) -> None:
        self._parser: Any = etree.XMLParser(
            # The stubs ask for what a target may have but need not.
            target=_Discarding(),  # type: ignore[arg-type]  # start, end, data
            schema=schema.compiled,
            resolve_entities=False,
            no_network=True,
            load_dtd=False,
            huge_tree=False,
        )
        self._count = 0
        self._since_tag = 0

    def feed(self, piece: bytes) -> int:
        """Take the next piece; return how many mistakes came to light with it."""
        first, last = piece.find(b"<"), piece.rfind(b"<")
        if self._since_tag + (first if first >= 0 else len(piece)) > MAX_TEXT_BYTES:
            raise TooComplexError(f"a text over {MAX_TEXT_BYTES} bytes")
        self._since_tag = len(piece) - last if last >= 0 else self._since_tag + len(piece)
        return self._found_by(lambda: self._parser.feed(piece))

    def finish(self) -> int:
        """Tell the end of the file; return how many mistakes that brought."""
        return self._found_by(self._parser.close)

    def _found_by(self, act: Callable[[], object]) -> int:
        try:
            act()
        except etree.XMLSyntaxError as exc:
            raise TooComplexError("more in one place than libxml2 reads") from exc
        before, self._count = self._count, len(self._parser.feed_error_log)
        return self._count - before

    def entries(self) -> list[Any]:
        return list(self._parser.feed_error_log)


def _read_clean(stream: BinaryIO, schema: Schema) -> int | None:
    """Return how many bytes come before the piece with the first mistake; None without one."""
    validator, taken = _Validator(schema), 0
    for piece in _pieces(stream):
        if validator.feed(piece):
            return taken
        taken += len(piece)
    return taken if validator.finish() else None


def _locate(stream: BinaryIO, schema: Schema, clean_bytes: int) -> list[Violation]:
    """Read again, and give each mistake the line that brought it to light."""
    validator, line, taken = _Validator(schema), 1, 0
    lines: list[int] = []
    for piece in _pieces(stream):
        parts = [piece] if taken < clean_bytes else piece.splitlines(keepends=True)
        taken += len(piece)
        for part in parts:
            lines += [line] * validator.feed(part)
            line += part.count(b"\n")
            if len(lines) > MAX_VIOLATIONS:
                return _violations(validator, lines, schema)
    lines += [line] * validator.finish()
    return _violations(validator, lines, schema)


def _pieces(stream: BinaryIO) -> Iterator[bytes]:
    while piece := stream.read(CHUNK_SIZE):
        yield piece


def _violations(validator: _Validator, lines: list[int], schema: Schema) -> list[Violation]:
    found = zip(validator.entries(), lines, strict=True)
    return [_violation(entry, line, schema) for entry, line in found]


def _violation(entry: Any, line: int, schema: Schema) -> Violation:
    kind = _kind(entry)
    if kind is ViolationKind.ROOT:
        begun = _BEGINNING.match(str(entry.message))
        return Violation(kind, begun[1][:_LONGEST_NAME] if begun else "", line)
    return Violation(kind, _element(entry, schema), line)


def _kind(entry: Any) -> ViolationKind:
    code = str(entry.type_name)
    if code == "SCHEMAV_CVC_ELT_1":
        return ViolationKind.ROOT
    if code == "SCHEMAV_ELEMENT_CONTENT":
        is_missing = str(entry.message).partition(":")[2].lstrip().startswith(_MISSING)
        return ViolationKind.MISSING if is_missing else ViolationKind.UNEXPECTED
    told = _ELEMENT.match(str(entry.message))
    if (told and told[2]) or _ATTRIBUTES.match(code):
        return ViolationKind.ATTRIBUTE
    return ViolationKind.VALUE if _VALUES.match(code) else ViolationKind.OTHER


def _element(entry: Any, schema: Schema) -> str:
    match = _ELEMENT.match(str(entry.message))
    return match[1] if match and match[1] in schema.names else ""
