"""A file that MAGDA is about to remove is told of once to everybody who wants to know."""

from datetime import timedelta

from django.core import mail
from django.utils import timezone

from exchange.models import Account, RemoteFile
from exchange.services.notifications import note_files_at_risk, send_notifications
from magda_portal.people.models import Kind, Notice, Person

NOW = timezone.now()


def stand(account: Account, *, days: int = 1, name: str = "a.xml") -> RemoteFile:
    return RemoteFile.objects.create(
        account=account,
        folder="from_vip",
        name=name,
        size=1,
        removal_day=timezone.localdate(NOW) + timedelta(days=days),
    )


def test_a_file_with_days_left_is_noted_once(account: Account, clerk: Person) -> None:
    stand(account)
    stand(account, days=5, name="later.xml")

    for hour in range(3):
        note_files_at_risk(now=NOW + timedelta(hours=hour))

    assert [notice.kind for notice in Notice.objects.filter(person=clerk)] == [Kind.REMOVAL]


def test_the_mail_names_the_day(account: Account, clerk: Person) -> None:
    file = stand(account, days=2)
    note_files_at_risk(now=NOW)
    Person.objects.update(language="en")

    send_notifications(now=NOW + timedelta(minutes=2))

    (message,) = mail.outbox
    assert f"MAGDA removes it on {file.removal_day.day} {file.removal_day:%B %Y}" in message.body


def test_a_file_that_was_collected_meanwhile_is_not_told_of(
    account: Account, clerk: Person
) -> None:
    stand(account)
    note_files_at_risk(now=NOW)
    RemoteFile.objects.update(state=RemoteFile.State.KEPT)

    assert send_notifications(now=NOW + timedelta(minutes=2)) == 0


def test_who_gets_the_alarm_of_the_account_is_not_told_twice(
    account: Account, clerk: Person
) -> None:
    account.identity.role_mailbox = clerk.email
    account.identity.save()
    stand(account)

    note_files_at_risk(now=NOW)

    assert not Notice.objects.exists()
