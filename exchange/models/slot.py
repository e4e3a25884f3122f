"""The connections that one account may hold at a time."""

from django.db import models

from exchange.models.account import Account


class ConnectionSlot(models.Model):
    """The right to hold one connection to MAGDA for an account; there are a few, by number.

    It is free without a lease, or when that is over by the database's clock. Whoever takes it
    raises the token.
    """

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="slots")
    number = models.PositiveSmallIntegerField()
    token = models.PositiveBigIntegerField(default=0)
    lease_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["account", "number"], name="connection_slot_unique")
        ]

    def __str__(self) -> str:
        return f"{self.account_id}/{self.number}"
