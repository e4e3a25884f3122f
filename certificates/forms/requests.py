"""The subject and the key of a certificate that is asked for or made here."""

from collections.abc import Iterable, Sequence
from typing import Any
from unicodedata import combining, normalize

from django import forms
from django.utils.translation import gettext_lazy as _

from certificates.advice import advice_on
from certificates.errors import CertificateError
from certificates.forms.advised import AdvisedForm
from certificates.forms.country_names import country_name
from certificates.models import ClientIdentity, KeyPair
from certificates.pki import KeyKind, PKIError, SubjectName
from certificates.pki.countries import ASSIGNED_CODES, EXCEPTIONALLY_RESERVED_CODES

_KINDS = (
    (KeyKind.RSA_4096, _("RSA 4096: what most Flemish bodies use; takes a few seconds to make")),
    (KeyKind.RSA_3072, _("RSA 3072: as strong as anybody needs for years")),
    (KeyKind.EC_P256, _("EC P-256: small and fast, for partners that know elliptic curves")),
    (KeyKind.EC_P384, _("EC P-384: the same, stronger")),
    (KeyKind.RSA_2048, _("RSA 2048: only where a partner can't do more")),
)


def country_choices() -> list[tuple[str, Any]]:
    """Return Belgium, the other countries, and the codes that are none, by name in each."""
    return [
        ("", _("leave out")),
        _country("BE"),
        (str(_("Countries and areas")), _by_name(ASSIGNED_CODES - {"BE"})),
        (str(_("Other codes, such as EU and UK")), _by_name(EXCEPTIONALLY_RESERVED_CODES)),
    ]


def _country(code: str) -> tuple[str, str]:
    return code, f"{country_name(code)} ({code})"


def _by_name(codes: Iterable[str]) -> list[tuple[str, str]]:
    """Return the choices in reading order; an accent doesn't send a name to the end."""
    return sorted(map(_country, codes), key=lambda each: _without_accents(each[1]).casefold())


def _without_accents(text: str) -> str:
    return "".join(each for each in normalize("NFD", text) if not combining(each))


class SubjectForm(AdvisedForm):
    """The fields of the subject besides the common name, which MAGDA decides."""

    country = forms.ChoiceField(
        label=_("Country"),
        required=False,
        initial="BE",
        choices=country_choices,
        help_text=_("By ISO 3166-1, two letters."),
    )
    state = forms.CharField(label=_("Province or region"), required=False, max_length=128)
    locality = forms.CharField(label=_("Place"), required=False, max_length=128)
    organisation = forms.CharField(label=_("Organisation"), required=False, max_length=64)
    organisational_unit = forms.CharField(label=_("Department"), required=False, max_length=64)
    email = forms.EmailField(
        label=_("E-mail address"),
        required=False,
        max_length=255,
        help_text=_("Of a function, not of a person: it stands in the certificate for years."),
    )

    def advise(self, error: PKIError | CertificateError) -> None:
        """Tell it at the field of the subject that the error names, if it names one."""
        name = error.context.get("field")
        self.add_error(name if name in self.fields else self.usual_field, str(advice_on(error)))

    def subject(self, identity: ClientIdentity) -> SubjectName:
        """Return the whole subject, with the common name of the identity."""
        filled = self.cleaned_data
        return SubjectName(
            common_name=identity.common_name,
            country=filled["country"],
            state=filled["state"],
            locality=filled["locality"],
            organisation=filled["organisation"],
            organisational_unit=filled["organisational_unit"],
            email=filled["email"],
        )


class KeyKindForm(SubjectForm):
    """A subject, and the kind of the new key."""

    kind = forms.ChoiceField(label=_("Kind of key"), choices=_KINDS, initial=KeyKind.RSA_4096)

    field_order: Sequence[str] = ("kind",)

    def key_kind(self) -> KeyKind:
        return KeyKind(self.cleaned_data["kind"])


class RequestForm(SubjectForm):
    """A subject, and a new key or one that is kept here."""

    NEW = "new"
    key = forms.ChoiceField(
        label=_("Key"),
        help_text=_("A new key is wiser: whatever became of the old one then ends with it."),
    )

    field_order: Sequence[str] = ("key",)

    def __init__(self, *args: Any, identity: ClientIdentity, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kept = identity.key_pairs.filter(destroyed_at=None).order_by("-created_at")
        self._kept = {str(key_pair.pk): key_pair for key_pair in kept}
        field = self.fields["key"]
        assert isinstance(field, forms.ChoiceField)
        new = [(f"{self.NEW} {kind}", words) for kind, words in _KINDS]
        old = [(pk, str(key_pair)) for pk, key_pair in self._kept.items()]
        groups: list[Any] = [(_("A new key"), new)]
        if old:
            groups.append((_("A key that is kept here"), old))
        field.choices = groups
        field.initial = f"{self.NEW} {KeyKind.RSA_4096}"

    def kept_key(self) -> KeyPair | None:
        """Return the kept key that was chosen; None for a new one."""
        return self._kept.get(self.cleaned_data["key"])

    def key_kind(self) -> KeyKind:
        """Return the kind of the new key that was chosen."""
        return KeyKind(self.cleaned_data["key"].removeprefix(f"{self.NEW} "))


class SelfSignedForm(KeyKindForm):
    """A self-signed client certificate."""

    days = forms.IntegerField(
        label=_("Valid for, in days"),
        initial=365,
        min_value=1,
        max_value=3650,
        help_text=_("The partner has to be given the next one before this one ends."),
    )

    field_order: Sequence[str] = ("kind", "days")
