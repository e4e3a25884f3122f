"""The ledger of what stands on MAGDA's server."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from exchange.models.account import Account
from exchange.models.transfer import Transfer


class RemoteFile(models.Model):
    """A file that a listing showed in a folder we collect.

    States::

        SEEN → KEPT → RELEASED      fetched and durable here; then moved or deleted there
          │      └──→ VANISHED      other hands, or MAGDA's clean-up, took it before us
          └─────────→ VANISHED
        KEPT is final in ``public``, which is only read.

    While present (SEEN, KEPT) a name is unique in its folder.
    """

    class State(models.TextChoices):
        SEEN = "SEEN", _("seen")
        KEPT = "KEPT", _("kept")
        RELEASED = "RELEASED", _("cleared")
        VANISHED = "VANISHED", _("gone")

    PRESENT = (State.SEEN, State.KEPT)

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="remote_files")
    folder = models.CharField(max_length=200)
    name = models.CharField(max_length=500)
    size = models.BigIntegerField()
    modified = models.DateTimeField(null=True, blank=True)
    first_seen_at = models.DateTimeField(default=timezone.now)
    state = models.CharField(max_length=10, choices=State, default=State.SEEN)
    # The day on which MAGDA removes it, by its two-week rule counted from when we first saw it.
    removal_day = models.DateField()
    error_code = models.CharField(max_length=60, blank=True)
    released_at = models.DateTimeField(null=True, blank=True)
    # Where we moved it to, and when we deleted it there.
    cache_path = models.CharField(max_length=700, blank=True)
    cleared_at = models.DateTimeField(null=True, blank=True)
    transfer = models.OneToOneField(
        Transfer, on_delete=models.PROTECT, null=True, blank=True, related_name="remote_file"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account", "folder", "name"],
                condition=models.Q(state__in=["SEEN", "KEPT"]),
                name="remote_file_unique_while_present",
            )
        ]

    def __str__(self) -> str:
        return f"{self.folder}/{self.name}"
