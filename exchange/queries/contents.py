"""How many questions, answers and exceptions a file holds: numbers alone, for everybody to see.

Counting is no consultation: what is counted names nobody. Payloads never change, so that a count is
kept as long as the cache likes.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.core.cache import cache

from exchange.advice import advice_for
from exchange.advice.exceptions import meaning_of, severity_in_words, severity_tone
from exchange.messages import ExceptionCount, MessageError, MessageKind, Summary, summarise
from exchange.models import Payload, Transfer
from exchange.storage import PayloadMissingError, payload_store
from magda_portal.web.advice import Advice

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as StrPromise

COUNTED_AT_ONCE: Final = 2 * 1024**2
"""Bytes of a file that are counted while a page is made; that takes part of a second."""
_KEPT_SECONDS: Final = 24 * 3600


@dataclass(frozen=True, slots=True)
class ExceptionLine:
    """One kind of exception, how often, and what MAGDA means by it."""

    counted: ExceptionCount

    @property
    def meaning(self) -> Advice:
        return meaning_of(self.counted.code)

    @property
    def severity(self) -> "StrPromise":
        return severity_in_words(self.counted.severity)

    @property
    def tone(self) -> str:
        return severity_tone(self.counted.severity)


@dataclass(frozen=True, slots=True)
class Contents:
    """The numbers of one file; or why it could not be counted."""

    summary: Summary | None = None
    problem: Advice | None = None

    @property
    def kind(self) -> str:
        """REQUEST, ANSWER or PUBLICATION; empty for anything else."""
        return self.summary.kind.name if self.summary and self.summary.kind else ""

    @property
    def exceptions(self) -> list[ExceptionLine]:
        return [ExceptionLine(each) for each in self.summary.exceptions] if self.summary else []


def contents_of(transfer: Transfer, *, at_most: int | None = COUNTED_AT_ONCE) -> Contents | None:
    """Return what ``transfer`` holds; None when it is no message of MAGDA's, or not kept here.

    ``at_most`` bytes are read, or with None the whole file, which may take a minute.
    """
    payload = transfer.payload
    if transfer.message_kind not in MessageKind.__members__ or payload is None or payload.erased_at:
        return None
    key = f"contents:{payload.pk}:{at_most or 'whole'}"
    counted: Contents | None = cache.get(key)
    if counted is None:
        counted = _count(payload, at_most)
        if counted:
            cache.set(key, counted, _KEPT_SECONDS)
    return counted


def _count(payload: Payload, at_most: int | None) -> Contents | None:
    try:
        with payload_store().open(payload.pk) as content:
            return Contents(summary=summarise(content, at_most=at_most))
    except PayloadMissingError:
        return None
    except MessageError as exc:
        return Contents(problem=advice_for(exc.code))
