"""How many errors MAGDA reported in answer to a request, or in a file of its own."""

from exchange.models import Transfer
from exchange.models.transfer import Direction


def reported_errors(transfer: Transfer) -> int:
    """Return the errors in a collected file, or in the answers to a request, as counted so far.

    Reads ``answers`` of a delivery, which lists should prefetch. What was not counted is no error.
    """
    is_request = transfer.direction == Direction.DELIVERY
    files = transfer.answers.all() if is_request else [transfer]
    return sum(file.errors_reported or 0 for file in files)
