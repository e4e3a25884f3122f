"""The form with which an administrator changes an account's settings."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from exchange.advice import advice_for
from exchange.forms.account_texts import HELP, LABELS, SECTIONS, Section
from exchange.models import Account

_FIELDS = {
    "account.host": "host",
    "account.port": "port",
    "account.proxy_url": "proxy_host",
    "account.passive_ports": "passive_first",
    "account.collect_every": "collect_every",
    "account.clear_cache_after": "clear_cache_after",
    "account.folder_name": "collect_folders",
    "account.folder_overlap": "collect_folders",
}


class LinesField(forms.CharField):
    """A list of texts, one a line."""

    widget = forms.Textarea(attrs={"rows": 3})

    def prepare_value(self, value: object) -> object:
        return "\n".join(map(str, value)) if isinstance(value, list) else value

    def to_python(self, value: object) -> list[str]:  # type: ignore[override]  # a list, no text
        return [line.strip() for line in str(value or "").splitlines() if line.strip()]

    def has_changed(self, initial: object, data: object) -> bool:
        return self.to_python(self.prepare_value(initial)) != self.to_python(data)


@dataclass(frozen=True, slots=True)
class FilledSection:
    """A section with its fields as this form shows them."""

    section: Section
    fields: list[forms.BoundField]


class AccountForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
    """Never saved: :attr:`changes` goes to the service, which writes and records."""

    template_name = "exchange/_account_fields.html"

    collect_folders = LinesField(
        label=_("Folders to collect"),
        help_text=_(
            "One a line; subfolders with a slash, such as from_vip/burgerzaken. Publications need "
            "none: they come by their subscription."
        ),
    )
    proxy_password = forms.CharField(
        label=_("Proxy password"),
        required=False,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text=_("Leave empty to keep the present one."),
    )

    class Meta:
        model = Account
        fields: ClassVar = [name for section in SECTIONS for name in section.fields]
        labels = LABELS
        help_texts = HELP

    field_order = Meta.fields

    @property
    def sections(self) -> Iterator[FilledSection]:
        for section in SECTIONS:
            yield FilledSection(section, [self[name] for name in section.fields])

    @property
    def changes(self) -> dict[str, object]:
        return {
            name: self.cleaned_data[name]
            for name in self.changed_data
            if name in self.cleaned_data and name != "proxy_password"
        }

    @property
    def new_proxy_password(self) -> str:
        return str(self.cleaned_data.get("proxy_password", ""))

    def refuse(self, code: str) -> None:
        self.add_error(_FIELDS.get(code), str(advice_for(code)))
