"""Remove temporary files on the server that no delivery needs any more."""

import logging

from django.db.models import QuerySet

from exchange.ftps import CommandError, FTPSClient, FTPSError
from exchange.models import Account, TemporaryFile
from exchange.models.transfer import State
from exchange.services import temporary_files

logger = logging.getLogger(__name__)


def leftovers_of(account: Account) -> QuerySet[TemporaryFile]:
    """Return the recorded temporary files that no delivery of ``account`` needs any more.

    What waits for another attempt is left to that; an uncertain delivery's file is evidence.
    """
    return TemporaryFile.objects.filter(
        transfer__account=account,
        transfer__state__in=[State.DONE, State.FAILED, State.CANCELLED],
    )


def remove_leftovers(client: FTPSClient, account: Account) -> int:
    """Delete recorded temporary files that nobody needs; return how many were there.

    Only paths that a delivery recorded as ours, never a pattern. What can't be deleted now is tried
    at the next visit; what a frozen worker may bring back is looked for until it can't.
    """
    removed = 0
    for row in leftovers_of(account):
        try:
            # Asked for, not looked for: a listing that came empty is no proof.
            removed += temporary_files.remove(client, row)
        except CommandError as exc:
            logger.info("The temporary file %s stays: %s.", row.pk, exc.code)
        except FTPSError as exc:
            logger.info("The temporary file %s stays: %s.", row.pk, exc.code)
            break
    return removed
