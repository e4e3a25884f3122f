"""Files that MAGDA removes before we have them: its two weeks are the deadline."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from django.db.models import QuerySet

from exchange.models import RemoteFile

# A file is at risk in its second week, and urgent when fewer than three days are left.
WARNING_DAYS = 7
ALARM_DAYS = 3


class Urgency(StrEnum):
    NONE = "neutral"
    WARNING = "attention"
    ALARM = "bad"


@dataclass(frozen=True, slots=True)
class WaitingFile:
    """A file at MAGDA with the time that is left for it."""

    file: RemoteFile
    # Negative once the day has passed: MAGDA may remove the file at any moment.
    days_left: int
    urgency: Urgency


def waiting(file: RemoteFile, *, today: date) -> WaitingFile:
    """Say how urgent ``file`` is; one that is kept here, or not wanted, never is."""
    days = (file.removal_day - today).days
    if file.state != RemoteFile.State.SEEN or days > WARNING_DAYS or not _is_wanted(file):
        return WaitingFile(file, days, Urgency.NONE)
    return WaitingFile(file, days, Urgency.ALARM if days < ALARM_DAYS else Urgency.WARNING)


def waiting_files(rows: QuerySet[RemoteFile], *, today: date) -> list[WaitingFile]:
    """Say of each of ``rows``, in their order, how urgent it is."""
    return [waiting(row, today=today) for row in _with_what_is_wanted(rows)]


def files_at_risk(rows: QuerySet[RemoteFile], *, today: date) -> list[WaitingFile]:
    """Return those of ``rows`` that MAGDA removes within a week, unkept, the most urgent first."""
    soon = rows.filter(
        state=RemoteFile.State.SEEN, removal_day__lte=today + timedelta(days=WARNING_DAYS)
    )
    found = waiting_files(soon.order_by("removal_day", "id"), today=today)
    return [each for each in found if each.urgency is not Urgency.NONE]


def alarming(files: Iterable[WaitingFile]) -> list[WaitingFile]:
    """Return the files with fewer than three days left."""
    return [each for each in files if each.urgency is Urgency.ALARM]


def _with_what_is_wanted(rows: QuerySet[RemoteFile]) -> QuerySet[RemoteFile]:
    return rows.select_related(
        "account__identity__organisation", "account__identity__current"
    ).prefetch_related("account__subscriptions")


def _is_wanted(file: RemoteFile) -> bool:
    """Return whether the account collects this file, as it is set now."""
    account = file.account
    if file.folder in account.collect_folders:
        return True
    return file.folder == account.folder_public and any(
        subscription.matches(file.wire_name) for subscription in account.subscriptions.all()
    )
