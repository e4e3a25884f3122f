"""Note folders at MAGDA that can't be read or tidied, so that somebody sees to it."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from exchange.models import Account, FolderTrouble
from exchange.services.troubles import PORTAL
from magda_portal.audit.actions import Action
from magda_portal.audit.services import Details, Subject, record


@transaction.atomic
def note_folder_trouble(account: Account, folder: str, code: str, *, now: datetime) -> None:
    """Note what is wrong with ``folder``; an event is made when that is news."""
    trouble, is_new = FolderTrouble.objects.get_or_create(
        account=account, folder=folder, defaults={"error_code": code, "since": now}
    )
    if is_new or trouble.error_code != code:
        trouble.error_code, trouble.since = code, now
        trouble.save(update_fields=["error_code", "since"])
        _record(Action.ACCOUNT_FOLDER_FAILED, account, {"folder": folder, "error": code})


@transaction.atomic
def end_folder_troubles(account: Account, *, except_for: Collection[str]) -> None:
    """Note that all folders but some work, or are no longer asked for."""
    for trouble in account.folder_troubles.exclude(folder__in=except_for):
        trouble.delete()
        _record(Action.ACCOUNT_FOLDER_RECOVERED, account, {"folder": trouble.folder})


def _record(action: Action, account: Account, details: Details) -> None:
    record(
        action,
        actor=PORTAL,
        organisation_id=account.organisation.pk,
        subject=Subject.row(account),
        details=details,
    )
