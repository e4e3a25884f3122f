"""MAGDA's XML without Django: what a file is, whom it answers and what MAGDA objected to."""

from exchange.messages.batch import Context, MessageKind, check_well_formed, read_context
from exchange.messages.check_digits import is_valid_insz, is_valid_kbo
from exchange.messages.errors import (
    ERROR_CODES,
    DoctypeError,
    MessageError,
    NotWellFormedError,
    TooComplexError,
    UnreadableEncodingError,
)
from exchange.messages.identifiers import Places, WrongNumbers, find_wrong_numbers
from exchange.messages.name_patterns import PATTERN_ERROR_CODES, NamePattern, PatternError
from exchange.messages.preview import Preview, preview_of
from exchange.messages.schema_errors import SCHEMA_ERROR_CODES, SchemaError
from exchange.messages.schema_files import SchemaFiles, take_schema_files
from exchange.messages.schemas import Schema, compile_schema, find_entry
from exchange.messages.summary import ExceptionCount, Summary, summarise
from exchange.messages.validation import Verdict, Violation, ViolationKind, validate

__all__ = [
    "ERROR_CODES",
    "PATTERN_ERROR_CODES",
    "SCHEMA_ERROR_CODES",
    "Context",
    "DoctypeError",
    "ExceptionCount",
    "MessageError",
    "MessageKind",
    "NamePattern",
    "NotWellFormedError",
    "PatternError",
    "Places",
    "Preview",
    "Schema",
    "SchemaError",
    "SchemaFiles",
    "Summary",
    "TooComplexError",
    "UnreadableEncodingError",
    "Verdict",
    "Violation",
    "ViolationKind",
    "WrongNumbers",
    "check_well_formed",
    "compile_schema",
    "find_entry",
    "find_wrong_numbers",
    "is_valid_insz",
    "is_valid_kbo",
    "preview_of",
    "read_context",
    "summarise",
    "take_schema_files",
    "validate",
]
