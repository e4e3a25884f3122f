"""Make things that end, by columns alone: no list looks into a certificate."""

from datetime import datetime, timedelta
from itertools import count
from typing import Any

from certificates.models import (
    Certificate,
    ClientIdentity,
    Environment,
    KeyPair,
    RevocationList,
    RevocationSource,
    ServerSighting,
    TrustAnchor,
    WatchedServer,
)
from magda_portal.people.models import Organisation

_numbers = count(1)
YEAR = timedelta(days=365)


def unique_hash() -> str:
    return f"{next(_numbers):064x}"


def end_current(identity: ClientIdentity, at: datetime, **columns: Any) -> Certificate:
    """Give the identity a current certificate that ends then."""
    identity.current = make_certificate(identity, at, **columns)
    identity.save()
    return identity.current


def make_certificate(identity: ClientIdentity, not_after: datetime, **columns: Any) -> Certificate:
    number = unique_hash()
    key_pair = KeyPair.objects.create(
        identity=identity, algorithm="EC P-256", spki_fingerprint=number
    )
    return Certificate.objects.create(
        identity=identity,
        key_pair=key_pair,
        der=b"",
        serial=number[-8:],
        subject=f"CN={identity.common_name}",
        not_before=not_after - YEAR,
        not_after=not_after,
        fingerprint=number,
        **columns,
    )


def make_anchor(
    organisation: Organisation | None, not_after: datetime, **columns: Any
) -> TrustAnchor:
    """Make an authority of TNI that is trusted; ``columns`` say otherwise."""
    return TrustAnchor.objects.create(
        **{
            "organisation": organisation,
            "environment": Environment.TNI,
            "der": b"",
            "subject": "CN=Issuing CA",
            "issuer": "CN=Root CA",
            "is_authority": True,
            "not_before": not_after - YEAR,
            "not_after": not_after,
            "fingerprint": unique_hash(),
            **columns,
        }
    )


def make_server(*organisations: Organisation, host: str = "ftps.example") -> WatchedServer:
    server = WatchedServer.objects.create(environment=Environment.TNI, host=host, port=21)
    server.organisations.set(organisations)
    return server


def make_sighting(server: WatchedServer, not_after: datetime, **columns: Any) -> ServerSighting:
    return ServerSighting.objects.create(
        **{
            "server": server,
            "subject": "CN=ftps.example",
            "issuer": "CN=Issuing CA",
            "fingerprint": unique_hash(),
            "not_before": not_after - YEAR,
            "not_after": not_after,
            "severity": ServerSighting.Severity.INFORMATION,
            **columns,
        }
    )


def make_list(
    next_update: datetime | None, *, this_update: datetime, source: RevocationSource | None = None
) -> RevocationList:
    return RevocationList.objects.create(
        source=source,
        issuer="CN=Issuing CA",
        issuer_fingerprint=unique_hash(),
        der=b"",
        fingerprint=unique_hash(),
        entry_count=0,
        this_update=this_update,
        next_update=next_update,
    )
