"""The history of one transfer: who did what, when, and why."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from exchange.advice import advice_for
from exchange.models import Transfer
from magda_portal.audit.models import AuditEvent
from magda_portal.audit.queries import events_for
from magda_portal.web.advice import Advice


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """One thing that happened."""

    at: datetime
    who: str
    what: str
    error: Advice | None = None
    next_at: datetime | None = None
    reason: str = ""
    outcome: str = ""


def timeline_of(transfer: Transfer) -> list[TimelineEntry]:
    """Return the events of a transfer, oldest first; the attempts have their own table."""
    return [_entry(event) for event in events_for(transfer)]


def _entry(event: AuditEvent) -> TimelineEntry:
    code = str(event.details.get("error") or "")
    following = event.details.get("next")
    return TimelineEntry(
        at=event.at,
        who=event.actor_name,
        what=event.get_action_display(),
        error=advice_for(code) if code else None,
        next_at=datetime.fromisoformat(str(following)) if following else None,
        reason=str(event.details.get("reason") or ""),
        outcome=_outcome(str(event.details.get("outcome") or "")),
    )


def _outcome(told: str) -> str:
    """Return what a person decided; events keep it in English."""
    words = {"arrived": _("It arrived."), "did not arrive": _("It did not arrive.")}
    return words.get(told, told)
