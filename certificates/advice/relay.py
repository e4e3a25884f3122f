"""Why a switch of certificates can't be made, and why a key can't be used or destroyed."""

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from certificates.errors import CertificateCode
from magda_portal.web.advice import Advice

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as StrPromise

ADVICE: dict[str, Advice] = {
    CertificateCode.RELAY_NO_NEXT: Advice(
        _("There is no next certificate to switch to."),
        _("Import the new certificate first, and test the login with it."),
    ),
    CertificateCode.RELAY_REVOKED: Advice(
        _("The next certificate has been revoked by its issuer, so every server refuses it."),
        _("Lay it aside, request a new certificate with a new key, and import that one."),
    ),
    CertificateCode.RELAY_NOT_YET_VALID: Advice(
        _("The next certificate is not valid yet at that moment."),
        _("Choose a moment inside its period; check the clock if the period should have begun."),
    ),
    CertificateCode.RELAY_EXPIRED: Advice(
        _("The next certificate has expired by that moment."),
        _("Choose an earlier moment, or import a certificate that lasts longer."),
    ),
    CertificateCode.RELAY_MOMENT_PASSED: Advice(
        _("That moment has passed."),
        _("Choose a moment that is still to come, or switch now."),
    ),
    CertificateCode.KEY_PAIR_IN_USE: Advice(
        _("This key belongs to the current or next certificate, or to the one to fall back on."),
        _("Switch to another certificate and let it log in first, or lay the next one aside."),
    ),
    CertificateCode.KEY_PAIR_DESTROYED: Advice(
        _("The private key has been destroyed; nobody can use its certificate from here again."),
        _("Make a new key with a request, or import the certificate again with its key."),
    ),
    CertificateCode.KEY_PAIR_UNREADABLE: Advice(
        _("The private key can't be opened: the key that it was sealed with is missing."),
        _("Ask the operator of the portal to give it back its key-encryption keys."),
    ),
    CertificateCode.KEY_PAIR_MOMENT_PASSED: Advice(
        _("That day has passed."),
        _("Choose a day that is still to come."),
    ),
}

DETAILS: dict[str, "StrPromise"] = {
    CertificateCode.RELAY_NOT_YET_VALID: _("It is valid from {not_before}."),
    CertificateCode.RELAY_EXPIRED: _("It is valid until {not_after}."),
}
