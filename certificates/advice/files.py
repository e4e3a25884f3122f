"""What is wrong with a file, a password or a key."""

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from certificates.errors import CertificateCode
from certificates.pki import ErrorCode
from magda_portal.web.advice import Advice

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as StrPromise

_EXPORT_AGAIN = _("Export it again from where it came, and upload the new file.")

ADVICE: dict[str, Advice] = {
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
    ErrorCode.KEY_TOO_LARGE: Advice(
        _("The private key is far larger than keys are: RSA keys of up to 8192 bits are read."),
        _("Make a new key, RSA 3072 or 4096 or EC P-256, and request a certificate with it."),
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
    CertificateCode.UPLOAD_EMPTY: Advice(_("The file is empty."), _EXPORT_AGAIN),
    CertificateCode.UPLOAD_TOO_LARGE: Advice(
        _("The file is far too large for a certificate or a key."),
        _("Choose the certificate or key file; it is at most 1 MiB."),
    ),
    CertificateCode.UPLOAD_CUT: Advice(
        _("The upload was cut short; nothing of it was kept."),
        _("Check your connection and upload the file once more."),
    ),
    CertificateCode.UPLOAD_NO_KEY: Advice(
        _("The certificate came without its private key, and no key that is kept here fits it."),
        _("Add the key file, or choose a PKCS#12 file that holds both."),
    ),
    CertificateCode.UPLOAD_ONLY_KEY: Advice(
        _("This file is a private key; the certificate is missing."),
        _("Choose the certificate here, and the key in the field for the private key."),
    ),
}

DETAILS: dict[str, "StrPromise"] = {
    ErrorCode.KEY_TOO_WEAK: _("This one is {found}."),
    ErrorCode.PKCS12_UNSUPPORTED: _("It uses {algorithms}."),
}
