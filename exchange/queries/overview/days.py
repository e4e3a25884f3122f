"""What was delivered, collected and failed on each of the last days."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

from django.db.models import Case, Count, IntegerField, QuerySet, Value, When
from django.utils import timezone

from exchange.models import Transfer
from exchange.models.transfer import Direction, State
from magda_portal.people.models import Organisation

DAYS: Final = 30


@dataclass(frozen=True, slots=True)
class Day:
    """One day of people's calendar; what failed and was tried again since counts as it is now."""

    on: date
    delivered: int
    collected: int
    failed: int

    @property
    def is_quiet(self) -> bool:
        return not (self.delivered or self.collected or self.failed)


def transfers_by_day(organisations: QuerySet[Organisation], *, now: datetime) -> list[Day]:
    """Return the last thirty days, today at the end, each as long as it was in local time."""
    today = timezone.localdate(now)
    days = [today - timedelta(days=back) for back in reversed(range(DAYS))]
    found = _numbers(organisations, days)
    return [
        Day(
            on=day,
            delivered=found[number, Direction.DELIVERY, State.DONE],
            collected=found[number, Direction.COLLECTION, State.DONE],
            failed=found[number, Direction.DELIVERY, State.FAILED],
        )
        for number, day in enumerate(days)
    ]


def _numbers(
    organisations: QuerySet[Organisation], days: list[date]
) -> dict[tuple[int, str, str], int]:
    """Count by number of the day, direction and state.

    The days are cut here and not by the database: SQLite would call Python for each row.
    """
    rows = Transfer.objects.filter(
        state__in=(State.DONE, State.FAILED),
        finished_at__gte=_midnight(days[0]),
        account__identity__organisation__in=organisations,
    )
    # Newest first, as the first condition that holds counts.
    cuts = [
        When(finished_at__gte=_midnight(day), then=Value(number))
        for number, day in reversed(list(enumerate(days)))
    ]
    counted = (
        rows.order_by()
        .values_list(Case(*cuts, output_field=IntegerField()), "direction", "state")
        .annotate(number=Count("pk"))
    )
    found: dict[tuple[int, str, str], int] = defaultdict(int)
    for day, direction, state, number in counted:
        found[day, direction, state] += number
    return found


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
