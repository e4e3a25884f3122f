"""The passphrase under which a private key leaves the portal."""

from django import forms
from django.utils.translation import gettext_lazy as _

from certificates.errors import CertificateCode
from certificates.forms.advised import AdvisedForm


class ExportForm(AdvisedForm):
    """A passphrase, made by the portal or by a person, and the word that it was noted down."""

    usual_field = "passphrase"
    field_of = {
        CertificateCode.KEY_PAIR_DESTROYED: None,
        CertificateCode.KEY_PAIR_UNREADABLE: None,
    }

    passphrase = forms.CharField(
        label=_("Passphrase of the file"),
        help_text=_(
            "Made by the portal just now. Keep it, or choose one of your own of at least 16 "
            "characters that is as hard to guess: whoever has the file can try millions of them."
        ),
        strip=False,
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    is_noted = forms.BooleanField(
        label=_("I have noted the passphrase. It is not kept, and nobody can look it up."),
    )
