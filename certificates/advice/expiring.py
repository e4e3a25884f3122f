"""Who has to do what before something expires, in words for a lay person."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as StrPromise


RENEWAL_TIME = timedelta(days=61)
"""How long before the end of a certificate its renewal begins: 60 whole days are left after that,
at which the first warning leaves."""


class Situation(StrEnum):
    """What stands behind an end that comes nearer."""

    RENEW = "renew"
    RENEW_LATER = "renew_later"
    SWITCH = "switch"
    PLANNED = "planned"
    REVOKED = "revoked"
    WAITING = "waiting"
    SERVER_ISSUED = "server_issued"
    SERVER_EXPIRED = "server_expired"
    SERVER_PINNED = "server_pinned"
    AUTHORITY = "authority"
    PINNED = "pinned"
    SHARED_ANCHOR = "shared_anchor"
    LIST_FETCHED = "list_fetched"
    LIST_UPLOADED = "list_uploaded"
    LIST_OVERDUE = "list_overdue"


@dataclass(frozen=True, slots=True)
class Duty:
    """Who must act, as part of a table, and the next step, as a sentence."""

    who: "StrPromise"
    next: "StrPromise"
    """With ``{day}`` in it where the first day to act is to be named."""


_ADMINISTRATOR = _("an administrator of the organisation")
_OPERATOR = _("whoever runs this portal")
_PORTAL = _("the portal itself")
_NOBODY = _("nobody yet")
_SERVER_OWNER = _("whoever runs the server")
_TRUST_SUCCESSOR = _(
    "Ask for the server's new certificate and trust it beside this one before the server is "
    "renewed; better still, trust the authority that issues it."
)

DUTIES: Final[Mapping[Situation, Duty]] = {
    Situation.RENEW: Duty(
        _ADMINISTRATOR, _("Request a new certificate for exactly this common name and import it.")
    ),
    Situation.RENEW_LATER: Duty(
        _NOBODY,
        _("Nothing to do before {day}; then an administrator requests a new certificate."),
    ),
    Situation.SWITCH: Duty(
        _ADMINISTRATOR,
        _("The next certificate is here: test the login with it, then put it in use."),
    ),
    Situation.PLANNED: Duty(
        _PORTAL, _("Nothing to do: the switch to the next certificate is planned in time.")
    ),
    Situation.REVOKED: Duty(
        _ADMINISTRATOR,
        _("This certificate is revoked: request a new one with a new key now, and import it."),
    ),
    Situation.WAITING: Duty(_ADMINISTRATOR, _("It waits to take over; nothing depends on it yet.")),
    Situation.SERVER_ISSUED: Duty(
        _SERVER_OWNER,
        _("Nothing to do, as long as its next certificate comes from an authority you trust."),
    ),
    Situation.SERVER_EXPIRED: Duty(
        _SERVER_OWNER, _("Tell those who run the server; for MAGDA's, that is its helpdesk.")
    ),
    Situation.SERVER_PINNED: Duty(_ADMINISTRATOR, _TRUST_SUCCESSOR),
    Situation.AUTHORITY: Duty(
        _ADMINISTRATOR, _("Add the authority's successor to the trust anchors before this day.")
    ),
    Situation.PINNED: Duty(_ADMINISTRATOR, _TRUST_SUCCESSOR),
    Situation.SHARED_ANCHOR: Duty(
        _OPERATOR,
        _(
            "Ask them to add its successor for everybody; an administrator can add it for the "
            "organisation alone."
        ),
    ),
    Situation.LIST_FETCHED: Duty(_PORTAL, _("Nothing to do: the next list is fetched by itself.")),
    Situation.LIST_UPLOADED: Duty(
        _ADMINISTRATOR, _("Upload the issuer's next list before this day.")
    ),
    Situation.LIST_OVERDUE: Duty(
        _OPERATOR, _("Look at why no newer list came, or upload one that you have.")
    ),
}
