"""Which servers we believe."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from certificates.models.identity import Environment
from magda_portal.people.models import Organisation


class TrustAnchor(models.Model):
    """A certificate that a server's chain must end in, for one environment.

    Without an organisation it is shared by all. MAGDA advises the root and issuing authority of
    the Flemish government over the server's own certificate, which breaks at its renewal.
    """

    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, null=True, blank=True, related_name="trust_anchors"
    )
    environment = models.CharField(_("environment"), max_length=10, choices=Environment)
    der = models.BinaryField()
    subject = models.TextField(_("subject"))
    issuer = models.TextField(_("issuer"))
    serial = models.CharField(_("serial number"), max_length=64)
    # Issues certificates; else it is one server's own certificate, which a renewal replaces.
    is_authority = models.BooleanField()
    not_before = models.DateTimeField(_("valid from"))
    not_after = models.DateTimeField(_("valid until"))
    # SHA-256 over the DER form, hex.
    fingerprint = models.CharField(_("SHA-256 fingerprint"), max_length=64)
    added_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("trust anchor")
        ordering = ["subject"]
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "environment", "fingerprint"],
                name="trust_anchor_unique",
            ),
            models.UniqueConstraint(
                fields=["environment", "fingerprint"],
                condition=models.Q(organisation__isnull=True),
                name="shared_trust_anchor_unique",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subject} ({self.environment})"
