"""One file on its way, and every attempt to move it."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from exchange.models.account import Account
from exchange.models.payload import Payload
from magda_portal.people.models import Person


class Direction(models.TextChoices):
    DELIVERY = "DELIVERY", _("delivery")
    COLLECTION = "COLLECTION", _("collection")


class State(models.TextChoices):
    QUEUED = "QUEUED", _("queued")
    RUNNING = "RUNNING", _("sending")
    WAITING = "WAITING", _("waiting for another try")
    DONE = "DONE", _("done")
    FAILED = "FAILED", _("failed")
    CANCELLED = "CANCELLED", _("cancelled")
    UNCERTAIN = "UNCERTAIN", _("uncertain")


class Step(models.TextChoices):
    """How far a delivery came; committed before each act that changes the server."""

    NONE = "", _("not begun")
    NAMED = "NAMED", _("temporary name recorded")
    STORED = "STORED", _("stored under the temporary name")
    CONFIRMED = "CONFIRMED", _("size confirmed")
    RENAME_ASKED = "RENAME_ASKED", _("rename asked")
    FINAL = "FINAL", _("under its final name")


class Transfer(models.Model):
    """A request that we deliver, or a file that we collect.

    States of a delivery::

        QUEUED ──→ RUNNING ──→ DONE
          │          ├──→ QUEUED                   the account is in trouble, not the file
          │          ├──→ WAITING ──→ RUNNING      a failure that can pass
          │          ├──→ FAILED                   a failure of this file, or tries used up
          │          └──→ UNCERTAIN                the server doesn't tell whether it arrived
          └──→ CANCELLED ←── WAITING
        FAILED ──→ QUEUED                          by a person
        UNCERTAIN ──→ DONE | FAILED                by a person, with the evidence

    A collection is made DONE, in the transaction that keeps the file. "Delivered", "picked up" and
    "answered" are words derived from state, ``picked_up_at`` and the transfers in ``answers``.

    ``holds_name`` keeps the final name for this transfer: no other delivery of the account may
    carry it until this one failed, was cancelled, or two weeks have passed.
    """

    # States that nothing leaves by itself.
    SETTLED = (State.DONE, State.FAILED, State.CANCELLED, State.UNCERTAIN)

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="transfers")
    direction = models.CharField(_("direction"), max_length=10, choices=Direction)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.QUEUED)
    step = models.CharField(max_length=12, choices=Step, blank=True, default="")
    final_name = models.CharField(_("name"), max_length=500)
    # Where a collected file stood.
    folder = models.CharField(max_length=200, blank=True)
    temporary_path = models.CharField(max_length=500, blank=True)
    # What stood under the final name before we stored, per folder: "size modified", or absent.
    stood_before = models.JSONField(default=dict)
    rename_asked_at = models.DateTimeField(null=True, blank=True)
    size = models.PositiveBigIntegerField(_("size"))
    # Hex.
    sha256 = models.CharField(max_length=64, blank=True)
    payload = models.OneToOneField(
        Payload, on_delete=models.PROTECT, null=True, blank=True, related_name="transfer"
    )
    person = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="transfers"
    )
    # The form's own id: a double click lands on the first transfer.
    submission = models.UUIDField(null=True, blank=True, unique=True)
    holds_name = models.BooleanField(default=False)
    resends = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="resent_by"
    )
    resend_reason = models.CharField(max_length=300, blank=True)
    # Codes of the warnings that a person sent it in spite of, and why.
    overruled = models.JSONField(default=list, blank=True)
    overrule_reason = models.CharField(max_length=300, blank=True)
    # A path in MAGDA's cache folder whose content is sent again; until it was fetched there is no
    # payload, no SHA-256, and the size is what the listing said.
    content_from = models.CharField(max_length=700, blank=True)

    # From MAGDA's XML, where the file is that.
    message_kind = models.CharField(max_length=12, blank=True)
    service = models.CharField(max_length=256, blank=True)
    referte = models.CharField(_("reference (Referte)"), max_length=256, blank=True)
    answers_to = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="answers"
    )
    # How many errors MAGDA reports in what was collected, as far as it was counted; null where
    # nothing was, as for what is no message of MAGDA's.
    errors_reported = models.PositiveIntegerField(null=True, blank=True)

    token = models.PositiveBigIntegerField(default=0)
    lease_until = models.DateTimeField(null=True, blank=True)
    next_attempt_at = models.DateTimeField(null=True, blank=True)
    attempts_made = models.PositiveIntegerField(default=0)
    error_code = models.CharField(max_length=60, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True, blank=True)
    picked_up_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("transfer")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["account", "final_name"],
                condition=models.Q(holds_name=True),
                name="transfer_final_name_unique_while_held",
            )
        ]
        indexes = [
            models.Index(
                fields=["next_attempt_at"],
                condition=models.Q(state__in=["QUEUED", "WAITING"]),
                name="transfer_due",
            ),
            models.Index(
                fields=["lease_until"],
                condition=models.Q(state="RUNNING"),
                name="transfer_leased",
            ),
            models.Index(
                fields=["account"],
                condition=models.Q(direction="DELIVERY", state="DONE", picked_up_at=None),
                name="transfer_not_picked_up",
            ),
            models.Index(fields=["account", "-id"], name="transfer_history"),
            models.Index(fields=["account", "referte"], name="transfer_referte"),
            # What is open, and how the last days went: the overview counts along this alone.
            models.Index(
                fields=["account", "state", "finished_at", "direction"], name="transfer_by_state"
            ),
            # Pages go by time: see magda_portal.web.pagination.
            models.Index(fields=["account", "-created_at", "-id"], name="transfer_by_time"),
            models.Index(fields=["-created_at", "-id"], name="transfer_by_time_of_all"),
        ]

    def __str__(self) -> str:
        return self.final_name


class TransferAttempt(models.Model):
    """One try: what the server said, how far it came, over which connection."""

    transfer = models.ForeignKey(Transfer, on_delete=models.PROTECT, related_name="attempts")
    number = models.PositiveIntegerField()
    started_at = models.DateTimeField()
    duration_ms = models.PositiveIntegerField(default=0)
    # Of exchange.ftps.Stage; empty when it succeeded.
    stage = models.CharField(max_length=12, blank=True)
    error_code = models.CharField(max_length=60, blank=True)
    reply = models.CharField(max_length=300, blank=True)
    bytes_moved = models.PositiveBigIntegerField(default=0)
    worker = models.CharField(max_length=100, blank=True)
    local_address = models.CharField(max_length=60, blank=True)
    server_address = models.CharField(max_length=60, blank=True)
    tls_version = models.CharField(max_length=10, blank=True)
    certificate_fingerprint = models.CharField(max_length=64, blank=True)
    # The control dialogue, secrets removed.
    transcript = models.TextField(blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["transfer", "number"], name="attempt_number_unique")
        ]

    def __str__(self) -> str:
        return f"{self.transfer_id}/{self.number}"
