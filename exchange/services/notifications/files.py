"""Note the files that MAGDA is about to remove."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.utils import timezone

from exchange.models import RemoteFile
from exchange.queries.deadlines import ALARM_DAYS, alarming, files_at_risk
from exchange.services.mailing import recipients_of
from magda_portal.people.models import Kind, Notice
from magda_portal.people.services.notifications import note, watchers


def note_files_at_risk(*, now: datetime) -> None:
    """Note each file with fewer than three days left, once for everybody who wants to hear of it.

    Whoever gets the account's own alarm is not told twice.
    """
    today = timezone.localdate(now)
    soon = RemoteFile.objects.filter(removal_day__lt=today + timedelta(days=ALARM_DAYS))
    files = [each.file for each in alarming(files_at_risk(soon, today=today))]
    note(_notices(files, now))


def _notices(files: list[RemoteFile], now: datetime) -> Iterator[Notice]:
    if not files:
        return
    accounts = {file.account_id: file.account for file in files}
    mailed = {pk: recipients_of(account) for pk, account in accounts.items()}
    everybody = watchers({account.organisation.pk for account in accounts.values()})
    for file in files:
        organisation_id = file.account.organisation.pk
        for watcher in everybody:
            if watcher.person.email in mailed[file.account_id]:
                continue
            if watcher.wants(Kind.REMOVAL, organisation_id=organisation_id):
                yield Notice(
                    person=watcher.person,
                    organisation_id=organisation_id,
                    kind=Kind.REMOVAL,
                    source=Notice.Source.FILE,
                    source_id=file.pk,
                    noted_at=now,
                )
