"""A certificate with its private key, as somebody uploads it."""

from typing import TYPE_CHECKING

from django import forms
from django.utils.translation import gettext_lazy as _

from certificates.forms.advised import AdvisedForm, contents_of

if TYPE_CHECKING:
    from django.core.files.uploadedfile import UploadedFile


class ImportForm(AdvisedForm):
    """A certificate with its private key, in one file or in two; alone when the key is here."""

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

    def file_contents(self) -> bytes:
        return contents_of(self.cleaned_data["file"])

    def key_contents(self) -> bytes | None:
        key: UploadedFile[bytes] | None = self.cleaned_data["key"]
        return None if key is None else contents_of(key)
