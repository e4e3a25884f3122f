"""Accounts of the bench, and when they are due."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from django.utils import timezone

from exchange.models import Account, Subscription, Transfer
from exchange.models.transfer import State
from exchange.services.accounts import change_account
from exchange.tests.wiring import ACTOR, wire_account
from sandbox.authority import Authority

_FAR = timedelta(days=7)


def wire(
    name: str, port: int, authority: str, host: str = "127.0.0.1", highest_tls: str = ""
) -> str:
    """Open an account with all that it needs to reach the server; return its id."""
    account = wire_account(name, port=port, authority=Authority.load(Path(authority)))
    changes = {"host": host, "highest_tls": highest_tls, "collect_every": 86_400}
    change_account(account, changes=changes, actor=ACTOR)
    rest(str(account.pk))
    return str(account.pk)


def rest(account: str) -> None:
    """Let nothing be due but what is queued, and let no earlier delivery be looked for."""
    now = timezone.now()
    Account.objects.filter(pk=account).update(next_collection_at=now + _FAR)
    earlier = Transfer.objects.filter(account_id=account, state=State.DONE, picked_up_at=None)
    earlier.update(picked_up_at=now)


def practice_account() -> str:
    """Return the id of the account that `make run` begins with; it takes any file from now on."""
    account = Account.objects.select_related("identity__organisation").get()
    change_account(account, changes={"expects_xml": False}, actor=ACTOR)
    return str(account.pk)


def subscribe(account: str, prefix: str) -> None:
    Subscription.objects.create(account_id=account, prefix=prefix)


def spread_polls(accounts: Sequence[str], every: int) -> None:
    """Let the collections of so many accounts be due one after the other over the interval."""
    now = timezone.now()
    for number, account in enumerate(accounts):
        first = now + timedelta(seconds=every * number / len(accounts))
        Account.objects.filter(pk=account).update(collect_every=every, next_collection_at=first)
