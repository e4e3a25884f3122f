from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from certificates.models import (
    Environment,
    RevocationList,
    RevocationSource,
    ServerSighting,
    TrustAnchor,
    WatchedServer,
)
from certificates.pki import describe
from certificates.services.revocation import refresh_due, sync_sources
from certificates.services.trust import add_trust_anchors
from certificates.tests.builders import Issued, make_authority, make_client
from certificates.tests.list_server import status
from certificates.tests.lists import make_list, naming
from certificates.tests.rows import ACTOR, NOW, give_certificate, make_identity, make_organisation
from certificates.tests.servers import make_watched
from certificates.tests.services.revocation.conftest import ISSUING, ROOT, Published
from magda_portal.people.models import Organisation

pytestmark = pytest.mark.django_db
URL = "http://crl.example/root.crl"


def urls(now: datetime = NOW) -> set[str]:
    sync_sources(now=now)
    return set(RevocationSource.objects.values_list("url", flat=True))


def saw(server: WatchedServer, shown: Issued, *chain: Issued, days_ago: int = 0) -> ServerSighting:
    found = describe(shown.certificate)
    return ServerSighting.objects.create(
        server=server,
        last_seen_at=NOW - timedelta(days=days_ago),
        chain_pem=b"".join(one.pem for one in (shown, *chain)).decode(),
        subject=found.subject,
        issuer=found.issuer,
        serial=found.serial,
        fingerprint=found.fingerprint,
        key_fingerprint=found.key_fingerprint,
        not_before=found.not_before,
        not_after=found.not_after,
        tls_version="TLSv1.3",
        severity=ServerSighting.Severity.INFORMATION,
        finding="first",
    )


def test_a_certificate_in_use_names_its_source(published: Published) -> None:
    assert urls() == {published.url}


def test_the_next_and_the_previous_one_do_too(published: Published) -> None:
    identity = published.certificate.identity
    for place in ("next", "previous"):
        identity.current, identity.next, identity.previous = None, None, None
        setattr(identity, place, published.certificate)
        identity.save()

        assert urls() == {published.url}


def test_a_certificate_that_is_in_no_place_names_none(published: Published) -> None:
    published.certificate.identity.current = None
    published.certificate.identity.save()

    assert urls() == set()


def test_an_authority_in_the_chain_names_the_list_of_its_root(anchored: None) -> None:
    issuing = naming(ISSUING, ROOT, URL)
    give_certificate(make_identity(), make_client(issuer=issuing).bundle(issuing))

    assert urls() == {URL}


def test_an_authority_whose_root_is_not_known_names_none() -> None:
    """Nobody could tell whether that list is right, so it would fail for ever."""
    issuing = naming(ISSUING, ROOT, URL)
    add_trust_anchors(issuing.pem, environment=Environment.TNI, organisation=None, actor=ACTOR)

    assert urls() == set()


def used_server(organisation: Organisation | None = None) -> WatchedServer:
    return make_watched(organisation or make_organisation())


def test_a_server_names_the_list_by_what_it_showed_last() -> None:
    server = used_server()
    saw(server, naming(make_client(), ISSUING, "http://crl.example/old.crl"), days_ago=2)
    saw(server, naming(make_client(), ISSUING, "http://crl.example/new.crl"))

    assert urls() == {"http://crl.example/new.crl"}


def test_a_server_that_nobody_uses_names_none() -> None:
    saw(make_watched(), naming(make_client(), ISSUING, URL))

    assert urls() == set()


def test_an_authority_that_a_server_shows_names_the_list_of_its_root(anchored: None) -> None:
    issuing = naming(ISSUING, ROOT, URL)
    saw(used_server(), make_client(issuer=issuing), issuing)

    assert urls() == {URL}


def test_what_a_server_shows_beside_its_path_names_nothing() -> None:
    """It could fill the run with hundreds of addresses, so that no other list is fetched."""
    beside = [
        naming(one, one, f"http://crl.example/{number}.crl")
        for number, one in enumerate(make_authority(f"Beside {number}") for number in range(60))
    ]
    saw(used_server(), naming(make_client(issuer=ISSUING), ISSUING, URL), *beside)

    assert urls() == {URL}


def test_what_a_server_shows_may_be_unreadable() -> None:
    ServerSighting.objects.filter(pk=saw(used_server(), make_client()).pk).update(
        chain_pem="garbage"
    )

    assert urls() == set()


