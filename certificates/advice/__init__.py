"""What went wrong with a certificate and what to do about it, in sentences for a lay person."""

from datetime import datetime
from typing import TYPE_CHECKING

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from certificates.advice import (
    certificates,
    files,
    identities,
    relay,
    requests,
    revocation,
    trust,
    watch,
)
from certificates.errors import CertificateError
from certificates.pki import PKIError
from magda_portal.web.advice import Advice
from magda_portal.web.moments import moment_in_words

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as StrPromise

_GENERAL = Advice(
    _("Something is wrong with the certificate."),
    _("Ask the helpdesk, and tell them when it happened."),
)
_PARTS = (certificates, files, identities, relay, requests, revocation, trust, watch)
_ADVICE: dict[str, Advice] = {
    code: advice for part in _PARTS for code, advice in part.ADVICE.items()
}
# The words an error brings along, shown after what happened.
_DETAILS: dict[str, "StrPromise"] = {
    code: words for part in _PARTS for code, words in part.DETAILS.items()
}


def advice_for(code: str) -> Advice:
    """Return what happened and what to do, or a general advice for a code that is not ours."""
    return _ADVICE.get(code, _GENERAL)


def advice_on(error: PKIError | CertificateError) -> Advice:
    """Return the advice for an error, with the names, dates or ciphers that it speaks of.

    What the error speaks of is written in the language of the moment.
    """
    advice = advice_for(error.code)
    detail = _DETAILS.get(error.code)
    if detail is None or not error.context:
        return advice
    words = {name: _readable(name, value, error) for name, value in error.context.items()}
    return Advice(format_lazy("{} {}", advice.what, str(detail).format(**words)), advice.next)


def _readable(name: str, value: str, error: PKIError | CertificateError) -> str:
    """Return a moment as people write it in local time, and any other word as it is.

    What a list holds that is not taken has a name in the language of the moment.
    """
    if name == "feature":
        return str(revocation.FEATURES[value]).format(**error.context)
    if name not in {"not_before", "not_after"}:
        return value
    return moment_in_words(datetime.fromisoformat(value))


def has_advice(code: str) -> bool:
    """Say whether a code has sentences of its own."""
    return code in _ADVICE
