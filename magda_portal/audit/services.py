"""Record what happened.

Call :func:`record` inside the transaction of the write it tells of: both are committed, or none.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import models

from magda_portal.audit.actions import Action
from magda_portal.audit.models import AuditEvent
from magda_portal.web.current import current_request

Detail = str | int | float | bool | None | Sequence[str] | Mapping[str, str | int | None]
Details = Mapping[str, Detail]


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acted: a person, or a job of the portal (then without an id)."""

    name: str
    id: str = ""

    @classmethod
    def person(cls, person: models.Model) -> "Actor":
        return cls(name=str(person), id=str(person.pk))


@dataclass(frozen=True, slots=True)
class Subject:
    """What was acted upon, in ids and words that outlive it."""

    type: str
    id: str
    text: str

    @classmethod
    def row(cls, row: models.Model, text: str = "") -> "Subject":
        return cls(type=row._meta.model_name or "", id=str(row.pk), text=(text or str(row))[:300])


def event(
    action: Action,
    *,
    actor: Actor,
    organisation_id: object = "",
    subject: Subject | None = None,
    details: Details | None = None,
) -> AuditEvent:
    """Build an event without saving it, for callers that record many at once."""
    request = current_request()
    return AuditEvent(
        action=action,
        actor_id=actor.id,
        actor_name=actor.name,
        organisation_id="" if organisation_id is None else str(organisation_id),
        subject_type=subject.type if subject else "",
        subject_id=subject.id if subject else "",
        subject_text=subject.text if subject else "",
        details=dict(details or {}),
        request_id=request.id,
        ip_address=request.ip_address,
    )


def record(
    action: Action,
    *,
    actor: Actor,
    organisation_id: object = "",
    subject: Subject | None = None,
    details: Details | None = None,
) -> AuditEvent:
    """Record one event.

    ``details`` says what changed, before and after; never a password, a key, file content or a
    national number.
    """
    row = event(
        action, actor=actor, organisation_id=organisation_id, subject=subject, details=details
    )
    row.save(force_insert=True)
    return row


def record_all(events: Sequence[AuditEvent]) -> None:
    """Save many events with one statement."""
    AuditEvent.objects.bulk_create(events)
