"""The name guard: one delivery of an account at a time has a final name to itself.

A delivery holds its name from its submission until it failed or was cancelled, or until two weeks
after it was delivered. A second one under that name is another consultation, so it takes a person's
reason, and the outcome of the first has to be known. Between two that come at the same moment the
database decides: a name that is held is unique.
"""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Q

from exchange.errors import SubmissionError
from exchange.models import Account, Transfer
from exchange.models.transfer import Direction, State
from exchange.remote import RETENTION
from exchange.services.reasons import why_no_reason


def holders_of(account: Account, names: Iterable[str], *, now: datetime) -> dict[str, Transfer]:
    """Return the delivery that has each of ``names``, for those that are not free."""
    # A delivered one counts also where it gave the name to another, which was cancelled or failed.
    carries = Q(holds_name=True) | Q(direction=Direction.DELIVERY, state=State.DONE)
    rows = (
        Transfer.objects.filter(carries, account=account, final_name__in=list(names))
        .exclude(_is_over(now))
        .order_by("holds_name", "pk")
    )
    # Of several the last one stays: the one that holds the name, or else the newest.
    return {row.final_name: row for row in rows}


def why_refused(holder: Transfer, *, reason: str) -> str:
    """Return the code of what keeps a name from being taken over from ``holder``; "" for nothing.

    ``name.in_progress`` and ``name.uncertain`` whatever the reason, ``name.held`` when there is
    none, ``transfer.reason_short`` or ``transfer.reason_long`` when it is a word or a story.
    """
    if holder.state == State.UNCERTAIN:
        return "name.uncertain"
    if holder.state != State.DONE:
        return "name.in_progress"
    if not reason.strip():
        return "name.held"
    return why_no_reason(reason)


def require_name(account: Account, name: str, *, reason: str, now: datetime) -> Transfer | None:
    """Return the delivery from which ``name`` may be taken over; None when it is free.

    Raises SubmissionError with the codes of :func:`why_refused`.
    """
    holder = holders_of(account, [name], now=now).get(name)
    if holder is not None and (code := why_refused(holder, reason=reason)):
        raise SubmissionError(code, f"Transfer {holder.pk} carries this name.")
    return holder


def let_go(account: Account, name: str, holder: Transfer | None, *, now: datetime) -> None:
    """Free ``name`` from what :func:`require_name` returned, or of one whose time is over.

    Called in the transaction that gives the name to another. Nobody else loses it: whoever came in
    between keeps it, and the constraint refuses us.
    """
    may_lose_it = _is_over(now)
    if holder is not None:
        may_lose_it |= Q(pk=holder.pk, state=State.DONE)
    Transfer.objects.filter(may_lose_it, account=account, final_name=name, holds_name=True).update(
        holds_name=False
    )


def _is_over(now: datetime) -> Q:
    return Q(state=State.DONE, finished_at__lt=now - RETENTION)
