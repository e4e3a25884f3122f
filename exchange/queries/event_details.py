"""What the details of an audit event say, in words.

Events outlive the code that wrote them, so they hold codes, ISO moments and names of columns. The
tables below say what these are called on a page; a name or a value that they don't know is shown
as it was written. The history as a file keeps the details as they are.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Final

from django.core.exceptions import FieldDoesNotExist
from django.db.models import Field
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from certificates.advice import watch
from certificates.models import Environment
from certificates.models.expiry import Expiring
from exchange.advice import ADVICE
from exchange.models import Account, RemoteFile
from magda_portal.people.models import Kind, Language, Role, Timing
from magda_portal.web.advice import Advice
from magda_portal.web.moments import day_in_words, moment_in_words

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as StrPromise

_MOMENT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(\+\d\d:\d\d|Z)")
_HASH: Final = re.compile(r"[0-9a-f]{40,}")
_BEGINNING: Final = 16
"""Characters of a hash that tell two apart; the history as a file has all of it."""
_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d")


@dataclass(frozen=True, slots=True)
class Told:
    """One detail: what it is called, and what it says."""

    name: str
    value: str


_NAMES: Final[Mapping[str, "StrPromise"]] = {
    "addresses": gettext_lazy("Addresses"),
    "after": gettext_lazy("After the change"),
    "answer": gettext_lazy("Number of the answer"),
    "as": gettext_lazy("Number of the new transfer"),
    "at": gettext_lazy("Moment"),
    "before": gettext_lazy("Before the change"),
    "code": gettext_lazy("Code"),
    "common_name": gettext_lazy("Common name"),
    "count": gettext_lazy("Number of files or events"),
    "entries": gettext_lazy("Number of entries"),
    "entry": gettext_lazy("Main schema file"),
    "environment": gettext_lazy("Environment"),
    "error": gettext_lazy("Error"),
    "expected": gettext_lazy("Expected"),
    "failures": gettext_lazy("Failed in a row"),
    "faults": gettext_lazy("Secrets that do not open"),
    "files": gettext_lazy("Number of files"),
    "filters": gettext_lazy("Filters"),
    "finding": gettext_lazy("Finding"),
    "fingerprint": gettext_lazy("Fingerprint"),
    "folder": gettext_lazy("Folder"),
    "form": gettext_lazy("Form of the file"),
    "format": gettext_lazy("Format"),
    "found": gettext_lazy("Found there"),
    "found_later": gettext_lazy("Only noticed later"),
    "from": gettext_lazy("Content from"),
    "is_refused_twice": gettext_lazy("Both certificates refused"),
    "key": gettext_lazy("Key"),
    "kind": gettext_lazy("Kind"),
    "language": gettext_lazy("Language"),
    "list": gettext_lazy("List"),
    "method": gettext_lazy("Method"),
    "moved_to": gettext_lazy("Moved to"),
    "name": gettext_lazy("Name"),
    "next": gettext_lazy("Next try"),
    "not_after": gettext_lazy("Valid until"),
    "number": gettext_lazy("Number"),
    "outcome": gettext_lazy("Outcome"),
    "page": gettext_lazy("Page"),
    "pattern": gettext_lazy("Pattern"),
    "proxy_password": gettext_lazy("Proxy password"),
    "purpose": gettext_lazy("Purpose"),
    "reason": gettext_lazy("Reason"),
    "recipients": gettext_lazy("Recipients"),
    "removal_day": gettext_lazy("MAGDA removes it on"),
    "replaced": gettext_lazy("Replaces the certificate"),
    "resends": gettext_lazy("Sends transfer again, number"),
    "revoked_at": gettext_lazy("Revoked on"),
    "rewrapped": gettext_lazy("Sealed again"),
    "role": gettext_lazy("Role"),
    "role_mailbox": gettext_lazy("Role mailbox"),
    "schema": gettext_lazy("Schema"),
    "serial": gettext_lazy("Serial number"),
    "sha256": gettext_lazy("SHA-256"),
    "size": gettext_lazy("Size"),
    "slot": gettext_lazy("Place"),
    "source": gettext_lazy("Source"),
    "subject": gettext_lazy("Subject of the certificate"),
    "threshold_days": gettext_lazy("Days before the end"),
    "timing": gettext_lazy("When"),
    "tls_version": gettext_lazy("TLS version"),
    "until": gettext_lazy("Until"),
    "values_by_key": gettext_lazy("Secrets for each sealing key"),
    "warnings": gettext_lazy("Warnings"),
    "was": gettext_lazy("Was before"),
    **{kind.value: kind.label for kind in Kind},
}
"""By the key under which an event holds it; of an account's settings the column says it."""

