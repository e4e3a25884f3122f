"""The name guard: one delivery of an account at a time has a final name to itself.

A delivery holds its name from its submission until it failed or was cancelled, or until two weeks
after it was delivered. A second one under that name is another consultation, so it takes a person's
reason, and the outcome of the first has to be known. Between two that come at the same moment the
database decides: a name that is held is unique.
"""

from datetime import datetime

from django.db.models import Q

from exchange.errors import SubmissionError
from exchange.models import Account, Transfer
from exchange.models.transfer import Direction, State
from exchange.remote import RETENTION
from exchange.services.reasons import is_reason


def require_name(account: Account, name: str, *, reason: str, now: datetime) -> Transfer | None:
    """Return the delivery from which ``name`` may be taken over; None when it is free.

    Raises SubmissionError: ``name.in_progress`` and ``name.uncertain`` whatever the reason,
    ``name.held`` when there is none, ``transfer.reason_length`` when it is a word or a story.
    """
    # A delivered one counts also where it gave the name to another, which was cancelled or failed.
    carries = Q(holds_name=True) | Q(direction=Direction.DELIVERY, state=State.DONE)
    holder = (
        Transfer.objects.filter(carries, account=account, final_name=name)
        .exclude(_is_over(now))
        .order_by("-holds_name", "-pk")
        .first()
    )
    if holder is None:
        return None
    if holder.state == State.UNCERTAIN:
        raise SubmissionError("name.uncertain", f"Transfer {holder.pk} may carry this name.")
    if holder.state != State.DONE:
        raise SubmissionError("name.in_progress", f"Transfer {holder.pk} carries this name.")
    if not reason.strip():
        raise SubmissionError("name.held", f"Transfer {holder.pk} carried this name.")
    if not is_reason(reason):
        raise SubmissionError("transfer.reason_length")
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
