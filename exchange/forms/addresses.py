"""The form with which an administrator asks for one more address."""

from django import forms
from django.utils.translation import gettext_lazy as _

from exchange.advice import advice_for


class AddressForm(forms.Form):
    """The address is plain text here: the service says best what is wrong with it."""

    address = forms.CharField(
        label=_("Address"),
        max_length=100,
        help_text=_(
            "One static public IPv4 or IPv6 address, no range. Your network team knows with which "
            "one the portal's traffic leaves. For example: 193.191.4.10."
        ),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    purpose = forms.CharField(
        label=_("Purpose"),
        max_length=200,
        required=False,
        help_text=_(
            "Whose address it is, so that a successor knows whether it is still needed. For "
            "example: proxy of the town hall."
        ),
    )

    def refuse(self, code: str) -> None:
        self.add_error("address", str(advice_for(code)))
