"""What people say about the servers that are watched."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from cryptography import x509
from django import forms
from django.db.models import QuerySet
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from certificates.advice.consequences import consequence
from certificates.errors import CertificateCode
from certificates.forms.advised import AdvisedForm
from certificates.pki import distinguished_name
from magda_portal.people.models import Organisation


class AddressesForm(AdvisedForm):
    """The addresses to which a server's name should lead."""

    usual_field = "addresses"

    addresses = forms.CharField(
        label=_("Expected addresses"),
        help_text=_("One IP address per line. Empty: any address will do."),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false"}),
    )

    def expected(self) -> list[str]:
        return str(self.cleaned_data["addresses"]).replace(",", " ").split()


class TrustShownForm(AdvisedForm):
    """Which of the certificates that a server showed to trust, and the fingerprint that it has."""

    usual_field = "certificate"
    field_of = {
        CertificateCode.TRUST_FINGERPRINT_INCOMPLETE: "fingerprint",
        CertificateCode.TRUST_FINGERPRINT_DIFFERS: "fingerprint",
    }

    organisation = forms.ModelChoiceField(
        label=_("Organisation"), queryset=Organisation.objects.none(), empty_label=None
    )
    certificate = forms.TypedChoiceField(
        label=_("Certificate to trust"), coerce=int, widget=forms.RadioSelect
    )
    fingerprint = forms.CharField(
        label=_("SHA-256 fingerprint that you got by another road"),
        help_text=_(
            "All 64 digits, with or without colons. Not copied from this portal: from MAGDA's "
            "service desk, from the authority's own page, or from a colleague who has the file."
        ),
        max_length=300,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )

    def __init__(
        self,
        *args: Any,
        organisations: QuerySet[Organisation],
        path: Sequence[x509.Certificate],
        now: datetime,
        **kwargs: Any,
    ) -> None:
        """Offer what is in ``path``, which begins with the leaf; the highest stands first."""
        super().__init__(*args, **kwargs)
        self._path = path
        choice, field = self.fields["certificate"], self.fields["organisation"]
        assert isinstance(choice, forms.TypedChoiceField)
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = organisations
        choice.choices = [
            (number, _offer(certificate, is_authority=number > 0, now=now))
            for number, certificate in reversed(list(enumerate(path)))
        ]
        self.initial.setdefault("certificate", len(path) - 1)

    def chosen(self) -> x509.Certificate:
        number: int = self.cleaned_data["certificate"]
        return self._path[number]


def _offer(certificate: x509.Certificate, *, is_authority: bool, now: datetime) -> object:
    kind = (
        _("Authority (recommended): {subject}.")
        if is_authority
        else _("The server's own certificate: {subject}.")
    )
    meaning = consequence(
        is_authority=is_authority, not_after=certificate.not_valid_after_utc, now=now
    )
    subject = distinguished_name(certificate.subject)
    return format_lazy("{} {}", format_lazy(kind, subject=subject), meaning)
