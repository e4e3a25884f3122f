"""The certificates that prove organisations to MAGDA."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from certificates.advice.expiring import RENEWAL_TIME, Situation
from certificates.models import ClientIdentity, Expiring, RevocationState
from certificates.queries.expiring.thing import Affected, ExpiringThing
from magda_portal.people.models import Organisation

_OF_CERTIFICATE = ("id", "not_before", "not_after", "fingerprint", "serial", "revocation")
_COLUMNS = (
    "id",
    "environment",
    "common_name",
    "organisation_id",
    "organisation__name",
    "activate_next_at",
    *(f"current__{column}" for column in _OF_CERTIFICATE),
    *(f"next__{column}" for column in _OF_CERTIFICATE),
)


@dataclass(frozen=True, slots=True)
class OwnCertificates:
    """Each identity's current and next certificate, and who has identities where."""

    things: list[ExpiringThing]
    organisations: Mapping[str, set[Affected]]
    """By environment."""


def own_certificates(organisations: QuerySet[Organisation], *, now: datetime) -> OwnCertificates:
    things: list[ExpiringThing] = []
    present: dict[str, set[Affected]] = defaultdict(set)
    rows = ClientIdentity.objects.filter(organisation__in=organisations).order_by()
    # Plain values: with rows of models ten thousand of them take several times as long.
    for identity in rows.values(*_COLUMNS):
        owner = Affected(identity["organisation_id"], identity["organisation__name"])
        present[identity["environment"]].add(owner)
        things.extend(_certificates(identity, owner, now))
    return OwnCertificates(things, present)


def _certificates(
    identity: Mapping[str, Any], owner: Affected, now: datetime
) -> Iterator[ExpiringThing]:
    for place in ("current", "next"):
        if identity[f"{place}__id"] is not None:
            yield ExpiringThing(
                kind=Expiring.CERTIFICATE,
                key=f"certificate-{identity[f'{place}__id']}",
                row_id=identity["id"],
                name=identity["common_name"],
                environment=identity["environment"],
                organisations=(owner,),
                not_before=identity[f"{place}__not_before"],
                not_after=identity[f"{place}__not_after"],
                fingerprint=identity[f"{place}__fingerprint"],
                serial=identity[f"{place}__serial"],
                in_use=place == "current",
                situation=Situation.WAITING if place == "next" else _situation(identity, now),
                revocation=identity[f"{place}__revocation"],
                at=now,
            )


def _situation(identity: Mapping[str, Any], now: datetime) -> Situation:
    """Say what an identity's current certificate is waiting for."""
    has_next = (
        identity["next__id"] is not None
        and identity["next__revocation"] != RevocationState.REVOKED
        # The same certificate again, or one that ends earlier, is no renewal.
        and identity["next__not_after"] > identity["current__not_after"]
    )
    moment = identity["activate_next_at"]
    if has_next and moment is not None and moment < identity["current__not_after"]:
        return Situation.PLANNED
    if has_next:
        return Situation.SWITCH
    if identity["current__revocation"] == RevocationState.REVOKED:
        return Situation.REVOKED
    is_early = identity["current__not_after"] - now >= RENEWAL_TIME
    return Situation.RENEW_LATER if is_early else Situation.RENEW
