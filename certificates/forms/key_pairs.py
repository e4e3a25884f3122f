"""When an old key is destroyed."""

from datetime import date, datetime, time, timedelta

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from certificates.forms.advised import AdvisedForm

CUSTOMARY_WAIT = timedelta(days=30)
"""Long enough to notice that something else used the certificate too."""


class DestructionForm(AdvisedForm):
    """The day on which the private half of a key pair is erased."""

    on = forms.DateField(
        label=_("Destroy the key on"),
        help_text=_("At the beginning of that day, in Belgian time."),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        input_formats=["%Y-%m-%d"],
    )
    is_understood = forms.BooleanField(
        label=_("Nothing else uses this key: no web service of MAGDA, no WinSCP, no script.")
    )

    def moment(self) -> datetime:
        """Return the beginning of the day, aware."""
        on = self.cleaned_data["on"]
        assert isinstance(on, date)
        return timezone.make_aware(datetime.combine(on, time.min))


def customary_day(now: datetime) -> date:
    """Return the day that is proposed for the destruction of a key."""
    return (timezone.localtime(now) + CUSTOMARY_WAIT).date()
