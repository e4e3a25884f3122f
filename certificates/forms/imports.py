"""A certificate with its private key, as somebody uploads it."""

from typing import TYPE_CHECKING

from django import forms
from django.utils.translation import gettext_lazy as _

from certificates.advice import advice_on
from certificates.errors import CertificateCode, CertificateError
from certificates.forms.advised import AdvisedForm, contents_of
from certificates.pki import ErrorCode, PKIError

if TYPE_CHECKING:
    from django.core.files.uploadedfile import UploadedFile


class ImportForm(AdvisedForm):
    """A certificate with its private key, in one file or in two; alone when the key is here."""

    usual_field = "file"
    field_of = {
        ErrorCode.PKCS12_WRONG_PASSWORD: "passphrase",
        ErrorCode.KEY_PASSPHRASE_NEEDED: "passphrase",
        ErrorCode.KEY_WRONG_PASSPHRASE: "passphrase",
        ErrorCode.KEY_UNREADABLE: "key",
        ErrorCode.KEY_UNSUPPORTED: "key",
        ErrorCode.KEY_SEVERAL: "key",
        ErrorCode.KEY_TOO_COSTLY: "key",
        ErrorCode.KEY_TOO_LARGE: "key",
        ErrorCode.KEY_MISMATCH: "key",
        CertificateCode.UPLOAD_NO_KEY: "key",
        # Either file may be the one, and the sentence says so.
        CertificateCode.UPLOAD_EMPTY: None,
        CertificateCode.UPLOAD_TOO_LARGE: None,
    }

    file = forms.FileField(
        label=_("Certificate"),
        help_text=_(
            "A PKCS#12 file (.p12, .pfx), or a certificate in PEM, DER or PKCS#7 form, with its "
            "chain or without."
        ),
        allow_empty_file=True,
    )
    key = forms.FileField(
        label=_("Private key, when it is in a file of its own"),
        help_text=_(
            "PEM or DER. Not needed with PKCS#12, when the PEM file holds both, or when the "
            "certificate was requested with a key that was made here."
        ),
        required=False,
        allow_empty_file=True,
    )
    passphrase = forms.CharField(
        label=_("Password of the file or passphrase of the key"),
        help_text=_("Empty when there is none. It is used once and not kept."),
        required=False,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )

    def advise(self, error: PKIError | CertificateError) -> None:
        """Tell it at the certificate's field when the key should have stood in that file."""
        at_key = self.field_of.get(error.code) == "key"
        if at_key and not self.files.get("key") and error.code != CertificateCode.UPLOAD_NO_KEY:
            self.add_error("file", str(advice_on(error)))
        else:
            super().advise(error)

    def file_contents(self) -> bytes:
        return contents_of(self.cleaned_data["file"])

    def key_contents(self) -> bytes | None:
        key: UploadedFile[bytes] | None = self.cleaned_data["key"]
        return None if key is None else contents_of(key)
