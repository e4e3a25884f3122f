"""Read the trail."""

from dataclasses import replace
from typing import Any

from django.db.models import CharField, Model, OuterRef, QuerySet
from django.db.models.functions import Cast

from magda_portal.audit.models import AuditEvent
from magda_portal.web.pagination import LOOK_THROUGH, Period, Source


def events_for(row: Model) -> QuerySet[AuditEvent]:
    """Return the events of one row, oldest first."""
    return AuditEvent.objects.filter(
        subject_type=row._meta.model_name, subject_id=str(row.pk)
    ).order_by("id")


def events_by_time(
    rows: QuerySet[AuditEvent],
    *,
    organisations: QuerySet[Any] | None,
    period: Period,
    look_through: int | None = LOOK_THROUGH,
) -> Source[AuditEvent]:
    """Return those of ``rows`` that belong to ``organisations`` as a source of pages.

    None stands for any organisation, and for what belongs to none, such as a failed login. The
    indexes ``audit_organisation_time`` and ``audit_time`` lead through them.
    """
    every = Source(
        rows=rows,
        whole=AuditEvent.objects.all(),
        time="at",
        lane_rows=AuditEvent.objects.all(),
        look_through=look_through,
        period=period,
    )
    if organisations is None:
        return every
    keys = list(organisations.values_list("pk", flat=True))
    key = Cast(OuterRef("pk"), CharField(max_length=40))
    return replace(
        every,
        rows=rows.filter(organisation_id__in=[str(each) for each in keys]),
        lanes=organisations,
        lane_rows=AuditEvent.objects.filter(organisation_id=key),
        lane_count=len(keys),
    )
