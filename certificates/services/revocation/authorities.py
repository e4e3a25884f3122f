"""The certificates that matter to revocation: those in use, and the authorities above them.

Where an owner comes along it is the organisation that uses a certificate, by primary key; None
stands for all of them.
"""

from collections import defaultdict
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
from certificates.pki import ParseError, load_certificates, order_chain

_Owned = tuple[x509.Certificate, int | None]


def certificates_in_use() -> QuerySet[Certificate]:
    """Return the client certificates that an identity logs in with, or may have to."""
    places = ("current", "next", "previous")
    in_place = Q()
    for place in places:
        ids = ClientIdentity.objects.filter(**{f"{place}__isnull": False}).values(place)
        in_place |= Q(pk__in=ids)
    return Certificate.objects.filter(in_place)


def authorities() -> list[x509.Certificate]:
    """Return the trust anchors and all issuers that came with certificates, each once.

    They are candidates: whose signature it is, is always looked at.
    """
    anchors = (anchor for anchor, _ in anchors_with_owners())
    issuers = (issuer for issuer, _ in chains_in_use())
    shown = (one for chain in _shown().values() for one in chain)
    return list(dict.fromkeys([*anchors, *issuers, *shown]))


def client_certificates() -> Iterator[_Owned]:
    """Yield every client certificate in use."""
    rows = certificates_in_use().order_by().values_list("der", "identity__organisation")
    for der, owner in rows.iterator():
        yield x509.load_der_x509_certificate(bytes(der)), owner


def anchors_with_owners() -> Iterator[_Owned]:
    """Yield every trust anchor."""
    for der, owner in TrustAnchor.objects.order_by("pk").values_list("der", "organisation"):
        for anchor in _read(bytes(der)):
            yield anchor, owner


def chains_in_use() -> Iterator[_Owned]:
    """Yield the issuers that came with client certificates in use."""
    chains = certificates_in_use().exclude(chain_pem="").order_by()
    owners: defaultdict[str, set[int]] = defaultdict(set)
    for pem, owner in chains.values_list("chain_pem", "identity__organisation").distinct():
        owners[pem].add(owner)
    for pem, found in owners.items():
        for issuer in _read(pem.encode()):
            yield from ((issuer, owner) for owner in found)


def paths_shown_by_servers(
    anchors: Iterable[x509.Certificate],
) -> Iterator[tuple[list[x509.Certificate], int]]:
    """Yield what the watched servers showed last, a path for each organisation that uses one.

    The server's own certificate stands first, then its issuers as far as they are known. What
    does not belong to its path is left out: a server may show hundreds of certificates.
    """
    named: defaultdict[x509.Name, list[x509.Certificate]] = defaultdict(list)
    for anchor in anchors:
        named[anchor.subject].append(anchor)
    users: defaultdict[int, list[int]] = defaultdict(list)
    for server, organisation in WatchedServer.organisations.through.objects.values_list(
        "watchedserver", "organisation"
    ):
        users[server].append(organisation)
    for server, chain in _shown().items():
        above = [anchor for one in chain for anchor in named[one.issuer]]
        path = [chain[0], *order_chain(chain[0], [*above, *chain])]
        yield from ((path, organisation) for organisation in users[server])


def _shown() -> dict[int, list[x509.Certificate]]:
    """Return the certificates that each watched server showed last, by its primary key."""
    newest = ServerSighting.objects.filter(server=OuterRef("pk")).order_by("-last_seen_at", "-pk")
    servers = WatchedServer.objects.annotate(newest=Subquery(newest.values("pk")[:1]))
    sightings = ServerSighting.objects.filter(pk__in=servers.values("newest")).order_by("server")
    rows = list(sightings.values_list("server", "chain_pem"))
    read = {pem: list(_read(pem.encode())) for pem in dict.fromkeys(pem for _, pem in rows)}
    shown = {server: read[pem] for server, pem in rows}
    return {server: chain for server, chain in shown.items() if chain}


def _read(file: bytes) -> Iterator[x509.Certificate]:
    """Yield the certificates of a stored file; a server may show what nobody can read."""
    try:
        yield from load_certificates(file)
    except ParseError:
        return
