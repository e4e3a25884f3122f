"""Mail to the people who look after an account, in the portal's language."""

import re
from collections.abc import Mapping
from typing import Final

from django.conf import settings
from django.core.mail import EmailMessage
from django.urls import reverse
from django.utils.functional import Promise

from certificates.services.recipients import recipients_for
from exchange.filenames import shown
from exchange.models import Account
from magda_portal.web.mailing import compose

# Eleven digits on their own, grouped as a national number (INSZ) may be: people put one into names.
_NATIONAL_NUMBER: Final = re.compile(
    r"(?<!\d)\d{2}[ ._-]?\d{2}[ ._-]?\d{2}[ ._-]?\d{3}[ ._-]?\d{2}(?!\d)", re.ASCII
)


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
) -> EmailMessage:
    """Return the mail about ``account``, to be claimed and then sent.

    ``subject`` is a lazy text, so that it is read in the portal's language as the body is. The
    template gets ``account``, and as ``link`` the address of ``page``, a path, or else of the
    account's own page, besides ``context``.
    """
    link = settings.PORTAL_ORIGIN + (page or reverse("account_show", args=[account.pk]))
    return compose(
        template,
        subject=subject,
        context={**context, "account": account, "link": link},
        recipients=recipients,
    )


def name_in_mail(name: str) -> str | None:
    """Return a file's name for a mail; None when it may hold a national number.

    A mail passes through other hands, and MAGDA's own names carry no eleven digits in a row.
    """
    return None if _NATIONAL_NUMBER.search(name) else shown(name)
