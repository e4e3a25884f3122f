"""Why a certificate is not trusted."""

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from certificates.errors import CertificateCode
from certificates.pki import ErrorCode
from magda_portal.web.advice import Advice

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as StrPromise

_ASK_MAGDA = _("Don't send anything; ask MAGDA's service desk whether its certificate was changed.")

ADVICE: dict[str, Advice] = {
    ErrorCode.PATH_INCOMPLETE: Advice(
        _("A certificate between this one and the root is missing."),
        _("Add the issuing authority's certificate, and try again."),
    ),
    ErrorCode.PATH_UNTRUSTED: Advice(
        _("The certificate was issued by an authority that is not trusted here."),
        _("Compare the root's fingerprint with the published one and add it as a trust anchor."),
    ),
    ErrorCode.PATH_HOST_NAME: Advice(
        _("The server's certificate is for another server."),
        _ASK_MAGDA,
    ),
    ErrorCode.PATH_INVALID: Advice(
        _("The certificate breaks a rule, so it can't be trusted."),
        _("Give this message to the helpdesk, with the file itself but without its key."),
    ),
    CertificateCode.TRUST_EXPIRED: Advice(
        _("A certificate in the file has expired, so it would not make any server trusted."),
        _("Get the current root or issuing certificate, and add that one."),
    ),
    CertificateCode.TRUST_NOT_A_SERVER: Advice(
        _("A certificate in the file is neither an authority's nor a server's."),
        _("Add the root or issuing certificate of MAGDA's server; yours is imported elsewhere."),
    ),
    CertificateCode.TRUST_OWN_KEY: Advice(
        _("A certificate in the file belongs to a key that is kept here, so it is no server's."),
        _("Add the root or issuing certificate of MAGDA's server; yours is imported elsewhere."),
    ),
    CertificateCode.TRUST_FINGERPRINT_INCOMPLETE: Advice(
        _("This is not a whole SHA-256 fingerprint, which has 64 digits (0 to 9 and A to F)."),
        _("Ask for the SHA-256 fingerprint, not the shorter SHA-1 one, and enter all of it."),
    ),
    CertificateCode.TRUST_FINGERPRINT_DIFFERS: Advice(
        _("The fingerprint is not that of the certificate that the server showed."),
        _(
            "Check that you have the fingerprint of this very certificate; if so, somebody may "
            "pose as the server: don't trust it, and call MAGDA's service desk."
        ),
    ),
    CertificateCode.TRUST_TOO_MANY: Advice(
        _("The file holds the certificates of very many authorities."),
        _("Add only the authorities that issue the certificate of MAGDA's server."),
    ),
}

DETAILS: dict[str, "StrPromise"] = {
    ErrorCode.PATH_INCOMPLETE: _("The missing one is “{missing}”."),
    ErrorCode.PATH_HOST_NAME: _("It is for {found} and should be for {expected}."),
    CertificateCode.TRUST_EXPIRED: _("It is “{subject}”."),
    CertificateCode.TRUST_NOT_A_SERVER: _("It is “{subject}”."),
    CertificateCode.TRUST_OWN_KEY: _("It is “{subject}”."),
}
