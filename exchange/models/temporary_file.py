"""The temporary names that deliveries gave on the server."""

from django.db import models
from django.utils import timezone

from exchange.models.transfer import Transfer


class TemporaryFile(models.Model):
    """A name that may stand on the server and is ours: entered before it is first used.

    The row goes when the file is known to be gone or to carry its final name. Where a worker was
    lost, one that was only frozen may bring the file back: until ``watch_until`` we keep looking.
    """

    transfer = models.ForeignKey(Transfer, on_delete=models.PROTECT, related_name="temporary_files")
    path = models.CharField(max_length=600)
    made_at = models.DateTimeField(default=timezone.now)
    watch_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["transfer", "path"], name="temporary_file_unique")
        ]

    def __str__(self) -> str:
        return self.path
