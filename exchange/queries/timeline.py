"""The history of one transfer: who did what, when, and why.

Once the rename of a delivery was asked, an attempt only looks. The events call it "sending" all the
same, since they can't know; here they are told as what they were.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from exchange.advice import advice_for
from exchange.models import Transfer
from magda_portal.audit.actions import Action
from magda_portal.audit.models import AuditEvent
from magda_portal.audit.queries import events_for
from magda_portal.web.advice import Advice

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as StrPromise

# After this one the delivery knows that its own file has not arrived, and it may store again.
_KNOWN_NOT_ARRIVED = "name.still_standing"
_NOT_SEEN = "delivery.not_seen"

_LOOKS: Final[Mapping[str, "StrPromise"]] = {
    Action.TRANSFER_SENDING: gettext_lazy("looking whether it arrived"),
    Action.TRANSFER_POSTPONED: gettext_lazy("will look again whether it arrived"),
    Action.TRANSFER_RETRIED: gettext_lazy("asked by hand to look now"),
}


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """One thing that happened.

    ``next_at`` is when the next try was to be, or the next look when ``is_look``. ``is_decision``
    marks the person's word that the present state rests on.
    """

    at: datetime
    who: str
    what: str
    error: Advice | None = None
    next_at: datetime | None = None
    reason: str = ""
    outcome: str = ""
    is_look: bool = False
    is_decision: bool = False


def timeline_of(transfer: Transfer) -> list[TimelineEntry]:
    """Return the events of a transfer, oldest first; the attempts have their own table."""
    events = list(events_for(transfer))
    decision = _standing_decision(events)
    return [
        _entry(event, is_look=is_look, is_decision=event is decision)
        for event, is_look in _with_looks(events, transfer.rename_asked_at)
    ]


def _standing_decision(events: Iterable[AuditEvent]) -> AuditEvent | None:
    """Return the last decision, unless the delivery was tried again since."""
    decision = None
    for event in events:
        if event.action == Action.TRANSFER_SETTLED:
            decision = event
        elif event.action == Action.TRANSFER_RETRIED:
            decision = None
    return decision


def _with_looks(
    events: Iterable[AuditEvent], asked_at: datetime | None
) -> Iterator[tuple[AuditEvent, bool]]:
    """Say of each event whether it is about looking; ``asked_at`` is the last rename's."""
    looks = False
    for event in events:
        error = event.details.get("error")
        since_asked = asked_at is not None and event.at >= asked_at
        if event.action == Action.TRANSFER_POSTPONED:
            looks = error == _NOT_SEEN or (since_asked and error != _KNOWN_NOT_ARRIVED)
        elif event.action in (Action.TRANSFER_SETTLED, Action.TRANSFER_FAILED):
            # What is tried again after this begins anew.
            looks, asked_at = False, None if since_asked else asked_at
        yield event, looks and event.action in _LOOKS


def _entry(event: AuditEvent, *, is_look: bool, is_decision: bool) -> TimelineEntry:
    code = str(event.details.get("error") or "")
    following = event.details.get("next")
    return TimelineEntry(
        at=event.at,
        who=event.actor_name,
        what=_words_for_look(event.action, code) if is_look else event.get_action_display(),
        error=advice_for(code) if code else None,
        next_at=datetime.fromisoformat(str(following)) if following else None,
        reason=str(event.details.get("reason") or ""),
        outcome=_outcome(str(event.details.get("outcome") or "")),
        is_look=is_look,
        is_decision=is_decision,
    )


def _words_for_look(action: str, code: str) -> str:
    return _("looked whether it arrived") if code == _NOT_SEEN else str(_LOOKS[action])


def _outcome(told: str) -> str:
    """Return what a person decided; events keep it in English."""
    words = {"arrived": _("It arrived."), "did not arrive": _("It did not arrive.")}
    return words.get(told, told)
