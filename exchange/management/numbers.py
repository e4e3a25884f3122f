"""Find a transfer by the number that pages and commands show."""

from django.core.management.base import CommandError

from exchange.models import Transfer


def numbered_transfer(number: int) -> Transfer:
    """Return the transfer with this number. Raises CommandError."""
    rows = Transfer.objects.select_related("account__identity__organisation", "payload")
    transfer = rows.filter(pk=number).first()
    if transfer is None:
        raise CommandError(f"There is no transfer {number}.")
    return transfer
