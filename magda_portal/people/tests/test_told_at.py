"""The mark in a row's column that says when people were told of it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from magda_portal.people.models import Kind, Notice
from magda_portal.tests.world import World
from magda_portal.web.telling import ToldAt

NOW = timezone.now()


@pytest.fixture
def notice(world: World) -> Notice:
    return Notice.objects.create(
        person=world.clerk,
        organisation=world.organisation,
        kind=Kind.ARRIVED,
        source=Notice.Source.EVENT,
        source_id=1,
    )


def handled(notice: Notice) -> object:
    return Notice.objects.get(pk=notice.pk).handled_at


def test_of_two_that_read_the_same_row_one_marks_it(notice: Notice) -> None:
    one, other = (ToldAt(notice, "handled_at", NOW + timedelta(seconds=each)) for each in (0, 1))

    assert (one.mark(), other.mark()) == (True, False)
    assert handled(notice) == NOW


def test_a_row_that_changed_meanwhile_is_not_marked(notice: Notice) -> None:
    assert not ToldAt(notice, "handled_at", NOW).mark(source_id=2)
    assert handled(notice) is None


def test_what_stood_there_before_is_written_back(notice: Notice) -> None:
    notice.handled_at = NOW - timedelta(days=1)
    notice.save()
    told = ToldAt(notice, "handled_at", NOW)
    told.mark()

    told.unmark(True)

    assert handled(notice) == NOW - timedelta(days=1)


def test_a_later_mark_of_somebody_else_is_left_alone(notice: Notice) -> None:
    ToldAt(notice, "handled_at", NOW).mark()
    Notice.objects.update(handled_at=NOW + timedelta(hours=1))

    ToldAt(notice, "handled_at", NOW).unmark(True)

    assert handled(notice) == NOW + timedelta(hours=1)
