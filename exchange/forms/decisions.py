"""What a clerk decides: about an uncertain delivery, or to send one again."""

import uuid

from django import forms
from django.utils.translation import gettext_lazy as _

from exchange.advice import advice_for
from exchange.services.reasons import LONGEST_REASON, SHORTEST_REASON

ARRIVED = "arrived"
NOT_ARRIVED = "not_arrived"


class SettleForm(forms.Form):
    """The reason; which of its two buttons sent the form is the answer."""

    template_name = "exchange/_settle_fields.html"
    outcome = forms.ChoiceField(
        choices=[
            (ARRIVED, _("It arrived")),
            (NOT_ARRIVED, _("It did not arrive")),
        ],
        # The buttons bear it.
        widget=forms.HiddenInput,
    )
    reason = forms.CharField(
        label=_("How do you know?"),
        min_length=SHORTEST_REASON,
        max_length=LONGEST_REASON,
        # In a field of one line, Enter would press the first of the two buttons.
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_(
            "In 10 to 300 characters, such as who said so and under which number at MAGDA's "
            "service desk; the history keeps it."
        ),
    )

    @property
    def arrived(self) -> bool:
        return bool(self.cleaned_data["outcome"] == ARRIVED)


class ResendForm(forms.Form):
    """Why a file is sent again; the form's own id makes a double click one transfer."""

    reason = forms.CharField(
        label=_("Why is it sent again?"),
        min_length=SHORTEST_REASON,
        max_length=LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("In 10 to 300 characters; the history keeps it."),
    )
    submission = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)

    def refuse(self, code: str) -> None:
        """Say why the service refused."""
        self.add_error(None, str(advice_for(code)))


class CacheResendForm(ResendForm):
    """Names the file in MAGDA's cache; the service looks whether it is there."""

    # As it is: a name with a space at its end is another name.
    name = forms.CharField(strip=False, max_length=1000, widget=forms.HiddenInput)
    # The delivery that the page showed as the latest of that name; 0 for none.
    latest = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
