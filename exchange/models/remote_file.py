"""The ledger of what stands on MAGDA's server."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from exchange.models.account import Account
from exchange.models.remote_name import unescaped
from exchange.models.transfer import Transfer


class RemoteFile(models.Model):
    """A file that a listing showed in a folder we collect.

    States::

        SEEN ──→ KEPT ──→ RELEASED     fetched and durable here; then moved or deleted there
         │ ↑      │ │
         │ └──────┘ └───→ VANISHED     gone before we cleared it: other hands, or MAGDA's clean-up
         │                 ↑    └──→ KEPT     listed again, the very same file
         └─────────────────┘

    KEPT goes back to SEEN when its content turns out to be missing here: it is fetched again. KEPT
    is final in ``public``, which is only read.

    A remote file is known by folder, name, size and modification time. While present (SEEN, KEPT)
    a name is unique in its folder.
    """

    class State(models.TextChoices):
        SEEN = "SEEN", _("seen")
        KEPT = "KEPT", _("kept")
        RELEASED = "RELEASED", _("cleared")
        VANISHED = "VANISHED", _("gone")

    PRESENT = (State.SEEN, State.KEPT)

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="remote_files")
    folder = models.CharField(max_length=200)
    # As the server writes it, or escaped (see remote_name) where no column holds that.
    name = models.CharField(max_length=1020)
    name_is_escaped = models.BooleanField(default=False)
    # In bytes; -1 where the listing does not tell.
    size = models.BigIntegerField()
    modified = models.DateTimeField(null=True, blank=True)
    first_seen_at = models.DateTimeField(default=timezone.now)
    state = models.CharField(max_length=10, choices=State, default=State.SEEN)
    # The day on which MAGDA removes it, by its two-week rule counted from when we first saw it.
    removal_day = models.DateField()

    # What keeps it from being fetched or cleared: the latest error, failures in a row, next try.
    error_code = models.CharField(max_length=60, blank=True)
    failures = models.PositiveIntegerField(default=0)
    last_error_at = models.DateTimeField(null=True, blank=True)
    next_try_at = models.DateTimeField(null=True, blank=True)
    # The dialogue of the latest failure, secrets removed.
    transcript = models.TextField(blank=True)
    # When the mail left that says that MAGDA is about to remove it, unkept.
    alarmed_at = models.DateTimeField(null=True, blank=True)

    # Committed before the server is asked to move or delete it, with where it shall go: whoever
    # comes next can tell our own move from other hands.
    release_asked_at = models.DateTimeField(null=True, blank=True)
    cache_path = models.CharField(max_length=1300, blank=True)
    released_at = models.DateTimeField(null=True, blank=True)
    # When we deleted it from the cache folder, or saw that it is there no more.
    cleared_at = models.DateTimeField(null=True, blank=True)
    transfer = models.OneToOneField(
        Transfer, on_delete=models.PROTECT, null=True, blank=True, related_name="remote_file"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account", "folder", "name", "name_is_escaped"],
                condition=models.Q(state__in=["SEEN", "KEPT"]),
                name="remote_file_unique_while_present",
            )
        ]
        indexes = [
            # What MAGDA is about to remove.
            models.Index(fields=["account", "state", "removal_day"], name="remote_file_by_state"),
            models.Index(
                fields=["account", "released_at"],
                condition=models.Q(state="RELEASED", cleared_at=None),
                name="remote_file_uncleared",
            ),
            models.Index(
                fields=["account", "folder", "name"],
                condition=models.Q(state="VANISHED"),
                name="remote_file_vanished",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.folder}/{self.name}"

    @property
    def wire_name(self) -> str:
        """The name as the server writes it, bytes that are not UTF-8 as surrogates."""
        return unescaped(self.name) if self.name_is_escaped else self.name


class FolderTrouble(models.Model):
    """A folder at MAGDA that could not be read or tidied; removed when it works again."""

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="folder_troubles")
    folder = models.CharField(max_length=200)
    error_code = models.CharField(max_length=60)
    since = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["folder"]
        constraints = [
            models.UniqueConstraint(fields=["account", "folder"], name="folder_trouble_unique")
        ]

    def __str__(self) -> str:
        return f"{self.folder}: {self.error_code}"
