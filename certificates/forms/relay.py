"""When to switch to the next certificate."""

from datetime import date, datetime

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from certificates.forms.advised import AdvisedForm


class LocalMomentField(forms.DateTimeField):
    """A moment in local time, which says plainly when the clocks make that impossible."""

    default_error_messages = {
        "skipped": _(
            "That time does not exist: the clocks go forward then. Choose an earlier or later hour."
        ),
        "repeated": _(
            "That time comes twice, as the clocks go back then. Choose an earlier or later hour."
        ),
    }

    def to_python(self, value: str | datetime | date | None) -> datetime | None:
        """Return the moment, aware; None when nothing was filled in."""
        try:
            return super().to_python(value)
        except ValidationError as error:
            if error.code != "ambiguous_timezone" or error.params is None:
                raise
            code = "skipped" if _is_skipped(error.params["datetime"]) else "repeated"
            raise ValidationError(self.error_messages[code], code=code) from error


def _is_skipped(local: datetime) -> bool:
    """Say of a time that is no single moment whether the clocks pass it over (PEP 495).

    Then the offset of before the change, which ``fold=0`` stands for, is the smaller one.
    """
    zone = timezone.get_current_timezone()
    before, after = (local.replace(tzinfo=zone, fold=fold).utcoffset() for fold in (0, 1))
    return before is not None and after is not None and before < after


class SwitchForm(AdvisedForm):
    """The moment at which MAGDA's side changes too, in local time."""

    usual_field = "at"

    at = LocalMomentField(
        label=_("Moment of the switch"),
        help_text=_("In Belgian time. The switch takes place within a minute of it."),
        widget=forms.DateTimeInput(
            attrs={"type": "datetime-local", "max": "9999-12-31T23:59"}, format="%Y-%m-%dT%H:%M"
        ),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"],
    )

    def moment(self) -> datetime:
        """Return the moment, aware."""
        at = self.cleaned_data["at"]
        assert isinstance(at, datetime)
        return at
