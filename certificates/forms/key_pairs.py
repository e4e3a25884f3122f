"""When an old key is destroyed."""

from datetime import date, datetime, time, timedelta

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from certificates.errors import CertificateCode
from certificates.forms.advised import AdvisedForm

CUSTOMARY_WAIT = timedelta(days=30)
"""Long enough to notice that something else used the certificate too."""


class DestructionForm(AdvisedForm):
    """The day on which the private half of a key pair is erased."""

    usual_field = "on"
    field_of = {CertificateCode.KEY_PAIR_IN_USE: None, CertificateCode.KEY_PAIR_DESTROYED: None}

    on = forms.DateField(
        label=_("Destroy the key on"),
        help_text=_(
            "Today: at once, when you press the button. Another day: at its beginning, in Belgian "
            "time."
        ),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        input_formats=["%Y-%m-%d"],
    )
    is_understood = forms.BooleanField(
        label=_("Nothing else uses this key: no web service of MAGDA, no WinSCP, no script.")
    )

    def is_today(self, now: datetime) -> bool:
        """Say whether the day that was chosen has begun already."""
        return bool(self.cleaned_data["on"] == timezone.localdate(now))

    def moment(self) -> datetime:
        """Return the beginning of the day, aware."""
        on = self.cleaned_data["on"]
        assert isinstance(on, date)
        return timezone.make_aware(datetime.combine(on, time.min))


def customary_day(now: datetime) -> date:
    """Return the day that is proposed for the destruction of a key."""
    return (timezone.localtime(now) + CUSTOMARY_WAIT).date()
