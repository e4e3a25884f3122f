"""The servers that accounts connect to, in words: what they showed and what that means to whom."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from certificates.advice import advice_for
from certificates.advice.watch import Finding, worst
from certificates.models import ServerAlarm, ServerSighting, WatchedServer
from certificates.pki import CertificateInfo, describe, load_certificates
from certificates.queries.servers import (
    alarms_visible_to,
    expected_addresses,
    users_managed_by,
)
from certificates.queries.validity import Validity, validity_between
from certificates.services.watch import Verdict, verdicts_on
from magda_portal.people.access import PersonRequest, organisations_seen_by
from magda_portal.people.models import Organisation
from magda_portal.web.advice import Advice


@dataclass(frozen=True, slots=True)
class SightingRow:
    """A sighting with the words for what it means to the organisations that somebody sees."""

    sighting: ServerSighting
    state: Validity
    """How alarming it is."""
    advice: Advice


@dataclass(frozen=True, slots=True)
class ServerRow:
    """A server with what it showed last, if it ever did."""

    server: WatchedServer
    seen: SightingRow | None
    validity: Validity | None
    error: Advice | None


@dataclass(frozen=True, slots=True)
class AlarmRow:
    """An alarm that has not ended, with the words for it."""

    alarm: ServerAlarm
    advice: Advice


@dataclass(frozen=True, slots=True)
class VerdictRow:
    """Whether connections are accepted now, and if not, why."""

    state: Validity
    advice: Advice | None


@dataclass(frozen=True, slots=True)
class OrganisationRow:
    """What a server means to one organisation, and what is expected there."""

    organisation: Organisation
    verdict: VerdictRow | None
    """None as long as the server showed nothing."""
    alarms: list[AlarmRow]
    expected: list[str]
    """Addresses; none stands for any."""
    may_manage: bool


def server_row(
    server: WatchedServer,
    latest: ServerSighting | None,
    alarms: Mapping[int, list[ServerAlarm]],
    now: datetime,
) -> ServerRow:
    standing = _standing(alarms.get(latest.pk, [])) if latest else []
    return ServerRow(
        server,
        seen=sighting_row(latest, standing) if latest else None,
        validity=validity_between(latest.not_before, latest.not_after, now) if latest else None,
        error=advice_for(server.error_code) if server.error_code else None,
    )


def _standing(alarms: Iterable[ServerAlarm]) -> list[ServerAlarm]:
    return [alarm for alarm in alarms if alarm.ended_at is None]


def sighting_row(sighting: ServerSighting, alarms: Sequence[ServerAlarm]) -> SightingRow:
    finding = worst({Finding(alarm.finding) for alarm in alarms})
    finding = finding or Finding(sighting.harmless_finding)
    return SightingRow(sighting, _state(finding, alarms), advice_for(finding))


def judged_now(
    seen: SightingRow | None, organisations: Iterable[OrganisationRow]
) -> SightingRow | None:
    """Let no good word stand above a refusal that the latest look could not know of yet."""
    if seen is None or seen.state.tone != "good":
        return seen
    verdicts = [item.verdict for item in organisations if item.verdict is not None]
    for verdict in verdicts:
        if verdict.advice is not None:
            return SightingRow(seen.sighting, verdict.state, verdict.advice)
    return seen


def _state(finding: Finding, alarms: Sequence[ServerAlarm]) -> Validity:
    if finding == Finding.FIRST_CONTACT:
        return Validity("attention", _("not trusted yet"))
    if not alarms:
        return Validity("good", _("for information"))
    if all(alarm.acknowledged_at for alarm in alarms):
        return Validity("attention", _("alarm, acknowledged"))
    return Validity("bad", _("alarm"))


def chain_rows(latest: ServerSighting | None) -> list[CertificateInfo]:
    if latest is None:
        return []
    return [describe(one) for one in load_certificates(latest.chain_pem.encode())]


def organisation_rows(
    request: PersonRequest, server: WatchedServer, latest: ServerSighting | None, now: datetime
) -> list[OrganisationRow]:
    """Judge the latest chain anew, for the organisations that the person sees."""
    managed = set(users_managed_by(request.user, server).values_list("pk", flat=True))
    expected = expected_addresses(server)
    verdicts = {verdict.organisation.pk: verdict for verdict in _verdicts(server, latest, now)}
    alarms = _standing(alarms_visible_to(request.user).filter(sighting__server=server))
    return [
        OrganisationRow(
            organisation=organisation,
            verdict=_verdict_row(verdicts.get(organisation.pk)),
            alarms=[
                AlarmRow(alarm, advice_for(alarm.finding))
                for alarm in alarms
                if alarm.organisation_id == organisation.pk
            ],
            expected=expected.get(organisation.pk, []),
            may_manage=organisation.pk in managed,
        )
        for organisation in organisations_seen_by(request.user).filter(watched_servers=server)
    ]


def _verdicts(server: WatchedServer, latest: ServerSighting | None, now: datetime) -> list[Verdict]:
    if latest is None:
        return []
    return verdicts_on(server, load_certificates(latest.chain_pem.encode()), at=now)


def _verdict_row(verdict: Verdict | None) -> VerdictRow | None:
    if verdict is None:
        return None
    if verdict.finding is None:
        return VerdictRow(Validity("good", _("accepted")), None)
    return VerdictRow(Validity("bad", _("refused")), advice_for(verdict.finding))
