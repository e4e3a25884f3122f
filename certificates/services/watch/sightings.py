"""Keep what looks at servers saw: one row as long as nothing changes, and a new one with a change.

A change is one of what the server shows (certificate, issuing certificates, TLS version, addresses)
or of what that is worth: the same certificate expires one day, or is trusted since yesterday.
"""

from datetime import datetime
from typing import Final

from django.db import transaction

from certificates.advice.watch import ALARMS, Finding, worst
from certificates.models import ServerSighting, WatchedServer
from certificates.pki import PresentedChain, describe, load_certificates, write_certificates
from certificates.queries.servers import servers_in_use
from certificates.services.relay import PORTAL
from certificates.services.watch.findings import Meaning, is_weaker, meaning_of
from certificates.services.watch.raising import raise_alarms
from magda_portal.audit.actions import Action
from magda_portal.audit.services import Details, Subject, event, record_all
from magda_portal.people.models import Organisation

# What a look finds again as long as nobody does something about it.
_STANDING: Final = frozenset(
    {
        Finding.FIRST_CONTACT,
        Finding.TLS_WEAKER,
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
    """Note what a server showed; return the row that says so, a new one when something changed.

    What alarms an organisation is raised, and what no longer does ends.
    """
    server = WatchedServer.objects.select_for_update().get(pk=server.pk)
    last = server.sightings.first()
    sighting = _sighting_of(server, presented, now)
    meaning = meaning_of(sighting, server, presented.certificates, at=now)
    server.last_looked_at, server.error_code, server.failing_since = now, "", None
    server.save(update_fields=["last_looked_at", "error_code", "failing_since"])
    if last is not None and _shows_the_same(last, sighting) and _means_the_same(last, meaning):
        last.last_seen_at = now
        last.save(update_fields=["last_seen_at"])
        sighting = last
    else:
        _keep(sighting, meaning, _changes(last, sighting))
    raise_alarms(sighting, meaning, now=now)
    return sighting


def judge_all_again(*, environment: str, organisation: Organisation | None, now: datetime) -> None:
    """Judge anew what each server of an organisation showed last, or of all without one.

    For a change of what is trusted: its pages don't wait for the next look, which is due at once.
    """
    servers = servers_in_use().filter(environment=environment)
    if organisation is not None:
        servers = servers.filter(organisations=organisation)
    # In one order, since each is held until the change is there.
    for server in servers.order_by("pk"):
        _judge_again(server, now)


@transaction.atomic
def _judge_again(server: WatchedServer, now: datetime) -> None:
    server = WatchedServer.objects.select_for_update().get(pk=server.pk)
    server.next_look_at = now
    server.save(update_fields=["next_look_at"])
    sighting = server.sightings.first()
    if sighting is None:
        return
    chain = load_certificates(sighting.chain_pem.encode())
    meaning = meaning_of(sighting, server, chain, at=now)
    if not _means_the_same(sighting, meaning):
        # A row of its own, which begins and ends when this was last seen.
        sighting.pk, sighting.first_seen_at = None, sighting.last_seen_at
        _keep(sighting, meaning, set())
    raise_alarms(sighting, meaning, now=now)


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
        left_out=presented.left_out,
    )


def _keep(sighting: ServerSighting, meaning: Meaning, changes: set[Finding]) -> None:
    """Make the row, which says the worst, and tell each organisation what it means to itself."""
    findings = changes | _standing(meaning)
    finding = worst(findings) or Finding.SETTLED
    sighting.finding = finding
    sighting.harmless_finding = worst(findings - ALARMS) or Finding.SETTLED
    sighting.severity = (
        ServerSighting.Severity.ALARM if finding.is_alarm else ServerSighting.Severity.INFORMATION
    )
    sighting.save(force_insert=True)
    _record_seen(sighting, meaning, changes)


def _standing(meaning: Meaning) -> set[Finding]:
    return {finding for findings in meaning.values() for finding in findings}


def _shows_the_same(last: ServerSighting, sighting: ServerSighting) -> bool:
    return (last.chain_pem, last.tls_version, last.addresses) == (
        sighting.chain_pem,
        sighting.tls_version,
        sighting.addresses,
    )


def _means_the_same(last: ServerSighting, meaning: Meaning) -> bool:
    """Say whether the worst that is wrong now is what was wrong at the last sighting."""
    kept = Finding(last.finding)
    return worst(_standing(meaning)) == (kept if kept in _STANDING else None)


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
    if is_weaker(last.tls_version, than=sighting.tls_version):
        found.add(Finding.TLS_CHANGED)
    return found


def _renewal(last: ServerSighting, sighting: ServerSighting) -> Finding:
    if last.issuer != sighting.issuer:
        return Finding.ISSUER_CHANGED
    if last.key_fingerprint != sighting.key_fingerprint:
        return Finding.KEY_CHANGED
    return Finding.RENEWED


def _record_seen(sighting: ServerSighting, meaning: Meaning, changes: set[Finding]) -> None:
    """Tell the trail of every organisation that uses the server."""
    details: Details = {
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
                subject=Subject.row(sighting.server),
                details={"finding": worst(changes | findings) or Finding.SETTLED, **details},
            )
            for organisation_id, findings in meaning.items()
        ]
    )
