"""The forms with which an administrator writes down a service and adds its schema."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, BinaryIO, Final, cast

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from exchange.advice import advice_for
from exchange.errors import AccountError
from exchange.messages import NamePattern, PatternError, SchemaError
from exchange.messages.name_patterns import LONGEST_NAME

if TYPE_CHECKING:
    from django.http import QueryDict

_ABOUT_OTHERS: Final = ("service.changed", "service.gone")
"""What somebody else did meanwhile, which is no fault of a field."""
TRY = "try"
"""The button that tries the pattern on a name and saves nothing."""


class ServiceForm(forms.Form):
    """The name may be wrong as long as only the pattern is tried."""

    name = forms.CharField(
        label=_("Service"),
        max_length=200,
        help_text=_("As MAGDA calls it, such as GeefPersoon or Persoon.GeefPersoon."),
    )
    pattern = forms.CharField(
        label=_("Pattern of the file name"),
        max_length=400,
        help_text=_(
            "* stands for any characters, # for one digit, {date} for a date such as 20250131, and "
            "{timestamp} for date and time in 14 or 17 digits. Everything else stands for itself; "
            "capitals make no difference."
        ),
        widget=forms.TextInput(attrs={"autocapitalize": "off", "spellcheck": "false"}),
    )
    # What the service was when the page was made; of no use for one that is added.
    seen = forms.CharField(required=False, widget=forms.HiddenInput)
    sample = forms.CharField(
        label=_("Name to try the pattern on"),
        required=False,
        max_length=LONGEST_NAME,
        help_text=_("A file name as you send it; it is not kept."),
        widget=forms.TextInput(attrs={"autocapitalize": "off", "spellcheck": "false"}),
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # passed through
        if self.is_trial:
            self.fields["name"].required = False

    @property
    def is_trial(self) -> bool:
        return self.is_bound and self.data.get("act") == TRY

    def clean_pattern(self) -> str:
        pattern = str(self.cleaned_data["pattern"])
        try:
            NamePattern(pattern)
        except PatternError as exc:
            raise forms.ValidationError(str(advice_for(exc.code))) from exc
        return pattern

    def clean_sample(self) -> str:
        sample = str(self.cleaned_data["sample"])
        if self.is_trial and not sample:
            raise forms.ValidationError(gettext("Write a file name to try the pattern on."))
        return sample

    @property
    def sample_fits(self) -> bool:
        """Whether the pattern fits the sample; for a valid form."""
        return NamePattern(self.cleaned_data["pattern"]).matches(self.cleaned_data["sample"])

    def refuse(self, code: str) -> None:
        field = {"service": "name", "pattern": "pattern"}.get(code.partition(".")[0])
        self.add_error(None if code in _ABOUT_OTHERS else field, str(advice_for(code)))

    def compare_with(self, seen: str) -> None:
        """Let the next save count as given by somebody who saw this state of the service."""
        self.data = {**cast("QueryDict", self.data).dict(), "seen": seen}


class SeveralFilesInput(forms.FileInput):
    """A file field in which several files may be chosen at once."""

    allow_multiple_selected = True


class SeveralFilesField(forms.FileField):
    """Cleans to a list of uploaded files, which is never empty when the field is required."""

    widget = SeveralFilesInput

    def clean(self, data: object, initial: object = None) -> list[object]:
        files = data if isinstance(data, list) and data else [None]
        return [super(SeveralFilesField, self).clean(file, initial) for file in files]


class SchemaForm(forms.Form):
    """The files of a schema; they are checked by the service, see :meth:`refuse`."""

    schema = SeveralFilesField(
        label=_("Schema"),
        allow_empty_file=True,
        help_text=_(
            "The ZIP file as you got it from MAGDA, or up to 50 .xsd files that refer to each "
            "other. Together at most 200 schema files and 4 MB."
        ),
        widget=SeveralFilesInput(attrs={"accept": ".xsd,.zip"}),
    )
    entry = forms.CharField(
        label=_("File that describes the request"),
        required=False,
        max_length=300,
        help_text=_(
            "Such as GeefPersoon.xsd. Leave empty: the portal then takes the file that declares an "
            "element with the name of the service."
        ),
    )

    @property
    def uploads(self) -> Sequence[tuple[str, BinaryIO]]:
        """The uploaded files with their names, to be read in pieces."""
        return [
            (str(file.name), cast("BinaryIO", file.file)) for file in self.cleaned_data["schema"]
        ]

    def refuse(self, error: SchemaError | AccountError) -> None:
        """Say at the field concerned why the service refused, and which file it is about."""
        field = {"schema.entry_unclear": "entry", "service.gone": None}.get(error.code, "schema")
        self.add_error(field, str(advice_for(error.code)))
        if subject := getattr(error, "subject", ""):
            self.add_error(field, gettext("It is about: %(subject)s.") % {"subject": subject})
