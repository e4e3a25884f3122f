"""Client certificates, and what a login with each of them came to."""

from datetime import datetime

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from certificates.models.identity import ClientIdentity
from certificates.models.key_pair import KeyPair


class RevocationState(models.TextChoices):
    """What the revocation lists say of a certificate; the four are never mixed up."""

    UNCHECKED = "UNCHECKED", _("not checked")
    GOOD = "GOOD", _("not revoked")
    REVOKED = "REVOKED", _("revoked")
    STALE = "STALE", _("list too old")


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
    revocation = models.CharField(
        _("revocation"),
        max_length=10,
        choices=RevocationState,
        default=RevocationState.UNCHECKED,
    )
    # When a list last said so.
    revocation_checked_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked on"), null=True, blank=True)
    # The thisUpdate of the list that revoked it: only one of later takes that back.
    revoking_list_of = models.DateTimeField(null=True, blank=True)
    # When people were mailed that it is revoked.
    revocation_told_at = models.DateTimeField(null=True, blank=True)

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


class LoginTest(models.Model):
    """One login with a certificate that touched no file, and how it ended."""

    certificate = models.ForeignKey(
        Certificate, on_delete=models.CASCADE, related_name="login_tests"
    )
    at = models.DateTimeField(default=timezone.now)
    # Empty when the server let us in; else the code that the advice is looked up by.
    error_code = models.CharField(max_length=60, blank=True)
    # The server's own words, or the technical line of the error; one line without secrets.
    detail = models.TextField(blank=True)
    tls_version = models.CharField(max_length=20, blank=True)

    class Meta:
        verbose_name = _("login test")
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.certificate_id}: {self.error_code or 'works'}"

    @property
    def works(self) -> bool:
        return not self.error_code
