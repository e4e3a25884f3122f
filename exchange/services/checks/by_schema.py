"""Check a message against the schema of its service."""

from collections.abc import Sequence
from typing import BinaryIO, Final

from exchange.messages import (
    Context,
    MessageError,
    Schema,
    SchemaError,
    Violation,
    ViolationKind,
    compile_schema,
    validate,
)
from exchange.models import Service
from exchange.services.checks.finding import Finding, Severity
from exchange.services.checks.messages import refusal
from exchange.services.checks.names import services_of_name

MAX_LINES: Final = 10
"""Lines that a finding names; those beyond only count."""
MAX_BEGINNINGS: Final = 3
"""Elements that a finding names with which a message may begin; MAGDA's schemas have one or two."""


def service_of(services: Sequence[Service], name: str, context: Context | None) -> Service | None:
    """Return the service with a schema that the file is for, or None.

    The name decides; where it fits several services, or none, the file's own word for its service
    does. A file that fits one service and says nothing is that one's.
    """
    named = services_of_name(services, name)
    said = context.service.casefold() if context else ""
    agreeing = [each for each in named or services if _short(each) == said]
    return next((each for each in agreeing or named if each.has_schema), None)


def check_by_schema(service: Service, content: BinaryIO) -> list[Finding]:
    """Return how the message departs from the service's schema, alike places together.

    A schema that can't be used any more is a warning: it is no fault of the file.
    """
    files = {file.path: bytes(file.content) for file in service.schema_files.all()}
    try:
        schema = _compiled(files, service.schema_entry)
    except SchemaError:
        return [Finding("check.schema_unusable", Severity.WARNING)]
    try:
        verdict = validate(content, schema)
    except MessageError as exc:
        return [refusal(exc)]
    findings = _grouped(verdict.violations, schema)
    if verdict.is_cut_off:
        findings.append(Finding("check.schema_more", Severity.ERROR))
    return findings


def _compiled(files: dict[str, bytes], entry: str) -> Schema:
    if entry not in files:
        raise SchemaError("schema.missing_file", entry)
    return compile_schema(files, entry)


def _grouped(violations: Sequence[Violation], schema: Schema) -> list[Finding]:
    groups: dict[tuple[ViolationKind, str], list[int]] = {}
    for each in violations:
        groups.setdefault((each.kind, each.element), []).append(each.line)
    return [
        Finding(
            f"check.schema_{kind}",
            Severity.ERROR,
            tuple(dict.fromkeys(lines))[:MAX_LINES],
            len(lines),
            _subject(kind, element, schema),
        )
        for (kind, element), lines in groups.items()
    ]


def _subject(kind: ViolationKind, element: str, schema: Schema) -> str:
    """Return what a finding names; for a wrong beginning also those that the schema describes."""
    if kind is not ViolationKind.ROOT or not element:
        return element
    return "\n".join([element, *schema.beginnings[:MAX_BEGINNINGS]])


def _short(service: Service) -> str:
    """Return the name as a message has it: `GeefPersoon` of `Persoon.GeefPersoon`."""
    return service.name.rpartition(".")[2].casefold()
