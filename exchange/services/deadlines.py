"""Raise the alarm about files that MAGDA removes before we have them.

One mail per account and day at most, and another for a file whose last day has come. Each file that
it is about is marked before the mail leaves (``RemoteFile.alarmed_at``), once, in a transaction
that holds the account's row; the marks are given back when the mail can leave later.
"""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from django.core.mail import EmailMessage
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from exchange.advice import advice_for
from exchange.filenames import shown
from exchange.models import Account, RemoteFile
from exchange.queries.deadlines import ALARM_DAYS, WaitingFile, alarming, files_at_risk
from exchange.services.mailing import mail_about, name_in_mail, recipients_of
from exchange.services.remote_files import in_chunks
from exchange.services.troubles import PORTAL
from magda_portal.audit.actions import Action
from magda_portal.audit.services import Subject, event, record_all
from magda_portal.web.mailing import mail_each
from magda_portal.web.telling import tell_once

logger = logging.getLogger(__name__)

# Lines in one mail; the page shows the rest.
LONGEST_LIST = 50


@dataclass(frozen=True, slots=True)
class _Risk:
    """The files of one account that MAGDA removes soon."""

    account: Account
    files: list[WaitingFile]

    def __str__(self) -> str:
        return f"files of account {self.account.pk}"


def sound_alarms(*, now: datetime) -> int:
    """Mail about files with fewer than three days left; return how many mails went out.

    A mail lists all such files of an account, and goes out when one of them is new in the list.
    """
    return mail_each(lambda risk: _sound(risk, now), _urgent(now))


def _urgent(now: datetime) -> Iterator[_Risk]:
    today = timezone.localdate(now)
    soon = today + timedelta(days=ALARM_DAYS)
    files = alarming(files_at_risk(RemoteFile.objects.filter(removal_day__lt=soon), today=today))
    files.sort(key=lambda each: str(each.file.account_id))
    for _pk, group in groupby(files, key=lambda each: each.file.account_id):
        members = list(group)
        yield _Risk(members[0].file.account, members)


def _sound(risk: _Risk, now: datetime) -> bool:
    """Tell those who look after the account; return whether this call did. Raises MailError."""
    account, files = risk.account, risk.files
    recipients = recipients_of(account)
    if not recipients:
        logger.info("Account %s has files at risk and nobody to tell.", account.pk)
        return False
    return tell_once(
        _mail(account, recipients, files),
        mark=lambda: _claim(account, [each.file for each in files], now),
        unmark=lambda fresh: _give_back(fresh, now),
        record=lambda fresh: _record(account, fresh, recipients),
    )


@transaction.atomic
def _claim(account: Account, rows: Sequence[RemoteFile], now: datetime) -> list[RemoteFile]:
    """Mark the files that nobody was told of, and return them; none when a mail left today.

    A file whose last day has come doesn't wait for tomorrow's mail.
    """
    Account.objects.select_for_update(of=("self",)).get(pk=account.pk)
    midnight = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    if account.remote_files.filter(alarmed_at__gte=midnight).exists():
        tomorrow = timezone.localdate(now) + timedelta(days=1)
        rows = [row for row in rows if row.removal_day <= tomorrow]
    fresh: list[RemoteFile] = []
    for chunk in in_chunks(rows):
        # Read again now that nobody else marks them; some may be kept meanwhile.
        untold = RemoteFile.objects.filter(
            pk__in=[row.pk for row in chunk], state=RemoteFile.State.SEEN, alarmed_at=None
        )
        pks = set(untold.values_list("pk", flat=True))
        RemoteFile.objects.filter(pk__in=pks).update(alarmed_at=now)
        fresh.extend(row for row in chunk if row.pk in pks)
    return fresh


def _give_back(rows: Sequence[RemoteFile], now: datetime) -> None:
    for chunk in in_chunks(rows):
        marked = RemoteFile.objects.filter(pk__in=[row.pk for row in chunk], alarmed_at=now)
        marked.update(alarmed_at=None)


def _mail(account: Account, recipients: list[str], files: list[WaitingFile]) -> EmailMessage:
    lines = [
        {
            "folder": each.file.folder,
            "name": name_in_mail(each.file.wire_name),
            "removal_day": each.file.removal_day,
            "advice": advice_for(each.file.error_code) if each.file.error_code else None,
        }
        for each in files[:LONGEST_LIST]
    ]
    names = {"name": account.name, "environment": account.environment}
    return mail_about(
        account,
        recipients,
        subject=_("%(name)s (%(environment)s): MAGDA removes files that we do not have") % names,
        template="exchange/mail/files_at_risk.txt",
        context={"lines": lines, "others": len(files) - len(lines), "count": len(files)},
        page=reverse("inbox"),
    )


def _record(account: Account, rows: Sequence[RemoteFile], recipients: list[str]) -> None:
    record_all(
        [
            event(
                Action.REMOTE_FILE_ALARMED,
                actor=PORTAL,
                organisation_id=account.organisation.pk,
                subject=Subject.row(row, f"{row.folder}/{shown(row.wire_name)}"),
                details={
                    "removal_day": row.removal_day.isoformat(),
                    "error": row.error_code,
                    "recipients": recipients,
                },
            )
            for row in rows
        ]
    )
