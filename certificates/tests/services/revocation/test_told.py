"""Who hears of a revoked certificate when another's mailbox takes no mail."""

import pytest
from django.core import mail
from pytest_django.fixtures import Settings

from certificates.models import Certificate, RevocationState
from certificates.services.revocation import tell_revoked
from certificates.tests.rows import NOW, give_certificate, make_identity, make_organisation
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
