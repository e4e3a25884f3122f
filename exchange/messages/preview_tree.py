"""The beginning of an XML file as a tree, for people to look at.

The tree is a flat row of parts in document order, so that neither making nor showing it recurses.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import BinaryIO

from exchange.messages.errors import MessageError, NotWellFormedError
from exchange.messages.preview_text import legible
from exchange.messages.scanning import MAX_TEXT_LENGTH, scan

MAX_ELEMENTS = 1000
MAX_SHOWN_DEPTH = 32
MAX_SHOWN_ATTRIBUTES = 16
"""Attributes of one element that are shown."""


class PartKind(StrEnum):
    """BRANCH and END enclose an element with others in it; a LEAF has at most a text."""

    BRANCH = "branch"
    LEAF = "leaf"
    END = "end"


@dataclass(frozen=True, slots=True)
class TreePart:
    """A piece of the tree; every value is legible, see :func:`~.preview_text.legible`."""

    kind: PartKind
    depth: int
    """0 for the root."""
    name: str = ""
    """Local name, without its namespace."""
    attributes: tuple[tuple[str, str], ...] = ()
    text: str = ""


@dataclass(frozen=True, slots=True)
class TreePreview:
    """The first elements; every branch has its end, also where the preview was cut."""

    parts: tuple[TreePart, ...]
    elements: int
    is_cut: bool
    """True when the file holds more elements, or deeper ones, than are shown."""
    problem: str = ""
    """Code of a MessageError: where it stands, the tree ends."""
    line: int = 0
    """Where the problem is, counted from 1; 0 when that is not known."""


def preview_tree(stream: BinaryIO, *, at_most: int | None = None) -> TreePreview:
    """Return the beginning of the tree; reads ``at_most`` bytes or so, and never fails on content.

    Texts between the elements of a branch are left out, and so are comments. Namespaces, too: of
    each name only the last part is shown.
    """
    grower = _Grower()
    try:
        scan(stream, grower, at_most=at_most, take_attributes=grower.take_attributes)
    except MessageError as exc:
        line = exc.line if isinstance(exc, NotWellFormedError) else 0
        return grower.tree(is_cut=False, problem=exc.code, line=line)
    return grower.tree(is_cut=at_most is not None)


class _Grower:
    """Turns start and end tags into parts; an element waits until it proves branch or leaf."""

    def __init__(self) -> None:
        self.finished = False
        self._parts: list[TreePart] = []
        self._waiting: tuple[str, tuple[tuple[str, str], ...]] | None = None
        self._open = 0
        self._elements = 0
        self._is_cut = False
        self._attributes: tuple[tuple[str, str], ...] = ()

    def take_attributes(self, attributes: Sequence[str]) -> None:
        names, values = attributes[0::2], attributes[1::2]
        pairs = list(zip(names, values, strict=True))[:MAX_SHOWN_ATTRIBUTES]
        self._attributes = tuple(
            (legible(name.rpartition(" ")[2]), legible(value)) for name, value in pairs
        )

    def opened(self, path: Sequence[str]) -> bool:
        if self._is_left_out(path):
            self._is_cut = True
            return False
        self._branch_off()
        self._elements += 1
        self._waiting = (legible(path[-1]), self._attributes)
        return True

    def closed(self, path: Sequence[str], text: str) -> None:
        if len(path) > MAX_SHOWN_DEPTH or self.finished:
            return
        if self._waiting:
            self._add_leaf(text)
        else:
            self._end_branch()

    def tree(self, *, is_cut: bool, problem: str = "", line: int = 0) -> TreePreview:
        """Return what has grown; whatever is still open ends here."""
        if self._waiting:
            self._add_leaf("")
        while self._open:
            self._end_branch()
        return TreePreview(
            tuple(self._parts), self._elements, self._is_cut or is_cut, problem, line
        )

    def _is_left_out(self, path: Sequence[str]) -> bool:
        # The scan ends with the next end tag; until then nothing more is taken.
        self.finished = self.finished or self._elements == MAX_ELEMENTS
        return self.finished or len(path) > MAX_SHOWN_DEPTH

    def _branch_off(self) -> None:
        if self._waiting:
            name, attributes = self._waiting
            self._parts.append(TreePart(PartKind.BRANCH, self._open, name, attributes))
            self._open += 1
            self._waiting = None

    def _add_leaf(self, text: str) -> None:
        if self._waiting is None:
            return
        name, attributes = self._waiting
        # The scanner cuts without a sign.
        whole = len(text) < MAX_TEXT_LENGTH
        shown = legible(text) if whole else f"{legible(text[:-1])}…"
        self._parts.append(TreePart(PartKind.LEAF, self._open, name, attributes, shown))
        self._waiting = None

    def _end_branch(self) -> None:
        self._open -= 1
        self._parts.append(TreePart(PartKind.END, self._open))
