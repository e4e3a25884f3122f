from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from django.test import Client
from django.urls import reverse

from certificates.models import ServerSighting, TrustAnchor, WatchedServer
from certificates.services.watch import record_failure, record_sighting
from certificates.tests.builders import make_authority, make_server
from certificates.tests.rows import NOW
from certificates.tests.servers import HOST, ISSUING, NAME, ROOT, SERVER, make_watched, shown, trust
from certificates.tests.views.conftest import Town
from magda_portal.audit.models import AuditEvent
from magda_portal.web.templatetags.portal import fingerprint

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Response

Browser = Callable[[str], Client]
STRANGER = make_authority("Somebody")


@pytest.fixture
def server(town: Town) -> WatchedServer:
    server = make_watched(town.organisation)
    record_sighting(server, shown(SERVER, ISSUING, ROOT), now=NOW)
    return server


@pytest.fixture
def alarm(server: WatchedServer) -> ServerSighting:
    """What the server shows now, and nobody trusts."""
    trust(server.organisations.get())
    return record_sighting(server, shown(make_server(NAME, issuer=STRANGER), STRANGER), now=NOW)


def url(name: str, row: WatchedServer | ServerSighting) -> str:
    return reverse(name, args=[row.pk])


def acknowledge_url(alarm: ServerSighting) -> str:
    """Of the alarm of the organisation that comes first: the one of the town."""
    return reverse("server_alarm_acknowledge", args=[alarm.alarms.order_by("pk")[0].pk])


def trust_url(alarm: ServerSighting) -> str:
    return url("sighting_trust", alarm)


def addresses_url(alarm: ServerSighting) -> str:
    organisation = alarm.server.organisations.order_by("pk")[0]
    return reverse("server_addresses", args=[alarm.server_id, organisation.pk])


def print_of(position: int, sighting: ServerSighting) -> str:
    chain = x509.load_pem_x509_certificates(sighting.chain_pem.encode())
    return fingerprint(chain[position].fingerprint(SHA256()).hex())


@pytest.mark.parametrize("role", ["clerk", "administrator", "helpdesk", "commuter"])
def test_members_and_helpdesk_see_the_servers(
    browser_of: Browser, server: WatchedServer, role: str
) -> None:
    page = browser_of(role).get(reverse("servers"))

    assert page.status_code == 200
    assert f"{HOST}:21" in page.text
    assert "Nothing is trusted for this server yet" in page.text


def test_strangers_see_none_of_it(browser_of: Browser, server: WatchedServer) -> None:
    browser = browser_of("stranger")

    assert HOST not in browser.get(reverse("servers")).text
    assert browser.get(url("server_show", server)).status_code == 404


def test_the_list_parses_no_certificate(browser_of: Browser, server: WatchedServer) -> None:
    ServerSighting.objects.update(chain_pem="no certificate")

    assert browser_of("clerk").get(reverse("servers")).status_code == 200


def test_the_list_tells_why_a_server_was_not_seen(
    browser_of: Browser, town: Town, server: WatchedServer
) -> None:
    record_failure(make_watched(town.organisation, port=990), "look.refused", now=NOW)

    page = browser_of("clerk").get(reverse("servers"))

    assert "The server refused the connection." in page.text
    assert "Nothing seen yet." in page.text


def test_a_server_is_shown_with_its_chain_its_history_and_what_it_means(
    browser_of: Browser, server: WatchedServer, alarm: ServerSighting
) -> None:
    page = browser_of("clerk").get(url("server_show", server))

    assert page.text.count("is from an authority that you don&#x27;t trust") == 4
    assert "refused" in page.text
    assert print_of(0, alarm) in page.text
    assert "Nothing is trusted for this server yet" in page.text
    assert "Acknowledge the alarm" not in page.text


def test_a_server_that_was_never_seen_is_shown_too(browser_of: Browser, town: Town) -> None:
    server = make_watched(town.organisation)
    record_failure(server, "look.timed_out", now=NOW - timedelta(days=1))

    page = browser_of("administrator").get(url("server_show", server))

    assert page.status_code == 200
    assert "The server did not answer in time." in page.text


def test_helpdesk_sees_every_organisation_and_others_their_own(
    browser_of: Browser, town: Town, server: WatchedServer
) -> None:
    server.organisations.add(town.stranger.memberships.get().organisation)

    assert "Elders" in browser_of("helpdesk").get(url("server_show", server)).text
    assert "Elders" not in browser_of("clerk").get(url("server_show", server)).text


# Acknowledging


def test_an_administrator_acknowledges_an_alarm(browser_of: Browser, alarm: ServerSighting) -> None:
    browser = browser_of("administrator")
    assert "Acknowledge the alarm" in browser.get(url("server_show", alarm.server)).text

    page = browser.post(acknowledge_url(alarm), follow=True)

    assert "alarm, acknowledged" in page.text
    assert "Acknowledge the alarm" not in page.text
    assert alarm.alarms.get().acknowledged_at == NOW


