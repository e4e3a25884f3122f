"""A request and what MAGDA answered, as one case; a file that answers nothing is a case of its own.

Whoever opens an answer sees the same case as whoever opens the request.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db.models import Prefetch, prefetch_related_objects
from django.utils import timezone

from exchange.models import Account, Service, Transfer, TransferAttempt
from exchange.models.transfer import Direction, State
from exchange.queries.milestones import CaseFacts, Milestone, milestones_of
from exchange.queries.reader import ANYBODY, Reader
from exchange.queries.services import fits
from exchange.queries.stages import StageCode, is_picked_up_late
from exchange.queries.timeline import TimelineEntry, events_of, told_in_order
from exchange.queries.whereabouts import Stage, stage_of
from exchange.remote import RETENTION
from magda_portal.audit.models import AuditEvent

MOST_ANSWERS = 20
"""Answers to one request that are shown; MAGDA sends one, or a few parts."""
MOST_ATTEMPTS = 30
"""Attempts of a case that are shown, the newest."""
ANSWERED_WITHIN = timedelta(hours=1)
"""MAGDA may answer in parts, which come shortly after one another."""
_AT_REST = (StageCode.FAILED, StageCode.CANCELLED, StageCode.COLLECTED)


@dataclass(frozen=True, slots=True)
class LatePickUp:
    """A delivered file that MAGDA should have picked up by now.

    It says since when and not for how long: a page is asked for again and again while it changes.
    """

    delivered_at: datetime
    # When the portal last looked, if that was after the file should have been picked up.
    looked_at: datetime | None
    # After two weeks MAGDA's clean-up has it, and the portal looks no more.
    is_over: bool
    # Services of the account whose requests may bear the name, and the others.
    fitting: Sequence[Service]
    missed: Sequence[Service]


@dataclass(frozen=True, slots=True)
class Case:
    """Everything on the page of a case; ``opened`` is the file whose address it was."""

    opened: Transfer
    request: Transfer | None
    # Answers to the request, or the one file that answers nothing; the oldest first.
    collected: Sequence[Transfer]
    stage: Stage
    milestones: Sequence[Milestone]
    history: Sequence[TimelineEntry]
    events: Sequence[AuditEvent]
    attempts: Sequence[TransferAttempt]
    late: LatePickUp | None
    # When the portal looks at MAGDA again for the pick-up or the answer; None when not planned.
    next_look_at: datetime | None
    # Nothing of it changes any more, unless somebody does something.
    rests: bool

    @property
    def files(self) -> list[Transfer]:
        return [*([self.request] if self.request else []), *self.collected]

    @property
    def main(self) -> Transfer:
        """The file whose state is the case's: the request, or else what was collected."""
        return self.request or self.opened

    @property
    def has_more_answers(self) -> bool:
        return len(self.collected) == MOST_ANSWERS


def case_of(opened: Transfer, *, now: datetime, reader: Reader = ANYBODY) -> Case:
    """Return the case of ``opened``, which ``reader`` was allowed to see.

    All files of a case are of one account, so who sees one sees them all.
    """
    request = opened if opened.direction == Direction.DELIVERY else opened.answers_to
    collected = _answers_to(request, opened) if request else [opened]
    files = [*([request] if request else []), *collected]
    events = events_of(files)
    attempts = _attempts_of(files)
    main = request or opened
    stage = stage_of(main, reader)
    return Case(
        opened=opened,
        request=request,
        collected=collected,
        stage=stage,
        milestones=milestones_of(CaseFacts(request, collected, events, attempts)),
        history=told_in_order(files, events),
        events=events,
        attempts=attempts,
        late=_late_pick_up(main, now),
        next_look_at=_next_look(main, stage, now),
        rests=_rests(stage, collected, now),
    )


def erasure_day(transfer: Transfer) -> date | None:
    """Return the day from which the clean-up erases the content; None when it is not known yet."""
    payload = transfer.payload
    if payload is None or payload.erased_at:
        return None
    since = payload.first_opened_at
    if transfer.direction == Direction.DELIVERY:
        since = transfer.finished_at if transfer.state != State.UNCERTAIN else None
    if since is None:
        return None
    return timezone.localdate(since + timedelta(days=settings.PAYLOAD_RETENTION_DAYS))


def _answers_to(request: Transfer, opened: Transfer) -> list[Transfer]:
    """Read the answers, which the request's stage depends on as well."""
    request.account = opened.account
    rows = Transfer.objects.filter(direction=Direction.COLLECTION)
    rows = rows.select_related("payload", "remote_file").order_by("id")
    prefetch_related_objects([request], Prefetch("answers", queryset=rows))
    answers = list(request.answers.all())[:MOST_ANSWERS]
    if opened != request and opened not in answers:
        # There are very many, and this is the one that was asked for.
        answers[-1:] = [opened]
    for answer in answers:
        answer.account = opened.account
        answer.answers_to = request
    return answers


def _attempts_of(files: Sequence[Transfer]) -> list[TransferAttempt]:
    rows = TransferAttempt.objects.filter(transfer__in=files).order_by("-id")[:MOST_ATTEMPTS]
    attempts = list(rows)[::-1]
    by_key = {transfer.pk: transfer for transfer in files}
    for attempt in attempts:
        attempt.transfer = by_key[attempt.transfer_id]
    return attempts


def _late_pick_up(transfer: Transfer, now: datetime) -> LatePickUp | None:
    delivered = transfer.finished_at
    if delivered is None or not is_picked_up_late(transfer, now=now):
        return None
    looked_at = transfer.account.last_looked_at
    services = list(transfer.account.services.order_by("name"))
    return LatePickUp(
        delivered_at=delivered,
        looked_at=looked_at if looked_at and looked_at > delivered else None,
        is_over=now - delivered >= RETENTION,
        fitting=[each for each in services if fits(each, transfer.final_name)],
        missed=[each for each in services if not fits(each, transfer.final_name)],
    )


def _rests(stage: Stage, collected: Sequence[Transfer], now: datetime) -> bool:
    if stage.code is StageCode.ANSWERED:
        return all(now - answer.created_at >= ANSWERED_WITHIN for answer in collected)
    return stage.code in _AT_REST


def _next_look(transfer: Transfer, stage: Stage, now: datetime) -> datetime | None:
    account = transfer.account
    is_waiting = stage.code in (StageCode.DELIVERED, StageCode.PICKED_UP)
    works = account.state == Account.State.ACTIVE and account.identity.current_id is not None
    if not (is_waiting and works):
        return None
    at = max(filter(None, (account.next_collection_at, account.paused_until)))
    return at if at > now else None
