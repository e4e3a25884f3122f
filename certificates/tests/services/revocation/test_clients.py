"""A certificate that a list names is not put in use, however it comes to that."""

import pytest
from cryptography import x509

from certificates.errors import RelayError
from certificates.models import Certificate, ClientIdentity, Environment, RevocationState
from certificates.pki import RevokedError
from certificates.services.relay import PORTAL, activate_due, activate_next, plan_switch
from certificates.services.revocation import accept_list, judge_again
from certificates.services.trust import add_trust_anchors
from certificates.tests.builders import Issued, impostor_of, make_client
from certificates.tests.lists import DAY, der_of, make_list
from certificates.tests.rows import ACTOR, NOW, give_certificate, make_identity
from certificates.tests.services.revocation.conftest import ISSUING
from magda_portal.audit.models import AuditEvent

pytestmark = pytest.mark.usefixtures("anchored")


@pytest.fixture
def identity(anchored: None) -> ClientIdentity:
    add_trust_anchors(ISSUING.pem, environment=Environment.TNI, organisation=None, actor=ACTOR)
    return make_identity()


def issued() -> Issued:
    return make_client(issuer=ISSUING)


def revoke(*certificates: x509.Certificate, number: int = 1) -> None:
    listed = make_list(ISSUING, *certificates, at=NOW, number=number)
    accept_list(der_of(listed), actor=ACTOR, now=NOW)


def test_an_import_of_what_a_list_names_is_refused(identity: ClientIdentity) -> None:
    taken_back = issued()
    revoke(taken_back.certificate)

    with pytest.raises(RevokedError) as caught:
        give_certificate(identity, taken_back.bundle(ISSUING))

    assert caught.value.code == "revocation.revoked"
    assert not Certificate.objects.exists()


def test_the_list_counts_however_old_it_is(identity: ClientIdentity) -> None:
    taken_back = issued()
    revoke(taken_back.certificate)

    with pytest.raises(RevokedError):
        give_certificate(identity, taken_back.bundle(ISSUING), at=NOW + 30 * DAY)


def test_a_certificate_laid_aside_that_is_brought_again_is_refused(
    identity: ClientIdentity,
) -> None:
    taken_back = issued()
    give_certificate(identity, taken_back.bundle(ISSUING))
    ClientIdentity.objects.update(current=None)
    revoke(taken_back.certificate)

    with pytest.raises(RevokedError):
        give_certificate(identity, taken_back.bundle(ISSUING))

    identity.refresh_from_db()
    assert identity.current is None


def test_an_impostor_in_the_chain_hides_nothing(identity: ClientIdentity) -> None:
    taken_back = issued()
    revoke(taken_back.certificate)

    with pytest.raises(RevokedError):
        give_certificate(identity, taken_back.bundle(impostor_of(ISSUING)))


def test_what_no_list_names_is_imported(identity: ClientIdentity) -> None:
    revoke(issued().certificate)
    namesake = make_client(issuer=ISSUING)

    give_certificate(identity, namesake.bundle(ISSUING))

    identity.refresh_from_db()
    assert identity.current is not None


def test_the_number_of_another_authoritys_certificate_is_no_reason(
    identity: ClientIdentity,
) -> None:
    revoke(make_client(issuer=ISSUING, serial=77).certificate)
    own = make_client(serial=77)

    assert give_certificate(identity, own.bundle()).pk


def with_revoked_next(identity: ClientIdentity) -> Certificate:
    """Give a current and a next certificate, and let a list name the next only then."""
    give_certificate(identity, issued().bundle(ISSUING))
    following = issued()
    row = give_certificate(identity, following.bundle(ISSUING))
    revoke(following.certificate)
    return row


def test_a_next_that_a_list_names_by_now_is_not_put_in_use(identity: ClientIdentity) -> None:
    following = with_revoked_next(identity)

    with pytest.raises(RelayError) as caught:
        activate_next(identity, actor=ACTOR, now=NOW)

    assert caught.value.code == "relay.revoked"
    following.refresh_from_db()
    assert following.revocation == RevocationState.REVOKED
    assert (following.revoked_at, following.revoking_list_of) == (NOW - DAY, NOW)
    assert AuditEvent.objects.filter(action="certificate.revoked").count() == 1


def test_nor_is_it_at_the_moment_that_was_planned(identity: ClientIdentity) -> None:
    following = with_revoked_next(identity)
    plan_switch(identity, NOW + DAY, actor=ACTOR, now=NOW)

    assert activate_due(now=NOW + DAY, actor=PORTAL) == 0

    identity.refresh_from_db()
    assert identity.next == following


def test_lists_that_are_known_already_are_not_read_again(identity: ClientIdentity) -> None:
    following = with_revoked_next(identity)
    Certificate.objects.filter(pk=following.pk).update(
        revocation=RevocationState.GOOD, revocation_checked_at=NOW + DAY, der=b"would fail"
    )
    following.refresh_from_db()

    judge_again(following, now=NOW + DAY)
