from datetime import UTC, datetime, timedelta

import pytest

from certificates.advice.expiring import Situation
from certificates.models import Expiring
from certificates.queries.expiring import Affected, ExpiringThing
from certificates.services.expiry.thresholds import (
    THRESHOLDS,
    passed_thresholds,
    thresholds_to_tell,
)

EXPIRY = datetime(2027, 3, 1, 12, tzinfo=UTC)
EXPIRED = timedelta(0)
THREE_DAYS = timedelta(days=3)


@pytest.mark.parametrize(
    ("remaining", "tightest"),
    [
        (timedelta(days=61), None),
        (timedelta(days=60, hours=23), 60),
        (timedelta(days=60), 60),
        (timedelta(days=31), 60),
        (timedelta(days=30), 30),
        (timedelta(days=14), 14),
        (timedelta(days=7), 7),
        (timedelta(days=3), 3),
        (timedelta(days=1), 1),
        (timedelta(minutes=1), 1),
        (timedelta(0), 0),
        (timedelta(days=-9), 0),
    ],
)
def test_a_threshold_is_passed_at_its_day_and_expiry_at_its_moment(
    remaining: timedelta, tightest: int | None
) -> None:
    passed = passed_thresholds(EXPIRY, EXPIRY - remaining)

    assert passed[:1] == ([] if tightest is None else [tightest])


@pytest.mark.parametrize(
    ("kind", "situation", "in_use", "remaining", "told"),
    [
        (Expiring.CERTIFICATE, Situation.RENEW, True, THREE_DAYS, [3, 7, 14, 30, 60]),
        (Expiring.CERTIFICATE, Situation.WAITING, False, THREE_DAYS, []),
        (Expiring.ANCHOR, Situation.AUTHORITY, True, EXPIRED, list(THRESHOLDS)),
        (Expiring.ANCHOR, Situation.PINNED, False, THREE_DAYS, []),
        (Expiring.SERVER, Situation.SERVER_ISSUED, True, THREE_DAYS, []),
        (Expiring.SERVER, Situation.SERVER_EXPIRED, True, EXPIRED, [0]),
        # The trust anchor is told of, which is the same certificate.
        (Expiring.SERVER, Situation.SERVER_PINNED, True, EXPIRED, []),
        (Expiring.LIST, Situation.LIST_OVERDUE, True, EXPIRED, []),
    ],
)
def test_only_what_breaks_something_is_told(
    kind: Expiring, situation: Situation, in_use: bool, remaining: timedelta, told: list[int]
) -> None:
    thing = ExpiringThing(
        kind=kind,
        key="",
        row_id=1,
        name="",
        environment="TNI",
        organisations=(Affected(1, "Gemeente"),),
        not_before=EXPIRY - timedelta(days=365),
        not_after=EXPIRY,
        fingerprint="",
        serial="",
        in_use=in_use,
        situation=situation,
        at=EXPIRY - remaining,
    )

    assert thresholds_to_tell(thing) == told
