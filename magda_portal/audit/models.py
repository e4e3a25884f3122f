"""The append-only trail.

An event holds no foreign keys: ids, names and texts are copied in, so that it outlives what it
speaks of and no SET_NULL ever has to rewrite it. Triggers on SQLite and PostgreSQL refuse UPDATE
and DELETE (and TRUNCATE on PostgreSQL).
"""

from django.db import models
from django.utils import timezone

from magda_portal.audit.actions import Action


class AuditEvent(models.Model):
    """One thing that a person or a job did."""

    at = models.DateTimeField(default=timezone.now)
    action = models.CharField(max_length=40, choices=Action)
    actor_id = models.CharField(max_length=40, blank=True)
    actor_name = models.CharField(max_length=254)
    organisation_id = models.CharField(max_length=40, blank=True)
    subject_type = models.CharField(max_length=40, blank=True)
    subject_id = models.CharField(max_length=40, blank=True)
    subject_text = models.CharField(max_length=300, blank=True)
    details = models.JSONField(default=dict)
    request_id = models.CharField(max_length=36, blank=True)
    ip_address = models.CharField(max_length=45, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["subject_type", "subject_id", "id"], name="audit_subject"),
            # Pages go by time: see magda_portal.web.pagination.
            models.Index(fields=["organisation_id", "-at", "-id"], name="audit_organisation_time"),
            models.Index(fields=["-at", "-id"], name="audit_time"),
        ]

    def __str__(self) -> str:
        return f"{self.actor_name}: {self.get_action_display()} {self.subject_text}".strip()
