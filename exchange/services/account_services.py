"""Add, change and remove the services of an account.

A service is known by its name and recognises its request files by a pattern.
"""

import hashlib

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from exchange.errors import AccountError
from exchange.messages import NamePattern, PatternError
from exchange.models import Account, Service
from magda_portal.audit.actions import Action
from magda_portal.audit.services import Actor, Details, Subject, record

LONGEST_NAME = 100


def add_service(account: Account, *, name: str, pattern: str, actor: Actor) -> Service:
    """Let the account send files of this service, recognised by their name.

    Raises AccountError: ``service.name``, ``service.duplicate`` (case makes no difference), or a
    code of :class:`~exchange.messages.PatternError`.
    """
    name, pattern = _checked(account.services.all(), name, pattern)
    try:
        return _add(account, name, pattern, actor)
    except IntegrityError as exc:
        raise AccountError("service.duplicate") from exc


def mark_of(service: Service) -> str:
    """Return what a page carries along to tell, later, whether the service is still the same."""
    return hashlib.sha256(f"{service.name}\0{service.pattern}".encode()).hexdigest()


def change_service(service: Service, *, name: str, pattern: str, seen: str, actor: Actor) -> None:
    """Give a service another name or pattern; nothing is recorded when both stay.

    ``seen`` is the :func:`mark_of` it when the person began. Raises AccountError as
    :func:`add_service` does, ``service.changed`` when somebody else changed it since, and
    ``service.gone`` when it was removed.
    """
    others = service.account.services.exclude(pk=service.pk)
    name, pattern = _checked(others, name, pattern)
    try:
        _change(service, name, pattern, seen, actor)
    except IntegrityError as exc:
        raise AccountError("service.duplicate") from exc


@transaction.atomic
def remove_service(service: Service, *, actor: Actor) -> None:
    """Remove a service with its schema; what was sent stays. A second call changes nothing."""
    found = Service.objects.select_for_update().filter(pk=service.pk).first()
    if found is None:
        return
    pattern, had_schema = found.pattern, found.has_schema
    found.delete()
    record_about(service, Action.SERVICE_REMOVED, actor, {"pattern": pattern, "schema": had_schema})


def record_about(service: Service, action: Action, actor: Actor, details: Details) -> None:
    """Record an event whose subject is the service."""
    record(
        action,
        actor=actor,
        organisation_id=service.account.organisation.pk,
        subject=Subject.row(service, f"{service.name} ({service.account})"),
        details=details,
    )


def _checked(others: QuerySet[Service], name: str, pattern: str) -> tuple[str, str]:
    name, pattern = " ".join(name.split()), pattern.strip()
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise AccountError("service.name")
    try:
        NamePattern(pattern)
    except PatternError as exc:
        raise AccountError(exc.code, str(exc)) from exc
    if others.filter(name__iexact=name).exists():
        raise AccountError("service.duplicate")
    return name, pattern


@transaction.atomic
def _add(account: Account, name: str, pattern: str, actor: Actor) -> Service:
    service = Service.objects.create(account=account, name=name, pattern=pattern)
    record_about(service, Action.SERVICE_ADDED, actor, {"pattern": pattern})
    return service


@transaction.atomic
def _change(service: Service, name: str, pattern: str, seen: str, actor: Actor) -> None:
    found = Service.objects.select_for_update().filter(pk=service.pk).first()
    if found is None:
        raise AccountError("service.gone")
    before = {"name": found.name, "pattern": found.pattern}
    after = {"name": name, "pattern": pattern}
    if before == after:
        return
    if seen != mark_of(found):
        raise AccountError("service.changed")
    service.name, service.pattern = name, pattern
    service.save(update_fields=["name", "pattern"])
    record_about(service, Action.SERVICE_CHANGED, actor, {"before": before, "after": after})
