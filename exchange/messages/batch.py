"""The head of a MAGDA message: its kind, its service, and the references that tie it to another.

A request is `<GeefX><Verzoek>…`, an answer `<GeefXResponse><Repliek>…`, a publication
`<PubliceerX><Publicatie>…`; each begins with a `Context` (Generiek-02.00, Context.xsd). A file
holds that element bare or in a SOAP envelope. Services differ in namespace, so elements are
known by local name.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import BinaryIO

from exchange.messages.scanning import scan

CONTEXT_WITHIN = 1024 * 1024
"""Bytes in which the Context must end; it stands before the questions, answers and subjects."""


class MessageKind(StrEnum):
    """What a file is, named by the element that MAGDA wraps it in."""

    REQUEST = "Verzoek"
    ANSWER = "Repliek"
    PUBLICATION = "Publicatie"


@dataclass(frozen=True, slots=True)
class Context:
    """The head of one message; a field that the file lacks is an empty string.

    No value is longer than 256 characters. In MAGDA's own files a reference (*referte*) has at
    most 36 and an address of a party (*identificatie*, a URI) at most 120.
    """

    kind: MessageKind
    service: str
    version: str
    sender: str
    sender_reference: str
    receiver: str
    receiver_reference: str
    capacity: str
    """Hoedanigheid of the public body, whether it sends or receives; MAGDA itself has none."""

    @property
    def request_reference(self) -> str:
        """Return what ties an answer to its request; empty for a publication.

        An answer repeats the `Afzender/Referte` of the request as its `Ontvanger/Referte`.
        """
        if self.kind is MessageKind.REQUEST:
            return self.sender_reference
        return self.receiver_reference if self.kind is MessageKind.ANSWER else ""


def read_context(stream: BinaryIO) -> Context | None:
    """Return the head of the message, or None for XML that is not a MAGDA message.

    Stops reading behind the Context, or after the first MiB when there is none: what follows is
    not checked. Raises a MessageError for what is refused or is not XML, an empty file included.
    """
    reader = _ContextReader()
    scan(stream, reader, at_most=CONTEXT_WITHIN)
    return reader.context


def check_well_formed(stream: BinaryIO) -> None:
    """Read the whole file; raise a MessageError unless it is XML that we accept."""
    scan(stream, _Bystander())


class MessageLocator:
    """Finds the Verzoek, Repliek or Publicatie in a document and reckons paths from it."""

    def __init__(self) -> None:
        self.kind: MessageKind | None = None
        self._depth = 0

    def locate(self, path: Sequence[str]) -> tuple[str, ...]:
        """Return the path below the message's element, or nothing outside of it."""
        if self.kind is None:
            self._recognise(path)
            return ()
        return tuple(path[self._depth :])

    def is_message(self, path: Sequence[str]) -> bool:
        """Tell whether the path leads to the message's element itself."""
        return self.kind is not None and len(path) == self._depth

    def _recognise(self, path: Sequence[str]) -> None:
        inner = path[2:] if list(path[:2]) == ["Envelope", "Body"] else path
        # The element of the service stands around it; a tool may have left that off.
        if 1 <= len(inner) <= 2 and inner[-1] in set(MessageKind):
            self.kind = MessageKind(inner[-1])
            self._depth = len(path)


_FIELDS = {
    ("Context", "Naam"): "service",
    ("Context", "Versie"): "version",
    ("Context", "Bericht", "Afzender", "Identificatie"): "sender",
    ("Context", "Bericht", "Afzender", "Referte"): "sender_reference",
    ("Context", "Bericht", "Afzender", "Hoedanigheid"): "sender_capacity",
    ("Context", "Bericht", "Ontvanger", "Identificatie"): "receiver",
    ("Context", "Bericht", "Ontvanger", "Referte"): "receiver_reference",
    ("Context", "Bericht", "Ontvanger", "Hoedanigheid"): "receiver_capacity",
}


class _ContextReader:
    """Collects the fields of the Context and has finished with its end tag."""

    def __init__(self) -> None:
        self.finished = False
        self.context: Context | None = None
        self._locator = MessageLocator()
        self._found: dict[str, str] = {}

    def opened(self, path: Sequence[str]) -> bool:
        return self._locator.locate(path) in _FIELDS

    def closed(self, path: Sequence[str], text: str) -> None:
        kind = self._locator.kind
        if kind is None:
            return
        inner = self._locator.locate(path)
        if field := _FIELDS.get(inner):
            # The schema allows each field once; the first is the one that counts.
            self._found.setdefault(field, text)
        elif inner == ("Context",):
            self.context = self._assembled(kind)
            self.finished = True
        elif self._locator.is_message(path):
            self.finished = True

    def _assembled(self, kind: MessageKind) -> Context:
        def value(field: str) -> str:
            return self._found.get(field, "")

        party = "sender" if kind is MessageKind.REQUEST else "receiver"
        return Context(
            kind=kind,
            service=value("service"),
            version=value("version"),
            sender=value("sender"),
            sender_reference=value("sender_reference"),
            receiver=value("receiver"),
            receiver_reference=value("receiver_reference"),
            capacity=value(f"{party}_capacity"),
        )


class _Bystander:
    """Wants nothing: the scan itself is the check."""

    finished = False

    def opened(self, _path: Sequence[str]) -> bool:
        return False

    def closed(self, _path: Sequence[str], _text: str) -> None:
        pass
