"""What alarms which organisation about a server that several of them use."""

from datetime import timedelta

import pytest
from django.core import mail

from certificates.models import ExpectedAddresses, ServerAlarm, ServerSighting, WatchedServer
from certificates.pki import PresentedChain
from certificates.services.watch import (
    acknowledge,
    expect_addresses,
    forget_sightings,
    record_sighting,
    send_alarms,
)
from certificates.tests.builders import make_authority, make_client, make_server
from certificates.tests.rows import ACTOR, NOW, make_organisation, make_person
from certificates.tests.servers import (
    ADDRESS,
    HOST,
    ISSUING,
    NAME,
    SERVER,
    make_watched,
    shown,
    trust,
)
from magda_portal.audit.models import AuditEvent
from magda_portal.people.models import Organisation

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]
HOUR = timedelta(hours=1)
LOOK = 6 * HOUR
DAY = timedelta(days=1)
STRANGER = make_authority("Somebody")
UNTRUSTED = shown(make_server(NAME, issuer=STRANGER), STRANGER)
HERE, THERE = "an@hier.example", "bo@elders.example"


def _user(name: str, email: str) -> Organisation:
    organisation = make_organisation(name)
    make_person(email, organisation=organisation)
    return organisation


@pytest.fixture
def here() -> Organisation:
    return _user("Hier", HERE)


@pytest.fixture
def there() -> Organisation:
    return _user("Elders", THERE)


@pytest.fixture
def server(here: Organisation, there: Organisation) -> WatchedServer:
    """A server that both use."""
    return make_watched(here, there)


def told(
    server: WatchedServer, presented: PresentedChain, *, after: timedelta = timedelta()
) -> set[str]:
    """Look, mail, and return who got a mail about it."""
    mail.outbox.clear()
    record_sighting(server, presented, now=NOW + after)
    send_alarms(now=NOW + after)
    return {address for message in mail.outbox for address in message.to}


def standing(organisation: Organisation) -> set[str]:
    alarms = ServerAlarm.objects.filter(organisation=organisation, ended_at=None)
    return set(alarms.values_list("finding", flat=True))


# Each organisation for itself


def test_a_standing_alarm_of_one_hides_no_alarm_of_another(
    server: WatchedServer, here: Organisation, there: Organisation
) -> None:
    trust(here, STRANGER)
    trust(there)
    assert told(server, shown()) == {HERE}

    expect_addresses(server, ["192.0.2.1"], organisation=there, actor=ACTOR, now=NOW)

    assert told(server, shown(), after=LOOK) == {THERE}
    assert standing(here) == {"watch.unknown_issuer"}
    assert standing(there) == {"watch.unexpected_address"}
    assert server.sightings.count() == 1


def test_one_that_is_alarmed_already_is_told_what_else_goes_wrong(
    server: WatchedServer, here: Organisation, there: Organisation
) -> None:
    trust(here, STRANGER)
    trust(there)
    assert told(server, shown()) == {HERE}
    after = SERVER.certificate.not_valid_after_utc - NOW + HOUR

    assert told(server, shown(), after=after) == {HERE, THERE}
    assert standing(here) == standing(there) == {"watch.expired"}


def test_a_host_in_the_common_name_alarms_those_who_do_not_take_it(
    server: WatchedServer, there: Organisation
) -> None:
    trust(None)
    WatchedServer.objects.update(accepting_common_name=[there.pk])
    old = make_client(HOST, issuer=ISSUING, purposes=())
    assert told(server, shown(old, ISSUING)) == {HERE}
    after = old.certificate.not_valid_after_utc - NOW + HOUR

    assert THERE in told(server, shown(old, ISSUING), after=after)


def test_an_organisation_that_joins_later_is_told_as_well(
    here: Organisation, there: Organisation
) -> None:
    trust(None)
    server = make_watched(here)
    assert told(server, UNTRUSTED) == {HERE}
    acknowledge(ServerAlarm.objects.get(), actor=ACTOR, now=NOW)

    server.organisations.add(there)

    assert told(server, UNTRUSTED, after=LOOK) == {THERE}


def test_who_acknowledges_an_alarm_does_so_for_one_organisation(
    server: WatchedServer, here: Organisation
) -> None:
    trust(None)
    record_sighting(server, UNTRUSTED, now=NOW)

    acknowledge(ServerAlarm.objects.get(organisation=here), actor=ACTOR, now=NOW)

    assert told(server, UNTRUSTED) == {THERE}
    event = AuditEvent.objects.get(action="server.acknowledged")
    assert event.organisation_id == str(here.pk)


def test_an_alarm_ends_for_those_who_trust_what_is_shown(
    server: WatchedServer, here: Organisation, there: Organisation
) -> None:
    trust(None)
    told(server, UNTRUSTED)

    trust(here, STRANGER)

    assert told(server, UNTRUSTED, after=HOUR) == set()
    assert (standing(here), standing(there)) == (set(), {"watch.unknown_issuer"})


def test_an_alarm_of_an_organisation_that_left_ends(
    server: WatchedServer, there: Organisation
) -> None:
    trust(None)
    told(server, UNTRUSTED)

    server.organisations.remove(there)
    told(server, UNTRUSTED, after=LOOK)

    assert standing(there) == set()


