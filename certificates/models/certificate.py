"""Client certificates and the warnings sent about them."""

from datetime import datetime

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from certificates.models.identity import ClientIdentity
from certificates.models.key_pair import KeyPair


class Certificate(models.Model):
    """An end-entity certificate with its chain.

    What lists and filters need is copied to columns.
    """

    identity = models.ForeignKey(
        ClientIdentity, on_delete=models.PROTECT, related_name="certificates"
    )
    key_pair = models.ForeignKey(KeyPair, on_delete=models.PROTECT, related_name="certificates")
    der = models.BinaryField()
    # Issuers, PEM, nearest first; empty when none came along.
    chain_pem = models.TextField(blank=True)
    serial = models.CharField(_("serial number"), max_length=64)
    subject = models.TextField(_("subject"))
    issuer = models.TextField(_("issuer"))
    not_before = models.DateTimeField(_("valid from"))
    not_after = models.DateTimeField(_("valid until"))
    # SHA-256 over the DER form, hex.
    fingerprint = models.CharField(_("SHA-256 fingerprint"), max_length=64)
    imported_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("certificate")
        ordering = ["not_after"]
        constraints = [
            models.UniqueConstraint(
                fields=["identity", "fingerprint"], name="certificate_unique_per_identity"
            )
        ]

    def __str__(self) -> str:
        return f"{self.subject} ({self.serial})"

    def days_left(self, now: datetime) -> int:
        """Return whole days until expiry; negative once it has passed."""
        return (self.not_after - now).days


class ExpiryNotice(models.Model):
    """A warning that went out, so that it goes out once per threshold."""

    certificate = models.ForeignKey(
        Certificate, on_delete=models.CASCADE, related_name="expiry_notices"
    )
    threshold_days = models.SmallIntegerField()
    sent_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["certificate", "threshold_days"], name="expiry_notice_once_per_threshold"
            )
        ]

    def __str__(self) -> str:
        return f"{self.certificate_id}: {self.threshold_days}"
