"""Files kept by the portal."""

import uuid

from django.db import models
from django.utils import timezone


class Payload(models.Model):
    """One stored file. Its name on disk is the id; only ``PayloadStore`` touches it.

    ``erased_at`` says that the content is gone after its retention; size and hash stay.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    size = models.PositiveBigIntegerField()
    # Hex.
    sha256 = models.CharField(max_length=64)
    stored_at = models.DateTimeField(default=timezone.now)
    first_opened_at = models.DateTimeField(null=True, blank=True)
    erased_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            # Few of many: what was opened or erased never comes back.
            models.Index(
                fields=["id"],
                condition=models.Q(first_opened_at=None, erased_at=None),
                name="payload_unopened",
            )
        ]

    def __str__(self) -> str:
        return f"{self.id} ({self.size} bytes)"
