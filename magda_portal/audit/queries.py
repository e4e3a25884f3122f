"""Read the trail."""

from django.db.models import Model, QuerySet

from magda_portal.audit.models import AuditEvent


def events_for(row: Model) -> QuerySet[AuditEvent]:
    """Return the events of one row, oldest first."""
    return AuditEvent.objects.filter(
        subject_type=row._meta.model_name, subject_id=str(row.pk)
    ).order_by("id")
