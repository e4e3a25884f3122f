"""Warnings about what expires: sent, seen, wanted, and as dates in a calendar."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from certificates.models.identity import Environment
from magda_portal.people.models import Organisation, Person


class Expiring(models.TextChoices):
    """The kinds of thing whose end can stop an account."""

    CERTIFICATE = "CERTIFICATE", _("client certificate")
    SERVER = "SERVER", _("server certificate")
    ANCHOR = "ANCHOR", _("trust anchor")
    LIST = "LIST", _("revocation list")


class ExpiryNotice(models.Model):
    """A warning that went out to an organisation, so that it goes out once per threshold.

    Somebody may acknowledge it; it stays quiet then until the next threshold.
    """

    organisation = models.ForeignKey(
        Organisation, on_delete=models.CASCADE, related_name="expiry_notices"
    )
    environment = models.CharField(_("environment"), max_length=10, choices=Environment)
    kind = models.CharField(max_length=12, choices=Expiring)
    # SHA-256 of the certificate or list, hex.
    fingerprint = models.CharField(max_length=64)
    threshold_days = models.SmallIntegerField()
    sent_at = models.DateTimeField(default=timezone.now)
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    acknowledged_by = models.ForeignKey(
        Person, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ["-sent_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "environment", "kind", "fingerprint", "threshold_days"],
                name="expiry_notice_once_per_threshold",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.fingerprint[:16]}: {self.threshold_days}"


class ExpirySubscription(models.Model):
    """Somebody who asked to be warned of what expires in an organisation."""

    organisation = models.ForeignKey(
        Organisation, on_delete=models.CASCADE, related_name="expiry_subscriptions"
    )
    person = models.ForeignKey(
        Person, on_delete=models.CASCADE, related_name="expiry_subscriptions"
    )
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "person"], name="expiry_subscription_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.person_id} in {self.organisation_id}"


class CalendarFeed(models.Model):
    """The address at which a person's calendar reads the dates; one a person, known by a token."""

    person = models.OneToOneField(Person, on_delete=models.CASCADE, related_name="calendar_feed")
    # SHA-256 of the token, hex: who reads the database can't read the calendar.
    token_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(default=timezone.now)
    last_read_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"calendar of {self.person_id}"
