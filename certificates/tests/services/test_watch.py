"""What looks at servers saw, what that is worth, and who is told."""

from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from pytest_django import Settings

from certificates.advice import has_advice
from certificates.advice.watch import ALARMS, Finding, worst
from certificates.errors import WatchError
from certificates.models import (
    ExpectedAddresses,
    ServerAlarm,
    ServerSighting,
    TrustAnchor,
    WatchedServer,
)
from certificates.pki import PresentedChain
from certificates.services.revocation import accept_list
from certificates.services.watch import (
    acknowledge,
    expect_addresses,
    record_failure,
    record_sighting,
    send_alarms,
)
from certificates.tests.builders import Issued, make_authority, make_client, make_server
from certificates.tests.rows import ACTOR, NOW, make_organisation, make_person
from certificates.tests.servers import (
    ADDRESS,
    HOST,
    ISSUING,
    NAME,
    ROOT,
    SERVER,
    make_watched,
    shown,
    trust,
)
from magda_portal.audit.models import AuditEvent
from magda_portal.people.models import Organisation

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]
HOUR = timedelta(hours=1)


@pytest.fixture
def organisation() -> Organisation:
    return make_organisation()


@pytest.fixture
def server(organisation: Organisation) -> WatchedServer:
    """A server whose issuing authority's root is trusted, seen once an hour ago."""
    trust(organisation)
    server = make_watched(organisation)
    record_sighting(server, shown(), now=NOW - HOUR)
    return server


def expect(server: WatchedServer, *addresses: str) -> None:
    user = server.organisations.get()
    expect_addresses(server, addresses, organisation=user, actor=ACTOR, now=NOW)


def see(server: WatchedServer, presented: PresentedChain, *, after: timedelta = timedelta()) -> str:
    return record_sighting(server, presented, now=NOW + after).finding


def test_a_server_that_shows_the_same_has_one_sighting(server: WatchedServer) -> None:
    sighting = record_sighting(server, shown(), now=NOW)

    assert ServerSighting.objects.get() == sighting
    assert (sighting.first_seen_at, sighting.last_seen_at) == (NOW - HOUR, NOW)
    assert (sighting.finding, sighting.severity) == ("watch.first", "INFORMATION")
    server.refresh_from_db()
    assert (server.last_looked_at, server.error_code) == (NOW, "")


def test_what_lists_show_stands_in_columns(server: WatchedServer) -> None:
    sighting = server.sightings.get()

    assert sighting.subject == "CN=ftps.example,O=Practice,C=BE"
    assert sighting.issuer == "CN=Overheid Issuing,O=Practice,C=BE"
    assert sighting.not_after == SERVER.certificate.not_valid_after_utc
    assert (sighting.tls_version, sighting.addresses) == ("TLSv1.3", [ADDRESS])
    assert sighting.chain_pem.encode() == SERVER.pem + ISSUING.pem


def test_where_nothing_is_trusted_it_is_first_contact(organisation: Organisation) -> None:
    assert see(make_watched(organisation), shown()) == "watch.first_contact"


def _authority() -> Issued:
    return make_authority("Overheid Issuing 2", issuer=ROOT)


OTHER_ISSUER = _authority()
STRANGER = make_authority("Somebody")
SAME_KEY = make_server(NAME, issuer=ISSUING, key=SERVER.key)


@pytest.mark.parametrize(
    ("presented", "finding"),
    [
        (shown(SAME_KEY, ISSUING), "watch.renewed"),
        (shown(make_server(NAME, issuer=ISSUING), ISSUING), "watch.key_changed"),
        (shown(make_server(NAME, issuer=OTHER_ISSUER), OTHER_ISSUER), "watch.issuer_changed"),
        (shown(SERVER, ISSUING, ROOT), "watch.chain_changed"),
        (shown(addresses=(ADDRESS, "192.0.2.1")), "watch.addresses_changed"),
    ],
)
def test_a_change_that_is_accepted_is_information(
    server: WatchedServer, presented: PresentedChain, finding: str
) -> None:
    sighting = record_sighting(server, presented, now=NOW)

    assert (sighting.finding, sighting.severity) == (finding, "INFORMATION")
    assert server.sightings.count() == 2
    assert see(server, presented, after=HOUR) == finding
    assert server.sightings.count() == 2
    assert send_alarms(now=NOW) == 0


