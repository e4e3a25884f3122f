"""What is wrong with a client identity."""

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from certificates.errors import CertificateCode
from magda_portal.web.advice import Advice

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as StrPromise

ADVICE: dict[str, Advice] = {
    CertificateCode.IDENTITY_TAKEN: Advice(
        _("Another organisation already uses this common name in this environment."),
        _("Check the name and the environment; if both are right, ask the helpdesk."),
    ),
    CertificateCode.IDENTITY_COMMON_NAME: Advice(
        _("This can't be the common name of a certificate."),
        _("Enter the name exactly as MAGDA gave it: one line of at most 200 characters."),
    ),
}

DETAILS: dict[str, "StrPromise"] = {}
