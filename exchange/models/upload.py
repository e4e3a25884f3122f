"""Files that people brought to send, and have not sent yet."""

import uuid

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from exchange.models.account import Account
from magda_portal.people.models import Person


class Upload(models.Model):
    """A file that a person brought, kept in the store until they send it; it is not in the queue.

    States::

        RECEIVING ──→ WAITING ──→ SENT
            └────────────┴──→ the row is deleted: by its person, or a day after the last touch

    Its id is the name of its file in the store. Sending it makes that the id of the payload too,
    and the ``submission`` of the transfer: what was made of an upload is found by it, and the
    database takes no second one.

    While it is received, it comes in over one or several requests. ``received`` is never ahead of
    what is durable on the disk, and equals ``length`` only once the file is whole and checked.

    ``parcel`` is the same for what is looked through and sent together: the files of one form, for
    one account.
    """

    class State(models.TextChoices):
        RECEIVING = "RECEIVING", _("being received")
        WAITING = "WAITING", _("waiting to be sent")
        SENT = "SENT", _("sent")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    parcel = models.UUIDField()
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="uploads")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="uploads")
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.RECEIVING)
    # What the file is called where it came from; and the name to deliver it under.
    file_name = models.CharField(max_length=500)
    name = models.CharField(max_length=500)
    # In bytes: how many were announced, and how many are here. Equal once it is whole.
    length = models.PositiveBigIntegerField()
    received = models.PositiveBigIntegerField(default=0)
    # When the file was last changed where it came from, in milliseconds since 1970, as browsers
    # tell it: by that a page knows the file again of which a part is here.
    modified = models.PositiveBigIntegerField(null=True)
    # The request that appends to it; one that comes later takes it over with a token of its own.
    writer = models.UUIDField(null=True)
    # Hex; empty until it is whole.
    sha256 = models.CharField(max_length=64, blank=True)
    # What the last check found, as ``exchange.services.uploads`` writes it.
    findings = models.JSONField(default=list)
    overrule_reason = models.CharField(max_length=300, blank=True)
    resend_reason = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    touched_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("upload")
        ordering = ["created_at", "id"]
        constraints = [
            # A form that is sent twice brings its files once.
            models.UniqueConstraint(
                fields=["parcel", "file_name", "sha256"],
                condition=~models.Q(state="RECEIVING"),
                name="upload_once_in_a_parcel",
            )
        ]
        indexes = [
            models.Index(fields=["parcel"], name="upload_parcel"),
            models.Index(fields=["touched_at"], name="upload_touched"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def percent(self) -> int:
        """How much of it is here, rounded down."""
        return 100 * self.received // self.length if self.length else 0