def test_an_address_that_no_column_can_hold_is_left_out(anchored: None) -> None:
    long = naming(make_client(issuer=ISSUING), ISSUING, "http://crl.example/" + "x" * 500)
    give_certificate(make_identity(), long.bundle(ISSUING))

    assert urls() == set()


def test_a_source_that_is_known_keeps_its_history(published: Published) -> None:
    urls()
    RevocationSource.objects.update(failures=3, next_try_at=NOW + timedelta(days=1))

    urls()

    assert RevocationSource.objects.get().failures == 3


def lay_aside(published: Published) -> None:
    """Let nothing name the address any more."""
    published.certificate.identity.current = None
    published.certificate.identity.save()
    published.server.serve("/issuing.crl", status(404))


def test_what_nothing_names_any_more_is_remembered_for_a_month(published: Published) -> None:
    """Who holds the key of a revoked server would show another certificate for once."""
    urls()
    refresh_due(now=NOW)
    lay_aside(published)

    for days in (0, 8, 29):
        assert urls(NOW + timedelta(days=days)) == {published.url}
        assert RevocationList.objects.exists()

    assert urls(NOW + timedelta(days=30)) == set()
    assert not RevocationList.objects.exists()


def test_no_list_is_deleted_that_is_still_fresh(published: Published) -> None:
    published.publish(make_list(ISSUING, at=NOW, lasts=timedelta(days=40)))
    urls()
    refresh_due(now=NOW)
    lay_aside(published)
    urls()

    assert urls(NOW + timedelta(days=39)) == {published.url}
    assert urls(NOW + timedelta(days=41)) == set()


def test_what_is_only_remembered_is_asked_for_a_month(published: Published) -> None:
    urls()
    lay_aside(published)
    urls()

    assert list(refresh_due(now=NOW + timedelta(days=29)).errors) == [published.url]
    assert refresh_due(now=NOW + timedelta(days=31)).errors == {}


def test_what_is_named_again_is_remembered_anew(published: Published) -> None:
    urls()
    lay_aside(published)
    urls()
    published.certificate.identity.current = published.certificate
    published.certificate.identity.save()

    assert urls(NOW + timedelta(days=31)) == {published.url}
    assert RevocationSource.objects.get().unnamed_since is None


def owners() -> tuple[set[Organisation], bool]:
    sync_sources(now=NOW)
    source = RevocationSource.objects.get()
    return set(source.organisations.all()), source.is_shared


def test_an_address_concerns_those_whose_certificates_and_servers_name_it(
    published: Published,
) -> None:
    here = published.certificate.identity.organisation
    assert owners() == ({here}, False)

    elsewhere = make_organisation("Elders")
    named = naming(make_client(issuer=ISSUING), ISSUING, published.url)
    sighting = saw(used_server(elsewhere), named)
    assert owners() == ({here, elsewhere}, False)

    sighting.delete()
    assert owners() == ({here}, False)


def test_an_address_that_a_shared_anchor_names_concerns_all(anchored: None) -> None:
    issuing = naming(ISSUING, ROOT, URL)
    organisation = make_organisation()
    for owner in (organisation, None):
        add_trust_anchors(issuing.pem, environment=Environment.TNI, organisation=owner, actor=ACTOR)
    assert owners() == ({organisation}, True)

    TrustAnchor.objects.filter(organisation=None, subject__contains="Issuing").delete()

    assert owners() == ({organisation}, False)


def test_the_number_of_queries_does_not_grow_with_the_certificates(
    published: Published,
) -> None:
    urls()
    with CaptureQueriesContext(
        connection,
    ) as few:
        urls()
    for number in range(5):
        identity = make_identity(
            published.certificate.identity.organisation, common_name=f"kb/{number}"
        )
        give_certificate(
            identity,
            naming(make_client(f"kb/{number}", issuer=ISSUING), ISSUING, published.url).bundle(
                ISSUING
            ),
        )
    assert TrustAnchor.objects.count() == 1

    with CaptureQueriesContext(connection) as many:
        urls()

    assert len(many) == len(few)


def test_a_root_names_nothing() -> None:
    root = make_authority()
    add_trust_anchors(root.pem, environment=Environment.TNI, organisation=None, actor=ACTOR)

    assert urls() == set()