_TIMINGS: Final = {timing.value: timing.label for timing in Timing}
_ENVIRONMENTS: Final = {each.value: each.label for each in Environment}
_CODES: Final[Mapping[str, Advice]] = {**watch.ADVICE, **ADVICE}

_VALUES: Final[Mapping[str, Mapping[str, "StrPromise"]]] = {
    "environment": _ENVIRONMENTS,
    "found": {
        "ours": gettext_lazy("the file that the portal put there"),
        "nothing": gettext_lazy("nothing"),
        "another file": gettext_lazy("another file of that name"),
    },
    "kind": {each.value: each.label for each in Expiring},
    "language": {each.value: each.label for each in Language},
    "list": {"events": gettext_lazy("History"), "transfers": gettext_lazy("Transfers")},
    "outcome": {
        "arrived": gettext_lazy("It arrived."),
        "did not arrive": gettext_lazy("It did not arrive."),
    },
    "proxy_password": {"set": gettext_lazy("set"), "removed": gettext_lazy("removed")},
    "reason": {
        "not looked at for 11 days": gettext_lazy("not looked at for 11 days"),
        "stepped back to the previous certificate": gettext_lazy(
            "stepped back to the previous certificate"
        ),
    },
    "role": {"HELPDESK": gettext_lazy("helpdesk"), **{each.value: each.label for each in Role}},
    "timing": _TIMINGS,
    "was": {each.value: each.label for each in RemoteFile.State},
    **{kind.value: _TIMINGS for kind in Kind},
}
"""What a value is called, by the key of the detail and by what the event holds."""


def told_details(details: Mapping[str, object]) -> list[Told]:
    """Return what ``details`` say, in the language of the moment; what is empty says nothing."""
    return [
        Told(_name_of(name), told)
        for name, value in details.items()
        if (told := _told(name, value)) != ""
    ]


def _name_of(name: str) -> str:
    column = _column(name)
    if name in _NAMES or column is None:
        return str(_NAMES.get(name, name))
    words = str(column.verbose_name)
    return words[:1].upper() + words[1:]


def _column(name: str) -> "Field[object, object] | None":
    """Return the setting of an account with that name; events hold its values as text."""
    try:
        found = Account._meta.get_field(name)
    except FieldDoesNotExist:
        return None
    return found if isinstance(found, Field) else None


def _told(name: str, value: object) -> str:
    """Return what ``value`` says; empty for None, False, and what holds nothing."""
    if isinstance(value, Mapping):
        return _change(name, value) if value.keys() == {"before", "after"} else _several(value)
    if isinstance(value, list | tuple):
        return ", ".join(told for each in value if (told := _told(name, each)))
    return _one(name, value)


def _change(name: str, value: Mapping[str, object]) -> str:
    """Return a setting before and after; here "empty" and "no" are news too."""
    before, after = (
        _("no") if each is False else _told(name, each) or _("nothing")
        for each in (value["before"], value["after"])
    )
    return _("%(before)s, now %(after)s") % {"before": before, "after": after}


def _several(values: Mapping[str, object]) -> str:
    return "; ".join(f"{each.name}: {each.value}" for each in told_details(values))


def _one(name: str, value: object) -> str:
    if value is None or value is False:
        return ""
    if value is True:
        return _("yes")
    text = str(value)
    if text in _VALUES.get(name, {}):
        return str(_VALUES[name][text])
    if name in _READERS:
        return _READERS[name](text)
    if _HASH.fullmatch(text):
        return f"{text[:_BEGINNING]}…"
    return _moment(text) or _choice(name, text) or text


def _moment(text: str) -> str:
    """Return a moment in local time, or a day, in words; empty for any other text."""
    with suppress(ValueError):  # what a person typed may only look like one
        if _MOMENT.fullmatch(text):
            return moment_in_words(datetime.fromisoformat(text))
        if _DAY.fullmatch(text):
            return day_in_words(date.fromisoformat(text))
    return ""


def _choice(name: str, text: str) -> str:
    column = _column(name)
    return str(dict(_labels(column)).get(text, "")) if column is not None else ""


def _labels(column: "Field[object, object]") -> Iterator[tuple[str, object]]:
    for value, label in column.flatchoices:
        yield str(value), label


def _size(text: str) -> str:
    return filesizeformat(text) if text.isdecimal() else text


def _code(text: str) -> str:
    return str(_CODES[text].what) if text in _CODES else text


_READERS: Final[Mapping[str, Callable[[str], str]]] = {
    "error": _code,
    "finding": _code,
    "warnings": _code,
    "size": _size,
}
"""For what is no word out of a few."""
