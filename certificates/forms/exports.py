"""The passphrase under which a private key leaves the portal."""

from django import forms
from django.utils.translation import gettext_lazy as _

from certificates.forms.advised import AdvisedForm


class ExportForm(AdvisedForm):
    """A passphrase, made by the portal or by a person, and the word that it was noted down."""

    passphrase = forms.CharField(
        label=_("Passphrase of the file"),
        help_text=_(
            "Made by the portal just now. Keep it, or choose one of your own that is as hard to "
            "guess: whoever has the file can try millions of passphrases."
        ),
        strip=False,
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    is_noted = forms.BooleanField(
        label=_("I have noted the passphrase. It is not kept, and nobody can look it up."),
    )
