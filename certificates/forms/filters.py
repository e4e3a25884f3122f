"""What a list of identities is about."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from magda_portal.people.access import organisations_seen_by
from magda_portal.people.models import Organisation, Person


class OrganisationFilter(forms.Form):
    """Which of the organisations a person sees a list is about; without one, all."""

    organisation = forms.ModelChoiceField(
        label=_("Organisation"),
        queryset=Organisation.objects.none(),
        required=False,
        empty_label=_("all"),
    )

    def __init__(self, *args: Any, person: Person, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["organisation"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = organisations_seen_by(person)

    def chosen(self) -> Organisation | None:
        """Return the organisation, or None when none or an unknown one was asked for."""
        organisation = self.cleaned_data.get("organisation") if self.is_valid() else None
        return organisation if isinstance(organisation, Organisation) else None
