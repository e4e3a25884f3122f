"""Values become coordinates."""

from datetime import UTC, datetime, timedelta

import pytest

from magda_portal.web.pictures import Lasting, draw_bars, draw_columns

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def test_the_highest_number_reaches_the_top_and_others_are_in_proportion() -> None:
    picture = draw_columns([(10, "a"), (0, "b"), (5, "c")])

    assert [(each.words, each.y, each.height) for each in picture.columns] == [
        ("a", 0, 60),
        ("c", 30, 30),
    ]
    assert (picture.total, picture.most) == (15, 10)


def test_one_among_thousands_is_still_seen() -> None:
    picture = draw_columns([(1, "one"), (100_000, "many")])

    assert picture.columns[0].height > 0


def test_columns_keep_their_place_and_stay_inside() -> None:
    picture = draw_columns([(0, ""), (0, ""), (7, "third")])

    column = picture.columns[0]
    assert column.x == 20
    assert column.x + column.width == picture.width


@pytest.mark.parametrize("numbers", [[], [(0, "quiet")] * 30])
def test_nothing_is_drawn_of_nothing(numbers: list[tuple[int, str]]) -> None:
    picture = draw_columns(numbers)

    assert (picture.columns, picture.total, picture.most) == ([], 0, 0)
    assert picture.width > 0


def test_bars_are_as_long_as_things_last_and_never_past_the_edge() -> None:
    things = [
        Lasting(name, NOW + timedelta(days=days), "good", "")
        for name, days in (("over", -3), ("half", 182.5), ("year", 365), ("long", 4000))
    ]

    picture = draw_bars(things, now=NOW)

    assert [bar.width for bar in picture.bars] == [3, 255, 510, 510]
    assert [bar.name for bar in picture.bars] == ["over", "half", "year", "long"]
