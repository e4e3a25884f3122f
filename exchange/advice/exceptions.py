"""What MAGDA's exceptions (*Uitzonderingen*) mean, by their number.

MAGDA's pages explain only some of them. A number is unique together with its origin; those below
are MAGDA's own, and sources that use the same number mean the same by it as far as is published.
Sources: the pages "Uitzonderingen" of MAGDA's services, and MAGDA's public examples.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext_lazy as _

from magda_portal.web.advice import Advice

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as StrPromise

_CORRECT: Final = _("Correct the question and send it in a new file.")
_ADMISSION: Final = _("Ask MAGDA's service desk which permission is missing; name the account.")
_REGISTER: Final = _("Register this person for your organisation first, then ask again.")
_LATER: Final = _("Ask again later; if it stays, ask MAGDA's service desk.")
_SERVICE_DESK: Final = _("Ask MAGDA's service desk; name the number, the account and the time.")
_NOTHING: Final = _("There is nothing to do.")
_LOOK: Final = _("Look at the question in your own records.")

_NOT_AUTHORISED: Final = Advice(
    _("Your organisation is not authorised for this service."), _ADMISSION
)
_REFUSED: Final = Advice(_("MAGDA refused access to these data."), _ADMISSION)
_TABLES: Final = Advice(_("MAGDA's tables of codes do not agree with each other."), _SERVICE_DESK)

_MEANINGS: Final[Mapping[str, Advice]] = {
    "13001": _NOT_AUTHORISED,
    "13501": _NOT_AUTHORISED,
    "13202": Advice(
        _("The person is not registered for your organisation, so MAGDA tells nothing."), _REGISTER
    ),
    "15021": Advice(
        _("No data are left once those that your organisation may not see are taken away."),
        _NOTHING,
    ),
    "16010": Advice(_("The source answered in a form that MAGDA does not know."), _LATER),
    "20002": Advice(_("The national number in the question is not valid."), _CORRECT),
    "20003": Advice(_("The period in the question is not valid."), _CORRECT),
    "20005": Advice(
        _("Organisation or capacity in a question differ from those of the file."), _CORRECT
    ),
    "20006": Advice(_("A date in the question lies outside of what is allowed."), _CORRECT),
    "20007": Advice(_("The company number in the question is not valid."), _CORRECT),
    "20110": Advice(
        _("The file holds more questions than this service takes at once."),
        _("Send the questions in several files."),
    ),
    "30001": Advice(_("The source has no data about this question."), _NOTHING),
    "30002": Advice(_("The national number was cancelled."), _LOOK),
    "30003": Advice(_("The number is unknown at the source."), _LOOK),
    "30004": Advice(
        _("The national number was replaced by another one, which the answer names."),
        _("Use the new number from now on."),
    ),
    "30014": Advice(_("The reference of the receipt is not valid."), _CORRECT),
    "40003": Advice(_("Nobody has registered this person for your organisation."), _REGISTER),
    "40005": _REFUSED,
    "40006": _REFUSED,
    "40035": Advice(_("The question asks about more than one subject."), _CORRECT),
    "40143": Advice(_("The person was registered already."), _NOTHING),
    "50000": Advice(_("The file does not follow the form that the service asks for."), _CORRECT),
    "60006": Advice(_("The source did not answer."), _LATER),
    "60007": Advice(_("MAGDA could not read the answer of the source."), _LATER),
    "60009": Advice(_("Something failed inside MAGDA or the source."), _LATER),
    "60011": Advice(_("MAGDA's access to the source is not set up."), _SERVICE_DESK),
    "70001": Advice(_("The source added information to its answer."), _NOTHING),
    "70002": Advice(_("The source answered with an error."), _LATER),
    "70003": Advice(_("The source failed while it answered."), _LATER),
    "99982": _TABLES,
    "99983": _TABLES,
    "99984": _TABLES,
    "99985": _TABLES,
    "99986": _TABLES,
    "99996": Advice(
        _("The source was not available for a moment, or too many asked at the same time."), _LATER
    ),
}

_UNKNOWN: Final = Advice(
    _("The portal has no explanation of this number."),
    _("Look into the answer for the words that MAGDA gives with it."),
)

_SEVERITIES: Final[Mapping[str, tuple["StrPromise", str]]] = {
    "FOUT": (_("error"), "bad"),
    "WAARSCHUWING": (_("warning"), "attention"),
    "INFORMATIE": (_("information"), "neutral"),
}


def meaning_of(number: str) -> Advice:
    """Return what MAGDA's exception of that number means and what to do about it."""
    return _MEANINGS.get(number, _UNKNOWN)


def severity_in_words(severity: str) -> "StrPromise":
    """Return the word for an exception's Type; a general one for a Type that is not MAGDA's."""
    return _SEVERITIES.get(severity, (_("other"), ""))[0]


def severity_tone(severity: str) -> str:
    """Return the tone of a badge that says how bad an exception of this Type is."""
    return _SEVERITIES.get(severity, ("", "neutral"))[1]
