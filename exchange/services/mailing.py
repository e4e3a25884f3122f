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

from exchange.models import Account
from magda_portal.people.models import Person, Role

logger = logging.getLogger(__name__)


class NotMailedError(Exception):
    """The mail server did not take a mail; it is worth trying again."""


def recipients_of(account: Account) -> list[str]:
    """Return the addresses of the administrators who may log in, and the role mailbox."""
    identity = account.identity
    administrators = Person.objects.filter(
        is_active=True,
        memberships__organisation=identity.organisation_id,
        memberships__role=Role.ADMINISTRATOR,
    ).values_list("email", flat=True)
    mailbox = [identity.role_mailbox] if identity.role_mailbox else []
    return list(dict.fromkeys([*administrators, *mailbox]))


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
