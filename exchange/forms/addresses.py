"""The form with which an administrator asks for one more address."""

from django import forms
from django.utils.translation import gettext_lazy as _

from exchange.advice import advice_for


class AddressForm(forms.Form):
    """The address is plain text here: the service says best what is wrong with it."""

    address = forms.CharField(
        label=_("Address"),
        max_length=100,
        help_text=_("One static public IPv4 or IPv6 address; no ranges."),
    )
    purpose = forms.CharField(
        label=_("Purpose"),
        max_length=200,
        required=False,
        help_text=_("Such as the machine or network that it belongs to."),
    )

    def refuse(self, code: str) -> None:
        self.add_error("address", str(advice_for(code)))
