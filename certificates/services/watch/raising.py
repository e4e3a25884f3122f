"""Raise and end what alarms each organisation, so that nobody is told twice of the same."""

from datetime import datetime, timedelta
from typing import Final

from certificates.advice.watch import Finding
from certificates.models import ServerAlarm, ServerSighting
from certificates.services.watch.findings import Meaning

MEMORY: Final = timedelta(days=1)
"""How long what was told is remembered after it ended: a name may lead here and there in turn."""


def raise_alarms(sighting: ServerSighting, meaning: Meaning, *, now: datetime) -> None:
    """Let exactly that alarm which is found now. Call it in a transaction that holds the server."""
    found = {
        (organisation_id, finding)
        for organisation_id, findings in meaning.items()
        for finding in findings
        if finding.is_alarm
    }
    found -= _end_all_but(found, sighting, now)
    ServerAlarm.objects.bulk_create(_raised(sighting, *one, now=now) for one in sorted(found))


def _end_all_but(
    found: set[tuple[int, Finding]], sighting: ServerSighting, now: datetime
) -> set[tuple[int, Finding]]:
    """End what is no longer found, or was found about an earlier sighting; return what stands."""
    ended, standing = [], set()
    for alarm in ServerAlarm.objects.filter(sighting__server=sighting.server_id, ended_at=None):
        key = (alarm.organisation_id, Finding(alarm.finding))
        if alarm.sighting_id == sighting.pk and key in found:
            standing.add(key)
        else:
            ended.append(alarm.pk)
    ServerAlarm.objects.filter(pk__in=ended).update(ended_at=now)
    return standing


def _raised(
    sighting: ServerSighting, organisation_id: int, finding: Finding, *, now: datetime
) -> ServerAlarm:
    alarm = ServerAlarm(
        sighting=sighting, organisation_id=organisation_id, finding=finding, raised_at=now
    )
    earlier = ServerAlarm.objects.filter(
        sighting__server=sighting.server_id,
        organisation=organisation_id,
        finding=finding,
        ended_at__gt=now - MEMORY,
    ).select_related("sighting")
    for before in earlier:
        if _is_about_the_same(finding, before.sighting, sighting):
            alarm.alerted_at, alarm.acknowledged_at = before.alerted_at, before.acknowledged_at
            return alarm
    if finding == Finding.UNEXPECTED_ADDRESS:
        # A resolver that hands out one address after the other is told of once a day.
        told = earlier.filter(alerted_at__gt=now - MEMORY)
        alarm.alerted_at = told.values_list("alerted_at", flat=True).first()
    return alarm


def _is_about_the_same(finding: Finding, one: ServerSighting, other: ServerSighting) -> bool:
    if finding == Finding.UNEXPECTED_ADDRESS:
        return bool(one.addresses == other.addresses)
    if finding == Finding.TLS_WEAKER:
        return one.tls_version == other.tls_version
    return one.fingerprint == other.fingerprint
