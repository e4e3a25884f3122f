"""Read the outer structure of BER and DER (ITU-T X.690), just enough to name algorithms.

cryptography opens PKCS#12 files and encrypted keys but does not say how they were encrypted, so
that a wrong password and a cipher that is switched off look the same. The few tags on the way to
the algorithm identifiers are read here. PKCS#12 is BER: indefinite lengths and strings in pieces
occur in real files.
"""

from collections.abc import Iterator
from dataclasses import dataclass

INTEGER = 0x02
OCTET_STRING = 0x04
OCTET_STRING_IN_PIECES = 0x24
OBJECT_IDENTIFIER = 0x06
SEQUENCE = 0x30
CONTEXT_0 = 0xA0
"""Constructed, context-specific, number 0: the explicit wrapper around a content."""

_CONSTRUCTED = 0x20
_END_OF_CONTENTS = b"\x00\x00"
_MAX_DEPTH = 32
# The longest identifier that is looked for has 11 octets; without a limit a file of one endless
# number would be turned into an integer bit by bit.
_MAX_IDENTIFIER = 64


class BERError(ValueError):
    """The bytes do not have the structure that was looked for."""


@dataclass(frozen=True, slots=True)
class Element:
    """One tag with its contents; the length octets are gone."""

    tag: int
    contents: bytes

    def children(self) -> list["Element"]:
        """Split a constructed element; raises BERError when the contents do not fit."""
        return list(_elements(self.contents))

    def expect(self, *tags: int) -> "Element":
        """Return this element when its tag is one of these, else raise BERError."""
        if self.tag not in tags:
            raise BERError(f"tag {self.tag:#04x} where {tags[0]:#04x} belongs")
        return self

    def encoded(self) -> bytes:
        """Write this element as DER does, with definite lengths and strings in one piece."""
        if self.tag == OCTET_STRING_IN_PIECES:
            return _written(OCTET_STRING, self.string())
        if not self.tag & _CONSTRUCTED:
            return _written(self.tag, self.contents)
        return _written(self.tag, b"".join(child.encoded() for child in self.children()))

    def string(self) -> bytes:
        """Return the octets of a string, put together when it came in pieces (X.690, 8.7)."""
        if not self.tag & _CONSTRUCTED:
            return self.contents
        return b"".join(piece.expect(OCTET_STRING).contents for piece in self.children())

    def integer(self) -> int:
        """Return the value of an INTEGER."""
        return int.from_bytes(self.expect(INTEGER).contents, "big", signed=True)

    def identifier(self) -> str:
        """Return the value of an OBJECT IDENTIFIER in dotted form (X.690, 8.19)."""
        octets = self.expect(OBJECT_IDENTIFIER).contents
        if not octets or octets[-1] & 0x80 or len(octets) > _MAX_IDENTIFIER:
            raise BERError("an object identifier is cut short or endless")
        numbers, value = [], 0
        for octet in octets:
            value = value << 7 | octet & 0x7F
            if not octet & 0x80:
                numbers.append(value)
                value = 0
        first = min(numbers[0] // 40, 2)
        return ".".join(str(number) for number in (first, numbers[0] - 40 * first, *numbers[1:]))


def read(octets: bytes) -> Element:
    """Read the one element at the start; what follows it is ignored. Raises BERError."""
    element, _ = _read_at(octets, 0, depth=0)
    return element


def _written(tag: int, contents: bytes) -> bytes:
    length = len(contents)
    if length < 0x80:
        return bytes([tag, length]) + contents
    octets = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(octets)]) + octets + contents


def _elements(octets: bytes) -> Iterator[Element]:
    position = 0
    while position < len(octets):
        element, position = _read_at(octets, position, depth=0)
        yield element


def _read_at(octets: bytes, position: int, *, depth: int) -> tuple[Element, int]:
    """Return the element at this position and the position after it."""
    if depth > _MAX_DEPTH:
        raise BERError("nested too deeply")
    if position + 2 > len(octets):
        raise BERError("cut short in a tag")
    tag, length = octets[position], octets[position + 1]
    if tag & 0x1F == 0x1F:
        raise BERError("a tag of several octets")
    start = position + 2
    if length == 0x80:
        return _read_indefinite(octets, tag, start, depth=depth)
    if length & 0x80:
        count = length & 0x7F
        length = int.from_bytes(octets[start : start + count], "big")
        start += count
    if start + length > len(octets):
        raise BERError("cut short in the contents")
    return Element(tag, octets[start : start + length]), start + length


def _read_indefinite(octets: bytes, tag: int, start: int, *, depth: int) -> tuple[Element, int]:
    if not tag & _CONSTRUCTED:
        raise BERError("an indefinite length on a primitive tag")
    position = start
    while octets[position : position + 2] != _END_OF_CONTENTS:
        _, position = _read_at(octets, position, depth=depth + 1)
    return Element(tag, octets[start:position]), position + len(_END_OF_CONTENTS)
