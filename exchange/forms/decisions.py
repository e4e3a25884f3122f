"""What a clerk decides about an uncertain delivery."""

from django import forms
from django.utils.translation import gettext_lazy as _

ARRIVED = "arrived"
NOT_ARRIVED = "not_arrived"


class SettleForm(forms.Form):
    outcome = forms.ChoiceField(
        label=_("What did you find out?"),
        choices=[
            (ARRIVED, _("MAGDA received the file")),
            (NOT_ARRIVED, _("MAGDA did not receive the file")),
        ],
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(
        label=_("How do you know?"),
        max_length=300,
        help_text=_(
            "Such as the number of a ticket at MAGDA's service desk; the history keeps it."
        ),
    )

    @property
    def arrived(self) -> bool:
        return bool(self.cleaned_data["outcome"] == ARRIVED)
