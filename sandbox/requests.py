"""Read a request file as MAGDA does: bare or in a SOAP envelope, as a stream, distrusting it.

The shape is that of MAGDA's XSDs: `GeefX/Verzoek` with one `Context` and `Vragen/Vraag*`. Only
what an answer needs is kept: the context's texts, and of each question its Referte, whether it
has content, and the INSZ numbers in it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from xml.parsers import expat

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import BinaryIO

_CHUNK = 65536
_SOAP = frozenset(
    {"http://schemas.xmlsoap.org/soap/envelope/", "http://www.w3.org/2003/05/soap-envelope"}
)
# No text that is looked at may be longer; MAGDA's own limit is 120 characters.
_LONGEST_TEXT = 1000

_MESSAGE = "Verzoek/Context/Bericht"


class RequestError(Exception):
    """The file is no request that can be answered question by question."""


class NotWellFormedError(RequestError):
    """The file is not well-formed XML, which is how a file in the making looks."""


class ForbiddenDoctypeError(RequestError):
    """The file declares a DOCTYPE; entities would come with it."""


@dataclass(slots=True)
class Header:
    """What is known of the request as a whole; empty texts where it says nothing."""

    operation: str = ""
    namespace: str = ""
    texts: dict[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The service, from Context/Naam."""
        return self.texts.get("Verzoek/Context/Naam", "")

    @property
    def version(self) -> str:
        """The version, from Context/Versie."""
        return self.texts.get("Verzoek/Context/Versie", "")

    def sender(self, element: str) -> str:
        """Return one of the sender's texts, such as its Referte."""
        return self.texts.get(f"{_MESSAGE}/Afzender/{element}", "")


@dataclass(slots=True)
class Question:
    """One Vraag."""

    reference: str = ""
    has_content: bool = False
    insz_numbers: list[str] = field(default_factory=list)


def read_request(source: BinaryIO, header: Header, on_question: Callable[[Question], None]) -> None:
    """Read `source` to its end, filling `header` and handing over each question in turn.

    When it raises, `header` holds what was read until then. Raises NotWellFormedError,
    ForbiddenDoctypeError, or RequestError when it is other XML than a request.
    """
    reader = _Reader(header, on_question)
    try:
        while chunk := source.read(_CHUNK):
            reader.parser.Parse(chunk, False)
        reader.parser.Parse(b"", True)
    except expat.ExpatError as error:
        msg = f"XML not well-formed: {error}"
        raise NotWellFormedError(msg) from error
    if not header.sender("Referte"):
        msg = "Context/Bericht/Afzender/Referte is missing"
        raise RequestError(msg)
    if not reader.questions:
        msg = "The request holds no Vraag"
        raise RequestError(msg)


class _Reader:
    """The handlers of one expat parser."""

    def __init__(self, header: Header, on_question: Callable[[Question], None]) -> None:
        self.questions = 0
        self._header = header
        self._on_question = on_question
        self._path: list[str] = []
        self._text: list[str] = []
        self._question: Question | None = None
        self._in_soap_header = False
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.StartDoctypeDeclHandler = self._refuse_doctype
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._characters

    def _refuse_doctype(self, *_: object) -> None:
        msg = "DOCTYPE is not allowed"
        raise ForbiddenDoctypeError(msg)

    def _start(self, tag: str, _attributes: dict[str, str]) -> None:
        namespace, _, name = tag.rpartition(" ")
        if namespace in _SOAP:
            self._in_soap_header = name == "Header"
        if namespace in _SOAP or self._in_soap_header:
            return
        if not self._header.operation:
            self._header.operation, self._header.namespace = name, namespace
        else:
            self._path.append(name)
        self._text = []
        if self._path == ["Verzoek", "Vragen", "Vraag"]:
            self._question = Question()

    def _characters(self, text: str) -> None:
        if sum(map(len, self._text)) < _LONGEST_TEXT:
            self._text.append(text)

    def _end(self, tag: str) -> None:
        namespace, _, _name = tag.rpartition(" ")
        if namespace in _SOAP:
            self._in_soap_header = False
        if namespace in _SOAP or self._in_soap_header or not self._path:
            return
        text = "".join(self._text).strip()
        self._text = []
        if self._question is not None:
            self._end_inside_question(self._question, text)
        elif text:
            self._header.texts["/".join(self._path)] = text
        self._path.pop()

    def _end_inside_question(self, question: Question, text: str) -> None:
        inside = self._path[3:]
        if not inside:
            self.questions += 1
            self._question = None
            self._on_question(question)
        elif inside == ["Referte"]:
            question.reference = text
        elif inside[0] == "Inhoud" and text:
            question.has_content = True
            if inside[-1] == "INSZ":
                question.insz_numbers.append(text)


def is_valid_insz(number: str) -> bool:
    """Check an INSZ's two control digits: 97 minus the rest of the first nine divided by 97.

    Of those born since 2000 the nine digits count with a 2 before them.
    """
    if len(number) != 11 or not (number.isascii() and number.isdecimal()):
        return False
    body, control = number[:9], int(number[9:])
    return control in {97 - int(body) % 97, 97 - int(f"2{body}") % 97}
