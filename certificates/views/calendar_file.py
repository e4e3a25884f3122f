"""Write what expires as a calendar (RFC 5545)."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from icalendar import Calendar, Event

from certificates.models import Expiring
from certificates.queries.expiring import ExpiringThing

_REFRESH_EVERY = timedelta(hours=12)


def calendar_of(things: Iterable[ExpiringThing], *, now: datetime) -> bytes:
    """Return a calendar with one whole-day event for each, on its last day in local time.

    Revocation lists are left out: they end every few days and are replaced by themselves.
    """
    calendar = Calendar()
    calendar.add("prodid", "-//MAGDA portal//expiry//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    name = _("Certificates for MAGDA")
    calendar.add("name", name)
    # The name and the period that calendars knew before RFC 7986.
    calendar.add("x-wr-calname", name)
    calendar.add("refresh-interval", _REFRESH_EVERY, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", "PT12H")
    for thing in things:
        if thing.kind != Expiring.LIST:
            calendar.add_component(_event(thing, now))
    return bytes(calendar.to_ical())


def _event(thing: ExpiringThing, now: datetime) -> Event:
    event = Event()
    event.add("uid", f"{thing.key}@{urlsplit(settings.PORTAL_URL).hostname}")
    event.add("dtstamp", now)
    day = timezone.localdate(thing.not_after)
    event.add("dtstart", day)
    event.add("dtend", day + timedelta(days=1))
    # It takes nobody's time.
    event.add("transp", "TRANSPARENT")
    event.add("summary", _summary(thing))
    event.add("description", _description(thing))
    event.add("url", settings.PORTAL_ORIGIN + thing.link)
    return event


def _summary(thing: ExpiringThing) -> str:
    return _("%(kind)s expires: %(name)s (%(environment)s)") % {
        "kind": str(thing.kind.label).capitalize(),
        "name": thing.name,
        "environment": thing.environment,
    }


def _description(thing: ExpiringThing) -> str:
    end = timezone.localtime(thing.not_after)
    lines = [
        ", ".join(organisation.name for organisation in thing.organisations),
        _("Valid until: %(moment)s") % {"moment": f"{end:%Y-%m-%d %H:%M}"},
        _("Who must act: %(who)s") % {"who": thing.who},
        _("Next step: %(step)s") % {"step": thing.next_step},
    ]
    return "\n".join(lines)
