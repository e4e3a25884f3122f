"""The append-only trail.

An event holds no foreign keys: ids, names and texts are copied in, so that it outlives what it
speaks of and no SET_NULL ever has to rewrite it. Triggers on SQLite and PostgreSQL refuse UPDATE
and DELETE (and TRUNCATE on PostgreSQL).
"""

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from magda_portal.audit.actions import Action

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as StrPromise

# Events keep these names in English, whatever language their reader has.
_JOBS: Final[Mapping[str, "StrPromise"]] = {
    "MAGDA portal": gettext_lazy("MAGDA portal"),
    "practice data": gettext_lazy("practice data"),
}
_COMMAND_LINE: Final = re.compile(r"command line \((?P<user>.*)\)")


def actor_in_words(name: str) -> str:
    """Return the name of an actor in the language of the moment; a person's own stays as it is."""
    if command := _COMMAND_LINE.fullmatch(name):
        return _("command line (%(user)s)") % {"user": command["user"]}
    return str(_JOBS.get(name, name))


def actors_that_read(part: str) -> models.Q:
    """Return the condition that what people read as the actor contains ``part``."""
    wanted = part.casefold()
    found = models.Q(actor_name__icontains=part)
    for name in _JOBS:
        if wanted in actor_in_words(name).casefold():
            found |= models.Q(actor_name=name)
    before_user, _bar, _after = actor_in_words("command line (|)").casefold().partition("|")
    if wanted in before_user:
        found |= models.Q(actor_name__startswith="command line (")
    elif wanted.startswith(before_user):
        user = wanted.removeprefix(before_user)
        found |= models.Q(actor_name__istartswith=f"command line ({user}")
    return found


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

    @property
    def who(self) -> str:
        """The actor in the language of the moment."""
        # A person may be called whatever they like.
        return self.actor_name if self.actor_id else actor_in_words(self.actor_name)
