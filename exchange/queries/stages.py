"""The state of a transfer in the words a clerk uses.

"Delivered", "picked up" and "answered" are no states of the machine in
:mod:`exchange.models.transfer`; they are read off it here, in one place.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from django.db import models
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from exchange.models import Transfer
from exchange.models.transfer import Direction, State, Step
from exchange.queries.readiness import has_outdated_trouble
from exchange.queries.went_wrong import what_went_wrong
from exchange.remote import RETENTION
from magda_portal.web.advice import Advice

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as StrPromise


class StageCode(models.TextChoices):
    QUEUED = "queued", _("queued")
    SENDING = "sending", _("sending")
    WAITING = "waiting", _("waiting for another try")
    # Its rename was asked: from then on the portal looks, and sends nothing.
    LOOKING = "looking", _("finding out whether it arrived")
    DELIVERED = "delivered", _("delivered")
    PICKED_UP = "picked_up", _("picked up by MAGDA")
    ANSWERED = "answered", _("answered")
    COLLECTED = "collected", _("collected")
    UNCERTAIN = "uncertain", _("uncertain")
    FAILED = "failed", _("failed")
    CANCELLED = "cancelled", _("cancelled")

    @property
    def tone(self) -> str:
        """A key of the badges' signs in :mod:`magda_portal.web.templatetags.portal`."""
        return _TONES[self]


PICKED_UP_WITHIN: Final = timedelta(minutes=30)
"""MAGDA takes a file from ``to_vip`` within minutes; after this something is mostly wrong."""
LEFT_LYING: Final = "left_lying"
"""What lists call deliveries that stand at MAGDA for longer; no stage, since they are DELIVERED."""

ROAD: Final = (
    StageCode.QUEUED,
    StageCode.SENDING,
    StageCode.DELIVERED,
    StageCode.PICKED_UP,
    StageCode.ANSWERED,
)
"""What a request passes through when all goes well."""

_TONES: Final[Mapping[StageCode, str]] = {
    StageCode.QUEUED: "waiting",
    StageCode.SENDING: "busy",
    StageCode.WAITING: "attention",
    StageCode.LOOKING: "attention",
    StageCode.DELIVERED: "good",
    StageCode.PICKED_UP: "good",
    StageCode.ANSWERED: "good",
    StageCode.COLLECTED: "good",
    StageCode.UNCERTAIN: "attention",
    StageCode.FAILED: "bad",
    StageCode.CANCELLED: "neutral",
}

_NEXT: Final[Mapping[StageCode, "StrPromise"]] = {
    StageCode.QUEUED: _("The portal sends it as soon as the account is free."),
    StageCode.SENDING: _("The portal is sending it now."),
    StageCode.WAITING: _("The portal tries again by itself."),
    StageCode.LOOKING: _("The portal looks at MAGDA; it sends nothing again."),
    StageCode.DELIVERED: _("MAGDA picks it up; the portal keeps looking."),
    StageCode.PICKED_UP: _("MAGDA works on it; the portal collects the answer when it is there."),
    StageCode.ANSWERED: _("The answer is here; a clerk can download it."),
    StageCode.COLLECTED: _("It is kept here; a clerk can download it."),
    StageCode.UNCERTAIN: _("A clerk finds out whether MAGDA received it, and says so below."),
    StageCode.FAILED: _("The portal does nothing more with it by itself."),
    StageCode.CANCELLED: _("It was not sent, and its name is free again."),
}


@dataclass(frozen=True, slots=True)
class RoadStep:
    """One stage of the road, as a transfer that is somewhere on it sees it."""

    label: str
    is_passed: bool
    is_here: bool


@dataclass(frozen=True, slots=True)
class Stage:
    """Where a transfer is, and what comes next; ``next_at`` says when, if that is known.

    ``trouble`` is what went wrong, as long as that matters.
    """

    code: StageCode
    next_step: "StrPromise"
    next_at: datetime | None = None
    trouble: Advice | None = None

    @property
    def road(self) -> list[RoadStep]:
        """The road of a request, for a stage that lies on it; else nothing."""
        if self.code not in ROAD:
            return []
        here = ROAD.index(self.code)
        return [
            RoadStep(str(code.label), is_passed=number < here, is_here=number == here)
            for number, code in enumerate(ROAD)
        ]

    @property
    def label(self) -> str:
        return str(self.code.label)

    @property
    def tone(self) -> str:
        return self.code.tone


def stage_of(transfer: Transfer) -> Stage:
    """Return the stage; reads ``answers``, and may ask what would end its account's trouble.

    Lists, which only name the stage, ask :func:`stage_code_of`.
    """
    code = stage_code_of(transfer)
    next_step, next_at = _what_comes_next(transfer, code, timezone.now())
    return Stage(code, next_step, next_at, what_went_wrong(transfer))


