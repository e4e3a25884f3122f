"""Why an XML file is refused.

MessageError                  code, retryable (never: the same bytes fail again)
├─ NotWellFormedError         xml.not_well_formed, with line, column and reason
├─ DoctypeError               xml.doctype
├─ UnreadableEncodingError    xml.unreadable_encoding
└─ TooComplexError            xml.too_complex, with the limit that was passed

No error carries content of the file, since messages end up in logs.
"""

from typing import ClassVar


class MessageError(Exception):
    """An XML file that cannot be accepted; `code` is stable and leads to the advice."""

    code: ClassVar[str]
    retryable: ClassVar[bool] = False


class NotWellFormedError(MessageError):
    """The file breaks the grammar of XML or of its namespaces, or ends too early.

    `line` counts from 1, `column` from 0; `reason` is the parser's English phrase.
    """

    code = "xml.not_well_formed"

    def __init__(self, reason: str, *, line: int, column: int) -> None:
        super().__init__(f"{reason} (line {line}, column {column})")
        self.reason = reason
        self.line = line
        self.column = column


class DoctypeError(MessageError):
    """The file has a document type declaration, the door to entity expansion and fetching."""

    code = "xml.doctype"

    def __init__(self) -> None:
        super().__init__("a document type declaration is not accepted")


class UnreadableEncodingError(MessageError):
    """The file names an encoding that cannot be read, or its bytes are not in its encoding."""

    code = "xml.unreadable_encoding"

    def __init__(self) -> None:
        super().__init__("the text encoding cannot be read")


class TooComplexError(MessageError):
    """The file is XML, but beyond what any MAGDA message needs; `limit` says in which way."""

    code = "xml.too_complex"

    def __init__(self, limit: str) -> None:
        super().__init__(f"the document has {limit}")
        self.limit = limit


ERROR_CODES: frozenset[str] = frozenset(
    error.code
    for error in (NotWellFormedError, DoctypeError, UnreadableEncodingError, TooComplexError)
)
"""Every code that this package raises; each has its sentence in the app's advice."""
