"""One trouble makes one mail, and so does an account that nobody could look at."""

from datetime import timedelta

import pytest
from django.core import mail
from django.core.mail.backends.base import BaseEmailBackend
from django.db import connection
from django.test import override_settings
from django.urls import reverse
from django.utils import timezone, translation

from certificates.models import ClientIdentity
from certificates.tests.rows import give_certificate, make_person
from exchange.advice import advice_for
from exchange.ftps import FTPSError, LoginError, RefusedError, Stage
from exchange.models import Account
from exchange.services.alerts import send_sight_alarms, send_trouble_alerts
from exchange.services.troubles import account_reached, pause_account
from exchange.tests.builders import make_account
from exchange.tests.services.interruption import Execute
from magda_portal.audit.models import AuditEvent
from magda_portal.people.models import Organisation, Role

NOW = timezone.now()
UNREACHABLE = RefusedError("refused", stage=Stage.CONNECT)
REFUSED = LoginError("530", stage=Stage.LOGIN)


class HangingBackend(BaseEmailBackend):
    """A mail server that nobody answers at; it counts who tried."""

    tries = 0

    def send_messages(self, email_messages: object) -> int:
        HangingBackend.tries += 1
        raise TimeoutError("timed out")


@pytest.fixture
def organisation(db: None) -> Organisation:
    organisation = Organisation.objects.create(name="Gemeente Voorbeeld", code="0123456789")
    make_person("beheer@voorbeeld.example", organisation=organisation)
    make_person("klerk@voorbeeld.example", organisation=organisation, role=Role.CLERK)
    make_person("weg@voorbeeld.example", organisation=organisation, is_active=False)
    return organisation


@pytest.fixture
def account(organisation: Organisation) -> Account:
    account = make_account(organisation, last_looked_at=NOW)
    account.identity.role_mailbox = "rol@voorbeeld.example"
    account.identity.save()
    return account


def fail(account: Account, error: FTPSError = UNREACHABLE, *, times: int = 1) -> None:
    """Let the account fail so many times, each time by a worker that begins anew."""
    for _ in range(times):
        pause_account(Account.objects.get(pk=account.pk), error, transcript="", now=NOW)


def alerts() -> list[AuditEvent]:
    return list(AuditEvent.objects.filter(action="account.alerted"))


@pytest.mark.parametrize(
    ("error", "needed"), [(UNREACHABLE, 3), (REFUSED, 1)], ids=["no connection", "refused"]
)
def test_a_mail_leaves_when_it_is_clear_that_the_trouble_stays(
    account: Account, error: FTPSError, needed: int
) -> None:
    sent = []
    for _ in range(needed + 3):
        fail(account, error)
        sent.append(send_trouble_alerts(now=NOW))

    assert sent == [*[0] * (needed - 1), 1, 0, 0, 0]
    assert len(mail.outbox) == len(alerts()) == 1


def test_the_mail_says_what_is_wrong_since_when_and_what_to_do(account: Account) -> None:
    fail(account, REFUSED)

    with override_settings(LANGUAGE_CODE="nl"):
        send_trouble_alerts(now=NOW)

    (message,) = mail.outbox
    assert message.to == ["rol@voorbeeld.example"]
    assert account.name in message.subject
    with translation.override("nl"):
        advice = advice_for("login.refused")
        expected = [str(advice.what), str(advice.next), "login.refused", account.name]
    expected.append(reverse("account_show", args=[account.pk]))
    for part in expected:
        assert part in message.body
    assert "&#x27;" not in message.body
    assert "\n\n\n" not in message.body


@pytest.mark.parametrize(
    ("has_certificate", "promise"),
    [
        (True, "The portal keeps trying. Until"),
        (False, "The portal tries again once the account has a certificate. Until"),
    ],
)
def test_the_mail_promises_no_try_that_nobody_makes(
    account: Account, has_certificate: bool, promise: str
) -> None:
    if has_certificate:
        give_certificate(account.identity)
        # Long ago, or the trouble would be about the one before.
        ClientIdentity.objects.update(switched_at=None)
    fail(account, REFUSED)

    with override_settings(LANGUAGE_CODE="en"):
        send_trouble_alerts(now=NOW)

    assert promise in mail.outbox[0].body


def test_trouble_of_two_accounts_makes_two_mails(
    account: Account, organisation: Organisation
) -> None:
    other = make_account(organisation, common_name="kb/anders")
    for each in (account, other):
        fail(each, REFUSED)

    assert send_trouble_alerts(now=NOW) == 2


def test_new_trouble_after_the_account_worked_makes_a_new_mail(account: Account) -> None:
    fail(account, REFUSED)
    send_trouble_alerts(now=NOW)
    account_reached(account, now=NOW)
    quiet = send_trouble_alerts(now=NOW)
    later = NOW + timedelta(hours=1)
    pause_account(account, REFUSED, transcript="", now=later)

    assert (quiet, send_trouble_alerts(now=later)) == (0, 1)


