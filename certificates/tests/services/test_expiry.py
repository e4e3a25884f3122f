from datetime import UTC, datetime, timedelta

import pytest
from django.core import mail
from django.core.mail.backends.base import BaseEmailBackend
from django.test import override_settings
from django.urls import reverse

from certificates.models import Certificate, ExpiryNotice
from certificates.services.expiry import THRESHOLDS, notify_expiring, passed_thresholds
from certificates.tasks import notify_expiring as notify_expiring_task
from certificates.tests.builders import make_client
from certificates.tests.rows import NOW, give_certificate, make_identity, make_person
from magda_portal.audit.models import AuditEvent
from magda_portal.people.models import Role

pytestmark = pytest.mark.django_db
EXPIRY = datetime(2027, 3, 1, 12, tzinfo=UTC)


class UnreachableBackend(BaseEmailBackend):
    """A mail server that nobody answers at."""

    def send_messages(self, email_messages: object) -> int:
        raise ConnectionRefusedError("nobody there")


def before_expiry(**duration: float) -> datetime:
    return EXPIRY - timedelta(**duration)


@pytest.fixture
def certificate() -> Certificate:
    """A certificate in use that ends at EXPIRY, of an organisation with one administrator."""
    identity = make_identity(common_name="kb/burgerloket")
    make_person("beheer@voorbeeld.example", organisation=identity.organisation)
    return give_certificate(identity, make_client("kb/burgerloket", not_after=EXPIRY).bundle())


@pytest.mark.parametrize(
    ("remaining", "tightest"),
    [
        (timedelta(days=61), None),
        (timedelta(days=60, hours=23), 60),
        (timedelta(days=60), 60),
        (timedelta(days=31), 60),
        (timedelta(days=30), 30),
        (timedelta(days=14), 14),
        (timedelta(days=7), 7),
        (timedelta(days=3), 3),
        (timedelta(days=1), 1),
        (timedelta(minutes=1), 1),
        (timedelta(0), 0),
        (timedelta(days=-9), 0),
    ],
)
def test_a_threshold_is_passed_at_its_day_and_expiry_at_its_moment(
    remaining: timedelta, tightest: int | None
) -> None:
    passed = passed_thresholds(Certificate(not_after=EXPIRY), EXPIRY - remaining)

    assert passed[:1] == ([] if tightest is None else [tightest])


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
    for part in (
        "kb/burgerloket",
        "TNI",
        "2027 13:00",
        certificate.serial,
        "VO-DCBaaS",
        reverse("identity_show", args=[certificate.identity_id]),
    ):
        assert part in message.body
    assert "\n\n\n" not in message.body


def test_the_mail_after_expiry_says_that_it_has_expired(certificate: Certificate) -> None:
    notify_expiring(now=before_expiry(minutes=1))
    notify_expiring(now=EXPIRY)

    before, after = mail.outbox
    assert before.subject != after.subject
    assert before.body.splitlines()[0] != after.body.splitlines()[0]


def test_administrators_who_may_log_in_and_the_role_mailbox_get_it(
    certificate: Certificate,
) -> None:
    organisation = certificate.identity.organisation
    certificate.identity.role_mailbox = "rol@voorbeeld.example"
    certificate.identity.save()
    make_person("weg@voorbeeld.example", organisation=organisation, is_active=False)
    make_person("klerk@voorbeeld.example", organisation=organisation, role=Role.CLERK)
    make_person("helpdesk@portaal.example", is_helpdesk=True)

    notify_expiring(now=before_expiry(days=3))

    assert mail.outbox[0].to == ["beheer@voorbeeld.example", "rol@voorbeeld.example"]


def test_it_is_recorded(certificate: Certificate) -> None:
    notify_expiring(now=before_expiry(days=3))

    event = AuditEvent.objects.latest("id")
    assert event.action == "certificate.expiry_notified"
    assert event.details["threshold_days"] == 3


def test_a_certificate_that_is_not_in_use_is_left_alone(certificate: Certificate) -> None:
    longer = make_client("kb/burgerloket", not_after=EXPIRY + timedelta(days=300))
    give_certificate(certificate.identity, longer.bundle())

    assert notify_expiring(now=before_expiry(days=3)) == 0


def test_what_had_nobody_to_warn_is_mailed_once_there_is_somebody() -> None:
    identity = make_identity()
    give_certificate(identity, make_client(not_after=EXPIRY).bundle())

    assert notify_expiring(now=before_expiry(days=3)) == 0
    make_person(organisation=identity.organisation)
    assert notify_expiring(now=before_expiry(days=3)) == 1


def test_a_mail_server_that_fails_gets_the_mail_again_later(certificate: Certificate) -> None:
    backend = f"{__name__}.{UnreachableBackend.__name__}"
    with override_settings(EMAIL_BACKEND=backend):
        failed = notify_expiring(now=before_expiry(days=3))

    assert failed == 0
    assert notify_expiring(now=before_expiry(days=3)) == 1


@pytest.mark.usefixtures("frozen")
def test_the_task_activates_what_became_valid_before_it_warns(certificate: Certificate) -> None:
    identity = certificate.identity
    following = make_client("kb/burgerloket", not_before=NOW, not_after=NOW + timedelta(days=7))
    give_certificate(identity, following.bundle(), at=NOW - timedelta(days=1))

    notify_expiring_task()

    identity.refresh_from_db()
    assert identity.next is None
    assert len(mail.outbox) == 1
