"""Take a revocation list in: only one that an authority we know signed, and never an older one."""

import hashlib
from collections.abc import Iterable
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from django.db import transaction

from certificates.errors import CertificateCode, RevocationListError
from certificates.models import RevocationList, RevocationSource
from certificates.pki import (
    ErrorCode,
    RevocationError,
    check_revocation_list,
    describe,
    distinguished_name,
    is_signed_by,
    list_number,
    list_scope,
    load_revocation_list,
    may_sign_lists,
)
from certificates.services.revocation.authorities import authorities
from magda_portal.audit.actions import Action
from magda_portal.audit.services import Actor, Subject, record


def accept_list(
    data: bytes, *, source: RevocationSource | None = None, actor: Actor, now: datetime
) -> RevocationList:
    """Check a list (PEM or DER) and keep it in place of the one that was there.

    The list that is here already changes nothing. Raises ParseError, RevocationError (of a list
    that is too old: StaleListError), or RevocationListError when nobody knows its authority.
    """
    revocation_list = load_revocation_list(data)
    issuer = _signer(revocation_list, authorities())
    check_revocation_list(revocation_list, issuer=issuer, at=now)
    return _kept(revocation_list, issuer, source=source, actor=actor, now=now)


def _signer(
    revocation_list: x509.CertificateRevocationList, candidates: Iterable[x509.Certificate]
) -> x509.Certificate:
    """Return the authority that signed the list, or else one of its name, to be refused by.

    Anybody can certify an authority's name and public key again, without the right to sign lists:
    one that has it comes first.
    """
    namesakes = [one for one in candidates if one.subject == revocation_list.issuer]
    if not namesakes:
        raise RevocationListError(
            f"{distinguished_name(revocation_list.issuer)} is not known here",
            code=CertificateCode.REVOCATION_ISSUER_UNKNOWN,
        )
    signers = [one for one in namesakes if is_signed_by(revocation_list, one)] or namesakes
    return next((one for one in signers if may_sign_lists(one)), signers[0])


@transaction.atomic
def _kept(
    revocation_list: x509.CertificateRevocationList,
    issuer: x509.Certificate,
    *,
    source: RevocationSource | None,
    actor: Actor,
    now: datetime,
) -> RevocationList:
    new = _row(revocation_list, issuer, now=now)
    new.source = source
    before = None
    if source is not None:
        before = RevocationList.objects.select_for_update().filter(source=source).first()
    same_scope = _of_same_scope(revocation_list, issuer)
    if before is not None:
        _check_successor(new, before)
    for kept in same_scope:
        _check_not_older(new, kept)
    row = before or _row_to_replace(same_scope, source)
    if row is not None:
        new.pk, new.source = row.pk, row.source or source
        if new.fingerprint == row.fingerprint:
            RevocationList.objects.filter(pk=row.pk).update(source=new.source)
            return row
    new.save()
    _record(new, actor)
    return new


def _of_same_scope(
    revocation_list: x509.CertificateRevocationList, issuer: x509.Certificate
) -> list[RevocationList]:
    """Return the lists that speak of the same certificates, from wherever they came.

    The issuer's key counts: its certificate may be another one than that by which the others
    were checked.
    """
    scope = list_scope(revocation_list)
    name = distinguished_name(revocation_list.issuer)
    rows = RevocationList.objects.select_for_update().filter(issuer=name).order_by("pk")
    return [row for row in rows.iterator() if _has_scope(row, scope, issuer)]


def _has_scope(row: RevocationList, scope: bytes, issuer: x509.Certificate) -> bool:
    kept = x509.load_der_x509_crl(bytes(row.der))
    return list_scope(kept) == scope and is_signed_by(kept, issuer)


def _row_to_replace(
    same_scope: list[RevocationList], source: RevocationSource | None
) -> RevocationList | None:
    """Return the row whose place a list takes that is its address's first, or came by hand.

    What was fetched from another address stays as it is; what came by hand may be followed by a
    fetched list, and the other way round.
    """
    followed = (row for row in same_scope if source is None or row.source_id is None)
    return next(followed, None)


def _check_successor(new: RevocationList, old: RevocationList) -> None:
    """Raise RevocationError for what is not the next list of the one that an address gave before.

    An address is mostly http, so anybody on the way could hand out the list of another authority,
    or one of long ago about other certificates.
    """
    if new.issuer != old.issuer:
        raise RevocationError(
            f"the list is of {new.issuer}, it was of {old.issuer}",
            code=ErrorCode.REVOCATION_WRONG_ISSUER,
        )
    if new.this_update < old.this_update:
        raise _older_than(old)


def _check_not_older(new: RevocationList, old: RevocationList) -> None:
    """Raise RevocationError for a list in which a certificate may not be revoked yet.

    Whoever keeps the newest list from coming could so take a revocation back.
    """
    if new.this_update < old.this_update or _number(new) < _number(old):
        raise _older_than(old)


def _older_than(old: RevocationList) -> RevocationError:
    return RevocationError(
        f"the list of {old.this_update.isoformat()} is here already",
        code=ErrorCode.REVOCATION_OLDER,
    )


def _number(row: RevocationList) -> int:
    return int(row.number or 0)


def _row(
    revocation_list: x509.CertificateRevocationList, issuer: x509.Certificate, *, now: datetime
) -> RevocationList:
    der = revocation_list.public_bytes(Encoding.DER)
    number = list_number(revocation_list)
    return RevocationList(
        issuer=distinguished_name(revocation_list.issuer),
        issuer_fingerprint=describe(issuer).fingerprint,
        der=der,
        fingerprint=hashlib.sha256(der).hexdigest(),
        number="" if number is None else str(number),
        entry_count=len(revocation_list),
        this_update=revocation_list.last_update_utc,
        next_update=revocation_list.next_update_utc,
        obtained_at=now,
    )


def _record(row: RevocationList, actor: Actor) -> None:
    record(
        Action.REVOCATION_LIST_OBTAINED,
        actor=actor,
        subject=Subject.row(row),
        details={
            "source": row.source.url if row.source else None,
            "fingerprint": row.fingerprint,
            "number": row.number,
            "entries": row.entry_count,
        },
    )
