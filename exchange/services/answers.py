"""Tie answers to requests.

An answer repeats the request's ``Afzender/Referte`` as its ``Ontvanger/Referte``; where both parse
as MAGDA XML that ties them, else the file stands alone.
"""

from typing import Final

from django.db.models import Q

from exchange.messages import Context, MessageError, MessageKind, read_context, summarise
from exchange.models import Account, Transfer
from exchange.models.transfer import Direction, State, Step
from exchange.storage import PayloadStore, StoredFile

COUNTED_BYTES: Final = 16 * 1024**2
"""Of a file that is counted as it is collected: a few seconds' work, while the server waits."""


def context_of(store: PayloadStore, stored: StoredFile) -> Context | None:
    """Read what a kept file says of itself; None for CSV, empty and other files."""
    try:
        with store.open(stored.id) as content:
            return read_context(content)
    except MessageError:
        return None


def errors_in(store: PayloadStore, stored: StoredFile, context: Context | None) -> int | None:
    """Count the errors that MAGDA reports in a kept file; None where that can't be told.

    Of a large file only the beginning is read: none in it is then no answer, and any other number
    is a lower bound.
    """
    if context is None or context.kind is MessageKind.REQUEST:
        return None
    try:
        with store.open(stored.id) as content:
            summary = summarise(content, at_most=COUNTED_BYTES)
    except MessageError:
        return None
    return summary.errors if summary.is_whole or summary.errors else None


def described(context: Context | None) -> dict[str, str]:
    """Return the columns of a transfer that tell what its file says of itself."""
    return {
        "message_kind": context.kind.name if context else "",
        "service": context.service if context else "",
        "referte": context.request_reference if context else "",
    }


def request_answered_by(account: Account, context: Context | None) -> Transfer | None:
    """Return the delivery whose reference the answer repeats.

    Of several with one reference it is the oldest that has no answer yet, else the newest. Only
    what may have reached MAGDA counts: nothing answers a request that was never sent.
    """
    if context is None or context.kind is not MessageKind.ANSWER or not context.request_reference:
        return None
    may_have_arrived = Q(state__in=[State.DONE, State.UNCERTAIN]) | Q(step=Step.RENAME_ASKED)
    requests = Transfer.objects.filter(
        may_have_arrived,
        account=account,
        direction=Direction.DELIVERY,
        referte=context.request_reference,
    )
    unanswered = requests.filter(answers=None).order_by("id").first()
    return unanswered or requests.order_by("-id").first()
