"""What is wrong with a certificate request, its subject, or a passphrase that a person chose."""

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from certificates.pki import ErrorCode
from magda_portal.web.advice import Advice

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as StrPromise

_LET_PORTAL_MAKE = _("Let the portal make a passphrase, or think of a longer one.")

ADVICE: dict[str, Advice] = {
    ErrorCode.KEY_KIND: Advice(
        _("A key of this kind is not made here."),
        _("Choose RSA with 2048, 3072 or 4096 bits, or EC P-256 or P-384."),
    ),
    ErrorCode.REQUEST_UNREADABLE: Advice(
        _("No certificate request (CSR) can be read from the file."),
        _("Choose the request, PEM or DER, often a .csr file; it is not the certificate."),
    ),
    ErrorCode.REQUEST_SEVERAL: Advice(
        _("The file holds more than one certificate request."),
        _("Choose a file with one request only."),
    ),
    ErrorCode.REQUEST_SIGNATURE: Advice(
        _("The certificate request was altered, or is not signed with its own key."),
        _("Make a new request, and hand that one in."),
    ),
    ErrorCode.SUBJECT_COUNTRY: Advice(
        _("This is not a country code."),
        _("Enter the two capital letters of ISO 3166-1, such as BE; EU and UK may be used too."),
    ),
    ErrorCode.SUBJECT_TOO_LONG: Advice(
        _("One of the fields is longer than a certificate can hold."),
        _("Shorten it, or leave it out: only the common name is needed."),
    ),
    ErrorCode.SUBJECT_COMMON_NAME_TOO_LONG: Advice(
        _(
            "The account's name is longer than the 64 octets that the common name of a certificate"
            " can hold, so no request can be made with it."
        ),
        _(
            "Ask MAGDA for an account with a shorter name: the server takes the common name as the"
            " user name, so it can't be shortened here."
        ),
    ),
    ErrorCode.SUBJECT_CHARACTERS: Advice(
        _("One of the fields is empty, or holds characters that can't stand in a certificate."),
        _("Type the value anew; an e-mail address has only unaccented letters and one @."),
    ),
    ErrorCode.PASSPHRASE_CHARACTERS: Advice(
        _("The passphrase holds characters that programs read in different ways."),
        _("Use unaccented letters, digits, spaces and the signs of your keyboard only."),
    ),
    ErrorCode.PASSPHRASE_TOO_SHORT: Advice(
        _("The passphrase is too short for a file that holds a private key."), _LET_PORTAL_MAKE
    ),
    ErrorCode.PASSPHRASE_TOO_WEAK: Advice(
        _("The passphrase can be guessed: it holds known names, rows of keys or repetitions."),
        _LET_PORTAL_MAKE,
    ),
}

DETAILS: dict[str, "StrPromise"] = {
    ErrorCode.KEY_KIND: _("You asked for “{found}”."),
    ErrorCode.SUBJECT_TOO_LONG: _("It may have {limit} characters."),
    ErrorCode.SUBJECT_COMMON_NAME_TOO_LONG: _("It has {found} octets."),
    ErrorCode.PASSPHRASE_TOO_SHORT: _("It needs at least {limit} characters."),
}
