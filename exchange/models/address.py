"""The addresses from which MAGDA lets an account in."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from exchange.models.account import Account

ADDRESS_LIMIT = 7


class WhitelistedAddress(models.Model):
    """One static address at MAGDA's firewall; at most seven an account, no ranges.

    States::

        REQUESTED → ACTIVE → WITHDRAWN
            └──────────────────┘

    While requested or active it occupies one of the slots 1 to 7, and the slot is unique: the
    database itself refuses an eighth address, however many people ask at once.
    """

    class State(models.TextChoices):
        REQUESTED = "REQUESTED", _("requested")
        ACTIVE = "ACTIVE", _("active")
        WITHDRAWN = "WITHDRAWN", _("withdrawn")

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="addresses")
    address = models.GenericIPAddressField(_("address"))
    purpose = models.CharField(_("purpose"), max_length=200, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.REQUESTED)
    slot = models.PositiveSmallIntegerField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("whitelisted address")
        ordering = ["slot", "id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(slot__isnull=True, state="WITHDRAWN")
                | models.Q(slot__gte=1, slot__lte=ADDRESS_LIMIT, state__in=["REQUESTED", "ACTIVE"]),
                name="address_holds_a_slot_while_in_use",
            ),
            models.UniqueConstraint(
                fields=["account", "slot"],
                condition=models.Q(state__in=["REQUESTED", "ACTIVE"]),
                name="address_slot_unique",
            ),
            models.UniqueConstraint(
                fields=["account", "address"],
                condition=models.Q(state__in=["REQUESTED", "ACTIVE"]),
                name="address_unique_per_account",
            ),
        ]

    def __str__(self) -> str:
        return self.address
