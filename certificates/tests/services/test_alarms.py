"""Who is mailed about what alarms, and who is not mailed twice."""

from datetime import timedelta

import pytest
from cryptography import x509
from django.core import mail
from pytest_django.fixtures import Settings

from certificates.models import ServerAlarm
from certificates.services.watch import record_sighting, send_alarms
from certificates.tests.builders import make_authority, make_server
from certificates.tests.rows import NOW, make_identity, make_organisation, make_person
from certificates.tests.servers import make_watched, shown, trust
from magda_portal.audit.models import AuditEvent
from magda_portal.web.tests.picky_mail import FULL, PICKY, UNKNOWN, PickyBackend

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("mailbox", "tries"), [(UNKNOWN, 1), (FULL, 12)])
def test_a_mailbox_that_takes_no_mail_makes_no_flood_for_the_others(
    settings: Settings, mailbox: str, tries: int
) -> None:
    settings.EMAIL_BACKEND = PICKY
    PickyBackend.tries.clear()
    organisations = [make_organisation("A"), make_organisation("B"), make_organisation("C")]
    mailboxes = ["een@voorbeeld.example", mailbox, "twee@voorbeeld.example"]
    for organisation, role in zip(organisations, mailboxes, strict=True):
        make_identity(organisation, common_name=organisation.name, role_mailbox=role)
    trust(None, make_authority("Stranger"))
    record_sighting(make_watched(*organisations), shown(), now=NOW)

    sent = [send_alarms(now=NOW + timedelta(minutes=5 * turn)) for turn in range(12)]

    assert sent == [2] + [0] * 11
    assert sorted(message.to[0] for message in mail.outbox) == [
        "een@voorbeeld.example",
        "twee@voorbeeld.example",
    ]
    assert PickyBackend.tries.count(mailbox) == tries
    assert AuditEvent.objects.filter(action="server.alarmed").count() == 2


def test_what_a_server_calls_itself_steers_no_mail() -> None:
    make_person(organisation=(organisation := make_organisation("A")))
    trust(None, make_authority("Stranger"))
    own = make_server(x509.DNSName("x.example"), issuer=make_authority("\x1b[2J\r\nAll is well."))
    record_sighting(make_watched(organisation), shown(own), now=NOW)

    send_alarms(now=NOW)

    body = str(mail.outbox[0].body)
    assert r"CN=\1B[2J\0D\0AAll is well." in body
    assert "\nAll is well." not in body


def test_an_alarm_that_passed_before_the_mail_left_is_not_mailed() -> None:
    make_person(organisation=(organisation := make_organisation("A")))
    trust(None, make_authority("Stranger"))
    record_sighting(make_watched(organisation), shown(), now=NOW)
    ServerAlarm.objects.update(ended_at=NOW)

    assert send_alarms(now=NOW) == 0
