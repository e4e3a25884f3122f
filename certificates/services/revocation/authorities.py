"""The certificates that matter to revocation: those in use, and the authorities above them."""

from collections.abc import Iterable, Iterator

from cryptography import x509
from django.db.models import OuterRef, Q, QuerySet, Subquery

from certificates.models import (
    Certificate,
    ClientIdentity,
    ServerSighting,
    TrustAnchor,
    WatchedServer,
)
from certificates.pki import ParseError, load_certificates


def certificates_in_use() -> QuerySet[Certificate]:
    """Return the client certificates that an identity logs in with, or may have to."""
    places = ("current", "next", "previous")
    in_place = Q()
    for place in places:
        ids = ClientIdentity.objects.filter(**{f"{place}__isnull": False}).values(place)
        in_place |= Q(pk__in=ids)
    return Certificate.objects.filter(in_place)


def shown_by_servers() -> list[x509.Certificate]:
    """Return what the watched servers showed last, each certificate once."""
    newest = ServerSighting.objects.filter(server=OuterRef("pk")).order_by("-last_seen_at", "-pk")
    sightings = WatchedServer.objects.annotate(newest=Subquery(newest.values("pk")[:1]))
    chains = ServerSighting.objects.filter(pk__in=sightings.values("newest"))
    return _loaded(chains.order_by().values_list("chain_pem", flat=True).distinct())


def authorities() -> list[x509.Certificate]:
    """Return the trust anchors and all issuers that came with certificates, each once.

    They are candidates: whose signature it is, is always looked at.
    """
    anchors = _loaded(bytes(der) for der in TrustAnchor.objects.values_list("der", flat=True))
    chains = certificates_in_use().exclude(chain_pem="").order_by()
    issuers = _loaded(chains.values_list("chain_pem", flat=True).distinct())
    return list(dict.fromkeys([*anchors, *issuers, *shown_by_servers()]))


def _loaded(files: Iterable[str | bytes]) -> list[x509.Certificate]:
    return list(dict.fromkeys(one for file in files for one in _read(file)))


def _read(file: str | bytes) -> Iterator[x509.Certificate]:
    """Yield the certificates of a stored file; a server may show what nobody can read."""
    try:
        yield from load_certificates(file.encode() if isinstance(file, str) else file)
    except ParseError:
        return
