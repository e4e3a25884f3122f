"""What is wrong with a certificate itself."""

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from certificates.errors import CertificateCode
from certificates.pki import ErrorCode
from magda_portal.web.advice import Advice

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as StrPromise

_REQUEST_AGAIN = _("Request a new certificate for this common name and import that one.")

ADVICE: dict[str, Advice] = {
    ErrorCode.CERTIFICATE_UNREADABLE: Advice(
        _("No certificate can be read from the file."),
        _("Choose the certificate file, PEM, DER, PKCS#7 or PKCS#12; a request (CSR) is not one."),
    ),
    ErrorCode.CERTIFICATE_TOO_MANY: Advice(
        _("The file holds more certificates than any path has."),
        _("Choose a file with your certificate and the authorities above it only."),
    ),
    ErrorCode.CERTIFICATE_COMMON_NAME: Advice(
        _("The certificate is for another common name than this account."),
        _("Choose the certificate of this account, or import it at the account it belongs to."),
    ),
    ErrorCode.CERTIFICATE_NOT_FOR_CLIENTS: Advice(
        _("The certificate is not meant for logging in: it does not allow client authentication."),
        _("Request a certificate of the kind “SSL client” for this common name."),
    ),
    ErrorCode.CERTIFICATE_IS_AUTHORITY: Advice(
        _("This is the certificate of a certificate authority, with which nobody logs in."),
        _("Choose the certificate that was issued to your organisation."),
    ),
    CertificateCode.CERTIFICATE_SERIAL_REPEATED: Advice(
        _("Another certificate of the same issuer with the same serial number is here already."),
        _("Ask the issuer for a new one: no serial number may ever be given out twice."),
    ),
    ErrorCode.CERTIFICATE_EXPIRED: Advice(_("The certificate has expired."), _REQUEST_AGAIN),
    ErrorCode.CERTIFICATE_NOT_YET_VALID: Advice(
        _("The certificate is not valid yet."),
        _("Wait until its period begins; check the clock if it should have begun."),
    ),
}

DETAILS: dict[str, "StrPromise"] = {
    ErrorCode.CERTIFICATE_COMMON_NAME: _("It is for “{found}” and should be for “{expected}”."),
    ErrorCode.CERTIFICATE_EXPIRED: _("It was valid until {not_after}."),
    ErrorCode.CERTIFICATE_NOT_YET_VALID: _("It is valid from {not_before}."),
}
