"""The form with which a clerk sends a request file."""

import uuid
from typing import BinaryIO, cast

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as text
from django.utils.translation import gettext_lazy as _

from exchange.advice import advice_for
from exchange.filenames import MAX_NAME_BYTES
from exchange.models import Account
from exchange.queries import accounts_to_send_with, why_not_ready
from exchange.services.reasons import LONGEST_REASON, SHORTEST_REASON
from magda_portal.people.models import Person

# Which field an error is about, by the first part of its code.
_FIELDS = {
    "name": "name",
    "upload": "file",
    "xml": "file",
    "account": "account",
    "transfer": "resend_reason",
}
# The service refuses a name that was delivered, without a reason and with too short a one.
_ASKS_REASON = ("name.held", "transfer.reason_length")


class AccountChoiceField(forms.ModelChoiceField):  # type: ignore[type-arg]  # not generic at run time
    """Names the environment too: the same name may exist in several."""

    def label_from_instance(self, obj: Account) -> str:
        label = f"{obj.name} ({obj.environment}), {obj.organisation}"
        if why_not_ready(obj, now=timezone.now()):
            return text("%(account)s: no certificate that works, requests wait") % {
                "account": label
            }
        return label


class SendForm(forms.Form):
    """Checks what a form can; the rest is refused by the service, see :meth:`refuse`.

    A file's emptiness, size and name are the service's to judge, so that pages and commands say
    the same about them.
    """

    account = AccountChoiceField(label=_("Account"), queryset=Account.objects.none())
    file = forms.FileField(label=_("Request file"), allow_empty_file=True)
    name = forms.CharField(
        label=_("Name at MAGDA"),
        required=False,
        strip=False,
        max_length=10 * MAX_NAME_BYTES,
        help_text=_("Leave empty to keep the file's own name."),
    )
    resend_reason = forms.CharField(
        label=_("Why is it sent again?"),
        required=False,
        max_length=LONGEST_REASON,
        widget=forms.HiddenInput,
        help_text=_("In 10 to 300 characters; the history keeps it."),
    )
    submission = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)

    def __init__(self, *args: object, person: Person, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # passed through
        accounts = accounts_to_send_with(person)
        choice = self.fields["account"]
        if isinstance(choice, forms.ModelChoiceField):
            choice.queryset = accounts
        only = accounts[:2]
        if len(only) == 1:
            choice.initial = only[0]
        if self.is_bound and self.data.get("resend_reason"):
            self.ask_reason()

    @property
    def content(self) -> BinaryIO:
        """The uploaded file, on disk already, to be read in pieces."""
        return cast("BinaryIO", self.cleaned_data["file"])

    @property
    def final_name(self) -> str:
        """The name to deliver under: the one asked for, else the file's own."""
        asked = str(self.cleaned_data["name"])
        return asked if asked.strip() else str(self.cleaned_data["file"].name)

    @property
    def asks_reason(self) -> bool:
        """Return whether the name was delivered before, so that this is a second consultation."""
        return not self.fields["resend_reason"].widget.is_hidden

    def ask_reason(self) -> None:
        """Show the field for the reason, which stays out of sight until it is needed."""
        self.fields["resend_reason"].widget = forms.TextInput(
            attrs={"minlength": SHORTEST_REASON, "maxlength": LONGEST_REASON}
        )

    def refuse(self, code: str) -> None:
        """Say at the field concerned why the service refused."""
        if code in _ASKS_REASON:
            self.ask_reason()
        self.add_error(_FIELDS.get(code.partition(".")[0]), str(advice_for(code)))
