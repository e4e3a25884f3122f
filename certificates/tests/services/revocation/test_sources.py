from datetime import timedelta

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
from certificates.tests.lists import naming
from certificates.tests.rows import ACTOR, NOW, give_certificate, make_identity
from certificates.tests.services.revocation.conftest import ISSUING, ROOT, Published

pytestmark = pytest.mark.django_db
URL = "http://crl.example/root.crl"


def urls() -> set[str]:
    sync_sources(now=NOW)
    return set(RevocationSource.objects.values_list("url", flat=True))


def saw(server: WatchedServer, shown: Issued, *, days_ago: int = 0) -> ServerSighting:
    found = describe(shown.certificate)
    return ServerSighting.objects.create(
        server=server,
        last_seen_at=NOW - timedelta(days=days_ago),
        chain_pem=shown.pem.decode(),
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


def test_a_server_names_the_list_by_what_it_showed_last() -> None:
    server = WatchedServer.objects.create(environment=Environment.TNI, host="ftps", port=21)
    saw(server, naming(make_client(), ISSUING, "http://crl.example/old.crl"), days_ago=2)
    saw(server, naming(make_client(), ISSUING, "http://crl.example/new.crl"))

    assert urls() == {"http://crl.example/new.crl"}


def test_what_a_server_shows_may_be_unreadable() -> None:
    server = WatchedServer.objects.create(environment=Environment.TNI, host="ftps", port=21)
    ServerSighting.objects.filter(pk=saw(server, make_client()).pk).update(chain_pem="garbage")

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


def test_what_nothing_names_any_more_goes_with_its_list(published: Published) -> None:
    urls()
    refresh_due(now=NOW)
    assert RevocationList.objects.exists()
    published.certificate.identity.current = None
    published.certificate.identity.save()

    assert urls() == set()
    assert not RevocationList.objects.exists()


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
