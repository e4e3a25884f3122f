from datetime import datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from certificates.errors import CertificateCode, RevocationListError
from certificates.models import Environment, RevocationList, RevocationSource
from certificates.pki import ErrorCode, ParseError, RevocationError, StaleListError, describe
from certificates.services.revocation import accept_list
from certificates.services.trust import add_trust_anchors
from certificates.tests.builders import impostor_of, make_authority, make_client
from certificates.tests.lists import DAY, der_of, make_list
from certificates.tests.rows import ACTOR, NOW
from certificates.tests.services.revocation.conftest import ROOT
from magda_portal.audit.models import AuditEvent

pytestmark = pytest.mark.usefixtures("anchored")
REVOKED = make_client(issuer=ROOT).certificate


def accept(
    revocation_list: x509.CertificateRevocationList, source: RevocationSource | None = None
) -> RevocationList:
    return accept_list(der_of(revocation_list), source=source, actor=ACTOR, now=NOW)


def test_a_list_of_a_known_authority_is_kept_with_what_pages_show() -> None:
    found = accept(make_list(ROOT, REVOKED, at=NOW, number=12))

    row = RevocationList.objects.get()
    assert row == found
    assert (row.entry_count, row.number) == (1, "12")
    assert (row.this_update, row.next_update) == (NOW, NOW + 7 * DAY)
    assert "Practice Root CA" in row.issuer


def test_pem_is_taken_too() -> None:
    pem = make_list(ROOT, at=NOW).public_bytes(Encoding.PEM)

    row = accept_list(pem, actor=ACTOR, now=NOW)

    assert x509.load_der_x509_crl(bytes(row.der)).issuer == ROOT.certificate.subject


def test_it_is_recorded() -> None:
    accept(make_list(ROOT, REVOKED, at=NOW))

    event = AuditEvent.objects.latest("id")
    assert event.action == "revocation_list.obtained"
    assert event.details["entries"] == 1


def test_a_newer_list_takes_the_place_of_the_older() -> None:
    accept(make_list(ROOT, at=NOW - DAY, number=1))
    newer = accept(make_list(ROOT, REVOKED, at=NOW, number=2))

    assert RevocationList.objects.get() == newer


def test_the_same_list_again_changes_nothing() -> None:
    same = make_list(ROOT, at=NOW)
    accept(same)
    events = AuditEvent.objects.count()

    again = accept_list(der_of(same), actor=ACTOR, now=NOW + DAY)

    assert again.obtained_at == NOW
    assert AuditEvent.objects.count() == events


@pytest.mark.parametrize(
    ("at", "number"), [(NOW - DAY, 9), (NOW, 4)], ids=["older", "lower number"]
)
def test_a_replayed_list_is_refused(at: datetime, number: int) -> None:
    kept = accept(make_list(ROOT, REVOKED, at=NOW, number=5))

    with pytest.raises(RevocationError) as caught:
        accept(make_list(ROOT, at=at, number=number))

    assert caught.value.code == ErrorCode.REVOCATION_OLDER
    assert RevocationList.objects.get().fingerprint == kept.fingerprint


def test_the_list_of_an_unknown_authority_is_refused() -> None:
    with pytest.raises(RevocationListError) as caught:
        accept(make_list(make_authority("Nobody's CA"), at=NOW))

    assert caught.value.code == CertificateCode.REVOCATION_ISSUER_UNKNOWN


def test_the_list_of_a_namesake_is_refused() -> None:
    with pytest.raises(RevocationError) as caught:
        accept(make_list(make_authority(), at=NOW))

    assert caught.value.code == ErrorCode.REVOCATION_BAD_SIGNATURE
    assert not RevocationList.objects.exists()


def test_an_impostor_of_an_authority_keeps_no_list_out() -> None:
    """Any organisation may trust a certificate with the name and key of another's authority."""
    real = make_authority("Shared Root CA")
    for anchor in (impostor_of(real), real):
        add_trust_anchors(anchor.pem, environment=Environment.TNI, organisation=None, actor=ACTOR)

    accept(make_list(real, at=NOW))

    assert RevocationList.objects.get().issuer_fingerprint == describe(real.certificate).fingerprint


