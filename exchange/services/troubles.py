"""What an error means for the account and for the transfer that met it.

==================================  ==============================================================
error                               consequence
==================================  ==============================================================
certificate, trust, login, proxy's  the account pauses for an hour; its transfers stay queued
refusal (:data:`ACCOUNT`)
no connection, a login or handshake the account pauses, a minute at first and half an hour at most
cut short (:data:`CONNECTION`)
connection lost in the middle of a  as one that may pass: it may be this very file that the server
file (:data:`PASSING`)              can't take, and the others shall not wait for it
may pass (:data:`PASSING`)          this transfer waits, with growing pauses
about this file (:data:`FILE`)      this transfer fails
==================================  ==============================================================

An account's trouble is a circuit breaker::

    works ──failure──→ paused ──pause over──→ one worker tries ──gets through──→ works
                         ↑                           │
                         └──────────fails────────────┘   the next pause is longer

Trouble begins with the first failure and lasts until somebody gets through, whatever the errors in
between. What people are told of it is in :mod:`exchange.services.alerts`.
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
# How long the others wait for the one that tries first.
TRIAL = timedelta(minutes=1)
# Trouble that somebody has to end. Other codes may mean a line that was cut just then.
_NEEDS_SOMEBODY = frozenset(
    {
        "client.key_unusable",
        "client.trust_unusable",
        "login.refused",
        "proxy.authentication",
        "tls.client_rejected",
        "tls.refused_by_server",
        "tls.server_expired",
        "tls.server_name",
        "tls.server_revoked",
        "tls.server_untrusted",
    }
)

_AFTER_LOGIN = (Stage.COMMAND, Stage.DATA, Stage.CONFIRM)


class Consequence(StrEnum):
    ACCOUNT = "account"
    CONNECTION = "connection"
    PASSING = "passing"
    FILE = "file"


def consequence_of(error: FTPSError | NotReadyError) -> Consequence:
    """Say whom an error concerns."""
    if isinstance(error, NotReadyError):
        return Consequence.ACCOUNT
    if isinstance(error, LoginError | TLSError):
        return Consequence.CONNECTION if error.retryable else Consequence.ACCOUNT
    if isinstance(error, ConnectError) and error.stage not in _AFTER_LOGIN:
        return Consequence.CONNECTION if error.retryable else Consequence.ACCOUNT
    return Consequence.PASSING if error.retryable else Consequence.FILE


def needs_somebody(code: str) -> bool:
    """Return whether an account's trouble stays until an administrator, or MAGDA, does something.

    Certificates, trust, login and settings; not a server that can't be reached.
    """
    return code.startswith("account.") or code in _NEEDS_SOMEBODY


def pause_after(failures: int, *, longest: timedelta) -> timedelta:
    """Return one minute, doubled per failure, with up to a fifth of jitter on top."""
    pause = min(timedelta(minutes=2 ** min(failures, 10)), longest)
    return pause * (1 + random.random() / 5)  # noqa: S311  # spreads load, guards nothing


def may_try(account: Account, *, now: datetime) -> bool:
    """Return whether this worker may connect; after a pause only the first who asks may.

    For the others the account stays paused for a minute, or until the first one got through.
    """
    if account.is_paused(now):
        return False
    if account.paused_until is None:
        return True
    until = now + TRIAL
    first = Account.objects.filter(pk=account.pk, paused_until=account.paused_until)
    if not first.update(paused_until=until):
        return False
    account.paused_until = until
    return True


@transaction.atomic
def pause_account(
    account: Account, error: FTPSError | NotReadyError, *, transcript: str, now: datetime
) -> None:
    """Leave an account alone for a while after an error that is about the whole account.

    ``account`` is as the worker that failed read it: when others noted the same trouble since
    then, it is one failure, however many transfers met it.
    """
    row = Account.objects.select_for_update(of=("self",)).get(pk=account.pk)
    worsens = needs_somebody(error.code) and not needs_somebody(row.trouble_code)
    is_noted = row.is_paused(now) and row.paused_until != account.paused_until
    if not is_noted or worsens:
        is_news = not row.trouble_code or worsens
        _note(row, error, transcript=transcript, now=now)
        if is_news:
            _record_pause(row)
    account.paused_until = row.paused_until


def _note(
    row: Account, error: FTPSError | NotReadyError, *, transcript: str, now: datetime
) -> None:
    if consequence_of(error) is Consequence.ACCOUNT:
        pause = ACCOUNT_PAUSE
    else:
        pause = pause_after(row.trouble_count, longest=LONGEST_CONNECTION_PAUSE)
    row.paused_until = now + pause
    row.trouble_since = row.trouble_since or now
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


def _record_pause(row: Account) -> None:
    until = row.paused_until.isoformat() if row.paused_until else ""
    record(
        Action.ACCOUNT_PAUSED,
        actor=PORTAL,
        organisation_id=row.organisation.pk,
        subject=Subject.row(row),
        details={"error": row.trouble_code, "until": until},
    )


@transaction.atomic
def account_reached(account: Account, *, now: datetime) -> None:
    """Note that the account works; its trouble, if it had one, is over."""
    ended = Account.objects.filter(pk=account.pk).exclude(trouble_code="")
    account.paused_until = None
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


def end_trouble(account: Account, *, now: datetime) -> None:
    """Forget the trouble: what comes next is tried with another certificate."""
    Account.objects.filter(pk=account.pk).update(**_untroubled(now))
    account.paused_until = None


@transaction.atomic
def end_outdated_trouble(account: Account, *, now: datetime) -> bool:
    """Forget the trouble that ``account`` was read with; return whether it was still there."""
    # Its own columns only, so that it is still this very trouble once others were waited for.
    same = Account.objects.filter(
        pk=account.pk, trouble_code=account.trouble_code, trouble_since=account.trouble_since
    )
    if not same.update(**_untroubled(now)):
        return False
    record(
        Action.ACCOUNT_RETRIED,
        actor=PORTAL,
        organisation_id=account.organisation.pk,
        subject=Subject.row(account),
        details={"error": account.trouble_code},
    )
    return True


def _untroubled(now: datetime) -> dict[str, datetime | str | int | None]:
    return {
        "paused_until": None,
        "trouble_code": "",
        "trouble_count": 0,
        "trouble_since": None,
        "trouble_transcript": "",
        "next_collection_at": now,
    }


def try_again_at_once(account: Account) -> None:
    """End the wait of the others for a first try that came to nothing about the account."""
    trial = Account.objects.filter(pk=account.pk, paused_until=account.paused_until)
    trial.update(paused_until=None)
    account.paused_until = None


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
