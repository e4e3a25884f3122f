from collections.abc import Callable
from datetime import timedelta

import pytest
from cryptography.x509 import ObjectIdentifier
from django.db import IntegrityError

from certificates.errors import CertificateError
from certificates.models import Certificate, ClientIdentity, KeyPair, RevocationState
from certificates.pki import KeyBundle, PKIError, load_certificates
from certificates.queries import chain_of
from certificates.services.bundles import key_bundle
from certificates.services.imports import import_certificate, import_upload
from certificates.services.key_pairs import destroy_key_pair, keep_key_pair
from certificates.services.relay import activate_next, plan_switch
from certificates.services.watch import record_sighting
from certificates.tests.builders import (
    COMMON_NAME,
    SERVER_AUTH,
    Issued,
    impostor_of,
    make_authority,
    make_client,
    make_key,
    make_server,
    rsa_key,
)
from certificates.tests.rows import ACTOR, NOW, give_certificate, make_identity, make_organisation
from certificates.tests.servers import NAME, make_watched, shown, trust
from magda_portal.audit.models import AuditEvent
from magda_portal.audit.queries import events_for
from magda_portal.audit.services import Actor

pytestmark = pytest.mark.django_db
ROOT = make_authority()
ISSUING = make_authority("Practice Issuing CA", issuer=ROOT)


def show(identity: ClientIdentity, issuer: Issued) -> None:
    """Let a server of the identity's organisation have shown this issuer."""
    presented = shown(make_server(NAME, issuer=issuer), issuer)
    record_sighting(make_watched(identity.organisation), presented, now=NOW)


def future_client() -> Issued:
    return make_client(not_before=NOW + timedelta(days=1))


def test_a_valid_certificate_is_kept_and_put_in_use() -> None:
    identity = make_identity()
    issued = make_client(issuer=ROOT)

    certificate = give_certificate(identity, issued.bundle(ROOT))

    identity.refresh_from_db()
    assert identity.current == certificate
    assert load_certificates(bytes(certificate.der)) == [issued.certificate]
    assert [issuer.common_name for issuer in chain_of(certificate)] == ["Practice Root CA"]


def test_its_key_is_sealed_and_opens_again() -> None:
    bundle = make_client(issuer=ROOT).bundle(ROOT)
    certificate = give_certificate(make_identity(), bundle)

    stored = Certificate.objects.get(pk=certificate.pk)

    assert key_bundle(stored) == bundle
    assert b"PRIVATE KEY" not in bytes(stored.key_pair.sealed_private_key)


def test_import_and_activation_are_recorded_without_any_key() -> None:
    identity = make_identity()
    bundle = make_client().bundle()

    certificate = give_certificate(identity, bundle)

    imported, activated = events_for(identity)
    assert imported.action == "certificate.imported"
    assert imported.details["fingerprint"] == certificate.fingerprint
    assert activated.details == {"before": None, "after": certificate.fingerprint}
    assert "PRIVATE" not in str(imported.details)


def test_beside_one_that_works_it_becomes_the_next_and_replaces_nothing() -> None:
    identity = make_identity()
    current = give_certificate(identity)

    following = give_certificate(identity)

    identity.refresh_from_db()
    assert (identity.current, identity.next) == (current, following)
    assert identity.activate_next_at is None


@pytest.mark.parametrize("reason", ["expired", "revoked"])
def test_in_place_of_one_that_no_longer_works_it_is_put_in_use_at_once(reason: str) -> None:
    identity = make_identity()
    old = give_certificate(identity)
    if reason == "revoked":
        Certificate.objects.update(revocation=RevocationState.REVOKED)
    at = NOW if reason == "revoked" else old.not_after

    new = give_certificate(
        identity, make_client(not_after=NOW + timedelta(days=900)).bundle(), at=at
    )

    identity.refresh_from_db()
    assert (identity.current, identity.next, identity.previous) == (new, None, None)
    assert set(identity.certificates.all()) == {old, new}


def test_another_next_one_calls_off_the_switch_that_was_planned() -> None:
    identity = make_identity()
    give_certificate(identity)
    first = give_certificate(identity)
    plan_switch(identity, NOW + timedelta(days=1), actor=ACTOR, now=NOW)

    second = give_certificate(identity)

    identity.refresh_from_db()
    assert (identity.next, identity.activate_next_at) == (second, None)
    assert first in identity.certificates.all()
    assert "certificate.switch_cancelled" in {event.action for event in events_for(identity)}


def test_a_second_import_changes_nothing_and_returns_the_row() -> None:
    identity = make_identity()
    bundle = make_client().bundle()
    first = give_certificate(identity, bundle)
    events = AuditEvent.objects.count()

    second = give_certificate(identity, bundle)

    assert first == second
    assert (Certificate.objects.count(), KeyPair.objects.count()) == (1, 1)
    assert AuditEvent.objects.count() == events


def names(certificate: Certificate) -> list[str]:
    return [issuer.common_name for issuer in chain_of(certificate)]


