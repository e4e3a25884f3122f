"""Many things make one mail, at once or in the morning, and nothing is told twice."""

from collections.abc import Iterator
from datetime import datetime, time, timedelta

import pytest
import time_machine
from django.core import mail
from django.core.mail.backends.base import BaseEmailBackend
from django.db import connection
from django.test import override_settings
from django.urls import reverse
from django.utils import timezone

from certificates.tests.rows import make_person
from exchange.filenames import MAX_SHOWN_LENGTH
from exchange.models import Account
from exchange.services.mailing import name_in_mail
from exchange.services.notifications import note_events, send_notifications
from exchange.services.notifications.due import SETTLE, SLOT, due_mails
from exchange.services.notifications.mails import LONGEST_LIST
from exchange.tests.services.interruption import Execute
from exchange.tests.services.notifications.happening import BRUSSELS, arrive, choose, fail, later
from magda_portal.audit.models import AuditEvent
from magda_portal.people.models import Notice, NotificationMail, Person, Role, Timing
from magda_portal.web.tests.picky_mail import FULL, PICKY, UNKNOWN, PickyBackend


@pytest.fixture(autouse=True)
def _ten_in_the_morning() -> Iterator[None]:
    """Keep half past seven away from the two minutes that most tests let pass."""
    ten = datetime.combine(timezone.localdate(), time(10), tzinfo=BRUSSELS)
    with time_machine.travel(ten):
        yield


class AwayBackend(BaseEmailBackend):
    def send_messages(self, email_messages: object) -> int:
        raise TimeoutError("timed out")


# --- at once


def test_forty_things_make_one_mail(account: Account, eager: Person) -> None:
    for number in range(40):
        arrive(account, f"antwoord{number}.xml")
    note_events(now=timezone.now())

    sent = [send_notifications(now=later(minutes)) for minutes in (2, 3, 10)]

    assert sent == [1, 0, 0]
    (message,) = mail.outbox
    assert message.to == [eager.email]
    assert "40" in message.subject
    assert message.body.count("antwoord") == 40


def test_a_mail_waits_for_what_happens_together(account: Account, eager: Person) -> None:
    arrive(account)
    began = timezone.now()
    note_events(now=began)

    early = send_notifications(now=began + SETTLE - timedelta(seconds=1))
    arrive(account, "tweede.xml")
    note_events(now=began + SETTLE - timedelta(seconds=1))
    sent = send_notifications(now=began + SETTLE)

    assert (early, sent) == (0, 1)
    assert "tweede.xml" in mail.outbox[0].body


def test_a_stream_of_files_makes_a_mail_now_and_then(account: Account, eager: Person) -> None:
    began = timezone.now().replace(second=0, microsecond=0)
    sent = 0
    for minute in range(60):
        now = began + timedelta(minutes=minute)
        arrive(account, f"antwoord{minute}.xml")
        note_events(now=now)
        sent += send_notifications(now=now)

    assert 8 <= sent <= 60 / (SLOT.total_seconds() / 60) + 1
    told = sum(message.body.count("antwoord") for message in mail.outbox)
    assert told == Notice.objects.exclude(handled_at=None).count() >= 55


def test_people_get_their_own_mail_in_their_own_language(account: Account, eager: Person) -> None:
    other = make_person(
        "english@voorbeeld.example", organisation=account.organisation, role=Role.CLERK
    )
    choose(other, arrived=Timing.AT_ONCE)
    for person, language in ((eager, "nl"), (other, "en")):
        Person.objects.filter(pk=person.pk).update(language=language)
    arrive(account)
    note_events(now=timezone.now())

    send_notifications(now=later())

    bodies = {message.to[0]: message.body for message in mail.outbox}
    assert "You get this mail because" in bodies[other.email]
    # Months have a capital in English, and none in Dutch.
    assert timezone.now().strftime("%B") in bodies[other.email]
    assert timezone.now().strftime("%B") not in bodies[eager.email]


def test_a_mail_says_what_happened_where_and_what_to_do_but_shows_no_content(
    account: Account, eager: Person
) -> None:
    failed = fail(account, "vraag.xml", content=b"<geheim>85073003328</geheim>")
    note_events(now=timezone.now())

    Person.objects.update(language="en")
    send_notifications(now=later())

    (message,) = mail.outbox
    for part in (
        "vraag.xml",
        "Gemeente Voorbeeld",
        account.name,
        "(TNI)",
        reverse("transfer_show", args=[failed.pk]),
        reverse("notifications"),
    ):
        assert part in message.body
    assert "geheim" not in message.body
    assert "\n\n\n" not in message.body
    assert "&#" not in message.body


@pytest.mark.parametrize(
    ("name", "is_shown"),
    [
        ("vraag_20260101123045.xml", True),
        ("85073003328.xml", False),
        ("dossier 85.07.30-033.28.xml", False),
        ("jansen_85073003328_vraag.xml", False),
        ("0123456789.xml", True),
    ],
)
def test_a_name_that_may_hold_a_national_number_is_not_repeated(
    account: Account, eager: Person, name: str, is_shown: bool
) -> None:
    arrived = arrive(account, name)
    note_events(now=timezone.now())

    send_notifications(now=later())

    assert (name in mail.outbox[0].body) is is_shown
    assert ("033" in mail.outbox[0].body) is False
    assert reverse("transfer_show", args=[arrived.pk]) in mail.outbox[0].body


