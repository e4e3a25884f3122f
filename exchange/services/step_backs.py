"""Tell people, once, that a new certificate was rejected and the one before is in use again.

Sent by a job of its own, as the alerts about an account's trouble are: nothing is in trouble here,
but MAGDA does not know the new certificate yet, and somebody has to see to that.
"""

import logging
from datetime import datetime

from django.core.mail import EmailMessage
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from exchange.advice import advice_for
from exchange.models import Account
from exchange.services.logins import BOTH_REFUSED
from exchange.services.mailing import mail_about, recipients_of
from exchange.services.troubles import PORTAL
from magda_portal.audit.actions import Action
from magda_portal.audit.services import Subject, record
from magda_portal.web.mailing import mail_each
from magda_portal.web.telling import ToldAt, tell_once

logger = logging.getLogger(__name__)


def send_step_back_alerts(*, now: datetime) -> int:
    """Mail about each step back that nobody was told of; return how many mails went out."""
    untold = Q(step_back_alerted_at=None) | Q(step_back_alerted_at__lt=F("stepped_back_at"))
    rows = Account.objects.filter(untold, stepped_back_at__isnull=False).select_related(
        "identity__organisation", "identity__current", "identity__next", "stepped_back_from"
    )
    return mail_each(lambda row: _tell(row, now), rows)


def _tell(account: Account, now: datetime) -> bool:
    """Tell those who look after the account; return whether this call did. Raises MailError."""
    recipients = recipients_of(account)
    if not recipients:
        logger.info("Account %s stepped back and has nobody to tell.", account.pk)
        return False
    told = ToldAt(account, "step_back_alerted_at", now)
    return tell_once(
        _mail(account, recipients),
        mark=lambda: told.mark(stepped_back_at=account.stepped_back_at),
        unmark=told.unmark,
        record=lambda _: _record(account, recipients),
    )


def _record(account: Account, recipients: list[str]) -> None:
    record(
        Action.ACCOUNT_ALERTED,
        actor=PORTAL,
        organisation_id=account.organisation.pk,
        subject=Subject.row(account),
        details={
            "error": account.step_back_code,
            "reason": "stepped back to the previous certificate",
            "recipients": recipients,
        },
    )


def _mail(account: Account, recipients: list[str]) -> EmailMessage:
    names = {"name": account.name, "environment": account.environment}
    return mail_about(
        account,
        recipients,
        subject=_("%(name)s (%(environment)s): MAGDA refused the new certificate") % names,
        template="exchange/mail/stepped_back.txt",
        context={
            "advice": advice_for(account.step_back_code),
            "is_refused_twice": account.trouble_code == BOTH_REFUSED,
        },
        page=reverse("account_renewal", args=[account.pk]),
    )
