"""Make key pairs, keep them sealed, and destroy them when they have had their day."""

from datetime import datetime

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q

from certificates.errors import CertificateCode, KeyPairError
from certificates.models import Certificate, ClientIdentity, KeyPair
from certificates.pki import (
    KeyKind,
    PrivateKey,
    describe_key,
    generate_key,
    spki_fingerprint,
    write_private_key,
)
from certificates.services.relay import lock_identity
from magda_portal.audit.actions import Action
from magda_portal.audit.services import Actor, Details, Subject, record
from magda_portal.sealing.fields import seal_into


def make_key_pair(identity: ClientIdentity, kind: KeyKind, *, actor: Actor) -> KeyPair:
    """Generate a key pair and keep it sealed.

    RSA 4096 takes up to a few seconds: never call this inside a transaction, in which SQLite keeps
    every other writer waiting. Whoever keeps more with the key generates it himself, and then calls
    :func:`keep_made_key`.
    """
    return keep_made_key(identity, generate_key(kind), actor=actor)


@transaction.atomic
def keep_made_key(identity: ClientIdentity, private_key: PrivateKey, *, actor: Actor) -> KeyPair:
    """Keep a key that was generated here, and tell the trail that it was."""
    key_pair = keep_key_pair(identity, private_key, actor=actor)
    _record(Action.KEY_PAIR_MADE, key_pair, actor)
    return key_pair


@transaction.atomic
def keep_key_pair(identity: ClientIdentity, private_key: PrivateKey, *, actor: Actor) -> KeyPair:
    """Return the identity's row of this key, sealed; it is made when there is none.

    A renewal may come with the key of the certificate before: whoever brings a key again wants to
    use it, so its destruction is called off. It is sealed anew, as what was kept may be destroyed,
    damaged, or sealed under a key that is lost.
    """
    fingerprint = spki_fingerprint(private_key.public_key())
    known = identity.key_pairs.filter(spki_fingerprint=fingerprint).first()
    if known is None:
        known = KeyPair(
            identity=identity,
            algorithm=describe_key(private_key.public_key()),
            spki_fingerprint=fingerprint,
        )
        seal_into(known, "sealed_private_key", write_private_key(private_key))
        known.save(force_insert=True)
        return known
    seal_into(known, "sealed_private_key", write_private_key(private_key))
    known.destroyed_at = None
    known.save(update_fields=["sealed_private_key", "destroyed_at"])
    _set_date(known, None, actor=actor)
    return known


def require_kept(key_pair: KeyPair) -> None:
    """Raise KeyPairError when the private half has been destroyed."""
    if key_pair.destroyed_at is not None:
        raise KeyPairError("the key is destroyed", code=CertificateCode.KEY_PAIR_DESTROYED)


def lock_kept(key_pair: KeyPair) -> None:
    """Lock the identity, bring the key pair up to date, and refuse one that is destroyed.

    Call it inside a transaction, before anything made with the key is kept or handed out: a row
    that was read before the lock may be that of a key destroyed since. Raises KeyPairError.
    """
    lock_identity(key_pair.identity)
    key_pair.refresh_from_db(fields=["destroy_at", "destroyed_at", "sealed_private_key"])
    require_kept(key_pair)


def call_off_destruction(key_pair: KeyPair, *, actor: Actor) -> None:
    """Spare a key that somebody wants to use again; call it with the key pair locked."""
    _set_date(key_pair, None, actor=actor)


@transaction.atomic
def set_destruction(key_pair: KeyPair, at: datetime | None, *, actor: Actor, now: datetime) -> None:
    """Set the moment at which the private half is destroyed; None calls it off.

    Raises KeyPairError when the moment has passed, or when the key is in use or destroyed.
    """
    _lock_unused(key_pair)
    if at is not None and at <= now:
        raise KeyPairError(
            f"{at.isoformat()} has passed", code=CertificateCode.KEY_PAIR_MOMENT_PASSED
        )
    _set_date(key_pair, at, actor=actor)


@transaction.atomic
def destroy_key_pair(key_pair: KeyPair, *, actor: Actor, now: datetime) -> None:
    """Erase the private half for good; the row stays, for certificates speak of it.

    Back-ups made before hold the sealed key still. Raises KeyPairError when it is in use or
    destroyed already.
    """
    _lock_unused(key_pair)
    key_pair.sealed_private_key = b""
    key_pair.destroyed_at = now
    key_pair.destroy_at = None
    key_pair.save(update_fields=["sealed_private_key", "destroyed_at", "destroy_at"])
    _record(Action.KEY_PAIR_DESTROYED, key_pair, actor)


def destroy_due(*, now: datetime, actor: Actor) -> int:
    """Destroy every key whose day has come, unless it is in use again; return how many."""
    due = KeyPair.objects.filter(destroy_at__lte=now, destroyed_at=None)
    unused = due.filter(~_in_use()).select_related("identity")
    return sum(_destroyed(key_pair, now=now, actor=actor) for key_pair in unused)


def is_in_use(key_pair: KeyPair) -> bool:
    """Say whether a certificate of the relay needs this key: current, next or previous."""
    return KeyPair.objects.filter(_in_use(), pk=key_pair.pk).exists()


def _in_use() -> Exists:
    """Say of a key pair whether a certificate of the relay has it."""
    certificates = Certificate.objects.filter(key_pair=OuterRef("pk"))
    return Exists(
        certificates.filter(
            Q(pk=F("identity__current")) | Q(pk=F("identity__next")) | Q(pk=F("identity__previous"))
        )
    )


def _destroyed(key_pair: KeyPair, *, now: datetime, actor: Actor) -> bool:
    """Destroy one; False when it came into use, or was seen to, in the meantime."""
    try:
        destroy_key_pair(key_pair, actor=actor, now=now)
    except KeyPairError:
        return False
    return True


def _lock_unused(key_pair: KeyPair) -> None:
    """Do as :func:`lock_kept`, and refuse one that is in use too."""
    lock_kept(key_pair)
    if is_in_use(key_pair):
        raise KeyPairError("the key is in use", code=CertificateCode.KEY_PAIR_IN_USE)


def _set_date(key_pair: KeyPair, at: datetime | None, *, actor: Actor) -> None:
    before = key_pair.destroy_at
    if before == at:
        return
    key_pair.destroy_at = at
    key_pair.save(update_fields=["destroy_at"])
    details = {
        "before": before.isoformat() if before else None,
        "after": at.isoformat() if at else None,
    }
    action = Action.KEY_PAIR_DESTRUCTION_SET if at else Action.KEY_PAIR_SPARED
    _record(action, key_pair, actor, details)


def _record(
    action: Action, key_pair: KeyPair, actor: Actor, details: Details | None = None
) -> None:
    identity = key_pair.identity
    record(
        action,
        actor=actor,
        organisation_id=identity.organisation_id,
        subject=Subject.row(identity),
        details={"key": str(key_pair), **(details or {})},
    )
