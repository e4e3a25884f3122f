from datetime import timedelta

import pytest

from certificates.errors import KeyPairError
from certificates.models import KeyPair
from certificates.pki import (
    KeyKind,
    SubjectName,
    check_key_strength,
    describe_key,
    write_private_key,
)
from certificates.services.bundles import opened_key
from certificates.services.key_pairs import (
    destroy_due,
    destroy_key_pair,
    keep_key_pair,
    make_key_pair,
    set_destruction,
)
from certificates.services.relay import activate_next, discard_next
from certificates.services.requests import request_with_kept_key
from certificates.tests.builders import COMMON_NAME, make_client, make_key
from certificates.tests.rows import ACTOR, NOW, give_certificate, make_identity
from magda_portal.audit.queries import events_for
from magda_portal.sealing.ring import SealingError

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def unused_key() -> KeyPair:
    return keep_key_pair(make_identity(), make_key(), actor=ACTOR)


def stored(key_pair: KeyPair) -> KeyPair:
    return KeyPair.objects.get(pk=key_pair.pk)


@pytest.mark.parametrize("kind", [KeyKind.RSA_2048, KeyKind.EC_P256, KeyKind.EC_P384])
def test_a_key_is_made_sealed_and_opens_again(kind: KeyKind) -> None:
    identity = make_identity()

    key_pair = stored(make_key_pair(identity, kind, actor=ACTOR))

    key = opened_key(key_pair)
    check_key_strength(key.public_key())
    assert describe_key(key.public_key()) == key_pair.algorithm == kind
    assert b"PRIVATE KEY" not in bytes(key_pair.sealed_private_key)
    assert [event.action for event in events_for(identity)] == ["key_pair.made"]


def test_the_same_key_is_kept_once() -> None:
    identity, key = make_identity(), make_key()

    first, second = (keep_key_pair(identity, key, actor=ACTOR) for _ in range(2))

    assert first == second
    assert KeyPair.objects.count() == 1


def test_a_destroyed_key_opens_never_again_and_its_row_stays() -> None:
    key_pair = unused_key()

    destroy_key_pair(key_pair, actor=ACTOR, now=NOW)

    after = stored(key_pair)
    assert (bytes(after.sealed_private_key), after.destroyed_at) == (b"", NOW)
    with pytest.raises(SealingError):
        opened_key(after)
    last = events_for(key_pair.identity).last()
    assert last is not None
    assert last.action == "key_pair.destroyed"


def test_a_key_is_destroyed_once_on_its_day() -> None:
    key_pair = unused_key()
    set_destruction(key_pair, NOW + DAY, actor=ACTOR, now=NOW)

    early = destroy_due(now=NOW + DAY - timedelta(seconds=1), actor=ACTOR)
    due, again = (destroy_due(now=NOW + DAY, actor=ACTOR) for _ in range(2))

    assert (early, due, again) == (0, 1, 0)
    assert stored(key_pair).destroyed_at == NOW + DAY


def test_a_destruction_that_was_called_off_does_not_happen() -> None:
    key_pair = unused_key()
    set_destruction(key_pair, NOW + DAY, actor=ACTOR, now=NOW)

    for _ in range(2):
        set_destruction(key_pair, None, actor=ACTOR, now=NOW)

    assert destroy_due(now=NOW + DAY, actor=ACTOR) == 0
    actions = [event.action for event in events_for(key_pair.identity)]
    assert actions.count("key_pair.destruction_set") == 1
    assert actions.count("key_pair.spared") == 1


def test_a_request_with_a_key_calls_its_destruction_off() -> None:
    """A certificate will come for it, and nobody could use that without the key."""
    key_pair = unused_key()
    set_destruction(key_pair, NOW + DAY, actor=ACTOR, now=NOW)

    request_with_kept_key(
        key_pair.identity, key_pair, subject=SubjectName(COMMON_NAME), actor=ACTOR
    )

    assert destroy_due(now=NOW + DAY, actor=ACTOR) == 0
    assert stored(key_pair).destroy_at is None


def test_the_day_can_not_have_passed() -> None:
    with pytest.raises(KeyPairError) as caught:
        set_destruction(unused_key(), NOW, actor=ACTOR, now=NOW)

    assert caught.value.code == "key_pair.moment_passed"


@pytest.mark.parametrize("place", ["current", "next", "previous"])
def test_a_key_that_the_relay_needs_can_not_be_destroyed(place: str) -> None:
    identity = make_identity()
    first = give_certificate(identity)
    second = give_certificate(identity)
    if place == "previous":
        activate_next(identity, actor=ACTOR, now=NOW)
    key_pair = (second if place == "next" else first).key_pair

    with pytest.raises(KeyPairError) as destroying:
        destroy_key_pair(key_pair, actor=ACTOR, now=NOW)
    with pytest.raises(KeyPairError) as planning:
        set_destruction(key_pair, NOW + DAY, actor=ACTOR, now=NOW)

    assert (destroying.value.code, planning.value.code) == ("key_pair.in_use", "key_pair.in_use")
    assert stored(key_pair).destroyed_at is None


def test_a_key_that_came_into_use_again_is_spared_on_its_day() -> None:
    """The day was set in the database before; only the lock and a second look can tell."""
    identity = make_identity()
    certificate = give_certificate(identity)
    KeyPair.objects.update(destroy_at=NOW)

    assert destroy_due(now=NOW, actor=ACTOR) == 0
    assert stored(certificate.key_pair).destroyed_at is None


def test_an_import_with_the_same_key_calls_its_destruction_off() -> None:
    identity, key = make_identity(), make_key()
    give_certificate(identity)
    renewed = give_certificate(identity, make_client(key=key).bundle())
    discard_next(identity, actor=ACTOR)
    set_destruction(renewed.key_pair, NOW + DAY, actor=ACTOR, now=NOW)

    give_certificate(identity, make_client(key=key).bundle())

    assert stored(renewed.key_pair).destroy_at is None


def test_a_key_that_opens_no_more_is_mended_by_bringing_it_again() -> None:
    identity, key = make_identity(), make_key()
    key_pair = keep_key_pair(identity, key, actor=ACTOR)
    sealed = bytes(stored(key_pair).sealed_private_key)
    KeyPair.objects.filter(pk=key_pair.pk).update(sealed_private_key=sealed[:-1])

    keep_key_pair(identity, key, actor=ACTOR)

    assert write_private_key(opened_key(stored(key_pair))) == write_private_key(key)


def test_a_destroyed_key_can_not_be_destroyed_again() -> None:
    key_pair = unused_key()
    destroy_key_pair(key_pair, actor=ACTOR, now=NOW)

    with pytest.raises(KeyPairError) as caught:
        destroy_key_pair(key_pair, actor=ACTOR, now=NOW)

    assert caught.value.code == "key_pair.destroyed"
