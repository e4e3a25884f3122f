"""What an error means for the account and for the transfer that met it.

==================================  ==============================================================
error                               consequence
==================================  ==============================================================
certificate, trust, login, proxy's  the account pauses for an hour; its transfers stay queued
refusal (:data:`ACCOUNT`)
no connection (:data:`CONNECTION`)  the account pauses, a minute at first and half an hour at most
connection lost in the middle of a  as one that may pass: it may be this very file that the server
file (:data:`PASSING`)              can't take, and the others shall not wait for it
may pass (:data:`PASSING`)          this transfer waits, with growing pauses
about this file (:data:`FILE`)      this transfer fails
==================================  ==============================================================
"""

import random
from datetime import datetime, timedelta
from enum import StrEnum

from django.db import transaction

from exchange.errors import NotReadyError
from exchange.ftps import ConnectError, FTPSError, LoginError, Stage, TLSError
from exchange.models import Account
from magda_portal.audit.actions import Action
from magda_portal.audit.services import Actor, Subject, record

PORTAL = Actor(name="MAGDA portal")
ACCOUNT_PAUSE = timedelta(hours=1)
LONGEST_CONNECTION_PAUSE = timedelta(minutes=30)
LONGEST_TRANSFER_PAUSE = timedelta(hours=1)
# Pauses of 1, 2, 4, … 60 minutes: about seven hours in all.
MOST_TRIES = 12


_AFTER_LOGIN = (Stage.COMMAND, Stage.DATA, Stage.CONFIRM)


class Consequence(StrEnum):
    ACCOUNT = "account"
    CONNECTION = "connection"
    PASSING = "passing"
    FILE = "file"


def consequence_of(error: FTPSError | NotReadyError) -> Consequence:
    """Say whom an error concerns."""
    if isinstance(error, NotReadyError | LoginError | TLSError):
        return Consequence.ACCOUNT
    if isinstance(error, ConnectError) and error.stage not in _AFTER_LOGIN:
        return Consequence.CONNECTION if error.retryable else Consequence.ACCOUNT
    return Consequence.PASSING if error.retryable else Consequence.FILE


def pause_after(failures: int, *, longest: timedelta) -> timedelta:
    """Return one minute, doubled per failure, with up to a fifth of jitter on top."""
    pause = min(timedelta(minutes=2 ** min(failures, 10)), longest)
    return pause * (1 + random.random() / 5)  # noqa: S311  # spreads load, guards nothing


@transaction.atomic
def pause_account(
    account: Account, error: FTPSError | NotReadyError, *, transcript: str, now: datetime
) -> None:
    """Leave an account alone for a while after an error that is about the whole account."""
    row = Account.objects.select_for_update(of=("self",)).get(pk=account.pk)
    if consequence_of(error) is Consequence.ACCOUNT:
        pause = ACCOUNT_PAUSE
    else:
        pause = pause_after(row.trouble_count, longest=LONGEST_CONNECTION_PAUSE)
    is_news = row.trouble_code != error.code
    row.paused_until = now + pause
    row.trouble_since = now if is_news or row.trouble_since is None else row.trouble_since
    row.trouble_code = error.code
    row.trouble_count = min(row.trouble_count + 1, 1000)
    row.trouble_transcript = transcript
    row.save(
        update_fields=[
            "paused_until",
            "trouble_since",
            "trouble_code",
            "trouble_count",
            "trouble_transcript",
        ]
    )
    account.paused_until = row.paused_until
    if is_news:
        record(
            Action.ACCOUNT_PAUSED,
            actor=PORTAL,
            organisation_id=row.organisation.pk,
            subject=Subject.row(row),
            details={"error": error.code, "until": row.paused_until.isoformat()},
        )


@transaction.atomic
def account_reached(account: Account, *, now: datetime) -> None:
    """Note that the account works; its trouble, if it had one, is over."""
    ended = Account.objects.filter(pk=account.pk).exclude(trouble_code="")
    if ended.update(
        paused_until=None,
        trouble_code="",
        trouble_count=0,
        trouble_since=None,
        trouble_transcript="",
        last_reached_at=now,
    ):
        record(
            Action.ACCOUNT_REACHED,
            actor=PORTAL,
            organisation_id=account.organisation.pk,
            subject=Subject.row(account),
        )
    else:
        Account.objects.filter(pk=account.pk).update(last_reached_at=now)


@transaction.atomic
def end_pause(account: Account, *, actor: Actor, now: datetime) -> None:
    """Let a person try a paused account at once."""
    Account.objects.filter(pk=account.pk).update(paused_until=None, next_collection_at=now)
    account.transfers.filter(state__in=["QUEUED", "WAITING"]).update(next_attempt_at=now)
    record(
        Action.COLLECTION_ASKED,
        actor=actor,
        organisation_id=account.organisation.pk,
        subject=Subject.row(account),
    )