@pytest.mark.parametrize(
    ("role", "status"),
    [("anonymous", 302), ("clerk", 403), ("helpdesk", 403), ("commuter", 403), ("stranger", 404)],
)
@pytest.mark.parametrize("make_url", [acknowledge_url, trust_url, addresses_url])
def test_nobody_else_changes_anything(
    browser_of: Browser,
    alarm: ServerSighting,
    make_url: Callable[[ServerSighting], str],
    role: str,
    status: int,
) -> None:
    assert browser_of(role).post(make_url(alarm)).status_code == status
    assert alarm.alarms.get().acknowledged_at is None


def test_an_alarm_is_acknowledged_for_ones_own_organisation_only(
    browser_of: Browser, town: Town, server: WatchedServer
) -> None:
    elsewhere = town.stranger.memberships.get().organisation
    server.organisations.add(elsewhere)
    trust(None)
    alarm = record_sighting(server, shown(make_server(NAME, issuer=STRANGER)), now=NOW)

    assert browser_of("stranger").post(acknowledge_url(alarm)).status_code == 404
    theirs = reverse("server_alarm_acknowledge", args=[alarm.alarms.get(organisation=elsewhere).pk])
    browser_of("stranger").post(theirs)

    page = browser_of("administrator").get(url("server_show", server))
    assert "Acknowledge the alarm" in page.text
    assert alarm.alarms.get(organisation=town.organisation).acknowledged_at is None
    assert "alarm, acknowledged" in browser_of("stranger").get(reverse("servers")).text


@pytest.mark.parametrize("make_url", [acknowledge_url, addresses_url])
def test_an_administrator_elsewhere_changes_nothing_where_they_are_clerk(
    browser_of: Browser,
    town: Town,
    server: WatchedServer,
    alarm: ServerSighting,
    make_url: Callable[[ServerSighting], str],
) -> None:
    """Also when both of their organisations use the server."""
    server.organisations.add(town.stranger.memberships.get().organisation)

    assert browser_of("commuter").post(make_url(alarm), {"addresses": ""}).status_code == 403


def test_what_alarms_another_organisation_does_not_alarm_here(
    browser_of: Browser, town: Town, server: WatchedServer
) -> None:
    server.organisations.add(town.stranger.memberships.get().organisation)
    trust(town.organisation)
    trust(town.stranger.memberships.get().organisation, STRANGER)
    record_sighting(server, shown(), now=NOW)

    for address in (reverse("servers"), url("server_show", server)):
        assert "you don&#x27;t trust" in browser_of("stranger").get(address).text
        assert "you don&#x27;t trust" not in browser_of("administrator").get(address).text


# Addresses


def test_an_administrator_sets_the_expected_addresses_of_the_organisation(
    browser_of: Browser, town: Town, server: WatchedServer
) -> None:
    posted = {"addresses": "192.0.2.1\r\n 2001:db8::1, 192.0.2.2"}
    address = reverse("server_addresses", args=[server.pk, town.organisation.pk])

    page = browser_of("administrator").post(address, posted, follow=True)

    assert page.redirect_chain == [(url("server_show", server), 302)]
    assert "192.0.2.1, 192.0.2.2, 2001:db8::1" in page.text
    assert server.expectations.get().organisation == town.organisation
    form = browser_of("administrator").get(address).context["form"]
    assert form.initial["addresses"] == "192.0.2.1\n192.0.2.2\n2001:db8::1"


def test_nobody_sets_the_expected_addresses_of_another_organisation(
    browser_of: Browser, town: Town, server: WatchedServer
) -> None:
    elsewhere = town.stranger.memberships.get().organisation
    server.organisations.add(elsewhere)
    theirs = reverse("server_addresses", args=[server.pk, elsewhere.pk])

    assert browser_of("administrator").post(theirs, {"addresses": ""}).status_code == 404
    assert browser_of("clerk").post(theirs, {"addresses": ""}).status_code == 404
    assert browser_of("helpdesk").post(theirs, {"addresses": ""}).status_code == 403


def test_addresses_may_be_set_before_the_first_look(browser_of: Browser, town: Town) -> None:
    server = make_watched(town.organisation)

    page = browser_of("administrator").get(url("server_show", server))

    assert reverse("server_addresses", args=[server.pk, town.organisation.pk]) in page.text


def test_what_is_no_address_is_explained(
    browser_of: Browser, town: Town, server: WatchedServer
) -> None:
    page = browser_of("administrator").post(
        reverse("server_addresses", args=[server.pk, town.organisation.pk]),
        {"addresses": "vip<b>.example"},
    )

    assert "This is not an IP address. It says “vip&lt;b&gt;.example”." in page.text


def test_the_page_says_that_not_all_that_was_shown_is_kept(
    browser_of: Browser, server: WatchedServer
) -> None:
    record_sighting(server, replace(shown(), left_out=184), now=NOW)

    page = browser_of("clerk").get(url("server_show", server))

    assert "It showed 184 certificates more, which are not kept." in page.text


# First contact


def trust_page(browser: Client, server: WatchedServer, **posted: object) -> "Response":
    sighting = server.sightings.first()
    assert sighting is not None
    organisation = server.organisations.get()
    data = {"organisation": organisation.pk, "certificate": 2, **posted}
    return browser.post(url("sighting_trust", sighting), data, follow=True)