@pytest.mark.parametrize(
    ("presented", "finding"),
    [
        (shown(make_server(NAME, issuer=STRANGER), STRANGER), "watch.unknown_issuer"),
        (shown(make_server(NAME)), "watch.unknown_issuer"),
        (shown(SERVER), "watch.unknown_issuer"),
        (
            shown(make_server(x509.DNSName("other.example"), issuer=ISSUING), ISSUING),
            "watch.wrong_host",
        ),
        (shown(make_client(HOST, issuer=ISSUING), ISSUING), "watch.wrong_host"),
        (shown(tls_version="TLSv1.2"), "watch.tls_weaker"),
    ],
)
def test_a_change_that_is_not_accepted_is_an_alarm(
    server: WatchedServer, presented: PresentedChain, finding: str
) -> None:
    sighting = record_sighting(server, presented, now=NOW)

    assert (sighting.finding, sighting.severity) == (finding, "ALARM")
    assert see(server, presented, after=HOUR) == finding
    assert server.sightings.count() == 2


def test_a_newer_tls_version_is_information(organisation: Organisation) -> None:
    trust(organisation)
    server = make_watched(organisation)
    see(server, shown(tls_version="TLSv1.2"), after=-HOUR)

    assert see(server, shown(tls_version="TLSv1.3")) == "watch.tls_changed"


def test_a_change_under_a_pinned_certificate_is_an_alarm(organisation: Organisation) -> None:
    trust(organisation, SERVER)
    server = make_watched(organisation)
    assert see(server, shown(), after=-HOUR) == "watch.first"

    renewed = shown(make_server(NAME, issuer=ISSUING), ISSUING)

    assert see(server, renewed) == "watch.pinned_changed"
    assert see(server, renewed, after=HOUR) == "watch.pinned_changed"
    assert server.sightings.count() == 2


def test_an_address_that_is_not_expected_is_an_alarm(server: WatchedServer) -> None:
    expect(server, ADDRESS)

    assert see(server, shown(addresses=(ADDRESS, "192.0.2.1"))) == "watch.unexpected_address"
    expect(server, ADDRESS, "192.0.2.1")
    assert see(server, shown(addresses=(ADDRESS, "192.0.2.1")), after=HOUR) == "watch.settled"


def test_behind_a_proxy_there_are_no_addresses_to_compare(server: WatchedServer) -> None:
    expect(server, "192.0.2.1")

    assert see(server, shown(addresses=())) == "watch.addresses_changed"


def test_the_same_certificate_expires_one_day(server: WatchedServer) -> None:
    after = SERVER.certificate.not_valid_after_utc - NOW + HOUR

    assert see(server, shown(), after=after) == "watch.expired"
    assert see(server, shown(), after=after + HOUR) == "watch.expired"
    assert server.sightings.count() == 2


def test_the_same_certificate_is_revoked_one_day(server: WatchedServer) -> None:
    accept_list(_list_naming(SERVER), actor=ACTOR, now=NOW)

    assert see(server, shown()) == "watch.revoked"


def _list_naming(revoked: Issued) -> bytes:
    entry = (
        x509.RevokedCertificateBuilder()
        .serial_number(revoked.certificate.serial_number)
        .revocation_date(NOW - HOUR)
        .build()
    )
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(ISSUING.certificate.subject)
        .last_update(NOW - HOUR)
        .next_update(NOW + timedelta(days=1))
        .add_revoked_certificate(entry)
    )
    return builder.sign(ISSUING.key, SHA256()).public_bytes(Encoding.DER)


def test_what_was_wrong_is_settled_once_it_is_trusted(server: WatchedServer) -> None:
    presented = shown(make_server(NAME, issuer=STRANGER), STRANGER)
    assert see(server, presented) == "watch.unknown_issuer"

    trust(server.organisations.get(), STRANGER)

    assert see(server, presented, after=HOUR) == "watch.settled"
    assert see(server, presented, after=2 * HOUR) == "watch.settled"
    assert server.sightings.count() == 3


def test_a_host_in_the_common_name_is_accepted_behind_the_setting_only(
    server: WatchedServer, organisation: Organisation
) -> None:
    old = make_client(HOST, issuer=ISSUING, purposes=())
    assert see(server, shown(old, ISSUING)) == "watch.wrong_host"

    WatchedServer.objects.update(accepting_common_name=[organisation.pk])

    assert see(server, shown(old, ISSUING), after=HOUR) == "watch.settled"


def test_the_worst_of_all_organisations_counts(
    server: WatchedServer, organisation: Organisation
) -> None:
    elsewhere = make_organisation("Elders")
    trust(elsewhere, STRANGER)
    server.organisations.add(elsewhere)
    make_person("here@voorbeeld.example", organisation=organisation)
    make_person("there@elders.example", organisation=elsewhere)

    assert see(server, shown()) == "watch.unknown_issuer"
    assert send_alarms(now=NOW) == 1
    assert mail.outbox[0].to == ["there@elders.example"]


