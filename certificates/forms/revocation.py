"""A revocation list that somebody downloaded by hand."""

from django import forms
from django.utils.translation import gettext_lazy as _

from certificates.forms.advised import AdvisedForm
from certificates.pki import LARGEST_LIST


class RevocationListForm(AdvisedForm):
    usual_field = "file"

    file = forms.FileField(
        label=_("Revocation list"),
        help_text=_("One list (CRL) in PEM or DER form, at most 20 MiB."),
        allow_empty_file=True,
    )

    def contents(self) -> bytes:
        """Read the file, one octet past the limit at most: it is refused by its size then."""
        return bytes(self.cleaned_data["file"].read(LARGEST_LIST + 1))
