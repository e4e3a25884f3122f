"""Publications an account is entitled to."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from exchange.models.account import Account


class Subscription(models.Model):
    """An agreed publication: its files are recognised by the prefix of their name.

    MAGDA tells the prefix during the connection process; case doesn't matter.
    """

    class Format(models.TextChoices):
        ANY = "", _("any")
        XML = "xml", "XML"
        CSV = "csv", "CSV"

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="subscriptions")
    prefix = models.CharField(_("prefix of the file name"), max_length=150)
    format = models.CharField(_("format"), max_length=5, choices=Format, blank=True, default="")
    expected_period = models.CharField(_("expected"), max_length=100, blank=True)

    class Meta:
        verbose_name = _("subscription")
        ordering = ["prefix"]
        constraints = [
            models.UniqueConstraint(
                fields=["account", "prefix", "format"], name="subscription_unique"
            )
        ]

    def __str__(self) -> str:
        return self.prefix

    def matches(self, name: str) -> bool:
        """Return whether a file called ``name`` belongs to this publication."""
        lower = name.lower()
        return lower.startswith(self.prefix.lower()) and (
            not self.format or lower.endswith(f".{self.format}")
        )
