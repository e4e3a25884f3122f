from datetime import UTC, datetime, timedelta

import pytest
from django.core import mail

from certificates.models import ExpiryNotice
from certificates.queries.expiring import expiring_things
from certificates.queries.expiry import about, latest_warnings
from certificates.services.expiry import acknowledge, notify_expiring
from certificates.tests.ends import end_current
from certificates.tests.rows import make_identity, make_person
from magda_portal.audit.models import AuditEvent
from magda_portal.people.models import Organisation, Person

pytestmark = pytest.mark.django_db
EXPIRY = datetime(2027, 3, 1, 12, tzinfo=UTC)
TEN_DAYS = EXPIRY - timedelta(days=10)
THREE_DAYS = EXPIRY - timedelta(days=3)


@pytest.fixture
def administrator() -> Person:
    """Of an organisation that was warned ten days before the end of its certificate."""
    identity = make_identity()
    person = make_person(organisation=identity.organisation)
    end_current(identity, EXPIRY)
    notify_expiring(now=TEN_DAYS)
    return person


def warnings_seen_by(person: Person, now: datetime) -> list[int]:
    (thing,) = expiring_things(Organisation.objects.all(), now=now)
    found = latest_warnings([thing], person).get(about(thing), [])
    return [notice.threshold_days for notice in found]


def who_acknowledged(person: Person, now: datetime) -> list[Person | None]:
    (thing,) = expiring_things(Organisation.objects.all(), now=now)
    found = latest_warnings([thing], person).get(about(thing), [])
    return [notice.acknowledged_by for notice in found]


def test_of_the_warnings_about_a_thing_the_latest_is_shown(administrator: Person) -> None:
    assert warnings_seen_by(administrator, TEN_DAYS) == [14]


def test_an_acknowledged_warning_is_quiet_until_the_next_threshold(administrator: Person) -> None:
    notice = ExpiryNotice.objects.get(threshold_days=14)

    assert acknowledge(notice, person=administrator, now=TEN_DAYS)

    assert who_acknowledged(administrator, TEN_DAYS) == [administrator]
    assert notify_expiring(now=TEN_DAYS) == 0
    assert notify_expiring(now=THREE_DAYS) == 1
    assert warnings_seen_by(administrator, THREE_DAYS) == [3]
    assert who_acknowledged(administrator, THREE_DAYS) == [None]
    assert len(mail.outbox) == 2


def test_acknowledging_is_recorded_once(administrator: Person) -> None:
    notice = ExpiryNotice.objects.get(threshold_days=14)

    done = [acknowledge(notice, person=administrator, now=TEN_DAYS) for _time in range(2)]

    assert done == [True, False]
    event = AuditEvent.objects.get(action="expiry.acknowledged")
    assert event.actor_id == str(administrator.pk)
    assert event.details["threshold_days"] == 14


def test_who_acknowledges_an_old_page_does_not_silence_the_warning_that_came_since(
    administrator: Person,
) -> None:
    notify_expiring(now=THREE_DAYS)

    acknowledge(ExpiryNotice.objects.get(threshold_days=14), person=administrator, now=THREE_DAYS)

    assert warnings_seen_by(administrator, THREE_DAYS) == [3]


def test_a_stranger_sees_no_warning(administrator: Person) -> None:
    assert warnings_seen_by(make_person("vreemd@elders.example"), TEN_DAYS) == []
