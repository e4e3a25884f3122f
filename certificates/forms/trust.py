"""The certificates to trust."""

from collections.abc import Container
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from certificates.forms.advised import AdvisedForm, contents_of
from certificates.models import Environment
from certificates.queries import organisations_managed_by
from certificates.services.uploads import LARGEST_FILE
from magda_portal.people.models import Organisation, Person


class TrustForm(AdvisedForm):
    """The certificates to trust, for one organisation in one environment."""

    usual_field = "file"

    organisation = forms.ModelChoiceField(
        label=_("Organisation"), queryset=Organisation.objects.none(), empty_label=None
    )
    environment = forms.ChoiceField(label=_("Environment"), choices=Environment.choices)
    file = forms.FileField(
        label=_("Root and issuing certificates"),
        help_text=_("One file in PEM, DER or PKCS#7 form; PEM and PKCS#7 may hold several."),
        allow_empty_file=True,
    )

    def __init__(self, *args: Any, person: Person, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["organisation"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = organisations_managed_by(person)

    def contents(self) -> bytes:
        return contents_of(self.cleaned_data["file"])


class ConfirmedTrustForm(TrustForm):
    """The same, once somebody has seen what was in the file, which comes back as PEM."""

    usual_field = "certificates"

    # The file itself is not sent again.
    file = None  # type: ignore[assignment]  # how Django takes a field away from a subclass
    certificates = forms.CharField(max_length=2 * LARGEST_FILE, widget=forms.HiddenInput)

    @classmethod
    def is_in(cls, posted: Container[str]) -> bool:
        """Say whether this is the form that was sent."""
        return cls.usual_field in posted

    def contents(self) -> bytes:
        return str(self.cleaned_data["certificates"]).encode()
