"""Where warnings about a common name are mailed."""

from django import forms
from django.utils.translation import gettext_lazy as _


class RoleMailboxForm(forms.Form):
    role_mailbox = forms.EmailField(
        label=_("Role mailbox"),
        help_text=_(
            "An address that several colleagues read. Leave it empty to have none: then those who "
            "asked for it are mailed, or else the administrators."
        ),
        required=False,
        max_length=254,
    )
