"""The certificates that servers showed last.

Whether one is pinned is read from columns: it is for whoever trusts that very certificate and not
its issuer.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import OuterRef, QuerySet, Subquery

from certificates.advice.expiring import Situation
from certificates.models import Expiring, ServerSighting, TrustAnchor, WatchedServer
from certificates.queries.expiring.thing import Affected, ExpiringThing, in_order
from magda_portal.people.models import Organisation


@dataclass(frozen=True, slots=True)
class WatchedNow:
    """A server with what it showed last; None when it was never seen."""

    server: WatchedServer
    sighting: ServerSighting | None


def watched_now(organisations: QuerySet[Organisation]) -> list[WatchedNow]:
    """Return the servers at which any of them has an account."""
    watched = WatchedServer.objects.filter(
        pk__in=WatchedServer.organisations.through.objects.filter(
            organisation__in=organisations
        ).values("watchedserver")
    )
    latest = ServerSighting.objects.filter(server=OuterRef("pk")).order_by("-last_seen_at", "-pk")
    newest = watched.order_by().values(latest=Subquery(latest.values("pk")[:1]))
    sightings = ServerSighting.objects.filter(pk__in=newest).defer("chain_pem")
    by_server = {sighting.server_id: sighting for sighting in sightings}
    return [WatchedNow(server, by_server.get(server.pk)) for server in watched]


def customers(organisations: QuerySet[Organisation]) -> dict[int, set[Affected]]:
    """Return which of them have an account at each server, by the server's id."""
    found: dict[int, set[Affected]] = defaultdict(set)
    links = WatchedServer.organisations.through.objects.filter(organisation__in=organisations)
    for server_id, pk, name in links.values_list(
        "watchedserver_id", "organisation_id", "organisation__name"
    ):
        found[server_id].add(Affected(pk, name))
    return found


def server_certificates(
    servers: Iterable[WatchedNow],
    anchors: Iterable[TrustAnchor],
    accounts_at: Mapping[int, set[Affected]],
    *,
    now: datetime,
) -> Iterator[ExpiringThing]:
    """Yield what each server showed last: once for those who pinned it, once for the others."""
    trust = _Trust.of(anchors)
    for watched in servers:
        if watched.sighting is None:
            continue
        affected = accounts_at.get(watched.server.pk, set())
        pinned = {one for one in affected if trust.pins(one, watched.server, watched.sighting)}
        has_expired = watched.sighting.not_after <= now
        issued = Situation.SERVER_EXPIRED if has_expired else Situation.SERVER_ISSUED
        for organisations, situation in (
            (affected - pinned, issued),
            (pinned, Situation.SERVER_PINNED),
        ):
            if organisations:
                yield _thing(watched.server, watched.sighting, organisations, situation, now)


def _thing(
    server: WatchedServer,
    sighting: ServerSighting,
    organisations: set[Affected],
    situation: Situation,
    now: datetime,
) -> ExpiringThing:
    return ExpiringThing(
        kind=Expiring.SERVER,
        key=f"{'pinned-' if situation == Situation.SERVER_PINNED else ''}server-{server.pk}",
        row_id=server.pk,
        name=f"{server.host}:{server.port}",
        environment=server.environment,
        organisations=in_order(organisations),
        not_before=sighting.not_before,
        not_after=sighting.not_after,
        fingerprint=sighting.fingerprint,
        serial=sighting.serial,
        in_use=True,
        situation=situation,
        at=now,
    )


@dataclass(frozen=True, slots=True)
class _Trust:
    """Who trusts a certificate, and who an authority of that name; None stands for everybody."""

    by_fingerprint: Mapping[tuple[str, str], set[int | None]]
    by_name: Mapping[tuple[str, str], set[int | None]]

    @classmethod
    def of(cls, anchors: Iterable[TrustAnchor]) -> "_Trust":
        by_fingerprint: dict[tuple[str, str], set[int | None]] = defaultdict(set)
        by_name: dict[tuple[str, str], set[int | None]] = defaultdict(set)
        for anchor in anchors:
            place, owner = anchor.environment, anchor.organisation_id
            by_fingerprint[place, anchor.fingerprint].add(owner)
            if anchor.is_authority:
                by_name[place, anchor.subject].add(owner)
        return cls(dict(by_fingerprint), dict(by_name))

    def pins(self, who: Affected, server: WatchedServer, sighting: ServerSighting) -> bool:
        pinning = self.by_fingerprint.get((server.environment, sighting.fingerprint), set())
        trusting = self.by_name.get((server.environment, sighting.issuer), set())
        return bool(pinning & {None, who.id}) and not trusting & {None, who.id}
