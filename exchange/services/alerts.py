"""Tell people, once, that an account is in trouble or that nobody can look at it.

Sent by a job of its own and never by a transfer, so that a mail server that hangs holds up no file.
``Account.trouble_alerted_at`` is written before the mail leaves: of two jobs one sends it.
"""

import logging
from datetime import datetime

from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from exchange.advice import advice_for
from exchange.models import Account
from exchange.queries.looking import ALARM_AFTER, look_at
from exchange.queries.readiness import has_outdated_trouble
from exchange.remote import RETENTION
from exchange.services.mailing import mail_about, recipients_of
from exchange.services.troubles import PORTAL, needs_somebody
from magda_portal.audit.actions import Action
from magda_portal.audit.services import Details, Subject, record
from magda_portal.web.mailing import mail_each
from magda_portal.web.telling import ToldAt, tell_once

logger = logging.getLogger(__name__)

# A connection that fails once or twice mostly comes back by itself.
FAILURES_BEFORE_ALERT = 3


def send_trouble_alerts(*, now: datetime) -> int:
    """Mail about each account whose trouble nobody was told of; return how many mails went out.

    At once when somebody has to do something, such as for a refused certificate; else at the third
    failure in a row. One trouble makes one mail, until the account works again; none when its
    cause was removed before it left.
    """
    untold = Q(trouble_alerted_at=None) | Q(trouble_alerted_at__lt=F("trouble_since"))
    rows = _working().filter(untold, trouble_since__isnull=False)
    return mail_each(lambda row: _tell_of_trouble(row, now), filter(_is_worth_a_mail, rows))


def send_sight_alarms(*, now: datetime) -> int:
    """Mail about each account that nobody could look at for 11 days; return how many mails left.

    What MAGDA laid ready since then is removed in three days, and nobody here knows of it.
    """
    looked = Coalesce("last_looked_at", "created_at")
    untold = Q(trouble_alerted_at=None) | Q(trouble_alerted_at__lt=F("looked") + ALARM_AFTER)
    rows = _working().filter(identity__current__isnull=False).annotate(looked=looked)
    unseen = rows.filter(untold, looked__lt=now - ALARM_AFTER)
    return mail_each(lambda row: _tell_of_lost_sight(row, now), unseen)


def _working() -> QuerySet[Account]:
    return Account.objects.filter(state=Account.State.ACTIVE).select_related(
        "identity__organisation", "identity__current"
    )


def _is_worth_a_mail(account: Account) -> bool:
    if has_outdated_trouble(account):
        return False
    often = account.trouble_count >= FAILURES_BEFORE_ALERT
    return often or needs_somebody(account.trouble_code)


def _tell_of_trouble(account: Account, now: datetime) -> bool:
    return _tell(
        account,
        now,
        subject=_("%(name)s (%(environment)s) can't exchange files with MAGDA") % _names(account),
        template="exchange/mail/account_trouble.txt",
        details={"error": account.trouble_code, "failures": account.trouble_count},
    )


def _tell_of_lost_sight(account: Account, now: datetime) -> bool:
    return _tell(
        account,
        now,
        subject=_("%(name)s (%(environment)s): files at MAGDA may be lost within days")
        % _names(account),
        template="exchange/mail/account_unseen.txt",
        details={"error": account.trouble_code, "reason": "not looked at for 11 days"},
    )


def _names(account: Account) -> dict[str, str]:
    return {"name": account.name, "environment": account.environment}


def _tell(
    account: Account, now: datetime, *, subject: str | Promise, template: str, details: Details
) -> bool:
    """Tell those who look after the account; return whether this call did. Raises MailError."""
    recipients = recipients_of(account)
    if not recipients:
        logger.info("Account %s is in trouble and has nobody to tell.", account.pk)
        return False
    look = look_at(account, now=now)
    context = {
        "look": look,
        "advice": advice_for(account.trouble_code) if account.trouble_code else None,
        "removed_from": look.since + RETENTION,
    }
    message = mail_about(account, recipients, subject=subject, template=template, context=context)
    told = ToldAt(account, "trouble_alerted_at", now)
    return tell_once(
        message,
        # Not when the account works again, or another trouble began.
        mark=lambda: told.mark(trouble_since=account.trouble_since),
        unmark=told.unmark,
        record=lambda _: record(
            Action.ACCOUNT_ALERTED,
            actor=PORTAL,
            organisation_id=account.organisation.pk,
            subject=Subject.row(account),
            details={**details, "recipients": recipients},
        ),
    )
