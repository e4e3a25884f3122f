"""Who a public body is to MAGDA."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from magda_portal.people.models import Organisation


class Environment(models.TextChoices):
    """MAGDA's environments, and the practice MAGDA that comes with the portal."""

    TNI = "TNI", _("TNI (test and integration)")
    PRD = "PRD", _("PRD (production)")
    SANDBOX = "SANDBOX", _("practice MAGDA")


class ClientIdentity(models.Model):
    """A common name that MAGDA gave to an organisation, and the certificates that prove it.

    MAGDA decides the common name; it is the user name of the FTPS login too. It may hold slashes
    and dots. A renewal goes from hand to hand (:mod:`certificates.services.relay`)::

        next ──activate──→ current ──first login──→ current, proven
                              │
                              └──first login rejected──→ next; previous is current again

    ``previous`` is the certificate to step back to; there is none once the current one has proved
    itself. ``activate_next_at`` is the moment somebody set for the switch.
    """

    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="identities"
    )
    environment = models.CharField(_("environment"), max_length=10, choices=Environment)
    common_name = models.CharField(_("common name"), max_length=200)
    role_mailbox = models.EmailField(_("role mailbox"), blank=True)
    current = models.ForeignKey(
        "Certificate", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    next = models.ForeignKey(
        "Certificate", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    previous = models.ForeignKey(
        "Certificate", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    activate_next_at = models.DateTimeField(_("moment of the switch"), null=True, blank=True)
    switched_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("client identity")
        ordering = ["common_name", "environment"]
        constraints = [
            models.UniqueConstraint(
                fields=["environment", "common_name"], name="identity_unique_per_environment"
            )
        ]

    def __str__(self) -> str:
        return f"{self.common_name} ({self.environment})"
