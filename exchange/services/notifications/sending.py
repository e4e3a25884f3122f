"""Send what waits: at once, grouped, or in the morning."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import partial
from typing import Final

from django.db import transaction

from exchange.services.notifications.due import DueMail, due_mails
from exchange.services.notifications.lines import lines_about
from exchange.services.notifications.mails import notification
from exchange.services.troubles import PORTAL
from magda_portal.audit.actions import Action
from magda_portal.audit.services import Subject, record
from magda_portal.people.models import Notice, NotificationMail
from magda_portal.web.mailing import mail_each
from magda_portal.web.telling import tell_once

# Rows in one statement.
_AT_ONCE: Final = 500


def send_notifications(*, now: datetime) -> int:
    """Mail every person what is due; return how many mails went out.

    What is told at once leaves a minute after it was noted, with all else that waits by then. The
    daily mail leaves from half past seven on, in whichever round the mail server takes it.
    """
    return mail_each(lambda due: _tell(due, now), list(due_mails(now)))


def _tell(due: DueMail, now: datetime) -> bool:
    """Drop what is dealt with, and mail the rest. Raises MailError."""
    waiting = Notice.objects.filter(
        person=due.person, kind__in=due.kinds, handled_at=None, noted_at__lte=due.until
    )
    notices = list(waiting.order_by("pk"))
    lines = lines_about(notices, person=due.person)
    _handle([notice.pk for notice in notices if notice.pk not in lines], now)
    if not lines:
        return False
    return tell_once(
        notification(due.person, lines.values(), timing=due.timing),
        mark=lambda: _claim(due, list(lines), now),
        unmark=partial(_give_back, pks=list(lines)),
        record=lambda mail: _record(due, mail),
    )


@transaction.atomic
def _claim(due: DueMail, pks: Sequence[int], now: datetime) -> NotificationMail | None:
    """Mark all of these as told, in a mail of their own; None when another job tells of any."""
    mail, is_new = NotificationMail.objects.get_or_create(
        person=due.person, timing=due.timing, slot=due.slot, defaults={"count": len(pks)}
    )
    if not is_new:
        return None
    if _handle(pks, now) != len(pks):
        transaction.set_rollback(True)
        return None
    return mail


@transaction.atomic
def _give_back(mail: NotificationMail, *, pks: Sequence[int]) -> None:
    for chunk in _in_chunks(pks):
        Notice.objects.filter(pk__in=chunk).update(handled_at=None)
    mail.delete()


def _handle(pks: Sequence[int], now: datetime) -> int:
    """Mark these as handled; return how many were not."""
    return sum(
        Notice.objects.filter(pk__in=chunk, handled_at=None).update(handled_at=now)
        for chunk in _in_chunks(pks)
    )


def _record(due: DueMail, mail: NotificationMail) -> None:
    record(
        Action.NOTIFICATION_SENT,
        actor=PORTAL,
        subject=Subject.row(due.person, due.person.email),
        details={"timing": due.timing.value, "count": mail.count},
    )


def _in_chunks(pks: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(pks), _AT_ONCE):
        yield pks[start : start + _AT_ONCE]
