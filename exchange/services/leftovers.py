"""Remove temporary files that given-up deliveries left on the server."""

import logging

from exchange.ftps import FTPSClient, FTPSError
from exchange.models import Account, Transfer
from exchange.models.transfer import Direction, State
from exchange.services.reconciliation import delete_recorded

logger = logging.getLogger(__name__)


def remove_leftovers(client: FTPSClient, account: Account) -> int:
    """Delete the recorded temporary files of given-up deliveries; return how many are gone.

    Only paths that a transfer recorded as ours, never a pattern. What can't be deleted now is
    tried at the next visit. An uncertain delivery's file is evidence, and stays.
    """
    given_up = Transfer.objects.filter(
        account=account,
        direction=Direction.DELIVERY,
        state__in=[State.FAILED, State.CANCELLED],
    ).exclude(temporary_path="")
    removed = 0
    for transfer in given_up:
        try:
            delete_recorded(client, transfer.temporary_path)
            removed += 1
        except FTPSError as exc:
            logger.info("The temporary file of transfer %s stays: %s.", transfer.pk, exc.code)
            break
        Transfer.objects.filter(pk=transfer.pk, state=transfer.state).update(temporary_path="")
    return removed
