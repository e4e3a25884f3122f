from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest
from cryptography.x509 import DNSName
from django.db import IntegrityError

from certificates.errors import CertificateCode, TrustError, UploadError
from certificates.models import Environment, TrustAnchor
from certificates.pki import ParseError
from certificates.queries import trust_pem
from certificates.services.key_pairs import keep_key_pair
from certificates.services.trust import MOST_AT_ONCE, add_trust_anchors, remove_trust_anchor
from certificates.tests.builders import Issued, make_authority, make_client, make_key, make_server
from certificates.tests.rows import ACTOR, NOW, make_identity, make_organisation
from magda_portal.audit.models import AuditEvent
from magda_portal.audit.services import Actor
from magda_portal.people.models import Organisation

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]
ROOT = make_authority("Root")
ISSUING = make_authority("Issuing", issuer=ROOT)


def add(
    file: bytes, organisation: Organisation | None, environment: Environment = Environment.TNI
) -> list[TrustAnchor]:
    return add_trust_anchors(file, environment=environment, organisation=organisation, actor=ACTOR)


def test_it_trusts_every_certificate_of_a_file() -> None:
    anchors = add(ROOT.pem + ISSUING.pem, make_organisation())

    assert [anchor.subject.startswith("CN=") for anchor in anchors] == [True, True]
    assert set(AuditEvent.objects.values_list("action", flat=True)) == {"trust_anchor.added"}


@pytest.mark.parametrize("shared", [False, True])
def test_a_second_call_adds_nothing(shared: bool) -> None:
    organisation = None if shared else make_organisation()

    assert add(ROOT.pem, organisation) == add(ROOT.der, organisation)
    assert (TrustAnchor.objects.count(), AuditEvent.objects.count()) == (1, 1)


def test_an_identity_trusts_its_organisations_and_the_shared_anchors_only() -> None:
    identity = make_identity()
    shared, own, foreign, elsewhere = (make_authority(name) for name in "abcd")
    add(shared.pem, None)
    add(own.pem, identity.organisation)
    add(foreign.pem, make_organisation("Elders"))
    add(elsewhere.pem, identity.organisation, Environment.PRD)

    pem = trust_pem(identity)

    assert [one.pem in pem for one in (shared, own, foreign, elsewhere)] == [
        True,
        True,
        False,
        False,
    ]


def test_an_anchor_that_is_shared_and_own_comes_once() -> None:
    identity = make_identity()
    add(ROOT.pem, None)
    add(ROOT.pem, identity.organisation)

    assert trust_pem(identity) == ROOT.pem


def test_without_anchors_there_is_nothing_to_trust() -> None:
    assert trust_pem(make_identity()) == b""


def test_a_servers_own_certificate_may_be_trusted() -> None:
    identity = make_identity()
    server = make_server(DNSName("ftps.example"), issuer=ROOT)

    add(server.pem, identity.organisation)

    assert trust_pem(identity) == server.pem


def test_a_removed_anchor_is_no_longer_trusted_and_that_is_recorded() -> None:
    identity = make_identity()
    (anchor,) = add(ROOT.pem, identity.organisation)

    remove_trust_anchor(anchor, actor=ACTOR)

    assert trust_pem(identity) == b""
    assert AuditEvent.objects.latest("id").action == "trust_anchor.removed"


def test_one_expired_certificate_refuses_the_whole_file() -> None:
    expired = make_client(not_after=NOW - timedelta(days=1))

    with pytest.raises(TrustError) as caught:
        add(ROOT.pem + expired.pem, make_organisation())

    assert caught.value.code == CertificateCode.TRUST_EXPIRED
    assert not TrustAnchor.objects.exists()


def test_a_certificate_that_is_no_servers_is_refused() -> None:
    with pytest.raises(TrustError) as caught:
        add(ROOT.pem + make_client(issuer=ROOT).pem, make_organisation())

    assert caught.value.code == CertificateCode.TRUST_NOT_A_SERVER
    assert not TrustAnchor.objects.exists()


@pytest.mark.parametrize("make", [make_authority, partial(make_client, purposes=())])
def test_a_certificate_of_a_key_that_is_kept_here_is_refused(make: Callable[..., Issued]) -> None:
    """Whatever it says of itself: OpenSSL makes authorities of self-signed ones by default."""
    identity, key = make_identity(), make_key()
    keep_key_pair(identity, key, actor=ACTOR)

    with pytest.raises(TrustError) as caught:
        add(make(key=key).pem, identity.organisation)

    assert caught.value.code == CertificateCode.TRUST_OWN_KEY
    assert not TrustAnchor.objects.exists()


def test_nothing_is_half_stored_when_the_database_refuses_the_event() -> None:
    nameless = Actor(name=None)  # type: ignore[arg-type]  # what the column refuses

    with pytest.raises(IntegrityError):
        add_trust_anchors(ROOT.pem, environment=Environment.TNI, organisation=None, actor=nameless)

    assert not TrustAnchor.objects.exists()


def test_the_store_of_a_browser_is_refused() -> None:
    store = b"".join(make_authority(str(number)).pem for number in range(MOST_AT_ONCE + 1))

    with pytest.raises(TrustError) as caught:
        add(store, make_organisation())

    assert caught.value.code == CertificateCode.TRUST_TOO_MANY


@pytest.mark.parametrize(("file", "error"), [(b"", UploadError), (b"text", ParseError)])
def test_what_is_no_certificate_is_refused(file: bytes, error: type[Exception]) -> None:
    with pytest.raises(error):
        add(file, make_organisation())

    assert not TrustAnchor.objects.exists()
