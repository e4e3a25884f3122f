"""Keep what looks at servers saw: one row as long as nothing changes, and a new one with a change.

A change is one of what the server shows (certificate, issuing certificates, TLS version, addresses)
or of what that is worth: the same certificate expires one day, or is trusted since yesterday.
"""

from datetime import datetime
from typing import Final

from django.db import transaction

from certificates.advice.watch import Finding, worst
from certificates.models import ServerSighting, WatchedServer
from certificates.pki import PresentedChain, describe, write_certificates
from certificates.services.relay import PORTAL
from certificates.services.watch.verdicts import verdicts_on
from magda_portal.audit.actions import Action
from magda_portal.audit.services import Subject, event, record_all

_TLS_VERSIONS: Final = ("TLSv1.2", "TLSv1.3")
# What a look finds again as long as nobody does something about it.
_STANDING: Final = frozenset(
    {
        Finding.FIRST_CONTACT,
        Finding.UNEXPECTED_ADDRESS,
        Finding.EXPIRED,
        Finding.INVALID,
        Finding.WRONG_HOST,
        Finding.PINNED_CHANGED,
        Finding.UNKNOWN_ISSUER,
        Finding.REVOKED,
    }
)


@transaction.atomic
def record_sighting(
    server: WatchedServer, presented: PresentedChain, *, now: datetime
) -> ServerSighting:
    """Note what a server showed; return the row that says so, a new one when something changed."""
    server = WatchedServer.objects.select_for_update().get(pk=server.pk)
    last = server.sightings.first()
    sighting = _sighting_of(server, presented, now)
    verdicts = verdicts_on(server, presented.certificates, at=now)
    standing = {verdict.finding for verdict in verdicts if verdict.finding is not None}
    if _has_unexpected_address(server, sighting):
        standing.add(Finding.UNEXPECTED_ADDRESS)
    server.last_looked_at, server.error_code, server.failing_since = now, "", None
    server.save(update_fields=["last_looked_at", "error_code", "failing_since"])
    if last is not None and _shows_the_same(last, sighting) and worst(standing) == _kept(last):
        last.last_seen_at = now
        last.save(update_fields=["last_seen_at"])
        return last
    finding = worst(standing | _changes(last, sighting)) or Finding.SETTLED
    sighting.finding = finding
    sighting.severity = (
        ServerSighting.Severity.ALARM if finding.is_alarm else ServerSighting.Severity.INFORMATION
    )
    sighting.save(force_insert=True)
    _record_seen(server, sighting)
    return sighting


def record_failure(server: WatchedServer, error_code: str, *, now: datetime) -> None:
    """Note why a look saw no certificate. It is shown; the accounts alarm for themselves."""
    WatchedServer.objects.filter(pk=server.pk).update(last_looked_at=now, error_code=error_code)
    failing = WatchedServer.objects.filter(pk=server.pk, failing_since=None)
    failing.update(failing_since=now)


def _sighting_of(server: WatchedServer, presented: PresentedChain, now: datetime) -> ServerSighting:
    found = describe(presented.certificates[0])
    return ServerSighting(
        server=server,
        first_seen_at=now,
        last_seen_at=now,
        chain_pem=write_certificates(presented.certificates).decode("ascii"),
        subject=found.subject,
        issuer=found.issuer,
        serial=found.serial,
        fingerprint=found.fingerprint,
        key_fingerprint=found.key_fingerprint,
        not_before=found.not_before,
        not_after=found.not_after,
        tls_version=presented.tls_version,
        addresses=list(presented.addresses),
    )


def _has_unexpected_address(server: WatchedServer, sighting: ServerSighting) -> bool:
    expected = set(server.expected_addresses)
    return bool(expected) and not set(sighting.addresses) <= expected


def _shows_the_same(last: ServerSighting, sighting: ServerSighting) -> bool:
    return (last.chain_pem, last.tls_version, last.addresses) == (
        sighting.chain_pem,
        sighting.tls_version,
        sighting.addresses,
    )


def _kept(last: ServerSighting) -> Finding | None:
    """Return what was wrong at the last sighting and would be found again."""
    finding = Finding(last.finding)
    return finding if finding in _STANDING else None


def _changes(last: ServerSighting | None, sighting: ServerSighting) -> set[Finding]:
    if last is None:
        return {Finding.FIRST}
    found = set()
    if last.fingerprint != sighting.fingerprint:
        found.add(_renewal(last, sighting))
    elif last.chain_pem != sighting.chain_pem:
        found.add(Finding.CHAIN_CHANGED)
    if last.addresses != sighting.addresses:
        found.add(Finding.ADDRESSES_CHANGED)
    if last.tls_version != sighting.tls_version:
        is_weaker = _rank(sighting.tls_version) < _rank(last.tls_version)
        found.add(Finding.TLS_WEAKER if is_weaker else Finding.TLS_CHANGED)
    return found


def _renewal(last: ServerSighting, sighting: ServerSighting) -> Finding:
    if last.issuer != sighting.issuer:
        return Finding.ISSUER_CHANGED
    if last.key_fingerprint != sighting.key_fingerprint:
        return Finding.KEY_CHANGED
    return Finding.RENEWED


def _rank(tls_version: str) -> int:
    # One that is not in the list is newer than this code.
    known = tls_version in _TLS_VERSIONS
    return _TLS_VERSIONS.index(tls_version) if known else len(_TLS_VERSIONS)


def _record_seen(server: WatchedServer, sighting: ServerSighting) -> None:
    """Tell the trail of every organisation that uses the server."""
    details = {
        "finding": sighting.finding,
        "fingerprint": sighting.fingerprint,
        "tls_version": sighting.tls_version,
        "addresses": sighting.addresses,
    }
    record_all(
        [
            event(
                Action.SERVER_SEEN,
                actor=PORTAL,
                organisation_id=organisation_id,
                subject=Subject.row(server),
                details=details,
            )
            for organisation_id in server.organisations.values_list("pk", flat=True)
        ]
    )
