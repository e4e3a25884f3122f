"""The last days before MAGDA removes a file that we do not have."""

from datetime import date, datetime, time, timedelta

import pytest
from django.core import mail
from django.core.mail.backends.base import BaseEmailBackend
from django.db import connection
from django.test import override_settings
from django.utils import timezone

from certificates.tests.rows import make_person
from exchange.models import Account, RemoteFile, Subscription
from exchange.queries.deadlines import Urgency, files_at_risk, waiting
from exchange.services.deadlines import LONGEST_LIST, sound_alarms
from exchange.tests.builders import make_account, make_collected
from exchange.tests.services.interruption import Execute
from magda_portal.audit.models import AuditEvent
from magda_portal.people.models import Organisation

NOW = timezone.now()
TODAY = timezone.localdate(NOW)


class UnreachableBackend(BaseEmailBackend):
    """A mail server that nobody answers at."""

    def send_messages(self, email_messages: object) -> int:
        raise ConnectionRefusedError("nobody there")


@pytest.fixture
def account(db: None) -> Account:
    organisation = Organisation.objects.create(name="Gemeente Voorbeeld", code="0123456789")
    make_person("beheer@voorbeeld.example", organisation=organisation)
    return make_account(organisation)


def seen(
    account: Account,
    name: str = "a.xml",
    *,
    days: int = 1,
    folder: str = "from_vip",
    **columns: str,
) -> RemoteFile:
    """Let a file stand at MAGDA that is removed in so many days."""
    return RemoteFile.objects.create(
        account=account,
        folder=folder,
        name=name,
        size=1,
        removal_day=TODAY + timedelta(days=days),
        **columns,
    )


def at_risk() -> list[str]:
    return [each.file.name for each in files_at_risk(RemoteFile.objects.all(), today=TODAY)]


def at(day: date, hour: int = 12) -> datetime:
    return datetime.combine(day, time(hour), tzinfo=timezone.get_default_timezone())


def alarmed() -> list[str]:
    events = AuditEvent.objects.filter(action="remote_file.alarmed").order_by("id")
    return list(events.values_list("subject_text", flat=True))


# --- what is at risk


@pytest.mark.parametrize(
    ("days", "urgency"),
    [
        (14, Urgency.NONE),
        (8, Urgency.NONE),
        (7, Urgency.WARNING),
        (3, Urgency.WARNING),
        (2, Urgency.ALARM),
        (0, Urgency.ALARM),
        (-2, Urgency.ALARM),
    ],
)
def test_a_file_is_at_risk_in_its_second_week_and_urgent_under_three_days(
    account: Account, days: int, urgency: Urgency
) -> None:
    found = waiting(seen(account, days=days), today=TODAY)

    assert (found.days_left, found.urgency) == (days, urgency)


def test_a_name_that_can_not_be_fetched_is_at_risk_too(account: Account) -> None:
    seen(account, "tab\there.xml", error_code="collection.name_unsafe")

    assert at_risk() == ["tab\there.xml"]


def test_what_is_kept_or_gone_is_not(account: Account) -> None:
    make_collected(account)
    for state in (RemoteFile.State.RELEASED, RemoteFile.State.VANISHED):
        seen(account, state, state=state)

    assert at_risk() == []


def test_a_publication_is_at_risk_while_somebody_subscribes(account: Account) -> None:
    seen(account, "pub_a.xml", folder="public")
    without = at_risk()
    Subscription.objects.create(account=account, prefix="pub_")

    assert (without, at_risk()) == ([], ["pub_a.xml"])


def test_a_folder_that_is_no_longer_collected_counts_no_more(account: Account) -> None:
    seen(account, folder="from_vip/old")

    assert at_risk() == []


def test_the_most_urgent_come_first(account: Account) -> None:
    for name, days in (("c", 5), ("a", 0), ("b", 3)):
        seen(account, name, days=days)

    assert at_risk() == ["a", "b", "c"]


# --- the alarm


def test_each_file_is_alarmed_about_once_however_often_the_job_runs(account: Account) -> None:
    seen(account, days=9)
    hours = [NOW + timedelta(hours=hour) for hour in range(0, 24 * 14, 3)]

    sent = [sound_alarms(now=now) for now in hours]

    assert sum(sent) == len(mail.outbox) == 1
    assert alarmed() == ["from_vip/a.xml"]
    told_at = RemoteFile.objects.get().alarmed_at
    assert told_at is not None
    assert timezone.localdate(told_at) == TODAY + timedelta(days=7)


