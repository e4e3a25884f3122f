"""When to switch to the next certificate."""

from datetime import datetime

from django import forms
from django.utils.translation import gettext_lazy as _

from certificates.forms.advised import AdvisedForm


class SwitchForm(AdvisedForm):
    """The moment at which MAGDA's side changes too, in local time."""

    at = forms.DateTimeField(
        label=_("Moment of the switch"),
        help_text=_("In Belgian time. The switch takes place within a minute of it."),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"],
    )

    def moment(self) -> datetime:
        """Return the moment, aware."""
        at = self.cleaned_data["at"]
        assert isinstance(at, datetime)
        return at
