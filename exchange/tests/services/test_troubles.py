"""Whom an error concerns, and how an account in trouble is left alone and tried again."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from exchange.errors import NotReadyError
from exchange.ftps import (
    ConnectError,
    DeniedError,
    FTPSError,
    HandshakeError,
    LoginError,
    ProxyError,
    RefusedError,
    ServerCertificateError,
    Stage,
    StalledError,
    StorageFullError,
    UnconfirmedError,
)
from exchange.models import Account
from exchange.services.troubles import (
    ACCOUNT_PAUSE,
    LONGEST_CONNECTION_PAUSE,
    TRIAL,
    Consequence,
    account_reached,
    consequence_of,
    end_pause,
    may_try,
    pause_account,
)
from exchange.tests.builders import make_account
from magda_portal.audit.models import AuditEvent
from magda_portal.audit.services import Actor
from magda_portal.people.models import Organisation

NOW = timezone.now()
UNREACHABLE = RefusedError("refused", stage=Stage.CONNECT)
REFUSED = LoginError("530", stage=Stage.LOGIN)


@pytest.fixture
def account(db: None) -> Account:
    return make_account(Organisation.objects.create(name="Gemeente Voorbeeld", code="0123456789"))


def as_read_now(account: Account) -> Account:
    """Return the account as a worker has it that begins now."""
    return Account.objects.get(pk=account.pk)


def fail(account: Account, error: FTPSError = UNREACHABLE, *, now: datetime = NOW) -> Account:
    pause_account(account, error, transcript="", now=now)
    return as_read_now(account)


def actions() -> list[str]:
    return list(AuditEvent.objects.order_by("id").values_list("action", flat=True))


@pytest.mark.parametrize(
    ("error", "consequence"),
    [
        (NotReadyError("account.no_certificate"), Consequence.ACCOUNT),
        (LoginError("530", stage=Stage.LOGIN), Consequence.ACCOUNT),
        (ServerCertificateError("untrusted", stage=Stage.SECURE), Consequence.ACCOUNT),
        (
            ProxyError("403", stage=Stage.PROXY, code="proxy.refused", retryable=False),
            Consequence.ACCOUNT,
        ),
        (UNREACHABLE, Consequence.CONNECTION),
        # A line that was cut in the middle of the handshake, and a server that is busy.
        (
            HandshakeError("cut", stage=Stage.SECURE, retryable=True),
            Consequence.CONNECTION,
        ),
        (LoginError("421", stage=Stage.LOGIN, retryable=True), Consequence.CONNECTION),
        # A connection that breaks in the middle of a file may break because of that file.
        (ConnectError("421", stage=Stage.COMMAND), Consequence.PASSING),
        (StalledError("nothing moves", stage=Stage.DATA), Consequence.PASSING),
        (StorageFullError("452", stage=Stage.DATA), Consequence.PASSING),
        (UnconfirmedError("lost", stage=Stage.COMMAND), Consequence.PASSING),
        (DeniedError("553", stage=Stage.COMMAND), Consequence.FILE),
    ],
)
def test_each_error_concerns_whom_it_should(
    error: FTPSError | NotReadyError, consequence: Consequence
) -> None:
    assert consequence_of(error) is consequence


def test_forty_transfers_that_fail_at_once_are_one_failure(account: Account) -> None:
    workers = [as_read_now(account) for _ in range(40)]

    for worker in workers:
        fail(worker)

    account.refresh_from_db()
    assert account.trouble_count == 1
    assert account.is_paused(NOW + timedelta(seconds=59))
    assert not account.is_paused(NOW + timedelta(seconds=73))
    assert actions() == ["account.paused"]


def test_a_worker_that_fails_after_the_pause_of_another_pauses_again(account: Account) -> None:
    slow = as_read_now(account)
    fail(account)
    later = NOW + timedelta(minutes=5)

    now = fail(slow, now=later)

    assert (now.trouble_count, now.is_paused(later)) == (2, True)


def test_trouble_lasts_until_the_account_works_whatever_the_errors(account: Account) -> None:
    codes = []
    for number, error in enumerate([UNREACHABLE, ConnectError("x", stage=Stage.GREET)] * 3):
        account = fail(account, error, now=NOW + timedelta(hours=number))
        codes.append(account.trouble_code)

    assert account.trouble_since == NOW
    assert account.trouble_count == 6
    assert codes[:2] == ["connect.refused", "connect.failed"]
    assert actions() == ["account.paused"]
    account_reached(account, now=NOW)
    now = as_read_now(account)
    assert (now.trouble_code, now.trouble_since, now.trouble_count) == ("", None, 0)
    assert actions() == ["account.paused", "account.reached"]


def test_trouble_that_comes_to_need_somebody_is_news_once(account: Account) -> None:
    account = fail(account)
    for _ in range(3):
        account = fail(account, REFUSED, now=NOW + timedelta(hours=2))

    errors = [event.details["error"] for event in AuditEvent.objects.order_by("id")]
    assert errors == ["connect.refused", "login.refused"]
    assert account.trouble_since == NOW


def test_trouble_that_needs_somebody_is_noted_even_while_it_pauses(account: Account) -> None:
    """Of two workers one loses its connection, and the other is refused a moment later."""
    second = as_read_now(account)
    fail(account)

    now = fail(second, REFUSED)

    assert now.trouble_code == "login.refused"
    assert now.paused_until == NOW + ACCOUNT_PAUSE


def test_pauses_for_a_connection_grow_to_half_an_hour(account: Account) -> None:
    pauses = []
    for _ in range(8):
        account = fail(account)
        assert account.paused_until is not None
        pauses.append(account.paused_until - NOW)

    assert pauses[0] < timedelta(minutes=1.3)
    assert all(LONGEST_CONNECTION_PAUSE <= pause <= timedelta(minutes=36) for pause in pauses[5:])


def test_only_this_account_is_paused(account: Account) -> None:
    other = make_account(account.organisation, common_name="kb/anders")

    fail(account)

    assert may_try(as_read_now(other), now=NOW)


def test_after_a_pause_one_worker_tries_first(account: Account) -> None:
    fail(account)
    later = NOW + timedelta(minutes=5)
    workers = [as_read_now(account) for _ in range(3)]

    allowed = [may_try(worker, now=later) for worker in workers]

    assert allowed == [True, False, False]
    # And so does who comes a little later, and reads what stands there then.
    assert not may_try(as_read_now(account), now=later + TRIAL / 2)


def test_the_first_success_lets_all_the_others_go(account: Account) -> None:
    fail(account)
    first = as_read_now(account)
    later = NOW + timedelta(minutes=5)
    may_try(first, now=later)

    account_reached(first, now=later)

    assert [may_try(as_read_now(account), now=later) for _ in range(3)] == [True] * 3


def test_the_failure_of_the_one_that_tries_first_is_counted(account: Account) -> None:
    fail(account)
    first = as_read_now(account)
    later = NOW + timedelta(minutes=5)
    may_try(first, now=later)

    now = fail(first, now=later + timedelta(seconds=10))

    assert now.trouble_count == 2
    assert now.is_paused(later + timedelta(minutes=2))


def test_a_trial_whose_worker_died_holds_the_others_up_for_a_minute_only(account: Account) -> None:
    fail(account)
    later = NOW + timedelta(minutes=5)
    may_try(as_read_now(account), now=later)

    assert may_try(as_read_now(account), now=later + TRIAL + timedelta(seconds=1))


def test_a_person_who_tries_it_at_once_need_not_wait(account: Account) -> None:
    fail(account)

    end_pause(account, actor=Actor(name="An"), now=NOW)

    assert may_try(as_read_now(account), now=NOW)
