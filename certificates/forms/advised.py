"""What the forms about certificates have in common."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

from django import forms

from certificates.advice import advice_on
from certificates.errors import CertificateError
from certificates.pki import PKIError
from certificates.services.uploads import LARGEST_FILE

if TYPE_CHECKING:
    from django.core.files.uploadedfile import UploadedFile


class AdvisedForm(forms.Form):
    """A form that tells what went wrong and what to do, at the field that it is about."""

    usual_field: ClassVar[str | None] = None
    """The field that errors are about; None when that is the form as a whole."""
    field_of: ClassVar[Mapping[str, str | None]] = {}
    """Error codes that are about another field than the usual one."""

    def advise(self, error: PKIError | CertificateError) -> None:
        name = self.field_of.get(error.code, self.usual_field)
        self.add_error(name, str(advice_on(error)))


def contents_of(uploaded: "UploadedFile[bytes]") -> bytes:
    """Read a file, one octet past the limit at most: the services refuse it by its size then."""
    return bytes(uploaded.read(LARGEST_FILE + 1))
