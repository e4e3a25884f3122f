"""A pause that another certificate ends."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from exchange.errors import NotReadyError
from exchange.ftps import FTPSError
from exchange.models import Account
from exchange.models.transfer import State
from exchange.services.dispatch import run_due
from exchange.services.renewal import resume_after_switch, resume_mended_accounts
from exchange.services.troubles import pause_account
from exchange.tests.services.interruption import Execute
from exchange.tests.services.logging_in import BUSY, REFUSED, REJECTED, actions, fresh, queue
from exchange.tests.services.switching import identity_of, switch
from sandbox.authority import Authority

NOW = timezone.now()


ABOUT_CERTIFICATE = [
    REFUSED,
    REJECTED,
    NotReadyError("account.certificate_expired"),
    NotReadyError("account.certificate_revoked"),
    NotReadyError("account.secret_unreadable"),
]


@pytest.mark.parametrize("error", ABOUT_CERTIFICATE, ids=lambda error: error.code)
def test_work_goes_on_by_itself_after_a_switch(
    connected_account: Account, authority: Authority, error: FTPSError | NotReadyError
) -> None:
    transfer = queue(connected_account)
    pause_account(fresh(connected_account), error, transcript="", now=timezone.now())
    quiet = run_due()

    switch(connected_account, authority)
    result = run_due()

    transfer.refresh_from_db()
    assert (quiet.attempted, quiet.collections) == ([], {})
    assert transfer.state == State.DONE
    assert list(result.collections) == [connected_account]
    assert actions("account.")[-1] == "account.retried"


def test_a_pause_about_something_else_is_waited_out(
    connected_account: Account, authority: Authority
) -> None:
    pause_account(fresh(connected_account), BUSY, transcript="", now=NOW - timedelta(seconds=1))
    Account.objects.update(trouble_code="connect.refused")
    switch(connected_account, authority)

    assert resume_mended_accounts(now=timezone.now()) == 0

    assert fresh(connected_account).is_paused(NOW)


def test_a_new_certificate_that_fails_too_gets_one_try_for_each_pause(
    connected_account: Account, authority: Authority
) -> None:
    """Trouble that began before the switch, about the line, and only later about a certificate."""
    pause_account(fresh(connected_account), REFUSED, transcript="", now=NOW - timedelta(hours=2))
    switch(connected_account, authority)
    first = resume_mended_accounts(now=timezone.now())

    pause_account(fresh(connected_account), REFUSED, transcript="", now=timezone.now())

    assert (first, resume_mended_accounts(now=timezone.now())) == (1, 0)


def test_of_two_rounds_at_once_one_ends_the_pause(
    connected_account: Account, authority: Authority
) -> None:
    pause_account(fresh(connected_account), REFUSED, transcript="", now=NOW - timedelta(hours=2))
    switch(connected_account, authority)
    identity = identity_of(connected_account)
    others: list[bool] = []

    def overtake(
        execute: Execute, sql: str, params: object, many: bool, context: dict[str, object]
    ) -> object:
        if not others and sql.startswith('UPDATE "exchange_account" SET "paused_until"'):
            others.append(True)
            others[0] = resume_after_switch(identity, now=timezone.now())
        return execute(sql, params, many, context)

    with connection.execute_wrapper(overtake):
        ended = resume_after_switch(identity, now=timezone.now())

    assert (others, ended) == ([True], False)
    assert actions("account.retried") == ["account.retried"]
