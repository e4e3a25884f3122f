"""Everything whose end can stop an account: one list for pages, mails, calendars and monitoring.

Only columns are read and no certificate is parsed, in a number of queries that does not grow with
the number of rows.
"""

from datetime import datetime

from django.db.models import QuerySet

from certificates.advice.expiring import Situation
from certificates.models import RevocationState
from certificates.queries.expiring.anchors import anchors_for, anchors_in_use
from certificates.queries.expiring.lists import revocation_lists
from certificates.queries.expiring.own import own_certificates
from certificates.queries.expiring.servers import customers, server_certificates, watched_now
from certificates.queries.expiring.thing import Affected, ExpiringThing, Facts
from magda_portal.people.models import Organisation

__all__ = ["Affected", "ExpiringThing", "Facts", "expiring_things"]


def expiring_things(organisations: QuerySet[Organisation], *, now: datetime) -> list[ExpiringThing]:
    """Return what can stop an account of these organisations, what ends first at the front.

    Lists that the portal fetches by itself stand last: they end every few days.

    That is: current and next certificates, what their servers showed last, the trust anchors of
    their environments, and the revocation lists of their issuers.
    """
    own = own_certificates(organisations, now=now)
    anchors = anchors_for(organisations)
    servers = watched_now(organisations)
    things = [
        *own.things,
        *anchors_in_use(anchors, own.organisations, servers, now=now),
        *server_certificates(servers, anchors, customers(organisations), now=now),
        *revocation_lists(organisations, now=now),
    ]
    return sorted(things, key=_urgency)


def _urgency(thing: ExpiringThing) -> tuple[bool, bool, datetime, str, str]:
    """Order by the end; what is in use and revoked has come to its end already."""
    comes_by_itself = thing.situation == Situation.LIST_FETCHED
    is_over = thing.in_use and thing.revocation == RevocationState.REVOKED
    return (comes_by_itself, not is_over, thing.not_after, thing.name, thing.key)
