"""What each person wants to hear by mail, what there is to hear, and the mails that left."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from magda_portal.people.models.person import Organisation, Person


class Kind(models.TextChoices):
    """What a notification can be about."""

    ARRIVED = "ARRIVED", _("An answer or a publication arrived")
    FAILED = "FAILED", _("A delivery failed or is uncertain")
    REMOVAL = "REMOVAL", _("MAGDA is about to remove a file")
    CERTIFICATE = "CERTIFICATE", _("Something happens to a certificate")


class Timing(models.TextChoices):
    """When a person is told."""

    OFF = "OFF", _("no mail")
    AT_ONCE = "AT_ONCE", _("a mail at once")
    DIGEST = "DIGEST", _("once a day, at 7.30")


class NotificationChoice(models.Model):
    """What a person chose for one kind; without a row the default of their roles holds."""

    person = models.ForeignKey(
        Person, on_delete=models.CASCADE, related_name="notification_choices"
    )
    kind = models.CharField(max_length=20, choices=Kind)
    timing = models.CharField(max_length=10, choices=Timing)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "kind"], name="notification_choice_unique")
        ]

    def __str__(self) -> str:
        return f"{self.person}: {self.kind} {self.timing}"


class Notice(models.Model):
    """One thing that one person wants to hear of.

    What it is about lies with other apps, so only an id is kept: of an event in the trail, or of a
    file at MAGDA. ``handled_at`` is set before the mail that tells of it leaves, and given back
    when that may leave later; it is also set when there is nothing left to tell.
    """

    class Source(models.TextChoices):
        EVENT = "EVENT", _("event")
        FILE = "FILE", _("file at MAGDA")

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="notices")
    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=20, choices=Kind)
    source = models.CharField(max_length=10, choices=Source)
    source_id = models.BigIntegerField()
    noted_at = models.DateTimeField(default=timezone.now)
    handled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "kind", "source", "source_id"], name="notice_unique"
            )
        ]
        indexes = [
            models.Index(
                fields=["person", "kind"],
                condition=models.Q(handled_at=None),
                name="notice_unhandled",
            ),
            models.Index(fields=["noted_at"], name="notice_noted"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.source} {self.source_id}"


class NotificationMail(models.Model):
    """A mail with notices that left, or is about to: one per person, timing and slot.

    ``slot`` is the beginning of the minutes, or the morning, that the mail stands for. The row is
    made before the mail leaves, so that of two jobs one sends it.
    """

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    timing = models.CharField(max_length=10, choices=Timing)
    slot = models.DateTimeField()
    count = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "timing", "slot"], name="notification_mail_unique"
            )
        ]

    def __str__(self) -> str:
        return f"{self.person}: {self.timing} {self.slot}"


class TrailMark(models.Model):
    """How far a reader of the trail has come: up to this event nothing is missing."""

    reader = models.CharField(max_length=40, unique=True)
    event_id = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.reader}: {self.event_id}"