def test_two_alarms_of_one_organisation_stand_side_by_side(
    server: WatchedServer, here: Organisation
) -> None:
    trust(None)
    expect_addresses(server, ["192.0.2.1"], organisation=here, actor=ACTOR, now=NOW)
    told(server, shown())
    assert standing(here) == {"watch.unexpected_address"}

    weaker = shown(tls_version="TLSv1.2")

    assert told(server, weaker, after=LOOK) == {HERE, THERE}
    assert standing(here) == {"watch.unexpected_address", "watch.tls_weaker"}


def test_a_weaker_tls_version_alarms_until_it_is_as_before(
    server: WatchedServer, here: Organisation
) -> None:
    trust(None)
    told(server, shown())
    told(server, shown(tls_version="TLSv1.2"), after=LOOK)
    elsewhere = shown(tls_version="TLSv1.2", addresses=("192.0.2.1",))

    assert told(server, elsewhere, after=2 * LOOK) == set()
    assert standing(here) == {"watch.tls_weaker"}
    assert told(server, shown(), after=3 * LOOK) == set()
    assert standing(here) == set()


# Expected addresses


def test_one_organisation_sets_no_expectation_for_another(
    server: WatchedServer, here: Organisation, there: Organisation
) -> None:
    trust(None)
    WatchedServer.objects.update(expected_addresses=[ADDRESS])

    expect_addresses(server, [], organisation=there, actor=ACTOR, now=NOW)

    assert told(server, shown(addresses=("192.0.2.1",))) == {HERE}
    server.refresh_from_db()
    assert server.expected_addresses == [ADDRESS]
    assert AuditEvent.objects.get(action="server.changed").organisation_id == str(there.pk)


def test_who_expects_what_is_expected_anyhow_follows_it(
    server: WatchedServer, here: Organisation
) -> None:
    expect_addresses(server, ["192.0.2.1"], organisation=here, actor=ACTOR, now=NOW)
    WatchedServer.objects.update(expected_addresses=[ADDRESS])

    expect_addresses(server, [ADDRESS], organisation=here, actor=ACTOR, now=NOW)

    assert not ExpectedAddresses.objects.exists()


# Told once


def test_addresses_that_alternate_are_told_once(server: WatchedServer) -> None:
    trust(None)
    WatchedServer.objects.update(expected_addresses=[ADDRESS])
    mails = 0

    for number in range(12):
        elsewhere = shown(addresses=(f"192.0.2.{number % 2}",))
        mails += len(told(server, elsewhere, after=number * LOOK))

    assert mails == 2  # One for each of the organisations.


def test_addresses_that_are_new_each_time_are_told_once_a_day(
    server: WatchedServer, here: Organisation
) -> None:
    trust(None)
    WatchedServer.objects.update(expected_addresses=[ADDRESS])
    looks = [
        told(server, shown(addresses=(f"192.0.2.{number}",)), after=number * LOOK)
        for number in range(9)
    ]

    assert [number for number, people in enumerate(looks) if people] == [0, 4, 8]


def test_another_certificate_that_is_not_trusted_is_told_at_once(server: WatchedServer) -> None:
    trust(None)
    told(server, UNTRUSTED)
    for alarm in ServerAlarm.objects.all():
        acknowledge(alarm, actor=ACTOR, now=NOW)
    another = shown(make_server(NAME, issuer=STRANGER), STRANGER)

    assert told(server, another, after=LOOK) == {HERE, THERE}


def test_what_comes_back_within_a_day_is_known_and_later_it_is_news(
    server: WatchedServer, here: Organisation
) -> None:
    trust(None)
    told(server, UNTRUSTED)
    acknowledge(ServerAlarm.objects.get(organisation=here), actor=ACTOR, now=NOW)
    told(server, shown(), after=LOOK)

    assert told(server, UNTRUSTED, after=2 * LOOK) == set()
    latest = server.sightings.latest("pk").alarms.get(organisation=here)
    assert latest.acknowledged_at == NOW
    told(server, shown(), after=3 * LOOK)
    assert told(server, UNTRUSTED, after=3 * LOOK + DAY) == {HERE, THERE}


def test_the_same_certificate_at_another_address_is_the_same_alarm(server: WatchedServer) -> None:
    trust(None)
    told(server, UNTRUSTED)
    moved = PresentedChain(UNTRUSTED.certificates, UNTRUSTED.tls_version, ("192.0.2.9",))

    assert told(server, moved, after=LOOK) == set()
    assert server.sightings.count() == 2


# Forgetting


def test_sightings_are_forgotten_after_a_year_but_never_the_newest(
    server: WatchedServer, here: Organisation
) -> None:
    trust(None)
    silent = make_watched(here, port=990)
    record_sighting(silent, shown(), now=NOW)
    told(server, UNTRUSTED)
    told(server, shown(), after=DAY)
    told(server, UNTRUSTED, after=2 * DAY)

    assert forget_sightings(now=NOW + timedelta(days=365)) == 0
    assert forget_sightings(now=NOW + timedelta(days=367)) == 2

    assert list(ServerSighting.objects.values_list("server", flat=True).order_by("pk")) == [
        silent.pk,
        server.pk,
    ]
    assert standing(here) == {"watch.unknown_issuer"}
    assert forget_sightings(now=NOW + timedelta(days=999)) == 0
