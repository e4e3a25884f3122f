"""A mailbox that takes no mail keeps nobody else from hearing of trouble."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone
from pytest_django.fixtures import Settings

from certificates.models import ClientIdentity
from certificates.tests.rows import give_certificate, make_organisation
from exchange.ftps import LoginError, Stage
from exchange.models import Account, RemoteFile
from exchange.services.alerts import send_sight_alarms, send_trouble_alerts
from exchange.services.deadlines import sound_alarms
from exchange.services.step_backs import send_step_back_alerts
from exchange.services.troubles import pause_account
from exchange.tests.builders import make_account
from magda_portal.web.tests.picky_mail import FULL, PICKY, UNKNOWN, PickyBackend

pytestmark = pytest.mark.django_db
NOW = timezone.now()
GOOD = "rol@voorbeeld.example"

Round = Callable[..., int]
Prepare = Callable[[Account], None]


def refuse(account: Account) -> None:
    pause_account(account, LoginError("530", stage=Stage.LOGIN), transcript="", now=NOW)


def lose_sight(account: Account) -> None:
    give_certificate(account.identity)
    Account.objects.filter(pk=account.pk).update(last_looked_at=NOW - timedelta(days=12))


def leave_a_file(account: Account) -> None:
    tomorrow = timezone.localdate(NOW) + timedelta(days=1)
    RemoteFile.objects.create(
        account=account, folder="from_vip", name="a.xml", size=1, removal_day=tomorrow
    )


def step_back(account: Account) -> None:
    Account.objects.filter(pk=account.pk).update(
        stepped_back_at=NOW, step_back_code="login.refused"
    )


@pytest.mark.parametrize(("mailbox", "tries"), [(UNKNOWN, 1), (FULL, 3)])
@pytest.mark.parametrize(
    ("prepare", "rounds"),
    [
        (refuse, send_trouble_alerts),
        (lose_sight, send_sight_alarms),
        (leave_a_file, sound_alarms),
        (step_back, send_step_back_alerts),
    ],
)
def test_the_next_account_is_told_of_and_a_mail_that_is_refused_is_sent_once(
    settings: Settings, prepare: Prepare, rounds: Round, mailbox: str, tries: int
) -> None:
    settings.EMAIL_BACKEND = PICKY
    PickyBackend.tries.clear()
    for name, role in (("aaa", mailbox), ("bbb", GOOD)):
        account = make_account(make_organisation(name), common_name=name)
        ClientIdentity.objects.filter(pk=account.identity_id).update(role_mailbox=role)
        prepare(Account.objects.get(pk=account.pk))

    sent = [rounds(now=NOW + timedelta(minutes=turn)) for turn in range(3)]

    assert sent == [1, 0, 0]
    assert [message.to for message in mail.outbox] == [[GOOD]]
    assert PickyBackend.tries.count(mailbox) == tries