def test_a_list_is_refused_where_nobody_may_sign_it() -> None:
    real = make_authority("Shared Root CA")
    add_trust_anchors(
        impostor_of(real).pem, environment=Environment.TNI, organisation=None, actor=ACTOR
    )

    with pytest.raises(RevocationError) as caught:
        accept(make_list(real, at=NOW))

    assert caught.value.code == ErrorCode.REVOCATION_ISSUER_MAY_NOT_SIGN


@pytest.mark.parametrize(
    ("at", "number"), [(NOW - DAY, 9), (NOW, 4)], ids=["older", "lower number"]
)
def test_no_other_address_brings_an_older_list_in(at: datetime, number: int) -> None:
    """Not even once the newer one is too old: somebody may keep the next from coming."""
    one, other = (
        RevocationSource.objects.create(url=f"http://crl.example/{name}.crl") for name in "ab"
    )
    accept(make_list(ROOT, REVOKED, at=NOW, number=5, lasts=timedelta(hours=1)), one)
    older = make_list(ROOT, at=at, number=number, lasts=30 * DAY)

    with pytest.raises(RevocationError) as caught:
        accept_list(der_of(older), source=other, actor=ACTOR, now=NOW + DAY)

    assert caught.value.code == ErrorCode.REVOCATION_OLDER


def test_an_older_list_is_found_below_another_certificate_of_the_issuers_key() -> None:
    renewed = make_authority(key=ROOT.key)
    accept(make_list(ROOT, REVOKED, at=NOW, number=5))
    RevocationList.objects.update(issuer_fingerprint=describe(renewed.certificate).fingerprint)
    source = RevocationSource.objects.create(url="http://crl.example/a.crl")

    with pytest.raises(RevocationError):
        accept(make_list(ROOT, at=NOW - DAY, number=4), source)


def test_the_same_list_from_two_addresses_stands_twice() -> None:
    same = make_list(ROOT, at=NOW)
    for name in "ab":
        source = RevocationSource.objects.create(url=f"http://crl.example/{name}.crl")

        assert accept(same, source).source == source


def test_a_list_that_is_too_old_is_refused() -> None:
    with pytest.raises(StaleListError):
        accept(make_list(ROOT, at=NOW - 8 * DAY))


def test_garbage_is_refused() -> None:
    with pytest.raises(ParseError):
        accept_list(b"garbage", actor=ACTOR, now=NOW)


def test_an_address_can_not_change_over_to_another_authority() -> None:
    """Somebody on the way may hand out the right list of the wrong authority."""
    source = RevocationSource.objects.create(url="http://crl.example/a.crl")
    accept(make_list(ROOT, at=NOW - DAY), source)
    other = make_authority("Other Root CA")
    add_trust_anchors(other.pem, environment=Environment.TNI, organisation=None, actor=ACTOR)

    with pytest.raises(RevocationError) as caught:
        accept(make_list(other, at=NOW), source)

    assert caught.value.code == ErrorCode.REVOCATION_WRONG_ISSUER


def test_a_fetched_list_follows_one_that_came_by_hand_and_the_other_way_round() -> None:
    source = RevocationSource.objects.create(url="http://crl.example/a.crl")
    accept(make_list(ROOT, at=NOW - 2 * DAY))
    accept(make_list(ROOT, at=NOW - DAY, number=2), source)

    last = accept(make_list(ROOT, at=NOW - timedelta(hours=1), number=3))

    assert RevocationList.objects.get() == last
    assert last.source == source


def test_the_parts_of_a_split_list_stand_side_by_side() -> None:
    for part in ("1", "2"):
        name = x509.UniformResourceIdentifier(f"http://crl.example/{part}.crl")
        limits = x509.IssuingDistributionPoint([name], None, False, False, None, False, False)
        accept(make_list(ROOT, at=NOW, further=[(limits, True)]))

    assert RevocationList.objects.count() == 2
