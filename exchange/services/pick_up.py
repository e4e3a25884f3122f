"""Notice that MAGDA picked a delivered file up.

MAGDA copies it from ``to_vip`` to ``cache/to_vip`` and removes it ("FTPS Technical Information",
File Exchange).
"""

from datetime import datetime

from django.db import transaction

from exchange.ftps import FTPSClient
from exchange.models import Account, Transfer
from exchange.models.transfer import Direction, State
from exchange.remote import RETENTION
from exchange.services.reconciliation import look
from exchange.services.remote_files import AT_ONCE
from exchange.services.troubles import PORTAL
from magda_portal.audit.actions import Action
from magda_portal.audit.services import Subject, event, record_all


def note_picked_up(client: FTPSClient, account: Account, *, now: datetime) -> int:
    """Mark what stands in the cache and no longer in ``to_vip``; return how many.

    Asks the server only while something of the last two weeks waits for it. Raises FTPSError.
    """
    waiting = list(
        Transfer.objects.filter(
            account=account,
            direction=Direction.DELIVERY,
            state=State.DONE,
            picked_up_at=None,
            finished_at__gt=now - RETENTION,
        )
    )
    if not waiting:
        return 0
    folders = look(client, account)
    taken = [
        transfer
        for transfer in waiting
        if transfer.final_name not in folders.to_vip and transfer.final_name in folders.cache_to_vip
    ]
    _mark(taken, account, now)
    return len(taken)


@transaction.atomic
def _mark(taken: list[Transfer], account: Account, now: datetime) -> None:
    organisation = account.organisation.pk
    # In parts: SQLite takes a limited number of parameters in one statement.
    for start in range(0, len(taken), AT_ONCE):
        unnoted = Transfer.objects.select_for_update(of=("self",)).filter(
            pk__in=[transfer.pk for transfer in taken[start : start + AT_ONCE]], picked_up_at=None
        )
        part = list(unnoted)
        Transfer.objects.filter(pk__in=[transfer.pk for transfer in part]).update(picked_up_at=now)
        record_all(
            [
                event(
                    Action.TRANSFER_PICKED_UP,
                    actor=PORTAL,
                    organisation_id=organisation,
                    subject=Subject.row(transfer),
                )
                for transfer in part
            ]
        )
