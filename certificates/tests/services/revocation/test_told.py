"""Who hears of a revoked certificate when another's mailbox takes no mail."""

import pytest
from django.core import mail
from pytest_django.fixtures import Settings

from certificates.models import Certificate, RevocationState
from certificates.services.relay import activate_due
from certificates.services.revocation import tell_revoked
from certificates.tests.builders import make_client
from certificates.tests.rows import ACTOR, NOW, give_certificate, make_identity, make_organisation
from magda_portal.web.tests.picky_mail import FULL, PICKY, UNKNOWN, PickyBackend

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("mailbox", "tries"), [(UNKNOWN, 1), (FULL, 3)])
def test_a_mailbox_that_takes_no_mail_keeps_nobody_else_from_hearing_of_it(
    settings: Settings, mailbox: str, tries: int
) -> None:
    settings.EMAIL_BACKEND = PICKY
    PickyBackend.tries.clear()
    for name, role in (("aaa", mailbox), ("bbb", "rol@voorbeeld.example")):
        give_certificate(
            make_identity(make_organisation(name), common_name=name, role_mailbox=role)
        )
    Certificate.objects.update(revocation=RevocationState.REVOKED)

    sent = [tell_revoked(now=NOW) for _ in range(3)]

    assert sent == [1, 0, 0]
    assert [message.to for message in mail.outbox] == [["rol@voorbeeld.example"]]
    assert PickyBackend.tries.count(mailbox) == tries


def test_the_next_certificate_is_no_reason_to_keep_quiet_about_the_one_before() -> None:
    identity = make_identity(role_mailbox="rol@voorbeeld.example")
    revoked = give_certificate(identity)
    give_certificate(identity, make_client(identity.common_name).bundle())
    Certificate.objects.filter(pk=revoked.pk).update(revocation=RevocationState.REVOKED)
    assert activate_due(now=NOW, actor=ACTOR) == 1

    assert tell_revoked(now=NOW) == 1

    assert [revoked.serial in message.body for message in mail.outbox] == [True]
