"""Complete the chain of a client certificate from the issuers that are here already."""

from collections.abc import Iterator
from datetime import datetime

from cryptography import x509
from django.db.models import OuterRef, Subquery

from certificates.models import Certificate, ClientIdentity, ServerSighting, WatchedServer
from certificates.pki import (
    ParseError,
    build_path,
    is_authority,
    load_certificates,
    order_chain,
    write_certificates,
)
from certificates.queries import trust_pem


def completed_chain(
    identity: ClientIdentity, leaf: x509.Certificate, came_along: bytes, *, at: datetime
) -> bytes:
    """Return the issuers above a leaf as PEM, nearest first, as far as anybody here knows them.

    What came along (PEM) stays as it is. Above it come issuers that the organisation has: with
    its other certificates, as trust anchors, or shown by its servers. All are tied by signature,
    and a path to a trust anchor is preferred, as a server may show what it likes.
    """
    chain = order_chain(leaf, _read(came_along))
    top = chain[-1] if chain else leaf
    anchors = _read(trust_pem(identity))
    pool = [one for one in _kept(identity) if is_authority(one)]
    above = build_path(top, pool=pool, anchors=anchors, at=at).certificates[1:]
    # Authorities that certified each other come round again.
    return write_certificates(dict.fromkeys([*chain, *above]))


def _kept(identity: ClientIdentity) -> Iterator[x509.Certificate]:
    chains = Certificate.objects.filter(identity__organisation=identity.organisation_id)
    kept = chains.exclude(chain_pem="").order_by().values_list("chain_pem", flat=True).distinct()
    for pem in [*kept, *_shown(identity)]:
        yield from _read(pem.encode())


def _shown(identity: ClientIdentity) -> Iterator[str]:
    """Yield what each of the organisation's servers in this environment showed last."""
    servers = WatchedServer.objects.filter(
        organisations=identity.organisation_id, environment=identity.environment
    )
    newest = ServerSighting.objects.filter(server=OuterRef("pk")).order_by("-last_seen_at", "-pk")
    ids = servers.annotate(newest=Subquery(newest.values("pk")[:1])).values("newest")
    yield from ServerSighting.objects.filter(pk__in=ids).values_list("chain_pem", flat=True)


def _read(pem: bytes) -> list[x509.Certificate]:
    """Read stored certificates; a server may show what nobody can read."""
    try:
        return load_certificates(pem) if pem else []
    except ParseError:
        return []
