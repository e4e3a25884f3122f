from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.mail.backends.base import BaseEmailBackend
from django.db import connection
from django.test import override_settings
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation
from pytest_django.fixtures import Settings

from certificates.models import Certificate, Environment, ExpiryNotice
from certificates.services.expiry import THRESHOLDS, notify_expiring
from certificates.services.trust import add_trust_anchors
from certificates.tasks import notify_expiring as notify_expiring_task
from certificates.tests.builders import make_authority
from certificates.tests.ends import (
    YEAR,
    end_current,
    make_anchor,
    make_certificate,
    make_server,
    make_sighting,
)
from certificates.tests.rows import ACTOR, NOW, make_identity, make_organisation, make_person
from magda_portal.audit.models import AuditEvent
from magda_portal.web.tests.picky_mail import FULL, PICKY, UNKNOWN, PickyBackend

pytestmark = pytest.mark.django_db
EXPIRY = datetime(2027, 3, 1, 12, tzinfo=UTC)


Execute = Callable[[str, Any, bool, dict[str, Any]], object]


class UnreachableBackend(BaseEmailBackend):
    """A mail server that nobody answers at; it counts who tried."""

    tries = 0

    def send_messages(self, email_messages: object) -> int:
        UnreachableBackend.tries += 1
        raise ConnectionRefusedError("nobody there")


def before_expiry(**duration: float) -> datetime:
    return EXPIRY - timedelta(**duration)


@pytest.fixture
def certificate() -> Certificate:
    """A certificate in use that ends at EXPIRY, of an organisation with one administrator."""
    identity = make_identity(make_organisation("Stad 's-Voorbeeld"), common_name="kb/burgerloket")
    make_person("beheer@voorbeeld.example", organisation=identity.organisation)
    return end_current(identity, EXPIRY)


def test_each_threshold_is_mailed_once_when_it_runs_every_day(certificate: Certificate) -> None:
    days = [before_expiry(days=70 - day, hours=5) for day in range(80)]

    sent = [notify_expiring(now=now) + notify_expiring(now=now) for now in days]

    assert sum(sent) == len(mail.outbox) == len(THRESHOLDS)
    assert ExpiryNotice.objects.count() == len(THRESHOLDS)


def test_of_several_thresholds_passed_at_once_the_tightest_is_mailed(
    certificate: Certificate,
) -> None:
    assert notify_expiring(now=before_expiry(days=10)) == 1

    marked = ExpiryNotice.objects.values_list("threshold_days", flat=True)
    assert set(marked) == {14, 30, 60}
    assert "10" in mail.outbox[0].subject


def test_the_mail_says_which_when_and_what_to_do(certificate: Certificate) -> None:
    notify_expiring(now=before_expiry(days=3))

    (message,) = mail.outbox
    assert message.to == ["beheer@voorbeeld.example"]
    assert "kb/burgerloket (TNI)" in message.subject
    for part in (
        "Stad 's-Voorbeeld",
        "kb/burgerloket",
        "TNI",
        "2027 13:00",
        certificate.serial,
        certificate.fingerprint,
        "VO-DCBaaS",
        reverse("identity_show", args=[certificate.identity_id]),
    ):
        assert part in message.body
    assert "\n\n\n" not in message.body


def test_the_mail_leads_through_the_four_steps(certificate: Certificate) -> None:
    notify_expiring(now=before_expiry(days=14))

    body = str(mail.outbox[0].body)
    place = f"/certificates/{certificate.identity_id}/"
    steps = [f"{place}requests/make/", "VO-DCBaaS", f"{place}import/", f"{place}\n"]

    assert [body.index(step) for step in steps] == sorted(body.index(step) for step in steps)
    assert "no key file" in body


def test_with_a_next_certificate_the_mail_says_to_switch(certificate: Certificate) -> None:
    identity = certificate.identity
    identity.next = make_certificate(identity, EXPIRY + YEAR)
    identity.save()

    with override_settings(LANGUAGE_CODE="en"):
        notify_expiring(now=before_expiry(days=3))

    (message,) = mail.outbox
    assert "test the login with it, then put it in use" in message.body
    assert "VO-DCBaaS" not in message.body


def test_the_mail_after_expiry_says_that_it_has_expired(certificate: Certificate) -> None:
    notify_expiring(now=before_expiry(minutes=1))
    notify_expiring(now=EXPIRY)

    before, after = mail.outbox
    assert before.subject != after.subject
    assert before.body.splitlines()[0] != after.body.splitlines()[0]


def test_it_is_recorded(certificate: Certificate) -> None:
    notify_expiring(now=before_expiry(days=3))

    event = AuditEvent.objects.latest("id")
    assert event.action == "certificate.expiry_notified"
    assert (event.subject_type, event.subject_id) == (
        "clientidentity",
        str(certificate.identity_id),
    )
    assert event.details["threshold_days"] == 3


def test_a_certificate_that_is_not_in_use_is_left_alone(certificate: Certificate) -> None:
    end_current(certificate.identity, EXPIRY + YEAR)

    assert notify_expiring(now=before_expiry(days=3)) == 0


