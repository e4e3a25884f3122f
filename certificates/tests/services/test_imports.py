from collections.abc import Callable
from datetime import timedelta

import pytest
from cryptography.x509 import ObjectIdentifier
from django.db import IntegrityError

from certificates.models import Certificate, ClientIdentity, KeyPair
from certificates.pki import KeyBundle, PKIError, load_certificates
from certificates.queries import chain_of
from certificates.services.activation import _activate_next, activate_due
from certificates.services.bundles import key_bundle
from certificates.services.imports import import_certificate
from certificates.tests.builders import (
    COMMON_NAME,
    SERVER_AUTH,
    Issued,
    make_authority,
    make_client,
    make_key,
    rsa_key,
)
from certificates.tests.rows import ACTOR, NOW, give_certificate, make_identity
from magda_portal.audit.models import AuditEvent
from magda_portal.audit.queries import events_for
from magda_portal.audit.services import Actor

pytestmark = pytest.mark.django_db
ROOT = make_authority()


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


def test_the_certificate_it_replaces_stays_in_the_history() -> None:
    identity = make_identity()
    old = give_certificate(identity)

    new = give_certificate(identity)

    assert identity.current == new
    assert set(identity.certificates.all()) == {old, new}


def test_a_second_import_changes_nothing_and_returns_the_row() -> None:
    identity = make_identity()
    bundle = make_client().bundle()
    first = give_certificate(identity, bundle)
    events = AuditEvent.objects.count()

    second = give_certificate(identity, bundle)

    assert first == second
    assert (Certificate.objects.count(), KeyPair.objects.count()) == (1, 1)
    assert AuditEvent.objects.count() == events


def test_an_old_certificate_imported_again_does_not_come_back_into_use() -> None:
    identity = make_identity()
    bundle = make_client().bundle()
    give_certificate(identity, bundle)
    new = give_certificate(identity)

    give_certificate(identity, bundle)

    assert identity.current == new


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


def test_the_next_is_put_in_use_once_when_its_period_begins() -> None:
    identity = make_identity()
    following = give_certificate(identity, future_client().bundle())

    before = activate_due(now=NOW, actor=ACTOR)
    then, again = (activate_due(now=NOW + timedelta(days=1), actor=ACTOR) for _ in range(2))

    assert (before, then, again) == (0, 1, 0)
    identity.refresh_from_db()
    assert (identity.current, identity.next) == (following, None)


def test_a_run_that_comes_second_looks_again_and_finds_nothing_to_do() -> None:
    identity = make_identity()
    give_certificate(identity, future_client().bundle())
    later = NOW + timedelta(days=1)
    as_the_second_run_saw_it = ClientIdentity.objects.get(pk=identity.pk)
    activate_due(now=later, actor=ACTOR)

    assert not _activate_next(as_the_second_run_saw_it, now=later, actor=ACTOR)


def test_importing_the_next_again_puts_it_in_use_when_its_period_has_begun() -> None:
    identity = make_identity()
    bundle = future_client().bundle()
    following = give_certificate(identity, bundle)

    give_certificate(identity, bundle, at=NOW + timedelta(days=2))

    assert (identity.current, identity.next) == (following, None)
    assert Certificate.objects.count() == 1


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
