"""Give a service the XML Schema of its requests, and take it away."""

import hashlib
import posixpath
from collections.abc import Iterable, Mapping
from typing import BinaryIO

from django.db import transaction
from django.utils import timezone

from exchange.errors import AccountError
from exchange.messages import (
    Schema,
    SchemaError,
    SchemaFiles,
    compile_schema,
    find_entry,
    take_schema_files,
)
from exchange.models import SchemaFile, Service
from exchange.services.account_services import record_about
from magda_portal.audit.actions import Action
from magda_portal.audit.services import Actor, Details


def add_schema(
    service: Service,
    uploads: Iterable[tuple[str, BinaryIO]],
    *,
    entry: str = "",
    actor: Actor,
) -> None:
    """Check the requests of a service by this schema from now on, instead of an earlier one.

    ``uploads`` are pairs of a name and its content: schema files or archives with them. ``entry``
    names the file that declares the request; empty, it is found by the service's name. Only the
    files that it needs are kept. Raises SchemaError, with nothing changed, when they don't compile
    to a schema, and AccountError ``service.gone``.
    """
    files = take_schema_files(uploads)
    schema = compile_schema(files, _entry(files, entry, service.name))
    _keep(service, schema, {path: files[path] for path in sorted(schema.paths)}, actor)


@transaction.atomic
def remove_schema(service: Service, *, actor: Actor) -> None:
    """Check the requests by no schema any more. A second call changes nothing."""
    found = Service.objects.select_for_update().filter(pk=service.pk).first()
    if found is None or not found.has_schema:
        return
    found.schema_files.all().delete()
    record_about(found, Action.SERVICE_SCHEMA_REMOVED, actor, {"entry": found.schema_entry})
    found.schema_entry, found.schema_added_at = "", None
    found.save(update_fields=["schema_entry", "schema_added_at"])


def _entry(files: Mapping[str, bytes], entry: str, service: str) -> str:
    if not entry.strip():
        return find_entry(files, service)
    wanted = entry.strip().replace("\\", "/")
    fitting = [path for path in files if path == wanted or posixpath.basename(path) == wanted]
    if len(fitting) != 1:
        raise SchemaError("schema.entry_unclear", ", ".join((fitting or sorted(files))[:5]))
    return fitting[0]


@transaction.atomic
def _keep(service: Service, schema: Schema, files: SchemaFiles, actor: Actor) -> None:
    if not Service.objects.select_for_update().filter(pk=service.pk).exists():
        raise AccountError("service.gone")
    service.schema_files.all().delete()
    SchemaFile.objects.bulk_create(
        SchemaFile(service=service, path=path, content=content) for path, content in files.items()
    )
    service.schema_entry, service.schema_added_at = schema.entry, timezone.now()
    service.save(update_fields=["schema_entry", "schema_added_at"])
    details: Details = {"entry": schema.entry, "files": len(files), "sha256": _fingerprint(files)}
    record_about(service, Action.SERVICE_SCHEMA_ADDED, actor, details)


def _fingerprint(files: SchemaFiles) -> str:
    """Return a SHA-256 over paths and contents, so that the history tells two versions apart."""
    total = hashlib.sha256()
    for path, content in files.items():
        total.update(f"{path}\0{hashlib.sha256(content).hexdigest()}\n".encode())
    return total.hexdigest()
