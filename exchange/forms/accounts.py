"""The form with which an administrator changes an account's settings."""

from typing import ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from exchange.advice import advice_for
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


class AccountForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
    """Never saved: :attr:`changes` goes to the service, which writes and records."""

    collect_folders = LinesField(
        label=_("Folders to collect"), help_text=_("One a line; subfolders with a slash.")
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
        fields: ClassVar = [
            "tan",
            "host",
            "port",
            "passive_first",
            "passive_last",
            "highest_tls",
            "accepts_host_in_common_name",
            "proxy_host",
            "proxy_port",
            "proxy_username",
            "proxy_password",
            "folder_to_vip",
            "folder_from_vip",
            "folder_cache_to_vip",
            "folder_cache_from_vip",
            "folder_public",
            "staging_folder",
            "collect_folders",
            "collect_every",
            "after_collection",
            "clear_cache_after",
            "expects_xml",
        ]
        labels: ClassVar = {
            "folder_to_vip": _("Folder for requests"),
            "folder_from_vip": _("Folder with answers"),
            "folder_cache_to_vip": _("Folder with requests that were picked up"),
            "folder_cache_from_vip": _("Folder for answers that were fetched"),
            "folder_public": _("Folder with publications"),
        }
        help_texts: ClassVar = {
            "accepts_host_in_common_name": _(
                "Only for a server whose certificate has no alternative names at all (RFC 9525); "
                "MAGDA's have them."
            ),
            "proxy_host": _("Leave empty to connect directly."),
            "staging_folder": _("Leave empty to upload under a temporary name."),
            "clear_cache_after": _("Leave empty to let MAGDA clean up."),
        }

    field_order = Meta.fields

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
