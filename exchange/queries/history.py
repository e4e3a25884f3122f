"""Transfers in the order of time: where the pages of history and inbox come from."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from django.db.models import Min, OuterRef, QuerySet

from exchange.models import Account, Transfer
from exchange.queries.transfers import in_lists
from magda_portal.audit.actions import Action
from magda_portal.audit.models import AuditEvent
from magda_portal.web.pagination import LOOK_THROUGH, Period, Source


def transfers_by_time(
    rows: QuerySet[Transfer],
    *,
    accounts: Sequence[Account] | None,
    period: Period,
    look_through: int | None = LOOK_THROUGH,
) -> Source[Transfer]:
    """Return those of ``rows`` that are of ``accounts`` (None: of any) as a source of pages.

    The index ``transfer_by_time`` leads through each account, ``transfer_by_time_of_all`` through
    all of them together.
    """
    every = Source(
        rows=rows,
        whole=in_lists(Transfer.objects.all()),
        time="created_at",
        lane_rows=Transfer.objects.all(),
        look_through=look_through,
        period=period,
    )
    if accounts is None:
        return every
    keys = [account.pk for account in accounts]
    return replace(
        every,
        rows=rows.filter(account__in=keys),
        lanes=Account.objects.filter(pk__in=keys),
        lane_rows=Transfer.objects.filter(account=OuterRef("pk")),
        lane_count=len(keys),
    )


def first_openers(transfers: Iterable[Transfer]) -> dict[int, str]:
    """Return who opened each of ``transfers`` first, by its key, as the trail names them."""
    opened = AuditEvent.objects.filter(
        action=Action.TRANSFER_OPENED,
        subject_type=Transfer._meta.model_name,
        subject_id__in=[str(transfer.pk) for transfer in transfers],
    )
    first = opened.order_by().values("subject_id").annotate(first=Min("pk")).values("first")
    rows = AuditEvent.objects.filter(pk__in=first).values_list("subject_id", "actor_name")
    return {int(subject_id): name for subject_id, name in rows}
