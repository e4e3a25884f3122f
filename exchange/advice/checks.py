"""Advice for what a check before sending finds in a file."""

from collections.abc import Mapping
from typing import Final

from django.utils.text import format_lazy, get_text_list
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from exchange.filenames import shown
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
        _("Give each request a reference of its own, unless this one has to be sent again."),
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

_OTHER_BEGINNING: Final = _(
    "The file is another message than the service's schema describes: it begins with {begun}, "
    "where the schema has {wanted}."
)


def naming(advice: Advice, code: str, subject: str) -> Advice:
    """Return ``advice`` with what it is about in its first sentence, where there is a sentence."""
    if code == "check.schema_root":
        return _naming_beginnings(advice, subject) if "\n" in subject else advice
    if not subject or (sentence := _NAMED.get(code)) is None:
        return advice
    return Advice(format_lazy(sentence, subject=subject), advice.next)


def _naming_beginnings(advice: Advice, subject: str) -> Advice:
    """Say with which element a file begins, and with which it might; both tell a namespace."""
    begun, *wanted = [_element(line) for line in subject.split("\n")]
    told = format_lazy(_OTHER_BEGINNING, begun=begun, wanted=get_text_list(wanted, gettext("or")))
    return Advice(told, advice.next)


def _element(name: str) -> str:
    """Return an element as a person reads it, from `{namespace}name`."""
    namespace, _brace, local = name.removeprefix("{").rpartition("}")
    if not namespace:
        return gettext("“%(element)s” without a namespace") % {"element": shown(local)}
    words = gettext("“%(element)s” of the namespace %(namespace)s")
    return words % {"element": shown(local), "namespace": _shown_address(namespace)}


def _shown_address(namespace: str) -> str:
    return "/".join(shown(part) for part in namespace.split("/"))