def test_a_shared_anchor_is_mailed_once_to_each_organisation_of_its_environment() -> None:
    for number, environment in enumerate([Environment.TNI, Environment.TNI, Environment.PRD]):
        mailbox = f"rol{number}@voorbeeld.example"
        make_identity(
            make_organisation(f"Gemeente {number}"),
            common_name=f"kb/{number}",
            environment=environment,
            role_mailbox=mailbox,
        )
    make_anchor(None, EXPIRY)

    with override_settings(LANGUAGE_CODE="en"):
        sent = [notify_expiring(now=before_expiry(days=3)) for _round in range(2)]

    assert sent == [2, 0]
    assert [message.to for message in mail.outbox] == [
        ["rol0@voorbeeld.example"],
        ["rol1@voorbeeld.example"],
    ]
    assert "trust anchor CN=Issuing CA (TNI) expires in 3 days" in mail.outbox[0].subject
    assert "Gemeente 0" in mail.outbox[0].body
    assert "\n\n\n" not in mail.outbox[0].body


def test_a_servers_certificate_is_mailed_once_it_has_expired(certificate: Certificate) -> None:
    end_current(certificate.identity, EXPIRY + YEAR)
    make_sighting(make_server(certificate.identity.organisation), EXPIRY)

    with translation.override("nl"):
        sent = [notify_expiring(now=now) for now in (before_expiry(minutes=1), EXPIRY, EXPIRY)]

    assert sent == [0, 1, 0]
    assert "ftps.example:21 (TNI)" in mail.outbox[0].subject


def test_what_had_nobody_to_warn_is_mailed_once_there_is_somebody() -> None:
    identity = make_identity()
    end_current(identity, EXPIRY)

    assert notify_expiring(now=before_expiry(days=3)) == 0
    make_person(organisation=identity.organisation)
    assert notify_expiring(now=before_expiry(days=3)) == 1


def test_a_mail_server_that_fails_costs_one_try_and_gets_the_mails_again_later(
    certificate: Certificate,
) -> None:
    end_current(make_identity(certificate.identity.organisation, common_name="kb/ander"), EXPIRY)
    UnreachableBackend.tries = 0
    with override_settings(EMAIL_BACKEND=f"{__name__}.{UnreachableBackend.__name__}"):
        failed = notify_expiring(now=before_expiry(days=3))

    assert (failed, UnreachableBackend.tries) == (0, 1)
    assert notify_expiring(now=before_expiry(days=3)) == 2


@pytest.mark.parametrize("mailbox", [UNKNOWN, FULL])
def test_a_mailbox_that_takes_no_mail_keeps_nobody_else_from_being_warned(
    certificate: Certificate, settings: Settings, mailbox: str
) -> None:
    settings.EMAIL_BACKEND = PICKY
    bad = make_identity(make_organisation("A"), common_name="aaa", role_mailbox=mailbox)
    end_current(bad, before_expiry(days=1, hours=12))

    sent = [notify_expiring(now=before_expiry(days=3, hours=-hour)) for hour in range(4)]

    assert sent == [1, 0, 0, 0]
    assert [message.to for message in mail.outbox] == [["beheer@voorbeeld.example"]]


@pytest.mark.parametrize(("mailbox", "tries"), [(UNKNOWN, 1), (FULL, 3)])
def test_a_refused_mail_is_not_sent_again_and_a_deferred_one_is(
    settings: Settings, mailbox: str, tries: int
) -> None:
    settings.EMAIL_BACKEND = PICKY
    PickyBackend.tries.clear()
    end_current(make_identity(role_mailbox=mailbox), EXPIRY)

    for _ in range(3):
        notify_expiring(now=before_expiry(days=2))

    assert PickyBackend.tries == [mailbox] * tries


def test_an_anchor_with_a_line_break_in_its_name_is_warned_of_like_any_other(
    certificate: Certificate,
) -> None:
    odd = make_authority("Root\r\nBcc: x@y.example")
    add_trust_anchors(odd.pem, environment="TNI", organisation=None, actor=ACTOR)

    notify_expiring(now=odd.certificate.not_valid_after_utc - timedelta(days=3))

    (message,) = (one for one in mail.outbox if "Bcc" in one.subject)
    assert "Root\\0D\\0ABcc: x@y.example" in message.subject
    assert "Root\\0D\\0ABcc: x@y.example" in message.body


def test_of_two_rounds_that_run_at_once_one_sends_the_mail(certificate: Certificate) -> None:
    is_first = True

    def overtake(
        execute: Execute, sql: str, params: object, many: bool, context: dict[str, object]
    ) -> object:
        nonlocal is_first
        if is_first and sql.startswith("INSERT") and '"certificates_expirynotice"' in sql:
            is_first = False
            assert notify_expiring(now=before_expiry(days=3)) == 1
        return execute(sql, params, many, context)

    with connection.execute_wrapper(overtake):
        sent = notify_expiring(now=before_expiry(days=3))

    assert (is_first, sent, len(mail.outbox)) == (False, 0, 1)


def test_a_round_that_finds_nothing_new_asks_no_more_for_more_warnings(
    certificate: Certificate,
) -> None:
    notify_expiring(now=EXPIRY)
    with CaptureQueriesContext(connection) as few:
        notify_expiring(now=EXPIRY)
    for number in range(20):
        identity = make_identity(certificate.identity.organisation, common_name=f"kb/{number}")
        end_current(identity, EXPIRY)
    notify_expiring(now=EXPIRY)

    with CaptureQueriesContext(connection) as many:
        notify_expiring(now=EXPIRY)

    assert len(many) == len(few)


@pytest.mark.usefixtures("frozen")
def test_the_task_warns_of_what_ends_now(certificate: Certificate) -> None:
    end_current(certificate.identity, NOW + timedelta(days=7))

    notify_expiring_task()

    assert len(mail.outbox) == 1
