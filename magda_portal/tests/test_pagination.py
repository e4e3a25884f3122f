"""Pages by time over events, which every app has: in one lane, in several, and in short looks."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.db.models import CharField, OuterRef
from django.db.models.functions import Cast

from magda_portal.audit.actions import Action
from magda_portal.audit.models import AuditEvent
from magda_portal.people.models import Organisation
from magda_portal.web.pagination import Order, Period, Place, Source, all_rows, stretch

pytestmark = pytest.mark.django_db
NOON = datetime(2031, 3, 4, 12, tzinfo=UTC)
RARE, COMMON = Action.KEY_PAIR_EXPORTED, Action.TRANSFER_SENDING


@pytest.fixture
def organisations() -> list[Organisation]:
    return [Organisation.objects.create(name=f"Gemeente {number}") for number in range(3)]


def make_events(organisations: list[Organisation], count: int, *, rare: set[int]) -> None:
    """Make events a minute apart, two of each moment, dealt out unevenly."""
    AuditEvent.objects.bulk_create(
        AuditEvent(
            at=NOON + timedelta(minutes=number // 2),
            action=RARE if number in rare else COMMON,
            actor_name=str(number),
            organisation_id=str(organisations[min(number % 10, 2)].pk),
        )
        for number in range(count)
    )


def source(
    organisations: list[Organisation] | None, action: Action | None = None
) -> Source[AuditEvent]:
    rows = AuditEvent.objects.filter(action=action) if action else AuditEvent.objects.all()
    every = Source(
        rows=rows,
        whole=AuditEvent.objects.all(),
        time="at",
        lane_rows=AuditEvent.objects.all(),
        look_through=30,
    )
    if organisations is None:
        return every
    key = Cast(OuterRef("pk"), CharField(max_length=40))
    return replace(
        every,
        rows=rows.filter(organisation_id__in=[str(row.pk) for row in organisations]),
        lanes=Organisation.objects.filter(pk__in=[row.pk for row in organisations]),
        lane_rows=AuditEvent.objects.filter(organisation_id=key),
        lane_count=len(organisations),
    )


def numbers(rows: list[AuditEvent]) -> list[int]:
    return [int(row.actor_name) for row in rows]


def pages(pages_of: Source[AuditEvent], order: Order, *, size: int) -> list[int]:
    """Return what all pages show, one after the other."""
    found, place = [], None
    for _ in range(1000):
        page = stretch(pages_of, order=order, place=place, size=size)
        found += numbers(page.rows)
        place = page.further
        if place is None:
            return found
    raise AssertionError("The pages never end.")


@pytest.mark.parametrize("order", list(Order))
@pytest.mark.parametrize("size", [1, 7, 50])
@pytest.mark.parametrize("in_lanes", [True, False])
def test_every_row_is_on_one_page(
    organisations: list[Organisation], order: Order, size: int, in_lanes: bool
) -> None:
    make_events(organisations, 101, rare=set())
    expected = list(range(101))

    found = pages(source(organisations if in_lanes else None), order, size=size)

    assert found == (expected if order is Order.OLDEST else expected[::-1])


@pytest.mark.parametrize("order", list(Order))
@pytest.mark.parametrize("in_lanes", [True, False])
def test_what_is_rare_is_found_in_steps_that_say_how_far_they_went(
    organisations: list[Organisation], order: Order, in_lanes: bool
) -> None:
    make_events(organisations, 400, rare={3, 200, 390})
    rare = source(organisations if in_lanes else None, RARE)

    first = stretch(rare, order=order)
    found = pages(rare, order, size=50)

    assert first.looked_until is not None
    assert first.further is not None
    assert len(first.rows) <= 1
    assert found == ([3, 200, 390] if order is Order.OLDEST else [390, 200, 3])


def test_one_page_reads_no_more_than_its_share(organisations: list[Organisation]) -> None:
    make_events(organisations, 400, rare={3})

    page = stretch(source(None, RARE), order=Order.NEWEST, size=10)

    # Thirty of four hundred rows, two of each minute.
    assert page.looked_until == NOON + timedelta(minutes=184)


def test_a_look_straight_ahead_goes_to_the_end(organisations: list[Organisation]) -> None:
    make_events(organisations, 400, rare={3})

    page = stretch(replace(source(None, RARE), look_through=None), order=Order.NEWEST)

    assert (numbers(page.rows), page.further, page.looked_until) == ([3], None, None)


@pytest.mark.parametrize("order", list(Order))
def test_a_period_holds_both_its_ends_and_nothing_else(
    organisations: list[Organisation], order: Order
) -> None:
    make_events(organisations, 400, rare=set())
    period = Period(NOON + timedelta(minutes=100), NOON + timedelta(minutes=102))

    found = pages(replace(source(organisations), period=period), order, size=50)

    assert sorted(found) == [200, 201, 202, 203, 204, 205]


def test_a_page_after_the_last_row_is_empty_and_the_last(
    organisations: list[Organisation],
) -> None:
    make_events(organisations, 10, rare=set())

    page = stretch(source(organisations), order=Order.NEWEST, place=Place(NOON, 0))

    assert (page.rows, page.further) == ([], None)


def test_all_rows_come_out_in_order(organisations: list[Organisation]) -> None:
    make_events(organisations, 1100, rare=set())

    assert numbers(list(all_rows(source(organisations), order=Order.OLDEST))) == list(range(1100))


@pytest.mark.parametrize("place", [Place(NOON, 12), Place(NOON)])
def test_a_place_is_read_as_it_was_written(place: Place) -> None:
    assert Place.read(str(place)) == place


@pytest.mark.parametrize(
    "text",
    ["", "x", "1", ".", "1.x", "x.1", "-1.1", "99999999999999999999.1", "１.1"],  # noqa: RUF001
)
def test_a_place_that_makes_no_sense_is_none(text: str) -> None:
    assert Place.read(text) is None
