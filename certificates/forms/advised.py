"""What the forms about certificates have in common."""

from typing import TYPE_CHECKING

from django import forms

from certificates.advice import advice_on
from certificates.errors import CertificateError
from certificates.pki import PKIError
from certificates.services.uploads import LARGEST_FILE

if TYPE_CHECKING:
    from django.core.files.uploadedfile import UploadedFile


class AdvisedForm(forms.Form):
    """A form that tells what went wrong and what to do, each in its own sentence."""

    def advise(self, error: PKIError | CertificateError) -> None:
        self.add_error(None, str(advice_on(error)))


def contents_of(uploaded: "UploadedFile[bytes]") -> bytes:
    """Read a file, one octet past the limit at most: the services refuse it by its size then."""
    return bytes(uploaded.read(LARGEST_FILE + 1))
