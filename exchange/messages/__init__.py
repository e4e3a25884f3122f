"""MAGDA's XML without Django: what a file is, whom it answers and what MAGDA objected to."""

from exchange.messages.batch import Context, MessageKind, check_well_formed, read_context
from exchange.messages.errors import (
    ERROR_CODES,
    DoctypeError,
    MessageError,
    NotWellFormedError,
    TooComplexError,
    UnreadableEncodingError,
)
from exchange.messages.summary import ExceptionCount, Summary, summarise

__all__ = [
    "ERROR_CODES",
    "Context",
    "DoctypeError",
    "ExceptionCount",
    "MessageError",
    "MessageKind",
    "NotWellFormedError",
    "Summary",
    "TooComplexError",
    "UnreadableEncodingError",
    "check_well_formed",
    "read_context",
    "summarise",
]
