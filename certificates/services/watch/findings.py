"""Say what a sighting means to each organisation that uses the server.

Anchors and expected addresses are each organisation's own: what alarms one may be fine for another.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from cryptography import x509

from certificates.advice.watch import Finding
from certificates.models import ServerSighting, WatchedServer
from certificates.queries.servers import expected_addresses
from certificates.services.watch.verdicts import verdicts_on

Meaning = dict[int, set[Finding]]
"""Findings by organisation: those that the next look finds again unless something changes."""

_TLS_VERSIONS: Final = ("TLSv1.2", "TLSv1.3")


def meaning_of(
    sighting: ServerSighting,
    server: WatchedServer,
    chain: Sequence[x509.Certificate],
    *,
    at: datetime,
) -> Meaning:
    """Return what is wrong for each organisation; ``sighting`` need not be saved yet."""
    expected = expected_addresses(server)
    is_weaker = _was_stronger(server, sighting)
    meaning: Meaning = {}
    for verdict in verdicts_on(server, chain, at=at):
        findings = meaning.setdefault(verdict.organisation.pk, set())
        if verdict.finding is not None:
            findings.add(verdict.finding)
        if _is_unexpected(sighting, expected.get(verdict.organisation.pk, [])):
            findings.add(Finding.UNEXPECTED_ADDRESS)
        if is_weaker:
            findings.add(Finding.TLS_WEAKER)
    return meaning


def is_weaker(tls_version: str, *, than: str) -> bool:
    return _rank(tls_version) < _rank(than)


def _was_stronger(server: WatchedServer, sighting: ServerSighting) -> bool:
    """Say whether the version that the server spoke before this one was a newer one."""
    others = server.sightings.exclude(tls_version=sighting.tls_version)
    before = others.values_list("tls_version", flat=True).first()
    return before is not None and is_weaker(sighting.tls_version, than=before)


def _is_unexpected(sighting: ServerSighting, expected: Sequence[str]) -> bool:
    return bool(expected) and not set(sighting.addresses) <= set(expected)


def _rank(tls_version: str) -> int:
    # One that is not in the list is newer than this code.
    known = tls_version in _TLS_VERSIONS
    return _TLS_VERSIONS.index(tls_version) if known else len(_TLS_VERSIONS)
