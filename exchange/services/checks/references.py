"""Whether a request repeats the reference of an earlier one."""

from exchange.messages import Context, MessageKind
from exchange.models import Account, Transfer
from exchange.models.transfer import Direction, State
from exchange.services.checks.finding import Finding, Severity

_NEVER_SENT = (State.FAILED, State.CANCELLED)


def check_reference(account: Account, context: Context | None) -> list[Finding]:
    """Warn of a Referte that a request of this account carried which MAGDA has or may get.

    MAGDA ties an answer to its request by it, and so does the portal.
    """
    if context is None or context.kind is not MessageKind.REQUEST or not context.sender_reference:
        return []
    earlier = (
        Transfer.objects.filter(
            account=account, direction=Direction.DELIVERY, referte=context.sender_reference
        )
        .exclude(state__in=_NEVER_SENT)
        .order_by("-pk")
        .values_list("pk", flat=True)
        .first()
    )
    if earlier is None:
        return []
    return [Finding("check.referte", Severity.WARNING, subject=str(earlier))]