@pytest.mark.parametrize("chain", [(ISSUING,), (ISSUING, ROOT)])
def test_a_renewal_without_its_chain_gets_that_of_the_one_before(chain: tuple[Issued, ...]) -> None:
    identity = make_identity()
    give_certificate(identity, make_client(issuer=ISSUING).bundle(*chain))

    following = give_certificate(identity, make_client(issuer=ISSUING).bundle())

    assert load_certificates(following.chain_pem.encode()) == [one.certificate for one in chain]


def test_a_chain_is_completed_up_to_a_trust_anchor() -> None:
    identity = make_identity()
    trust(identity.organisation, ROOT)

    certificate = give_certificate(identity, make_client(issuer=ISSUING).bundle(ISSUING))

    assert names(certificate) == ["Practice Issuing CA", "Practice Root CA"]


def test_a_chain_is_completed_from_what_a_server_of_the_organisation_showed() -> None:
    identity = make_identity()
    show(identity, ISSUING)

    certificate = give_certificate(identity, make_client(issuer=ISSUING).bundle())

    assert names(certificate) == ["Practice Issuing CA"]


def test_a_path_to_a_trust_anchor_is_preferred_to_what_a_server_showed() -> None:
    """A server may show the issuing authority's name and key, certified by somebody else."""
    identity = make_identity()
    show(identity, impostor_of(ISSUING))
    trust(identity.organisation, ISSUING)

    certificate = give_certificate(identity, make_client(issuer=ISSUING).bundle())

    assert load_certificates(certificate.chain_pem.encode()) == [ISSUING.certificate]


def test_nothing_of_another_organisation_or_of_another_key_gets_into_a_chain() -> None:
    identity = make_identity()
    other = make_identity(make_organisation("Elders"), common_name="kb/other")
    give_certificate(other, make_client("kb/other", issuer=ISSUING).bundle(ISSUING))
    show(identity, make_authority("Practice Issuing CA"))

    certificate = give_certificate(identity, make_client(issuer=ISSUING).bundle())

    assert certificate.chain_pem == ""


def test_imported_again_with_its_chain_a_certificate_keeps_its_place_and_gets_the_chain() -> None:
    identity = make_identity()
    issued = make_client(issuer=ISSUING)
    current = give_certificate(identity, issued.bundle())

    again = give_certificate(identity, issued.bundle(ISSUING))

    assert (identity.current, again) == (current, current)
    assert names(Certificate.objects.get()) == ["Practice Issuing CA"]
    assert [event.action for event in events_for(identity)].count("certificate.imported") == 2


def test_imported_again_without_its_chain_a_certificate_keeps_the_chain_it_had() -> None:
    identity = make_identity()
    issued = make_client(issuer=ISSUING)
    give_certificate(identity, issued.bundle(ISSUING))

    again = give_certificate(identity, issued.bundle())

    assert names(again) == ["Practice Issuing CA"]


def test_an_old_certificate_imported_again_is_the_next_and_not_in_use() -> None:
    """So somebody can go back to it, after a test like any other."""
    identity = make_identity()
    bundle = make_client().bundle()
    old = give_certificate(identity, bundle)
    new = give_certificate(identity)
    activate_next(identity, actor=ACTOR, now=NOW)

    give_certificate(identity, bundle)

    assert (identity.current, identity.next) == (new, old)
    assert identity.certificates.count() == 2


def test_a_renewal_with_the_same_key_shares_its_key_pair() -> None:
    identity = make_identity()
    key = make_key()

    first, second = (give_certificate(identity, make_client(key=key).bundle()) for _ in range(2))

    assert first != second
    assert first.key_pair == second.key_pair


def test_one_that_is_not_valid_yet_waits_as_the_next() -> None:
    identity = make_identity()
    current = give_certificate(identity)

    following = give_certificate(identity, future_client().bundle())

    assert (identity.current, identity.next) == (current, following)


def test_with_nothing_else_it_is_planned_for_its_first_day() -> None:
    identity = make_identity()

    following = give_certificate(identity, future_client().bundle())

    assert (identity.current, identity.next) == (None, following)
    assert identity.activate_next_at == following.not_before


def test_importing_the_next_again_puts_it_in_use_when_nothing_else_works() -> None:
    identity = make_identity()
    bundle = future_client().bundle()
    following = give_certificate(identity, bundle)

    give_certificate(identity, bundle, at=NOW + timedelta(days=2))

    assert (identity.current, identity.next) == (following, None)
    assert Certificate.objects.count() == 1


def test_a_serial_number_that_the_issuer_gave_out_before_is_refused() -> None:
    """Nobody could tell from a revocation list which of the two is meant."""
    identity = make_identity()
    first, second = (make_client(issuer=ROOT, serial=77) for _ in range(2))
    give_certificate(identity, first.bundle())

    with pytest.raises(CertificateError) as caught:
        give_certificate(identity, second.bundle())

    assert caught.value.code == "certificate.serial_repeated"
    assert Certificate.objects.count() == 1


def test_the_same_serial_number_of_another_issuer_is_no_matter() -> None:
    identity = make_identity()
    for issuer in (ROOT, make_authority("Another Root CA")):
        give_certificate(identity, make_client(issuer=issuer, serial=77).bundle())

    assert identity.certificates.count() == 2


