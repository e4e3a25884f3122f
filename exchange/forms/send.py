"""The form with which a clerk brings request files."""

import uuid
from typing import TYPE_CHECKING, Any, Final

from django import forms
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from exchange.advice import advice_for
from exchange.models import Account
from exchange.queries import accounts_to_send_with, why_not_ready
from magda_portal.people.models import Person

if TYPE_CHECKING:
    from django.core.files.uploadedfile import UploadedFile

# More accounts than this are a list to choose from, without the badges of their environments.
MOST_RADIOS: Final = 12


class AccountRadios(forms.RadioSelect):
    """Shows the environment of each account beside its name."""

    option_template_name = "exchange/send_account.html"

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option = super().create_option(name, value, *args, **kwargs)
        account = getattr(value, "instance", None)
        if isinstance(account, Account):
            option["account"] = account
            option["waits"] = bool(why_not_ready(account, now=timezone.now()))
        return option


class AccountChoiceField(forms.ModelChoiceField):  # type: ignore[type-arg]  # not generic at run time
    """Names the environment too: the same name may exist in several."""

    def label_from_instance(self, obj: Account) -> str:
        label = f"{obj.name} ({obj.environment}), {obj.organisation}"
        if why_not_ready(obj, now=timezone.now()):
            return gettext("%(account)s: no certificate that works, requests wait") % {
                "account": label
            }
        return label


class FilesInput(forms.FileInput):
    """Lets a person choose one or several files."""

    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Takes one or several files; each of them is cleaned as a single one would be."""

    widget = FilesInput

    def clean(self, data: Any, initial: Any = None) -> "list[UploadedFile[bytes]]":
        chosen = data if isinstance(data, list | tuple) else [data]
        return [super(FilesField, self).clean(file, initial) for file in chosen or [None]]


class SendForm(forms.Form):
    """Checks what a form can; the rest is refused by the service, see :meth:`refuse`.

    A file's emptiness, size and name are the service's to judge, so that pages and commands say
    the same about them.
    """

    account = AccountChoiceField(
        label=_("Account"),
        queryset=Account.objects.none(),
        empty_label=None,
        widget=AccountRadios,
        error_messages={"required": _("Choose the account that the files are sent with.")},
    )
    file = FilesField(
        label=_("Request files"),
        allow_empty_file=True,
        error_messages={"required": _("Choose the files that you want to send.")},
    )
    # The form's own id, of which that of the parcel is made: sent twice, it is the same parcel.
    submission = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)

    def __init__(
        self,
        *args: Any,
        person: Person,
        preferred: str | None = None,
        goes_on: uuid.UUID | None = None,
        **kwargs: Any,
    ) -> None:
        """``preferred`` is the id of the account that is chosen beforehand.

        ``goes_on`` is the id of the form that this page showed before it was loaded again.
        """
        super().__init__(*args, **kwargs)
        if goes_on:
            self.fields["submission"].initial = goes_on
        self.accounts = accounts_to_send_with(person)
        choice = self.fields["account"]
        if isinstance(choice, forms.ModelChoiceField):
            choice.queryset = self.accounts
            if len(self.accounts) > MOST_RADIOS:
                choice.empty_label = gettext("Choose an account")
                choice.widget = forms.Select()
                choice.widget.choices = choice.choices
        if len(self.accounts) == 1:
            choice.initial = self.accounts[0]
        elif any(str(account.pk) == preferred for account in self.accounts):
            choice.initial = preferred

    @property
    def chosen(self) -> Account | None:
        """Return the account that is chosen as the form stands; None when there is none."""
        value = self["account"].value()
        pk = value.pk if isinstance(value, Account) else value
        return next((row for row in self.accounts if str(row.pk) == str(pk)), None)

    @property
    def chosen_files(self) -> "list[UploadedFile[bytes]]":
        """The uploaded files, on disk already, to be read in pieces."""
        return list(self.cleaned_data["file"])

    def refuse(self, code: str) -> None:
        """Say why the service refused what was chosen."""
        self.add_error("file", str(advice_for(code)))
