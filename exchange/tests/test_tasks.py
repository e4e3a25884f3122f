"""What beat wakes: each job is there, and does what its name says."""

from datetime import timedelta

import pytest
from celery import current_app
from django.conf import settings
from django.core import mail
from django.utils import timezone

from certificates.tests.rows import give_certificate, make_person
from exchange import tasks
from exchange.models import Account, RemoteFile
from exchange.tests.builders import make_account
from magda_portal.people.models import Organisation


@pytest.fixture
def account(db: None) -> Account:
    organisation = Organisation.objects.create(name="Gemeente Voorbeeld", code="0123456789")
    make_person("beheer@voorbeeld.example", organisation=organisation)
    return make_account(organisation, last_looked_at=timezone.now())


@pytest.mark.parametrize("job", sorted(settings.CELERY_BEAT_SCHEDULE))
def test_every_job_of_the_schedule_is_a_task(job: str) -> None:
    current_app.loader.import_default_modules()

    assert settings.CELERY_BEAT_SCHEDULE[job]["task"] in current_app.tasks


def test_alerts_are_sent(account: Account) -> None:
    Account.objects.update(trouble_code="login.refused", trouble_since=timezone.now())

    tasks.send_alerts()

    assert len(mail.outbox) == 1


def test_alarms_are_sounded(account: Account) -> None:
    give_certificate(account.identity)
    RemoteFile.objects.create(
        account=account,
        folder="from_vip",
        name="a.xml",
        size=1,
        removal_day=timezone.localdate(),
    )
    Account.objects.update(last_looked_at=timezone.now() - timedelta(days=12))

    tasks.sound_alarms()

    assert len(mail.outbox) == 2
