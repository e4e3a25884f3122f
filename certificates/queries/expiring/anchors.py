"""The trust anchors that accounts depend on."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from django.db.models import Q, QuerySet

from certificates.advice.expiring import Situation
from certificates.models import Expiring, TrustAnchor
from certificates.queries.expiring.servers import WatchedNow
from certificates.queries.expiring.thing import Affected, ExpiringThing, in_order
from magda_portal.people.models import Organisation


def anchors_for(organisations: QuerySet[Organisation]) -> list[TrustAnchor]:
    """Return the anchors that hold for any of them, without the certificates themselves."""
    holds = Q(organisation=None) | Q(organisation__in=organisations)
    return list(TrustAnchor.objects.filter(holds).defer("der"))


def anchors_in_use(
    anchors: Iterable[TrustAnchor],
    present: Mapping[str, set[Affected]],
    servers: Iterable[WatchedNow],
    *,
    now: datetime,
) -> Iterator[ExpiringThing]:
    """Yield the anchors of environments in which somebody has an identity.

    ``present`` says who has, by environment. A pinned certificate that no server shows any more
    is not in use.
    """
    shown = _shown(servers)
    for anchor in anchors:
        affected = _affected_by(anchor, present)
        if affected:
            seen = shown.get(anchor.environment)
            yield ExpiringThing(
                kind=Expiring.ANCHOR,
                key=f"anchor-{anchor.pk}",
                row_id=anchor.pk,
                name=anchor.subject,
                environment=anchor.environment,
                organisations=in_order(affected),
                not_before=anchor.not_before,
                not_after=anchor.not_after,
                fingerprint=anchor.fingerprint,
                serial=anchor.serial,
                in_use=anchor.is_authority or seen is None or anchor.fingerprint in seen,
                situation=_situation_of(anchor),
                at=now,
            )


def _affected_by(anchor: TrustAnchor, present: Mapping[str, set[Affected]]) -> set[Affected]:
    there = present.get(anchor.environment, set())
    if anchor.organisation_id is None:
        return there
    return {one for one in there if one.id == anchor.organisation_id}


def _situation_of(anchor: TrustAnchor) -> Situation:
    if anchor.organisation_id is None:
        return Situation.SHARED_ANCHOR
    return Situation.AUTHORITY if anchor.is_authority else Situation.PINNED


def _shown(servers: Iterable[WatchedNow]) -> dict[str, set[str]]:
    """Return the fingerprints that servers show, for environments where every one was seen."""
    shown: dict[str, set[str]] = defaultdict(set)
    unseen = set()
    for watched in servers:
        if watched.sighting is None:
            unseen.add(watched.server.environment)
        else:
            shown[watched.server.environment].add(watched.sighting.fingerprint)
    return {environment: found for environment, found in shown.items() if environment not in unseen}
