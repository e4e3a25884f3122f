"""Where a transfer is, what comes next and what is in its way, for the one who reads it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from exchange.models import Account, Transfer
from exchange.models.transfer import State
from exchange.queries.reader import ANYBODY, Reader
from exchange.queries.readiness import has_outdated_trouble
from exchange.queries.stages import MOVING, StageCode, stage_code_of
from exchange.queries.went_wrong import what_went_wrong
from magda_portal.web.advice import Advice

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as StrPromise

ROAD: Final = (
    StageCode.QUEUED,
    StageCode.SENDING,
    StageCode.DELIVERED,
    StageCode.PICKED_UP,
    StageCode.ANSWERED,
)
"""What a request passes through when all goes well."""

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
# What the one who reads it can do.
_NEXT_FOR_CLERK: Final[Mapping[StageCode, "StrPromise"]] = {
    StageCode.ANSWERED: _("The answer is here, and you can download it."),
    StageCode.COLLECTED: _("It is kept here, and you can download it."),
    StageCode.UNCERTAIN: _("Find out whether MAGDA received it, and say so below."),
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

    ``trouble`` is what went wrong, as long as that matters, and ``account_trouble`` what keeps the
    account from working, until somebody gets through.
    """

    code: StageCode
    next_step: "StrPromise"
    next_at: datetime | None = None
    trouble: Advice | None = None
    account_trouble: Advice | None = None

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


def stage_of(transfer: Transfer, reader: Reader = ANYBODY) -> Stage:
    """Return the stage; reads ``answers``, and may ask what would end its account's trouble.

    Lists, which only name the stage, ask :func:`~exchange.queries.stages.stage_code_of`.
    """
    code = stage_code_of(transfer)
    in_trouble = _is_in_trouble(transfer)
    next_step, next_at = _what_comes_next(
        transfer, code, timezone.now(), in_trouble=in_trouble, reader=reader
    )
    return Stage(
        code,
        next_step,
        next_at,
        what_went_wrong(transfer, reader),
        reader.advice(transfer.account.trouble_code) if in_trouble else None,
    )


def _is_in_trouble(transfer: Transfer) -> bool:
    """Say whether the trouble of its account keeps the transfer here."""
    account = transfer.account
    return (
        transfer.state in MOVING
        and account.state != Account.State.SUSPENDED
        and account.trouble_code != ""
        and not has_outdated_trouble(account)
    )


def _what_comes_next(
    transfer: Transfer, code: StageCode, now: datetime, *, in_trouble: bool, reader: Reader
) -> tuple["StrPromise", datetime | None]:
    if transfer.state == State.RUNNING and transfer.lease_until and transfer.lease_until < now:
        return _("Its worker stopped; the portal finds out what became of it."), None
    told = {**_NEXT, **_NEXT_FOR_CLERK} if reader.opens_files else _NEXT
    if transfer.state not in (State.QUEUED, State.WAITING):
        return told[code], None
    account = transfer.account
    if account.state == Account.State.SUSPENDED:
        return _("Its account is suspended; an administrator resumes it."), None
    if code is StageCode.QUEUED and account.identity.current_id is None:
        return _("Its account has no certificate yet; it goes once there is one."), None
    if in_trouble:
        return _when_in_trouble(transfer, now)
    waits = transfer.next_attempt_at and transfer.next_attempt_at > now
    return told[code], transfer.next_attempt_at if waits else None


def _when_in_trouble(transfer: Transfer, now: datetime) -> tuple["StrPromise", datetime | None]:
    account = transfer.account
    at = max(filter(None, (transfer.next_attempt_at, account.paused_until)), default=None)
    if account.is_paused(now):
        return _("Its account is paused after an error; the portal tries again by itself."), at
    next_step = _("Its account is in trouble; the portal tries it again in a moment.")
    if at and at > now:
        next_step = _("Its account is in trouble; the portal tries again by itself.")
    return next_step, at if at and at > now else None
