"""What is left to do before a new account works for the first time."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from certificates.queries import anchors_for
from exchange.models import Account, WhitelistedAddress

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as StrPromise


@dataclass(frozen=True, slots=True)
class FirstStep:
    """Something that an administrator sees to, and the page for it."""

    words: "StrPromise"
    is_done: bool
    link: str


def first_steps(account: Account) -> list[FirstStep]:
    """Return the steps in their order, done or not; none once the account reached its server."""
    if account.last_reached_at is not None:
        return []
    identity = account.identity
    anchors = anchors_for(
        organisation_id=identity.organisation_id, environment=identity.environment
    )
    has_certificate = identity.certificates.exists()
    return [
        FirstStep(
            _("Make a key and a request, and hand the request in at VO-DCBaaS."),
            has_certificate or identity.certificate_requests.exists(),
            reverse("request_make", args=[identity.pk]),
        ),
        FirstStep(
            _("Import the certificate that VO-DCBaaS issues."),
            has_certificate,
            reverse("certificate_import", args=[identity.pk]),
        ),
        FirstStep(
            _("Trust the authority that issued the server's certificate."),
            anchors.exists(),
            reverse("trust_anchor_add"),
        ),
        FirstStep(
            _("Have MAGDA put your public address on its list, and note here when it has."),
            any(row.state == WhitelistedAddress.State.ACTIVE for row in account.addresses.all()),
            reverse("account_addresses", args=[account.pk]),
        ),
    ]
