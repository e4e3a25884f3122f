"""A look at a file: XML as a tree, CSV as a table; of any file only the beginning is read."""

import codecs
from dataclasses import dataclass
from io import BytesIO
from typing import BinaryIO

from exchange.messages.preview_table import TablePreview, preview_table
from exchange.messages.preview_tree import TreePreview, preview_tree

PREVIEW_WITHIN = 1024 * 1024
"""Bytes of a file that are read, whatever its size."""

_UTF16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_BINARY_WITHIN = 4096
# What no text file holds: control characters other than tab, line feed, form feed and return.
_CONTROL = bytes(set(range(32)) - set(b"\t\n\f\r"))


@dataclass(frozen=True, slots=True)
class Preview:
    """One of a tree and a table; neither for an empty file, or one that is not text."""

    tree: TreePreview | None = None
    table: TablePreview | None = None
    is_empty: bool = False


def preview_of(stream: BinaryIO) -> Preview:
    """Return what a person may look at; never fails on content, whatever it is.

    Memory and time are bounded by :data:`PREVIEW_WITHIN` and by the limits of tree and table.
    """
    content = _beginning_of(stream)
    if not content:
        return Preview(is_empty=True)
    goes_on = bool(stream.read(1))
    if _is_xml(content):
        return Preview(
            tree=preview_tree(BytesIO(content), at_most=len(content) if goes_on else None)
        )
    if _is_text(content):
        return Preview(table=preview_table(content, goes_on=goes_on))
    return Preview()


def _beginning_of(stream: BinaryIO) -> bytes:
    """Read on where a read gives less than was asked for, as a stream that is unsealed may."""
    content = bytearray()
    while piece := stream.read(PREVIEW_WITHIN - len(content)):
        content += piece
    return bytes(content)


def _is_xml(content: bytes) -> bool:
    start = content[:_BINARY_WITHIN]
    if start.startswith(_UTF16_MARKS):
        return start[2:].replace(b"\0", b"").lstrip().startswith(b"<")
    return start.removeprefix(codecs.BOM_UTF8).lstrip().startswith(b"<")


def _is_text(content: bytes) -> bool:
    start = content[:_BINARY_WITHIN]
    return start.startswith(_UTF16_MARKS) or start.translate(None, _CONTROL) == start
