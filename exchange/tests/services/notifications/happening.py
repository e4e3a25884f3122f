"""Let things happen that people are told of."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone

from exchange.models import Account, Transfer
from exchange.models.transfer import State
from exchange.services.troubles import PORTAL
from exchange.tests.builders import make_collected, make_transfer
from magda_portal.audit.actions import Action
from magda_portal.audit.models import AuditEvent
from magda_portal.audit.services import Actor, Subject, record
from magda_portal.people.models import Kind, Person, Timing
from magda_portal.people.services.notifications import choose_notifications, timings_of

BRUSSELS = ZoneInfo("Europe/Brussels")


def arrive(account: Account, name: str = "antwoord.xml") -> Transfer:
    transfer = make_collected(account, name=name)
    tell_trail(Action.TRANSFER_COLLECTED, account, transfer)
    return transfer


def fail(account: Account, name: str = "vraag.xml", **overrides: Any) -> Transfer:
    columns = {"state": State.FAILED, "error_code": "name.taken", "holds_name": False}
    transfer = make_transfer(
        account, name=name, finished_at=timezone.now(), **{**columns, **overrides}
    )
    tell_trail(Action.TRANSFER_FAILED, account, transfer)
    return transfer


def tell_trail(
    action: Action, account: Account, row: Any, *, actor: Actor = PORTAL, **details: Any
) -> AuditEvent:
    return record(
        action,
        actor=actor,
        organisation_id=account.organisation.pk,
        subject=Subject.row(row),
        details=details,
    )


def choose(person: Person, **timings: Timing) -> None:
    """Choose by kind, such as ``arrived=Timing.AT_ONCE``; the others stay as they are."""
    chosen = {Kind[kind.upper()]: timing for kind, timing in timings.items()}
    choose_notifications(person, {**timings_of(person), **chosen})


def later(minutes: float = 2) -> datetime:
    return timezone.now() + timedelta(minutes=minutes)


def morning(*, days: int = 1, hour: int = 7, minute: int = 30) -> datetime:
    day = timezone.localdate() + timedelta(days=days)
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=BRUSSELS)