def test_the_files_of_an_account_come_in_one_mail(account: Account) -> None:
    for name in ("a.xml", "b.xml"):
        seen(account, name, error_code="data.stalled")
    seen(account, "c.xml", days=5)

    assert sound_alarms(now=NOW) == 1

    (message,) = mail.outbox
    assert message.to == ["beheer@voorbeeld.example"]
    assert account.name in message.subject
    assert "from_vip/a.xml" in message.body
    assert "from_vip/b.xml" in message.body
    assert "c.xml" not in message.body
    assert alarmed() == ["from_vip/a.xml", "from_vip/b.xml"]


def test_what_becomes_urgent_later_on_the_day_is_mailed_tomorrow_with_the_others(
    account: Account,
) -> None:
    seen(account, "a.xml", days=2)
    sound_alarms(now=at(TODAY, 1))
    seen(account, "b.xml", days=2)

    same_day = sound_alarms(now=at(TODAY, 23))
    next_day = sound_alarms(now=at(TODAY + timedelta(days=1), 1))

    assert (same_day, next_day) == (0, 1)
    assert "from_vip/a.xml" in mail.outbox[1].body
    assert alarmed() == ["from_vip/a.xml", "from_vip/b.xml"]


@pytest.mark.parametrize("days", [0, 1])
def test_a_file_that_is_first_seen_on_its_last_days_does_not_wait_for_tomorrows_mail(
    account: Account, days: int
) -> None:
    """Tomorrow's mail would tell of what may be gone by then."""
    seen(account, "a.xml", days=2)
    sound_alarms(now=at(TODAY, 1))
    seen(account, "b.xml", days=days)

    sent = [sound_alarms(now=at(TODAY, hour)) for hour in (9, 10)]

    assert sent == [1, 0]
    assert "from_vip/b.xml" in mail.outbox[1].body
    assert alarmed() == ["from_vip/a.xml", "from_vip/b.xml"]


def test_another_account_has_its_own_mail(account: Account) -> None:
    other = make_account(account.organisation, common_name="kb/anders")
    for each in (account, other):
        seen(each)

    assert sound_alarms(now=NOW) == 2


def test_a_mail_server_that_fails_gets_the_mail_again_later(account: Account) -> None:
    seen(account)
    with override_settings(EMAIL_BACKEND=f"{__name__}.{UnreachableBackend.__name__}"):
        failed = sound_alarms(now=NOW)
    in_between = (RemoteFile.objects.get().alarmed_at, alarmed())

    assert (failed, in_between) == (0, (None, []))
    assert sound_alarms(now=NOW) == 1


def test_of_two_jobs_that_run_at_once_one_sends_the_mail(account: Account) -> None:
    seen(account)
    is_first = True

    def overtake(
        execute: Execute, sql: str, params: object, many: bool, context: dict[str, object]
    ) -> object:
        nonlocal is_first
        # Up to the lock on the account's row both may have come.
        if is_first and sql.startswith("SAVEPOINT"):
            is_first = False
            assert sound_alarms(now=NOW) == 1
        return execute(sql, params, many, context)

    with connection.execute_wrapper(overtake):
        sent = sound_alarms(now=NOW)

    assert (sent, len(mail.outbox), alarmed()) == (0, 1, ["from_vip/a.xml"])


def test_a_name_from_outside_steers_no_mail(account: Account) -> None:
    seen(account, "a\r\nBcc: x@example.com\x1b[31m.xml", error_code="collection.name_unsafe")

    sound_alarms(now=NOW)

    (message,) = mail.outbox
    assert "\x1b" not in message.body
    assert not [line for line in message.body.splitlines() if line.startswith("Bcc")]


def test_a_mail_of_many_files_stays_short(account: Account) -> None:
    for number in range(LONGEST_LIST + 7):
        seen(account, f"{number}.xml")

    sound_alarms(now=NOW)

    (message,) = mail.outbox
    assert message.body.count("from_vip/") == LONGEST_LIST
    assert " 7 " in message.body
    assert len(alarmed()) == LONGEST_LIST + 7
