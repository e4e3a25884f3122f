"""One thing that stops an account when it ends, as every reader of the list gets it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, TypedDict

from django.urls import reverse

from certificates.advice.expiring import DUTIES, RENEWAL_TIME, Situation
from certificates.models import Expiring
from magda_portal.web.moments import day_in_words

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as StrPromise

_PAGES = {
    Expiring.CERTIFICATE: "identity_show",
    Expiring.ANCHOR: "trust_anchors",
    Expiring.SERVER: "server_show",
    Expiring.LIST: "revocation_lists",
}


@dataclass(frozen=True, slots=True)
class Affected:
    """An organisation that can't go on when the thing ends."""

    id: int
    name: str


class Facts(TypedDict):
    """A thing as machines read it; moments in ISO 8601, hashes as hex."""

    kind: str
    name: str
    environment: str
    organisations: list[str]
    not_after: str
    days_left: int
    in_use: bool
    revocation: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class ExpiringThing:
    """A certificate or list as it stood at ``at``.

    ``key`` names it for as long as it exists. ``row_id`` is that of the row whose page tells more:
    the client identity, server, anchor or list. A revocation list has no environment and no
    organisations, since it is about an authority; its end is its nextUpdate.
    """

    kind: Expiring
    key: str
    row_id: int
    name: str
    environment: str
    organisations: tuple[Affected, ...]
    not_before: datetime
    not_after: datetime
    fingerprint: str
    serial: str
    in_use: bool
    situation: Situation
    at: datetime
    revocation: str = ""

    @property
    def days_left(self) -> int:
        """Whole days until the end; negative once it has passed."""
        return (self.not_after - self.at).days

    @property
    def has_expired(self) -> bool:
        return self.not_after <= self.at

    @property
    def who(self) -> "StrPromise":
        """Who must act."""
        return DUTIES[self.situation].who

    @property
    def next_step(self) -> str:
        """What to do next, with the first day for it where that is to come."""
        day = day_in_words(self.not_after - RENEWAL_TIME)
        return str(DUTIES[self.situation].next).format(day=day)

    @property
    def link(self) -> str:
        """The path of the page where something can be done about it."""
        page = _PAGES[self.kind]
        return reverse(page, args=[self.row_id] if page.endswith("_show") else None)

    def facts(self) -> Facts:
        return {
            "kind": self.kind.value,
            "name": self.name,
            "environment": self.environment,
            "organisations": [organisation.name for organisation in self.organisations],
            "not_after": self.not_after.isoformat(),
            "days_left": self.days_left,
            "in_use": self.in_use,
            "revocation": self.revocation,
            "fingerprint": self.fingerprint,
        }


def in_order(organisations: Iterable[Affected]) -> tuple[Affected, ...]:
    return tuple(sorted(organisations, key=lambda one: (one.name, one.id)))