def test_a_failure_is_shown_and_keeps_its_beginning(server: WatchedServer) -> None:
    record_failure(server, "look.refused", now=NOW)
    record_failure(server, "look.timed_out", now=NOW + HOUR)
    server.refresh_from_db()
    assert (server.error_code, server.failing_since) == ("look.timed_out", NOW)

    see(server, shown(), after=2 * HOUR)

    server.refresh_from_db()
    assert (server.error_code, server.failing_since) == ("", None)


def test_every_organisation_finds_a_change_in_its_trail(server: WatchedServer) -> None:
    here, elsewhere = server.organisations.get(), make_organisation("Elders")
    server.organisations.add(elsewhere)
    before = AuditEvent.objects.count()

    see(server, shown(addresses=()))

    events = AuditEvent.objects.order_by("id")[before:]
    assert [event.action for event in events] == ["server.seen", "server.seen"]
    assert {event.organisation_id: event.details["finding"] for event in events} == {
        str(here.pk): "watch.addresses_changed",
        str(elsewhere.pk): "watch.first_contact",
    }


# Alarms


@pytest.fixture
def alarm(server: WatchedServer, organisation: Organisation) -> ServerSighting:
    make_person(organisation=organisation)
    return record_sighting(server, shown(make_server(NAME)), now=NOW)


def test_an_alarm_is_mailed_once(alarm: ServerSighting) -> None:
    assert send_alarms(now=NOW) == 1
    assert send_alarms(now=NOW + HOUR) == 0

    (message,) = mail.outbox
    assert message.to == ["an@voorbeeld.example"]
    assert HOST in message.subject
    assert alarm.fingerprint in str(message.body)
    assert f"/certificates/servers/{alarm.server_id}/" in str(message.body)
    event = AuditEvent.objects.latest("id")
    assert (event.action, event.details["finding"]) == ("server.alarmed", alarm.finding)


class BrokenMail(EmailBackend):
    def send_messages(self, messages: object) -> int:
        raise OSError("no mail today")


def test_an_alarm_that_could_not_be_mailed_is_mailed_later(
    alarm: ServerSighting, settings: Settings
) -> None:
    settings.EMAIL_BACKEND = f"{__name__}.BrokenMail"
    assert send_alarms(now=NOW) == 0

    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"

    assert send_alarms(now=NOW) == 1


def test_what_passed_before_the_mail_left_is_not_mailed(
    alarm: ServerSighting, server: WatchedServer
) -> None:
    see(server, shown(), after=HOUR)

    assert send_alarms(now=NOW + HOUR) == 0


def test_nobody_is_told_of_an_alarm_that_somebody_knows(alarm: ServerSighting) -> None:
    row = ServerAlarm.objects.get()
    assert acknowledge(row, actor=ACTOR, now=NOW)
    assert not acknowledge(row, actor=ACTOR, now=NOW)

    assert send_alarms(now=NOW) == 0
    assert AuditEvent.objects.filter(action="server.acknowledged").count() == 1


# Expected addresses


def test_addresses_are_kept_in_their_usual_form_and_looked_for_soon(server: WatchedServer) -> None:
    expect(server, "2001:DB8:0::1", "192.0.2.1", "192.0.2.1")

    server.refresh_from_db()
    assert ExpectedAddresses.objects.get().addresses == ["192.0.2.1", "2001:db8::1"]
    assert server.next_look_at == NOW
    event = AuditEvent.objects.latest("id")
    assert (event.action, event.details["before"]) == ("server.changed", [])


@pytest.mark.parametrize("address", ["192.0.2.0/24", "host.example", "1.2.3", "x" * 9999])
def test_what_is_no_address_is_refused(server: WatchedServer, address: str) -> None:
    with pytest.raises(WatchError):
        expect(server, address)

    assert not ExpectedAddresses.objects.exists()


# Findings


@pytest.mark.parametrize("finding", list(Finding))
def test_every_finding_has_two_sentences(finding: Finding) -> None:
    assert has_advice(finding)


def test_the_worst_of_several_findings_is_the_most_alarming() -> None:
    assert worst(set()) is None
    assert worst({Finding.RENEWED, Finding.WRONG_HOST, Finding.TLS_WEAKER}) is Finding.WRONG_HOST
    assert Finding.FIRST_CONTACT not in ALARMS
    assert Finding.TLS_WEAKER in ALARMS


def test_no_anchor_is_made_by_looking(server: WatchedServer) -> None:
    see(server, shown(make_server(NAME, issuer=STRANGER), STRANGER))

    assert TrustAnchor.objects.count() == 1