def test_a_certificate_alone_joins_the_key_that_is_kept_here() -> None:
    identity = make_identity()
    key = make_key()
    keep_key_pair(identity, key, actor=ACTOR)
    issued = make_client(issuer=ROOT, key=key)

    certificate = import_upload(identity, ROOT.pem + issued.pem, actor=ACTOR, at=NOW)

    assert identity.current == certificate
    assert key_bundle(certificate) == issued.bundle(ROOT)


def test_a_certificate_alone_for_another_identitys_key_is_refused() -> None:
    identity = make_identity()
    other = make_identity(identity.organisation, common_name="kb/other")
    key = make_key()
    keep_key_pair(other, key, actor=ACTOR)

    with pytest.raises(CertificateError) as caught:
        import_upload(identity, make_client(key=key).pem, actor=ACTOR, at=NOW)

    assert caught.value.code == "certificate.key_missing"


ALONE: dict[str, Callable[[], bytes]] = {
    "certificate.is_authority": lambda: ISSUING.pem,
    "certificate.common_name": lambda: ROOT.pem + make_client("kb/other", issuer=ROOT).pem,
    "certificate.not_for_clients": lambda: make_client(purposes=SERVER_AUTH).pem,
    "certificate.key_missing": lambda: make_client(issuer=ROOT).pem + ROOT.pem,
    "certificate.only_a_key": lambda: make_client().bundle().private_key_pem,
}


@pytest.mark.parametrize("code", ALONE)
def test_a_file_without_a_key_is_refused_for_what_it_is(code: str) -> None:
    with pytest.raises((PKIError, CertificateError)) as caught:
        import_upload(make_identity(), ALONE[code](), actor=ACTOR, at=NOW)

    assert caught.value.code == code  # type: ignore[attr-defined]  # both kinds have one
    assert not Certificate.objects.exists()


def test_a_certificate_alone_whose_key_was_destroyed_is_refused() -> None:
    identity = make_identity()
    key = make_key()
    destroy_key_pair(keep_key_pair(identity, key, actor=ACTOR), actor=ACTOR, now=NOW)

    with pytest.raises(CertificateError) as caught:
        import_upload(identity, make_client(key=key).pem, actor=ACTOR, at=NOW)

    assert caught.value.code == "key_pair.destroyed"
    assert not Certificate.objects.exists()


def test_a_key_that_was_destroyed_is_kept_again_when_somebody_brings_it() -> None:
    identity = make_identity()
    key = make_key()
    destroy_key_pair(keep_key_pair(identity, key, actor=ACTOR), actor=ACTOR, now=NOW)
    bundle = make_client(key=key).bundle()

    certificate = give_certificate(identity, bundle)

    assert key_bundle(Certificate.objects.get(pk=certificate.pk)) == bundle


def without_purpose(purposes: tuple[ObjectIdentifier, ...]) -> KeyBundle:
    return make_client(purposes=purposes).bundle()


def with_foreign_key() -> KeyBundle:
    own, other = make_client().bundle(), make_client().bundle()
    return KeyBundle(other.private_key_pem, own.certificate_pem, b"")


REFUSED: dict[str, Callable[[], KeyBundle]] = {
    "certificate.common_name": lambda: make_client(COMMON_NAME.upper()).bundle(),
    "certificate.expired": lambda: make_client(not_after=NOW - timedelta(seconds=1)).bundle(),
    "certificate.not_for_clients": lambda: without_purpose(SERVER_AUTH),
    "certificate.is_authority": lambda: make_authority(COMMON_NAME, issuer=ROOT).bundle(),
    "key.too_weak": lambda: make_client(key=rsa_key(1024)).bundle(),
    "key.mismatch": with_foreign_key,
}


@pytest.mark.parametrize("code", REFUSED)
def test_what_nobody_could_log_in_with_is_refused_and_leaves_nothing(code: str) -> None:
    identity = make_identity()

    with pytest.raises(PKIError) as caught:
        import_certificate(identity, REFUSED[code](), actor=ACTOR, at=NOW)

    assert caught.value.code == code
    assert not Certificate.objects.exists()
    assert not KeyPair.objects.exists()
    assert not AuditEvent.objects.exists()


def test_nothing_is_half_stored_when_the_database_refuses_the_last_row() -> None:
    """An event needs an actor's name, and it is written after key pair and certificate."""
    nameless = Actor(name=None)  # type: ignore[arg-type]  # what the column refuses

    with pytest.raises(IntegrityError):
        import_certificate(make_identity(), make_client().bundle(), actor=nameless, at=NOW)

    assert not Certificate.objects.exists()
    assert not KeyPair.objects.exists()


def test_one_that_is_not_valid_yet_is_refused_for_every_other_reason() -> None:
    bundle = make_client("somebody else", not_before=NOW + timedelta(days=1)).bundle()

    with pytest.raises(PKIError) as caught:
        import_certificate(make_identity(), bundle, actor=ACTOR, at=NOW)

    assert caught.value.code == "certificate.common_name"
