"""Mail to the people who look after an account, in the portal's language."""

import logging
from collections.abc import Mapping
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.functional import Promise

from certificates.services.recipients import recipients_for
from exchange.models import Account

logger = logging.getLogger(__name__)


class NotMailedError(Exception):
    """The mail server did not take a mail; it is worth trying again."""


def recipients_of(account: Account) -> list[str]:
    """Return the addresses to mail about an account; none when nobody can be told."""
    return recipients_for(account.identity)


def mail_about(
    account: Account,
    recipients: list[str],
    *,
    subject: str | Promise,
    template: str,
    context: Mapping[str, object],
    page: str = "",
) -> None:
    """Send one mail about ``account``. Raises NotMailedError.

    ``subject`` is a lazy text, so that it is read in the portal's language as the body is. The
    template gets ``account``, and as ``link`` the address of ``page``, a path, or else of the
    account's own page, besides ``context``.
    """
    with translation.override(settings.LANGUAGE_CODE):
        link = settings.PORTAL_URL + (page or reverse("account_show", args=[account.pk]))
        body = render_to_string(template, {**context, "account": account, "link": link})
        message = EmailMessage(str(subject), body, to=recipients)
    try:
        message.send()
    except (SMTPException, OSError) as exc:
        logger.exception("A mail about account %s could not be sent.", account.pk)
        raise NotMailedError from exc