def test_the_form_offers_the_authorities_first_and_shows_no_fingerprint(
    browser_of: Browser, server: WatchedServer
) -> None:
    sighting = server.sightings.get()

    page = browser_of("administrator").get(url("sighting_trust", sighting))

    choices = [str(label) for _, label in page.context["form"].fields["certificate"].choices]
    assert [label.split("CN=")[1].split(",")[0] for label in choices] == [
        "Overheid Root",
        "Overheid Issuing",
        "ftps.example",
    ]
    assert "harmless" in choices[0]
    assert "locked out on 2 May 2027" in choices[2]
    assert print_of(0, sighting) not in page.text
    assert SERVER.certificate.subject.rfc4514_string() in page.text


@pytest.mark.parametrize("position", [0, 1, 2])
def test_an_administrator_trusts_what_is_shown_after_comparing(
    browser_of: Browser, server: WatchedServer, position: int
) -> None:
    typed = "sha256 Fingerprint=" + print_of(position, server.sightings.get()).lower()

    page = trust_page(browser_of("administrator"), server, certificate=position, fingerprint=typed)

    assert page.redirect_chain == [(url("server_show", server), 302)]
    assert "accepted" in page.text
    anchor = TrustAnchor.objects.get()
    assert anchor.organisation == server.organisations.get()
    assert anchor.is_authority == (position > 0)
    server.refresh_from_db()
    assert server.next_look_at == NOW
    assert AuditEvent.objects.filter(action="trust_anchor.added").count() == 1


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("", "This field is required."),
        ("ab:cd", "This is not a whole SHA-256 fingerprint"),
        ("0" * 40, "This is not a whole SHA-256 fingerprint"),
        ("g" * 64, "This is not a whole SHA-256 fingerprint"),
        ("0" * 64, "The fingerprint is not that of the certificate"),
    ],
)
def test_without_the_right_fingerprint_nothing_is_trusted(
    browser_of: Browser, server: WatchedServer, typed: str, says: str
) -> None:
    page = trust_page(browser_of("administrator"), server, fingerprint=typed)

    assert says in page.text
    assert not TrustAnchor.objects.exists()


def test_the_fingerprint_of_another_certificate_of_the_chain_is_refused(
    browser_of: Browser, server: WatchedServer
) -> None:
    typed = print_of(0, server.sightings.get())

    trust_page(browser_of("administrator"), server, certificate=2, fingerprint=typed)

    assert not TrustAnchor.objects.exists()


def test_what_does_not_belong_to_the_path_is_not_offered(browser_of: Browser, town: Town) -> None:
    """A server may show an authority of its own making beside the true chain."""
    server = make_watched(town.organisation)
    sighting = record_sighting(server, shown(SERVER, STRANGER, ISSUING), now=NOW)

    page = browser_of("administrator").get(url("sighting_trust", sighting))

    assert "Somebody" not in page.text
    assert "Overheid Issuing" in page.text


def test_nobody_trusts_for_an_organisation_that_they_do_not_administer(
    browser_of: Browser, town: Town, server: WatchedServer
) -> None:
    elsewhere = town.stranger.memberships.get().organisation

    page = trust_page(
        browser_of("administrator"),
        server,
        organisation=elsewhere.pk,
        fingerprint=print_of(2, server.sightings.get()),
    )

    assert page.context["form"].errors.keys() == {"organisation"}
    assert not TrustAnchor.objects.exists()


def test_missing_rows_and_wrong_methods(browser_of: Browser, server: WatchedServer) -> None:
    browser = browser_of("administrator")

    for name in ("server_show", "sighting_trust"):
        assert browser.get(reverse(name, args=[999])).status_code == 404
    for pair in ([999, server.organisations.get().pk], [server.pk, 999]):
        assert browser.get(reverse("server_addresses", args=pair)).status_code == 404
    acknowledging = reverse("server_alarm_acknowledge", args=[999])
    assert browser.get(acknowledging).status_code == 405
    assert browser.post(acknowledging).status_code == 404
    assert browser.post(reverse("servers")).status_code == 405
    assert browser.post(url("server_show", server)).status_code == 405


# --- one page never says two things


def test_no_good_word_stands_above_a_refusal(browser_of: Browser, server: WatchedServer) -> None:
    """Between two looks a certificate may expire, or be revoked."""
    trust(server.organisations.get())
    good = browser_of("clerk").get(url("server_show", server)).text
    ServerSighting.objects.update(chain_pem=STRANGER.pem.decode())

    page = browser_of("clerk").get(url("server_show", server)).text

    assert "au-c-alert--success" in good
    assert "✕</span>refused" not in good
    assert "au-c-alert--success" not in page
    assert page.count("✕</span>refused") == 2


def test_what_nobody_trusts_yet_is_not_ticked(browser_of: Browser, server: WatchedServer) -> None:
    listed = browser_of("clerk").get(reverse("servers")).text
    page = browser_of("clerk").get(url("server_show", server)).text

    assert "not trusted yet" in listed
    assert "au-c-alert--success" not in page
