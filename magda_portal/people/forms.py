"""The forms of logging in, and of giving somebody a role."""

from typing import Any

from allauth.account.forms import LoginForm as AllauthLoginForm
from django import forms
from django.utils.translation import gettext_lazy as _

from magda_portal.people.access import organisations_where
from magda_portal.people.models import Organisation, Person, Role


class LoginForm(AllauthLoginForm):  # type: ignore[misc]  # allauth publishes no types
    """Without allauth's link in the password's help: the page has it after the button.

    Between the two fields it would be the next stop of the tab key.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password"].help_text = ""


class MemberForm(forms.Form):
    organisation = forms.ModelChoiceField(
        label=_("Organisation"), queryset=Organisation.objects.none()
    )
    email = forms.EmailField(
        label=_("E-mail address"),
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
        help_text=_("A new person sets a password through “Forgot your password?”."),
    )
    role = forms.ChoiceField(label=_("Role"), choices=Role.choices)

    def __init__(self, *args: object, administrator: Person, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # passed through
        organisations = organisations_where(administrator, Role.ADMINISTRATOR)
        choice = self.fields["organisation"]
        if isinstance(choice, forms.ModelChoiceField):
            choice.queryset = organisations
        choice.initial = organisations.first()
