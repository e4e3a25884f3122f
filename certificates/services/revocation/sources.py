"""Know where the lists are that speak of the certificates in use, and whom they concern."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from cryptography import x509
from django.db import transaction
from django.db.models import Q

from certificates.models import RevocationList, RevocationSource
from certificates.pki import distribution_points
from certificates.services.revocation.authorities import (
    anchors_with_owners,
    chains_in_use,
    client_certificates,
    paths_shown_by_servers,
)

REMEMBERED = timedelta(days=30)
"""For so long an address is asked that nothing names any more.

Else who has the key of a revoked server could have the list forgotten, which is known by that
server's certificate alone: he would show another one for once.
"""
_LONGEST_ADDRESS = 500
_Owner = int | None
"""An organisation's primary key; None stands for all of them."""


def sync_sources(*, now: datetime) -> None:
    """Add the addresses that certificates name, and forget those that none has named for long.

    With 10,000 certificates in use that takes under two seconds, nearly all of it outside a
    transaction.
    """
    named: defaultdict[str, set[_Owner]] = defaultdict(set)
    for url, owner in _named():
        if len(url) <= _LONGEST_ADDRESS:
            named[url].add(owner)
    known = set(RevocationSource.objects.values_list("url", flat=True))
    RevocationSource.objects.bulk_create(
        [RevocationSource(url=url, next_try_at=now) for url in sorted(set(named) - known)],
        ignore_conflicts=True,
    )
    _note_owners(named)
    _note_unnamed(known - set(named), now=now)
    _forget(now=now)


def _named() -> Iterator[tuple[str, _Owner]]:
    """Yield each address with whom it concerns; one and the same comes again and again."""
    anchors = list(anchors_with_owners())
    chains = list(chains_in_use())
    shown = list(paths_shown_by_servers([anchor for anchor, _ in anchors]))
    issuers = [*anchors, *chains, *((one, owner) for path, owner in shown for one in path[1:])]
    yield from _named_by(client_certificates())
    yield from _named_by((path[0], owner) for path, owner in shown)
    # A root that is not known here can't vouch for its list of issuing authorities: nobody would
    # be helped by an error about it.
    known = {issuer.subject for issuer, _ in issuers}
    yield from _named_by((one, owner) for one, owner in issuers if one.issuer in known)


def _named_by(
    certificates: Iterable[tuple[x509.Certificate, _Owner]],
) -> Iterator[tuple[str, _Owner]]:
    for certificate, owner in certificates:
        for url in distribution_points(certificate):
            yield url, owner


def _note_owners(named: dict[str, set[_Owner]]) -> None:
    """Write down whom each address concerns, where that changed."""
    shared = {url for url, owners in named.items() if None in owners}
    ids = dict(RevocationSource.objects.filter(url__in=named).values_list("url", "pk"))
    wanted = {
        (ids[url], owner)
        for url, owners in named.items()
        for owner in owners
        if owner is not None and url in ids
    }
    through = RevocationSource.organisations.through.objects
    rows = through.filter(revocationsource__in=ids.values())
    noted = {(row.revocationsource_id, row.organisation_id): row.pk for row in rows}
    through.filter(pk__in=[pk for pair, pk in noted.items() if pair not in wanted]).delete()
    through.bulk_create(
        [
            RevocationSource.organisations.through(revocationsource_id=pk, organisation_id=owner)
            for pk, owner in sorted(wanted - set(noted))
        ],
        ignore_conflicts=True,
    )
    sources = RevocationSource.objects
    sources.filter(url__in=shared, is_shared=False).update(is_shared=True)
    sources.filter(url__in=set(named) - shared, is_shared=True).update(is_shared=False)
    sources.filter(url__in=named, unnamed_since__isnull=False).update(unnamed_since=None)


def _note_unnamed(urls: Iterable[str], *, now: datetime) -> None:
    unnamed = RevocationSource.objects.filter(url__in=list(urls), unnamed_since=None)
    unnamed.update(unnamed_since=now)


@transaction.atomic
def _forget(*, now: datetime) -> None:
    """Delete what nothing has named for long, but no list that is still fresh."""
    gone = RevocationSource.objects.filter(
        Q(revocation_list=None) | Q(revocation_list__next_update__lt=now),
        unnamed_since__lte=now - REMEMBERED,
    )
    ids = list(gone.values_list("pk", flat=True))
    RevocationList.objects.filter(source__in=ids).delete()
    RevocationSource.objects.filter(pk__in=ids).delete()
