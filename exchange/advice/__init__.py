"""What to tell a person about an error code: what happened, and what to do next.

Pages, commands and mails use the same two sentences. A test fails for a code without its own.
"""

from collections.abc import Mapping
from typing import Final

from django.utils.translation import gettext_lazy as _

from exchange.advice.accounts import ACCOUNTS
from exchange.advice.checks import CHECKS
from exchange.advice.connections import CONNECTIONS
from exchange.advice.files import FILES
from exchange.advice.services import SERVICES
from magda_portal.web.advice import Advice

ADVICE: Final[Mapping[str, Advice]] = {
    **CONNECTIONS,
    **FILES,
    **ACCOUNTS,
    **CHECKS,
    **SERVICES,
}

# What to do next is a setting, a certificate or a list of addresses, which no clerk changes.
FOR_ADMINISTRATORS: Final = frozenset(
    {
        "connect.failed",
        "connect.refused",
        "connect.resolve",
        "connect.timed_out",
        "login.refused",
        "proxy.refused",
        "proxy.unreachable",
        "tls.client_rejected",
        "tls.handshake",
        "tls.refused_by_server",
        "tls.server_name",
    }
)
ASK_AN_ADMINISTRATOR: Final = _(
    "Ask an administrator of your organisation to look at the account; the portal keeps trying."
)

UNKNOWN: Final = Advice(
    _("Something went wrong that the portal has no words for."),
    _("Try again later; if it stays, give the helpdesk the transfer's number and the time."),
)


def advice_for(code: str) -> Advice:
    """Return the advice for ``code``, a general one when the code is unknown."""
    return ADVICE.get(code, UNKNOWN)


def advice_to_clerk(code: str) -> Advice:
    """Return the advice for somebody who uses accounts, and can't change them."""
    told = advice_for(code)
    return Advice(told.what, ASK_AN_ADMINISTRATOR) if code in FOR_ADMINISTRATORS else told
