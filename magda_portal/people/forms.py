"""The forms of logging in, and of giving somebody a role."""

from collections.abc import Mapping
from typing import Any

from allauth.account.forms import LoginForm as AllauthLoginForm
from django import forms
from django.utils.translation import gettext_lazy as _

from magda_portal.people.access import organisations_where
from magda_portal.people.models import Kind, Language, Organisation, Person, Role, Timing


class LoginForm(AllauthLoginForm):  # type: ignore[misc]  # allauth publishes no types
    """Without allauth's link in the password's help: the page has it after the button.

    Between the two fields it would be the next stop of the tab key.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password"].help_text = ""


_ROLE_HELP = _(
    "A clerk sends requests and opens files. An administrator manages accounts, certificates, "
    "addresses and members, and opens no file. One person may be both."
)


class MemberForm(forms.Form):
    organisation = forms.ModelChoiceField(
        label=_("Organisation"), queryset=Organisation.objects.none()
    )
    email = forms.EmailField(
        label=_("E-mail address"),
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
        help_text=_(
            "At work, of this one person. Whoever is new here gets a mail that tells how to set a "
            "password."
        ),
    )
    name = forms.CharField(
        label=_("Name"),
        max_length=150,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text=_("First name and last name, as colleagues know them. Only for a new person."),
    )
    role = forms.ChoiceField(label=_("Role"), choices=Role.choices, help_text=_ROLE_HELP)

    def __init__(self, *args: object, administrator: Person, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # passed through
        organisations = organisations_where(administrator, Role.ADMINISTRATOR)
        choice = self.fields["organisation"]
        if isinstance(choice, forms.ModelChoiceField):
            choice.queryset = organisations
        choice.initial = organisations.first()


class ProfileForm(forms.Form):
    name = forms.CharField(
        label=_("Name"),
        max_length=150,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        help_text=_("So that colleagues see in the history who did something."),
    )
    language = forms.ChoiceField(
        label=_("Language"),
        choices=Language.choices,
        help_text=_("Of the pages in this browser, and of the notifications that you get by mail."),
    )


_WHAT_IT_IS_ABOUT = {
    Kind.ARRIVED: _("The portal collected a file from MAGDA; a clerk can open it."),
    Kind.FAILED: _("A request did not reach MAGDA, or nobody knows whether it did."),
    Kind.REMOVAL: _("Fewer than three days are left for a file that the portal could not collect."),
    Kind.CERTIFICATE: _(
        "A certificate expires, is revoked or is replaced, or a server shows something unexpected."
    ),
}


class NotificationsForm(forms.Form):
    """A choice for each kind."""

    def __init__(self, *args: Any, timings: Mapping[Kind, Timing], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for kind, timing in timings.items():
            self.fields[kind.value.lower()] = forms.ChoiceField(
                label=kind.label,
                choices=Timing.choices,
                initial=timing,
                help_text=_WHAT_IT_IS_ABOUT[kind],
            )

    def timings(self) -> dict[Kind, Timing]:
        return {kind: Timing(self.cleaned_data[kind.value.lower()]) for kind in Kind}


class RolesForm(forms.Form):
    """The roles of one person in one organisation."""

    roles = forms.MultipleChoiceField(
        label=_("Roles"),
        choices=Role.choices,
        widget=forms.CheckboxSelectMultiple,
        help_text=_ROLE_HELP,
        error_messages={
            "required": _("Choose at least one role. To take all of them away, remove the person.")
        },
    )

    def refuse_own_administration(self) -> None:
        self.add_error(
            "roles",
            _(
                "You can't take your own administration away. Ask another administrator of the "
                "organisation."
            ),
        )
