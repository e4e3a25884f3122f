"""What a clerk wants to know of a case: how far it came, when, by whom, and what is still to come.

The events tell everything; these are the few of them that a person would tell.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from exchange.models import Transfer, TransferAttempt
from exchange.models.transfer import State
from exchange.queries.durations import in_words
from exchange.queries.timeline import is_about, standing_decision
from magda_portal.audit.actions import Action
from magda_portal.audit.models import AuditEvent

MOST_READERS = 20
"""People of one file who are named."""

_NEVER: Final = datetime.max.replace(tzinfo=UTC)
_AT_ONCE: Final = timedelta(seconds=1)
_IN_VAIN: Final = (State.FAILED, State.CANCELLED)


@dataclass(frozen=True, slots=True)
class Milestone:
    """A sentence about what happened, or is to happen when ``at`` is None.

    ``tone`` is a badge's. ``after`` says in words how long it came after the one before.
    ``transfer`` is the file that it is about, for a link.
    """

    what: str
    at: datetime | None = None
    tone: str = "good"
    after: str = ""
    transfer: Transfer | None = None
    is_next: bool = False
    is_pick_up: bool = False


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """What milestones are made of: the files of a case, its events and attempts, oldest first."""

    request: Transfer | None
    collected: Sequence[Transfer]
    events: Sequence[AuditEvent]
    attempts: Sequence[TransferAttempt]


def milestones_of(facts: CaseFacts) -> list[Milestone]:
    """Return what happened, in the order in which it did, and then what is still to come."""
    happened = sorted(_happened(facts), key=lambda milestone: _place(milestone, facts))
    ahead = [Milestone(what, tone="waiting") for what in _ahead(facts)]
    if ahead:
        ahead[0] = replace(ahead[0], is_next=True)
    return [*_with_durations(happened), *ahead]


def _place(milestone: Milestone, facts: CaseFacts) -> datetime:
    """Return what a milestone is sorted by: of one second all keep the order they are told in.

    A pick-up that was only noticed after the answer still came before it.
    """
    at = milestone.at or _NEVER
    if milestone.is_pick_up:
        at = min([at, *(_arrived_at(transfer) for transfer in facts.collected)])
    return at.replace(microsecond=0)


def _arrived_at(transfer: Transfer) -> datetime:
    return transfer.finished_at or transfer.created_at


def _happened(facts: CaseFacts) -> Iterator[Milestone]:
    if facts.request:
        yield from _of_delivery(facts.request, facts)
    for transfer in facts.collected:
        what = _("The answer arrived.") if facts.request else _("The portal collected the file.")
        yield Milestone(what, _arrived_at(transfer), transfer=transfer)
        yield from _readers(transfer, facts)
    for transfer in filter(None, (facts.request, *facts.collected)):
        if transfer.payload and transfer.payload.erased_at:
            what = _("The portal erased the content, as its retention was over.")
            yield Milestone(what, transfer.payload.erased_at, "neutral", transfer=transfer)


def _of_delivery(request: Transfer, facts: CaseFacts) -> Iterator[Milestone]:
    events = [event for event in facts.events if is_about(event, request)]
    yield Milestone(_submitted(request, events), request.created_at)
    yield from _failed_attempts(request, facts.attempts)
    yield from _outcome(request, events)
    if noticed := request.picked_up_at:
        what = _("MAGDA picked the file up.")
        if any(_arrived_at(transfer) < noticed - _AT_ONCE for transfer in facts.collected):
            what = _("MAGDA picked the file up; the portal noticed it only after the answer.")
        yield Milestone(what, noticed, is_pick_up=True)


def _submitted(request: Transfer, events: Iterable[AuditEvent]) -> str:
    submission = next(
        (event.who for event in events if event.action == Action.TRANSFER_SUBMITTED), ""
    )
    if who := str(request.person) if request.person else submission:
        return _("%(who)s gave the file to the portal.") % {"who": who}
    return _("The file was given to the portal.")


def _failed_attempts(request: Transfer, attempts: Iterable[TransferAttempt]) -> Iterator[Milestone]:
    failed = [
        attempt for attempt in attempts if attempt.transfer_id == request.pk and attempt.error_code
    ]
    if failed:
        what = ngettext(
            "An attempt to deliver it did not succeed.",
            "%(count)d attempts to deliver it did not succeed; this is the last of them.",
            len(failed),
        )
        yield Milestone(what % {"count": len(failed)}, failed[-1].started_at, "attention")


def _outcome(request: Transfer, events: Sequence[AuditEvent]) -> Iterator[Milestone]:
    """Tell how the delivery ended; a person's decision is told as such."""
    ended = request.finished_at
    decision = standing_decision(events)
    who = {"who": decision.who if decision else ""}
    match State(request.state):
        case State.DONE if decision:
            yield Milestone(_("%(who)s decided that the file arrived.") % who, decision.at)
        case State.DONE if ended:
            yield Milestone(_("The file was delivered to MAGDA."), ended)
        case State.FAILED if decision:
            what = _("%(who)s decided that the file did not arrive.") % who
            yield Milestone(what, decision.at, "bad")
        case State.FAILED if ended:
            yield Milestone(_("The delivery failed."), ended, "bad")
        case State.CANCELLED if ended:
            yield Milestone(_cancelled(events), ended, "neutral")
        case State.UNCERTAIN if asked := request.rename_asked_at:
            what = _("The file was brought to MAGDA; whether it arrived is not known.")
            yield Milestone(what, asked, "attention")


def _cancelled(events: Iterable[AuditEvent]) -> str:
    for event in events:
        if event.action == Action.TRANSFER_CANCELLED:
            return _("%(who)s cancelled the delivery.") % {"who": event.who}
    return _("The delivery was cancelled.")


def _readers(transfer: Transfer, facts: CaseFacts) -> Iterator[Milestone]:
    """Tell of each person when they opened the file for the first time."""
    told: set[str] = set()
    for event in facts.events:
        if event.action != Action.TRANSFER_OPENED or not is_about(event, transfer):
            continue
        if event.who not in told and len(told) < MOST_READERS:
            told.add(event.who)
            what = _("%(who)s opened the answer.") if facts.request else _("%(who)s opened it.")
            yield Milestone(what % {"who": event.who}, event.at, transfer=transfer)


def _ahead(facts: CaseFacts) -> Iterator[str]:
    """Tell what a case has still before it when all goes well."""
    request = facts.request
    is_read = any(
        transfer.payload and transfer.payload.first_opened_at for transfer in facts.collected
    )
    if request and request.state in _IN_VAIN:
        return
    if request and not facts.collected:
        if request.state not in Transfer.SETTLED:
            yield _("The portal delivers the file to MAGDA.")
        if not request.picked_up_at:
            yield _("MAGDA picks the file up.")
        yield _("MAGDA answers, and the portal collects the answer.")
        yield _("Somebody of your organisation opens the answer.")
    elif not is_read:
        yield (
            _("Somebody of your organisation opens the answer.")
            if request
            else _("Somebody of your organisation opens it.")
        )


def _with_durations(milestones: Iterable[Milestone]) -> Iterator[Milestone]:
    before: datetime | None = None
    for milestone in milestones:
        # What was noticed later than the next happened says nothing of how long that took.
        if before and milestone.at and milestone.at > before - _AT_ONCE:
            yield replace(milestone, after=_after(milestone.at - before))
        else:
            yield milestone
        before = milestone.at


def _after(span: timedelta) -> str:
    if span < _AT_ONCE:
        return _("at once")
    return _("%(duration)s later") % {"duration": in_words(span)}
