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
    is_signed_by,
    list_number,
    list_scope,
    load_revocation_list,
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
    """Return the authority that signed the list, or else one of its name, to be refused by."""
    namesakes = [one for one in candidates if one.subject == revocation_list.issuer]
    if not namesakes:
        raise RevocationListError(
            f"{revocation_list.issuer.rfc4514_string()} is not known here",
            code=CertificateCode.REVOCATION_ISSUER_UNKNOWN,
        )
    return next((one for one in namesakes if is_signed_by(revocation_list, one)), namesakes[0])


@transaction.atomic
def _kept(
    revocation_list: x509.CertificateRevocationList,
    issuer: x509.Certificate,
    *,
    source: RevocationSource | None,
    actor: Actor,
    now: datetime,
) -> RevocationList:
    issuer_fingerprint = describe(issuer).fingerprint
    row = _row_for(revocation_list, issuer_fingerprint, source)
    new = _row(revocation_list, issuer_fingerprint, now=now)
    if row is not None:
        _check_successor(new, row)
        new.pk, new.source = row.pk, row.source or source
        if new.fingerprint == row.fingerprint:
            RevocationList.objects.filter(pk=row.pk).update(source=new.source)
            return row
    else:
        new.source = source
    new.save()
    _record(new, actor)
    return new


def _row_for(
    revocation_list: x509.CertificateRevocationList,
    issuer_fingerprint: str,
    source: RevocationSource | None,
) -> RevocationList | None:
    """Return the row to replace: the source's own, else one of the same issuer and scope.

    What was fetched from another address stays as it is; what came by upload may be followed by
    a fetched list, and the other way round.
    """
    rows = RevocationList.objects.select_for_update()
    if source is not None:
        own = rows.filter(source=source).first()
        if own is not None:
            return own
        rows = rows.filter(source=None)
    scope = list_scope(revocation_list)
    namesakes = rows.filter(issuer_fingerprint=issuer_fingerprint).order_by("pk")
    return next((row for row in namesakes if _scope_of(row) == scope), None)


def _scope_of(row: RevocationList) -> bytes:
    return list_scope(x509.load_der_x509_crl(bytes(row.der)))


def _check_successor(new: RevocationList, old: RevocationList) -> None:
    """Raise RevocationError for a list that may not take the place of the other.

    An address is mostly http, so anybody on the way could hand out another authority's list, or
    an old one in which a certificate is not revoked yet.
    """
    if new.issuer != old.issuer:
        raise RevocationError(
            f"the list is of {new.issuer}, it was of {old.issuer}",
            code=ErrorCode.REVOCATION_WRONG_ISSUER,
        )
    same_key = new.issuer_fingerprint == old.issuer_fingerprint
    has_lower_number = same_key and _number(new) < _number(old)
    if new.this_update < old.this_update or has_lower_number:
        raise RevocationError(
            f"the list of {old.this_update.isoformat()} is here already",
            code=ErrorCode.REVOCATION_OLDER,
        )


def _number(row: RevocationList) -> int:
    return int(row.number or 0)


def _row(
    revocation_list: x509.CertificateRevocationList, issuer_fingerprint: str, *, now: datetime
) -> RevocationList:
    der = revocation_list.public_bytes(Encoding.DER)
    number = list_number(revocation_list)
    return RevocationList(
        issuer=revocation_list.issuer.rfc4514_string(),
        issuer_fingerprint=issuer_fingerprint,
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
