"""What went wrong with a certificate and what to do about it, in sentences for a lay person."""

from datetime import datetime
from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from certificates.errors import CertificateCode, CertificateError
from certificates.pki import ErrorCode, PKIError
from magda_portal.web.advice import Advice

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as StrPromise

_GENERAL = Advice(
    _("Something is wrong with the certificate."),
    _("Ask the helpdesk, and tell them when it happened."),
)
_EXPORT_AGAIN = _("Export it again from where it came, and upload the new file.")
_REQUEST_AGAIN = _("Request a new certificate for this common name and import that one.")
_ASK_MAGDA = _("Don't send anything; ask MAGDA's service desk whether its certificate was changed.")

_ADVICE: dict[str, Advice] = {
    ErrorCode.PKCS12_NOT_PKCS12: Advice(
        _("This is not a PKCS#12 file, or it is damaged."),
        _("Choose the .p12 or .pfx file that holds the certificate with its key."),
    ),
    ErrorCode.PKCS12_WRONG_PASSWORD: Advice(
        _("The password does not open this PKCS#12 file, or no password was given."),
        _("Enter the password that was chosen when the file was made; mind capitals and spaces."),
    ),
    ErrorCode.PKCS12_UNSUPPORTED: Advice(
        _("The PKCS#12 file is encrypted in a way that can't be opened here."),
        _("Export the certificate again with AES-256 encryption, and upload the new file."),
    ),
    ErrorCode.PKCS12_TOO_COSTLY: Advice(
        _("The PKCS#12 file asks for so many rounds of computing that it is not opened here."),
        _("Export the certificate again with the normal settings of your program."),
    ),
    ErrorCode.PKCS12_NO_MAC: Advice(
        _("The PKCS#12 file has no seal, so nobody can tell whether it was changed on the way."),
        _("Export the certificate again with a password, and upload the new file."),
    ),
    ErrorCode.PKCS12_NO_KEY: Advice(
        _("The PKCS#12 file holds no private key."),
        _("Export it again and choose to include the private key."),
    ),
    ErrorCode.PKCS12_NO_CERTIFICATE: Advice(
        _("The PKCS#12 file holds a key but no certificate."),
        _("Export it again with the certificate included."),
    ),
    ErrorCode.KEY_UNREADABLE: Advice(
        _("No private key can be read from the file."),
        _("Choose the key file, PEM or DER; it is not the certificate and not the request (CSR)."),
    ),
    ErrorCode.KEY_UNSUPPORTED: Advice(
        _("The private key is of a kind, or encrypted in a way, that can't be used here."),
        _("Convert the key to PKCS#8 with AES encryption; only RSA and EC keys are accepted."),
    ),
    ErrorCode.KEY_SEVERAL: Advice(
        _("The file holds more than one private key."),
        _("Upload a file with only the key that belongs to this certificate."),
    ),
    ErrorCode.KEY_TOO_COSTLY: Advice(
        _("The key asks for so many rounds of computing that it is not opened here."),
        _("Encrypt the key again with the normal settings of your program."),
    ),
    ErrorCode.KEY_PASSPHRASE_NEEDED: Advice(
        _("The private key is encrypted and no passphrase was given."),
        _("Enter the passphrase of the key."),
    ),
    ErrorCode.KEY_WRONG_PASSPHRASE: Advice(
        _("The passphrase does not open the private key."),
        _("Enter the passphrase that was chosen when the key was made; mind capitals and spaces."),
    ),
    ErrorCode.KEY_MISMATCH: Advice(
        _("The private key does not belong to the certificate."),
        _("Look for the key with which this certificate was requested, and upload the two."),
    ),
    ErrorCode.KEY_TOO_WEAK: Advice(
        _("The key is too weak: RSA needs at least 2048 bits, EC one of P-256, P-384 or P-521."),
        _("Make a new, stronger key and request a new certificate with it."),
    ),
    ErrorCode.CERTIFICATE_UNREADABLE: Advice(
        _("No certificate can be read from the file."),
        _("Choose the certificate file, PEM, DER, PKCS#7 or PKCS#12; a request (CSR) is not one."),
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
    ErrorCode.CERTIFICATE_EXPIRED: Advice(_("The certificate has expired."), _REQUEST_AGAIN),
    ErrorCode.CERTIFICATE_NOT_YET_VALID: Advice(
        _("The certificate is not valid yet."),
        _("Wait until its period begins; check the clock if it should have begun."),
    ),
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
    CertificateCode.IDENTITY_TAKEN: Advice(
        _("Another organisation already uses this common name in this environment."),
        _("Check the name and the environment; if both are right, ask the helpdesk."),
    ),
    CertificateCode.IDENTITY_COMMON_NAME: Advice(
        _("This can't be the common name of a certificate."),
        _("Enter the name exactly as MAGDA gave it: one line of at most 200 characters."),
    ),
    CertificateCode.UPLOAD_EMPTY: Advice(_("The file is empty."), _EXPORT_AGAIN),
    CertificateCode.UPLOAD_TOO_LARGE: Advice(
        _("The file is far too large for a certificate or a key."),
        _("Choose the certificate or key file; it is at most 1 MiB."),
    ),
    CertificateCode.UPLOAD_NO_KEY: Advice(
        _("The certificate came without its private key."),
        _("Add the key file, or choose a PKCS#12 file that holds both."),
    ),
    CertificateCode.TRUST_EXPIRED: Advice(
        _("A certificate in the file has expired, so it would not make any server trusted."),
        _("Get the current root or issuing certificate, and add that one."),
    ),
    CertificateCode.TRUST_TOO_MANY: Advice(
        _("The file holds the certificates of very many authorities."),
        _("Add only the authorities that issue the certificate of MAGDA's server."),
    ),
}

# The words an error brings along, shown after what happened.
_DETAILS: dict[str, "StrPromise"] = {
    ErrorCode.CERTIFICATE_COMMON_NAME: _("It is for “{found}” and should be for “{expected}”."),
    ErrorCode.CERTIFICATE_EXPIRED: _("It was valid until {not_after}."),
    ErrorCode.CERTIFICATE_NOT_YET_VALID: _("It is valid from {not_before}."),
    ErrorCode.KEY_TOO_WEAK: _("This one is {found}."),
    ErrorCode.PKCS12_UNSUPPORTED: _("It uses {algorithms}."),
    ErrorCode.PATH_INCOMPLETE: _("The missing one is “{missing}”."),
    ErrorCode.PATH_HOST_NAME: _("It is for {found} and should be for {expected}."),
    CertificateCode.TRUST_EXPIRED: _("It is “{subject}”."),
}


def advice_for(code: str) -> Advice:
    """Return what happened and what to do, or a general advice for a code that is not ours."""
    return _ADVICE.get(code, _GENERAL)


def advice_on(error: PKIError | CertificateError) -> Advice:
    """Return the advice for an error, with the names, dates or ciphers that it speaks of.

    What the error speaks of is written in the language of the moment.
    """
    advice = advice_for(error.code)
    detail = _DETAILS.get(error.code)
    if detail is None or not error.context:
        return advice
    words = {name: _readable(name, value) for name, value in error.context.items()}
    return Advice(format_lazy("{} {}", advice.what, str(detail).format(**words)), advice.next)


def _readable(name: str, value: str) -> str:
    """Return a moment as people write it in local time, and any other word as it is."""
    if name not in {"not_before", "not_after"}:
        return value
    return date_format(timezone.localtime(datetime.fromisoformat(value)), "DATETIME_FORMAT")


def has_advice(code: str) -> bool:
    """Say whether a code has sentences of its own."""
    return code in _ADVICE
