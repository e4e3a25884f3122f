"""Write down for each certificate in use what the lists say of it."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import islice

from cryptography import x509
from django.db import transaction
from django.db.models import Exists, Max, OuterRef, Q, QuerySet

from certificates.models import Certificate, RevocationList, RevocationState
from certificates.pki import (
    UNCHECKED,
    IssuerLists,
    RevocationStatus,
    Verdict,
    distinguished_name,
)
from certificates.services.actors import PORTAL
from certificates.services.revocation.authorities import authorities, certificates_in_use
from magda_portal.audit.actions import Action
from magda_portal.audit.services import Subject, record

_AT_ONCE = 200
_GRAVITY = (
    RevocationStatus.UNCHECKED,
    RevocationStatus.GOOD,
    RevocationStatus.STALE,
    RevocationStatus.REVOKED,
)


def check_certificates(*, now: datetime) -> None:
    """Bring the verdict on every certificate in use up to date.

    A certificate that was revoked stays so when the list gets too old or goes away: only a newer
    list without it takes that back. Only certificates are read of which something can have changed.
    """
    _without_list().exclude(
        revocation__in=[RevocationState.UNCHECKED, RevocationState.REVOKED]
    ).update(revocation=RevocationState.UNCHECKED)
    issuers = authorities()
    for name in RevocationList.objects.order_by().values_list("issuer", flat=True).distinct():
        due = _due(name, now=now)
        if due.exists():
            _check(due, _IssuersOfOneName(name, issuers, now=now), now=now)


class _IssuersOfOneName:
    """The authorities that bear a name, each with those lists that it signed itself."""

    def __init__(self, name: str, issuers: Iterable[x509.Certificate], *, now: datetime) -> None:
        ders = RevocationList.objects.filter(issuer=name).values_list("der", flat=True)
        lists = [x509.load_der_x509_crl(bytes(der)) for der in ders]
        self._lists = [
            IssuerLists(issuer, lists, at=now)
            for issuer in issuers
            if distinguished_name(issuer.subject) == name
        ]

    def verdict_on(self, certificate: x509.Certificate) -> Verdict:
        """Ask all who can have issued it, and take the gravest answer.

        Anybody can certify an authority's name and public key again; what is asked below such a
        certificate may remain unanswered.
        """
        verdicts = [lists.verdict_on_one_of_many(certificate) for lists in self._lists]
        return max(verdicts, key=lambda one: _GRAVITY.index(one.status), default=UNCHECKED)


def _without_list() -> QuerySet[Certificate]:
    of_issuer = RevocationList.objects.filter(issuer=OuterRef("issuer"))
    return certificates_in_use().filter(~Exists(of_issuer))


def _due(issuer: str, *, now: datetime) -> QuerySet[Certificate]:
    """Return the certificates of an issuer on which the verdict may be another one by now."""
    lists = RevocationList.objects.filter(issuer=issuer)
    newest = max(lists.values_list("obtained_at", flat=True), default=now)
    changed = Q(revocation_checked_at=None) | Q(revocation_checked_at__lt=newest)
    if lists.filter(next_update__gte=now).exists():
        changed |= Q(revocation__in=[RevocationState.STALE, RevocationState.UNCHECKED])
    ended = lists.filter(next_update__lt=now).aggregate(last=Max("next_update"))["last"]
    if ended is not None:
        changed |= Q(revocation=RevocationState.GOOD, revocation_checked_at__lte=ended)
    return certificates_in_use().filter(changed, issuer=issuer).order_by("pk")


def _check(due: QuerySet[Certificate], issuers: _IssuersOfOneName, *, now: datetime) -> None:
    rows = iter(list(due.values_list("pk", flat=True)))
    while handful := list(islice(rows, _AT_ONCE)):
        verdicts = list(_verdicts(handful, issuers))
        for state in RevocationState:
            of_state = [
                (row, verdict) for row, verdict in verdicts if verdict.status.value == state.value
            ]
            _write(state, of_state, now=now)


def _verdicts(ids: list[int], issuers: _IssuersOfOneName) -> Iterator[tuple[Certificate, Verdict]]:
    for row in Certificate.objects.filter(pk__in=ids).select_related("identity"):
        yield row, issuers.verdict_on(x509.load_der_x509_certificate(bytes(row.der)))


def _write(
    state: RevocationState, verdicts: list[tuple[Certificate, Verdict]], *, now: datetime
) -> None:
    rows = Certificate.objects.filter(pk__in=[row.pk for row, _ in verdicts])
    if state == RevocationState.REVOKED:
        for row, verdict in verdicts:
            note_revocation(row, verdict, now=now)
    elif state == RevocationState.GOOD:
        for row, verdict in verdicts:
            _reinstate(row, verdict)
        rows.exclude(revocation=RevocationState.REVOKED).update(revocation=state)
        rows.update(revocation_checked_at=now)
    else:
        # Neither is said by a list, so the moment of the last word stays.
        rows.exclude(revocation=RevocationState.REVOKED).update(revocation=state)


@transaction.atomic
def note_revocation(row: Certificate, verdict: Verdict, *, now: datetime) -> None:
    """Write down that a list revokes a certificate, and tell the trail when that is news."""
    rows = Certificate.objects.filter(pk=row.pk)
    is_news = rows.exclude(revocation=RevocationState.REVOKED).update(
        revocation=RevocationState.REVOKED,
        revoked_at=verdict.revoked_at,
        revocation_told_at=None,
    )
    rows.update(revocation_checked_at=now, revoking_list_of=verdict.issued_at)
    if is_news:
        _record(Action.CERTIFICATE_REVOKED, row, verdict.revoked_at)


@transaction.atomic
def _reinstate(row: Certificate, verdict: Verdict) -> None:
    """Take a revocation back: the authority lifted a hold, in a list that came after."""
    revoked = Certificate.objects.filter(pk=row.pk, revocation=RevocationState.REVOKED)
    came_after = Q(revoking_list_of=None) | Q(revoking_list_of__lt=verdict.issued_at)
    is_news = revoked.filter(came_after).update(
        revocation=RevocationState.GOOD,
        revoked_at=None,
        revocation_told_at=None,
        revoking_list_of=None,
    )
    if is_news:
        _record(Action.CERTIFICATE_REINSTATED, row, None)


def _record(action: Action, row: Certificate, revoked_at: datetime | None) -> None:
    record(
        action,
        actor=PORTAL,
        organisation_id=row.identity.organisation_id,
        subject=Subject.row(row.identity),
        details={
            "fingerprint": row.fingerprint,
            "serial": row.serial,
            "revoked_at": revoked_at.isoformat() if revoked_at else None,
        },
    )