def _what_comes_next(
    transfer: Transfer, code: StageCode, now: datetime
) -> tuple["StrPromise", datetime | None]:
    if transfer.state == State.RUNNING and transfer.lease_until and transfer.lease_until < now:
        return _("Its worker stopped; the portal finds out what became of it."), None
    if transfer.state not in (State.QUEUED, State.WAITING):
        return _NEXT[code], None
    account = transfer.account
    if account.state == account.State.SUSPENDED:
        return _("Its account is suspended; an administrator resumes it."), None
    if account.is_paused(now) and not has_outdated_trouble(account):
        next_step = _("Its account is paused after an error; the portal tries again by itself.")
        return next_step, _latest(transfer.next_attempt_at, account.paused_until)
    if code is StageCode.QUEUED and account.identity.current_id is None:
        return _("Its account has no certificate yet; it goes once there is one."), None
    waits = transfer.next_attempt_at and transfer.next_attempt_at > now
    return _NEXT[code], transfer.next_attempt_at if waits else None


def is_picked_up_late(transfer: Transfer, *, now: datetime) -> bool:
    """Say whether a delivered file should have been seen to be picked up by ``now``."""
    return (
        stage_code_of(transfer) is StageCode.DELIVERED
        and transfer.finished_at is not None
        and now - transfer.finished_at >= PICKED_UP_WITHIN
    )


_MOVING: Final = (State.QUEUED, State.RUNNING, State.WAITING)


def _latest(*times: datetime | None) -> datetime | None:
    return max((time for time in times if time), default=None)


def stage_code_of(transfer: Transfer) -> StageCode:
    """Return how far a transfer came; reads ``answers``, which lists should prefetch."""
    if transfer.state in _MOVING and transfer.step == Step.RENAME_ASKED:
        return StageCode.LOOKING
    match State(transfer.state):
        case State.QUEUED:
            return StageCode.QUEUED
        case State.RUNNING:
            return StageCode.SENDING
        case State.WAITING:
            return StageCode.WAITING
        case State.FAILED:
            return StageCode.FAILED
        case State.CANCELLED:
            return StageCode.CANCELLED
        case State.UNCERTAIN:
            return StageCode.UNCERTAIN
        case State.DONE:
            return _done_code(transfer)


def _done_code(transfer: Transfer) -> StageCode:
    if transfer.direction == Direction.COLLECTION:
        return StageCode.COLLECTED
    if transfer.answers.all():
        return StageCode.ANSWERED
    return StageCode.PICKED_UP if transfer.picked_up_at else StageCode.DELIVERED


def in_stage(transfers: QuerySet[Transfer], code: StageCode) -> QuerySet[Transfer]:
    """Return those of ``transfers`` that :func:`stage_of` would call ``code``."""
    return transfers.filter(_CONDITIONS[code]())


def left_lying(transfers: QuerySet[Transfer], *, now: datetime) -> QuerySet[Transfer]:
    """Return the deliveries among ``transfers`` that MAGDA has not picked up after half an hour.

    After two weeks MAGDA's clean-up has removed them, and there is nothing left to pick up.
    """
    delivered = in_stage(transfers, StageCode.DELIVERED)
    return delivered.filter(
        finished_at__gt=now - RETENTION, finished_at__lte=now - PICKED_UP_WITHIN
    )


def _delivered(*, answered: bool) -> Q:
    is_answered = Exists(Transfer.objects.filter(answers_to=OuterRef("pk")))
    done = Q(direction=Direction.DELIVERY, state=State.DONE)
    return done & (Q(is_answered) if answered else ~Q(is_answered))


def _moving(state: State) -> Q:
    return Q(state=state) & ~Q(step=Step.RENAME_ASKED)


_CONDITIONS: Final[Mapping[StageCode, Callable[[], Q]]] = {
    StageCode.QUEUED: lambda: _moving(State.QUEUED),
    StageCode.SENDING: lambda: _moving(State.RUNNING),
    StageCode.WAITING: lambda: _moving(State.WAITING),
    StageCode.LOOKING: lambda: Q(state__in=_MOVING, step=Step.RENAME_ASKED),
    StageCode.DELIVERED: lambda: _delivered(answered=False) & Q(picked_up_at=None),
    StageCode.PICKED_UP: lambda: _delivered(answered=False) & Q(picked_up_at__isnull=False),
    StageCode.ANSWERED: lambda: _delivered(answered=True),
    StageCode.COLLECTED: lambda: Q(direction=Direction.COLLECTION, state=State.DONE),
    StageCode.UNCERTAIN: lambda: Q(state=State.UNCERTAIN),
    StageCode.FAILED: lambda: Q(state=State.FAILED),
    StageCode.CANCELLED: lambda: Q(state=State.CANCELLED),
}
