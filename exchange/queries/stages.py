"""The state of a transfer in the words a clerk uses.

"Delivered", "picked up" and "answered" are no states of the machine in
:mod:`exchange.models.transfer`; they are read off it here, in one place.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Final

from django.db import models
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from exchange.models import Transfer
from exchange.models.transfer import Direction, State, Step
from exchange.remote import RETENTION


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
AWAITING: Final = "awaiting"
"""What lists call deliveries that MAGDA has to answer; no stage, since it is two of them."""

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


def is_picked_up_late(transfer: Transfer, *, now: datetime) -> bool:
    """Say whether a delivered file should have been seen to be picked up by ``now``."""
    return (
        stage_code_of(transfer) is StageCode.DELIVERED
        and transfer.finished_at is not None
        and now - transfer.finished_at >= PICKED_UP_WITHIN
    )


MOVING: Final = (State.QUEUED, State.RUNNING, State.WAITING)


def stage_code_of(transfer: Transfer) -> StageCode:
    """Return how far a transfer came; reads ``answers``, which lists should prefetch."""
    if transfer.state in MOVING and transfer.step == Step.RENAME_ASKED:
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


def awaiting_answer(transfers: QuerySet[Transfer], *, now: datetime) -> QuerySet[Transfer]:
    """Return the deliveries of the last two weeks among ``transfers`` that MAGDA has to answer.

    Not those that it left lying: they wait for somebody to see why.
    """
    is_on_time = Q(picked_up_at__isnull=False) | Q(finished_at__gt=now - PICKED_UP_WITHIN)
    return transfers.filter(_delivered(answered=False), is_on_time, finished_at__gt=now - RETENTION)


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
    StageCode.LOOKING: lambda: Q(state__in=MOVING, step=Step.RENAME_ASKED),
    StageCode.DELIVERED: lambda: _delivered(answered=False) & Q(picked_up_at=None),
    StageCode.PICKED_UP: lambda: _delivered(answered=False) & Q(picked_up_at__isnull=False),
    StageCode.ANSWERED: lambda: _delivered(answered=True),
    StageCode.COLLECTED: lambda: Q(direction=Direction.COLLECTION, state=State.DONE),
    StageCode.UNCERTAIN: lambda: Q(state=State.UNCERTAIN),
    StageCode.FAILED: lambda: Q(state=State.FAILED),
    StageCode.CANCELLED: lambda: Q(state=State.CANCELLED),
}