def test_a_name_steers_nothing(account: Account, eager: Person) -> None:
    arrive(account, "a\u202egpj.xml")
    note_events(now=timezone.now())

    send_notifications(now=later())

    assert "\u202e" not in mail.outbox[0].body
    assert "\\u202e" in mail.outbox[0].body


def test_a_long_name_is_cut() -> None:
    assert len(name_in_mail("a" * 900) or "") == MAX_SHOWN_LENGTH


def test_a_long_list_is_cut_and_says_so(account: Account, eager: Person) -> None:
    for number in range(LONGEST_LIST + 3):
        arrive(account, f"antwoord{number}.xml")
    note_events(now=timezone.now())
    Person.objects.update(language="en")

    send_notifications(now=later())

    (message,) = mail.outbox
    assert message.body.count("antwoord") == LONGEST_LIST
    assert "And 3 more" in message.body


# --- nothing is told twice, and nothing is lost


def test_a_mail_server_that_is_away_costs_minutes(account: Account, eager: Person) -> None:
    arrive(account)
    note_events(now=timezone.now())
    with override_settings(EMAIL_BACKEND=f"{__name__}.{AwayBackend.__name__}"):
        failed = send_notifications(now=later())

    assert (failed, NotificationMail.objects.count()) == (0, 0)
    assert send_notifications(now=later(3)) == 1


@pytest.mark.parametrize(("mailbox", "tries"), [(UNKNOWN, 1), (FULL, 3)])
def test_a_mailbox_that_takes_nothing_keeps_nobody_else_waiting(
    account: Account, eager: Person, mailbox: str, tries: int
) -> None:
    broken = make_person(mailbox, organisation=account.organisation, role=Role.CLERK)
    choose(broken, arrived=Timing.AT_ONCE)
    arrive(account)
    note_events(now=timezone.now())
    PickyBackend.tries.clear()

    with override_settings(EMAIL_BACKEND=PICKY):
        sent = [send_notifications(now=later(2 + turn * 6)) for turn in range(3)]

    assert sent == [1, 0, 0]
    assert [message.to for message in mail.outbox] == [[eager.email]]
    assert PickyBackend.tries.count(mailbox) == tries


def test_of_two_jobs_that_run_at_once_one_sends_the_mail(account: Account, eager: Person) -> None:
    arrive(account)
    note_events(now=timezone.now())
    is_first = True

    def overtake(
        execute: Execute, sql: str, params: object, many: bool, context: dict[str, object]
    ) -> object:
        nonlocal is_first
        if is_first and '"people_notificationmail"' in sql and "slot" in sql and "IN" not in sql:
            is_first = False
            assert send_notifications(now=later()) == 1
        return execute(sql, params, many, context)

    with connection.execute_wrapper(overtake):
        sent = send_notifications(now=later())

    assert not is_first
    assert (sent, len(mail.outbox)) == (0, 1)


def test_of_two_jobs_in_two_slots_one_tells_of_a_thing(account: Account, eager: Person) -> None:
    """The second one read what waits before the first one told of it."""
    arrive(account)
    note_events(now=timezone.now())
    is_first = True

    def overtake(
        execute: Execute, sql: str, params: object, many: bool, context: dict[str, object]
    ) -> object:
        nonlocal is_first
        if is_first and 'FROM "audit_auditevent"' in sql:
            is_first = False
            assert send_notifications(now=later(2)) == 1
        return execute(sql, params, many, context)

    with connection.execute_wrapper(overtake):
        sent = send_notifications(now=later(9))

    assert (sent, len(mail.outbox)) == (0, 1)
    assert NotificationMail.objects.count() == 1


def test_a_slot_that_another_job_took_meanwhile_is_left_to_it(
    account: Account, eager: Person
) -> None:
    arrive(account)
    note_events(now=timezone.now())
    now = later()
    (due,) = due_mails(now)

    def overtake(
        execute: Execute, sql: str, params: object, many: bool, context: dict[str, object]
    ) -> object:
        if 'FROM "audit_auditevent"' in sql:
            NotificationMail.objects.get_or_create(person=eager, timing=due.timing, slot=due.slot)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(overtake):
        sent = send_notifications(now=now)

    assert (sent, mail.outbox) == (0, [])
    assert send_notifications(now=now + SLOT) == 1


def test_the_trail_keeps_that_a_mail_left_and_not_what_it_said(
    account: Account, eager: Person
) -> None:
    arrive(account)
    note_events(now=timezone.now())

    send_notifications(now=later())

    event = AuditEvent.objects.get(action="person.notified")
    assert (event.subject_text, event.details) == (eager.email, {"timing": "AT_ONCE", "count": 1})


def test_the_number_of_queries_does_not_grow_with_the_number_of_things(
    account: Account, eager: Person, django_assert_max_num_queries: object
) -> None:
    for number in range(60):
        arrive(account, f"antwoord{number}.xml")
    note_events(now=timezone.now())

    with django_assert_max_num_queries(25):  # type: ignore[operator]  # a fixture of pytest-django
        send_notifications(now=later())
