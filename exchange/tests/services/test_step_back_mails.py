"""People are told once for each step back."""

import pytest
from django.core import mail
from django.db import connection
from django.test import override_settings
from django.utils import timezone

from certificates.tests.rows import make_person
from exchange.models import Account
from exchange.services.step_backs import send_step_back_alerts
from exchange.tests.services.interruption import Execute
from exchange.tests.services.logging_in import REFUSED, actions, fail
from exchange.tests.services.switching import identity_of, switch
from sandbox.authority import Authority


@pytest.fixture
def stepped_back(connected_account: Account, stranger: Authority) -> Account:
    make_person("beheer@voorbeeld.example", organisation=connected_account.organisation)
    new = switch(connected_account, stranger)
    fail(connected_account, REFUSED, new.fingerprint)
    return connected_account


def test_stepping_back_makes_one_mail(stepped_back: Account) -> None:
    with override_settings(LANGUAGE_CODE="en"):
        sent = [send_step_back_alerts(now=timezone.now()) for _ in range(3)]

    (message,) = mail.outbox
    identity = identity_of(stepped_back)
    assert identity.next is not None
    assert identity.current is not None
    assert sent == [1, 0, 0]
    assert message.to == ["beheer@voorbeeld.example"]
    for part in (
        stepped_back.name,
        identity.next.serial,
        identity.current.serial,
        "[login.refused]",
        f"/accounts/{stepped_back.pk}/renewal/",
    ):
        assert part in message.body
    assert "&#x27;" not in message.body
    assert "\n\n\n" not in message.body
    assert len(actions("account.alerted")) == 1


def test_a_second_step_back_makes_a_second_mail(stepped_back: Account, stranger: Authority) -> None:
    send_step_back_alerts(now=timezone.now())
    again = switch(stepped_back, stranger)
    fail(stepped_back, REFUSED, again.fingerprint)

    assert send_step_back_alerts(now=timezone.now()) == 1


def test_a_mail_server_that_is_away_costs_no_mail(stepped_back: Account) -> None:
    with override_settings(EMAIL_BACKEND="exchange.tests.services.test_alerts.HangingBackend"):
        failed = send_step_back_alerts(now=timezone.now())

    assert (failed, send_step_back_alerts(now=timezone.now())) == (0, 1)


def test_of_two_jobs_that_run_at_once_one_sends_the_mail(stepped_back: Account) -> None:
    others: list[int] = []

    def overtake(
        execute: Execute, sql: str, params: object, many: bool, context: dict[str, object]
    ) -> object:
        if not others and sql.startswith('UPDATE "exchange_account" SET "step_back_alerted_at"'):
            others.append(0)
            others[0] = send_step_back_alerts(now=timezone.now())
        return execute(sql, params, many, context)

    with connection.execute_wrapper(overtake):
        sent = send_step_back_alerts(now=timezone.now())

    assert (others, sent, len(mail.outbox)) == ([1], 0, 1)
