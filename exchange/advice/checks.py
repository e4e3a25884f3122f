"""Advice for what a check before sending finds in a file."""

from collections.abc import Mapping
from typing import Final

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from magda_portal.web.advice import Advice

_BY_SCHEMA: Final = _(
    "Correct it in the program that makes the file, and check the file once more."
)

CHECKS: Final[Mapping[str, Advice]] = {
    "check.name": Advice(
        _("The file's name fits none of the services of this account, so MAGDA may pass it over."),
        _("Compare the name with the patterns on the account's page of services."),
    ),
    "check.referte": Advice(
        _("The reference (Referte) of this file was used before for this account."),
        _("Give each request a reference of its own, or say why this one is sent again."),
    ),
    "check.insz": Advice(
        _("The file holds a national number (INSZ) that is not 11 digits with right check digits."),
        _("Look at the lines named here; MAGDA answers such a question with an exception."),
    ),
    "check.kbo": Advice(
        _("The file holds an enterprise number that is not 10 digits with right check digits."),
        _("Look at the lines named here; MAGDA answers such a question with an exception."),
    ),
    "check.schema_root": Advice(
        _("The file is another message than the service's schema describes."),
        _("Check that it was made for this service and its version, without a SOAP envelope."),
    ),
    "check.schema_unexpected": Advice(
        _("An element stands where the service's schema does not allow it."), _BY_SCHEMA
    ),
    "check.schema_missing": Advice(
        _("An element lacks another that the service's schema asks for inside it."), _BY_SCHEMA
    ),
    "check.schema_value": Advice(
        _("An element holds a value that the service's schema does not allow."), _BY_SCHEMA
    ),
    "check.schema_attribute": Advice(
        _("An element has a wrong attribute, or lacks one, by the service's schema."), _BY_SCHEMA
    ),
    "check.schema_other": Advice(_("An element departs from the service's schema."), _BY_SCHEMA),
    "check.schema_more": Advice(
        _("The check stopped after a hundred places that depart from the service's schema."),
        _("Correct those first; then check the file once more to see what is left."),
    ),
    "check.schema_unusable": Advice(
        _("The schema that was added for this service can not be used any more."),
        _("Ask an administrator to add it again on the account's page of services."),
    ),
}

# The same, where it can be told which element or transfer it is about.
_NAMED: Final = {
    "check.referte": _(
        "The reference (Referte) of this file was used before, by transfer {subject} of this "
        "account."
    ),
    "check.schema_unexpected": _(
        "The element “{subject}” stands where the service's schema does not allow it."
    ),
    "check.schema_missing": _(
        "The element “{subject}” lacks another that the service's schema asks for inside it."
    ),
    "check.schema_value": _(
        "The element “{subject}” holds a value that the service's schema does not allow."
    ),
    "check.schema_attribute": _(
        "The element “{subject}” has a wrong attribute, or lacks one, by the service's schema."
    ),
    "check.schema_other": _("The element “{subject}” departs from the service's schema."),
}


def naming(advice: Advice, code: str, subject: str) -> Advice:
    """Return ``advice`` with what it is about in its first sentence, where there is a sentence."""
    if not subject or (sentence := _NAMED.get(code)) is None:
        return advice
    return Advice(format_lazy(sentence, subject=subject), advice.next)
