"""The history of one transfer, or of several as one case: who did what, when, and why.

Once the rename of a delivery was asked, an attempt only looks. The events call it "sending" all the
same, since they can't know; here they are told as what they were.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from exchange.advice import advice_for
from exchange.models import Transfer
from magda_portal.audit.actions import Action
from magda_portal.audit.models import AuditEvent
from magda_portal.web.advice import Advice

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as StrPromise

# After this one the delivery knows that its own file has not arrived, and it may store again.
_KNOWN_NOT_ARRIVED = "name.still_standing"
_NOT_SEEN = "delivery.not_seen"

MOST_EVENTS = 300
"""Of a case that are read, the newest; nobody reads more on one page."""

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

    transfer: Transfer
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
    return told_in_order([transfer], events_of([transfer]))


def events_of(transfers: Sequence[Transfer]) -> list[AuditEvent]:
    """Return the newest events of ``transfers``, the oldest of them first."""
    rows = AuditEvent.objects.filter(
        subject_type=Transfer._meta.model_name,
        subject_id__in=[str(transfer.pk) for transfer in transfers],
    )
    return list(rows.order_by("-id")[:MOST_EVENTS])[::-1]


def told_in_order(
    transfers: Iterable[Transfer], events: Sequence[AuditEvent]
) -> list[TimelineEntry]:
    """Tell of ``events``, in their order, what each was to the transfer that it is about."""
    told = {
        event.pk: entry
        for transfer in transfers
        for event, entry in _told(transfer, [each for each in events if is_about(each, transfer)])
    }
    return [told[event.pk] for event in events if event.pk in told]


def is_about(event: AuditEvent, transfer: Transfer) -> bool:
    return event.subject_id == str(transfer.pk)


def _told(
    transfer: Transfer, events: Sequence[AuditEvent]
) -> Iterator[tuple[AuditEvent, TimelineEntry]]:
    decision = standing_decision(events)
    for event, is_look in _with_looks(events, transfer.rename_asked_at):
        yield event, _entry(transfer, event, is_look=is_look, is_decision=event is decision)


def standing_decision(events: Iterable[AuditEvent]) -> AuditEvent | None:
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


def _entry(
    transfer: Transfer, event: AuditEvent, *, is_look: bool, is_decision: bool
) -> TimelineEntry:
    code = str(event.details.get("error") or "")
    following = event.details.get("next")
    return TimelineEntry(
        transfer=transfer,
        at=event.at,
        who=event.who,
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