def test_trouble_that_ended_before_the_job_came_makes_no_mail(account: Account) -> None:
    fail(account, REFUSED)
    account_reached(account, now=NOW)

    assert send_trouble_alerts(now=NOW) == 0


def test_a_suspended_account_makes_no_mail(account: Account) -> None:
    fail(account, REFUSED)
    Account.objects.update(state=Account.State.SUSPENDED)

    assert send_trouble_alerts(now=NOW) == 0


def test_a_mail_server_that_hangs_costs_one_try_in_a_round_and_no_mail_is_lost(
    account: Account, organisation: Organisation
) -> None:
    for each in (account, make_account(organisation, common_name="kb/anders")):
        fail(each, REFUSED)
    HangingBackend.tries = 0
    with override_settings(EMAIL_BACKEND=f"{__name__}.{HangingBackend.__name__}"):
        failed = send_trouble_alerts(now=NOW)

    assert (failed, HangingBackend.tries, alerts()) == (0, 1, [])
    assert send_trouble_alerts(now=NOW) == 2


def test_of_two_jobs_that_run_at_once_one_sends_the_mail(account: Account) -> None:
    fail(account, REFUSED)
    is_first = True

    def overtake(
        execute: Execute, sql: str, params: object, many: bool, context: dict[str, object]
    ) -> object:
        nonlocal is_first
        if is_first and sql.startswith('UPDATE "exchange_account" SET "trouble_alerted_at"'):
            is_first = False
            assert send_trouble_alerts(now=NOW) == 1
        return execute(sql, params, many, context)

    with connection.execute_wrapper(overtake):
        sent = send_trouble_alerts(now=NOW)

    assert (sent, len(mail.outbox)) == (0, 1)


def test_who_has_nobody_to_tell_is_told_of_once_there_is_somebody(db: None) -> None:
    account = make_account(Organisation.objects.create(name="Leeg", code="0123456789"))
    fail(account, REFUSED)

    nobody = send_trouble_alerts(now=NOW)
    make_person("nieuw@leeg.example", organisation=account.organisation)

    assert (nobody, send_trouble_alerts(now=NOW)) == (0, 1)


# --- accounts that nobody could look at


@pytest.fixture
def unseen(account: Account) -> Account:
    """An account that was last looked at 11 days ago, and has a certificate."""
    give_certificate(account.identity)
    account.last_looked_at = NOW - timedelta(days=11, minutes=1)
    account.save()
    return account


def test_an_account_not_looked_at_for_eleven_days_makes_one_mail(unseen: Account) -> None:
    hours = [NOW + timedelta(hours=hour) for hour in range(0, 72, 6)]

    sent = [send_sight_alarms(now=now) for now in hours]

    assert sent == [1] + [0] * (len(hours) - 1)
    assert "lost" in mail.outbox[0].subject or "verloren" in mail.outbox[0].subject
    assert len(alerts()) == 1


@pytest.mark.parametrize(
    ("looked", "opened"),
    [(timedelta(days=10, hours=23), timedelta(days=90)), (None, timedelta(days=10))],
    ids=["looked at", "just opened"],
)
def test_before_that_it_makes_none(
    unseen: Account, looked: timedelta | None, opened: timedelta
) -> None:
    Account.objects.update(last_looked_at=NOW - looked if looked else None, created_at=NOW - opened)

    assert send_sight_alarms(now=NOW) == 0


@pytest.mark.parametrize("reason", ["suspended", "without a certificate"])
def test_an_account_that_nobody_should_look_at_makes_none(unseen: Account, reason: str) -> None:
    if reason == "suspended":
        Account.objects.update(state=Account.State.SUSPENDED)
    else:
        unseen.identity.current = None
        unseen.identity.save()

    assert send_sight_alarms(now=NOW) == 0


def test_the_mail_about_the_trouble_before_does_not_stand_in_for_it(unseen: Account) -> None:
    """The first mail was eleven days ago, and MAGDA begins to remove files now."""
    began = NOW - timedelta(days=11)
    pause_account(unseen, REFUSED, transcript="", now=began)
    send_trouble_alerts(now=began)

    assert send_sight_alarms(now=NOW) == 1
    assert send_trouble_alerts(now=NOW + timedelta(hours=1)) == 0


def test_an_account_that_is_reached_but_not_read_makes_no_second_one(unseen: Account) -> None:
    """Deliveries get through, and the folder with answers can't be listed."""
    send_sight_alarms(now=NOW)
    account_reached(unseen, now=NOW)

    assert send_sight_alarms(now=NOW + timedelta(hours=1)) == 0


def test_once_looked_at_again_it_can_be_raised_again(unseen: Account) -> None:
    send_sight_alarms(now=NOW)
    Account.objects.update(last_looked_at=NOW)

    later = NOW + timedelta(days=11, minutes=1)

    assert (send_sight_alarms(now=later - timedelta(days=1)), send_sight_alarms(now=later)) == (
        0,
        1,
    )
