"""Translate what people fill in to what the services take."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from certificates.advice import advice_on
from certificates.errors import CertificateError
from certificates.models import Environment
from certificates.pki import KeyBundle, PKIError
from certificates.queries import organisations_managed_by
from certificates.services.uploads import LARGEST_FILE, read_upload
from magda_portal.people.access import organisations_seen_by
from magda_portal.people.models import Organisation, Person

if TYPE_CHECKING:
    from django.core.files.uploadedfile import UploadedFile


class AdvisedForm(forms.Form):
    """A form that tells what went wrong and what to do, each in its own sentence."""

    def advise(self, error: PKIError | CertificateError) -> None:
        self.add_error(None, str(advice_on(error)))


class ImportForm(AdvisedForm):
    """A certificate with its private key, in one file or in two."""

    file = forms.FileField(
        label=_("Certificate"),
        help_text=_("A PKCS#12 file (.p12, .pfx), or a certificate in PEM, DER or PKCS#7 form."),
        allow_empty_file=True,
    )
    key = forms.FileField(
        label=_("Private key, when it is in a file of its own"),
        help_text=_("PEM or DER. Not needed with PKCS#12, or when the PEM file holds both."),
        required=False,
        allow_empty_file=True,
    )
    passphrase = forms.CharField(
        label=_("Password of the file or passphrase of the key"),
        help_text=_("Empty when there is none. It is used once and not kept."),
        required=False,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )

    def bundle(self) -> KeyBundle:
        """Return the key with its certificate. Raises PKIError or UploadError."""
        key = self.cleaned_data["key"]
        return read_upload(
            _contents(self.cleaned_data["file"]),
            key=None if key is None else _contents(key),
            passphrase=self.cleaned_data["passphrase"],
        )


class TrustForm(AdvisedForm):
    """The certificates to trust, for one organisation in one environment."""

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
        return _contents(self.cleaned_data["file"])


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


def _contents(uploaded: "UploadedFile[bytes]") -> bytes:
    """Read a file, one octet past the limit at most: the services refuse it by its size then."""
    return bytes(uploaded.read(LARGEST_FILE + 1))
