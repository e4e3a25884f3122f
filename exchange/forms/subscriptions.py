"""The form with which an administrator adds a publication."""

from django import forms
from django.utils.translation import gettext_lazy as _

from exchange.advice import advice_for
from exchange.models import Subscription


class SubscriptionForm(forms.Form):
    name_prefix = forms.CharField(
        label=_("Prefix of the file name"),
        max_length=150,
        help_text=_(
            "As MAGDA agreed it with you when it granted the publication; capitals make no "
            "difference. For example: pub_mut-ondernemingVKBO0200."
        ),
    )
    format = forms.ChoiceField(
        label=_("Format"),
        choices=Subscription.Format.choices,
        required=False,
        help_text=_("“Any” unless MAGDA lays the same publication down in two formats."),
    )
    expected_period = forms.CharField(
        label=_("Expected"),
        max_length=100,
        required=False,
        help_text=_("When it comes, in your own words: every working day before 7 o'clock."),
    )

    def refuse(self, code: str) -> None:
        self.add_error("name_prefix", str(advice_for(code)))
