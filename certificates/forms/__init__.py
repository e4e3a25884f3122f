"""Translate what people fill in to what the services take; one module per page."""

from certificates.forms.exports import ExportForm
from certificates.forms.filters import OrganisationFilter
from certificates.forms.imports import ImportForm
from certificates.forms.key_pairs import DestructionForm
from certificates.forms.relay import SwitchForm
from certificates.forms.requests import RequestForm, SelfSignedForm
from certificates.forms.trust import TrustForm

__all__ = [
    "DestructionForm",
    "ExportForm",
    "ImportForm",
    "OrganisationFilter",
    "RequestForm",
    "SelfSignedForm",
    "SwitchForm",
    "TrustForm",
]
