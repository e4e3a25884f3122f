from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from pytest_django.fixtures import Settings

from magda_portal.web.liveness import Part, Pulse, last_sign, show_life

NOW = timezone.now()


@pytest.fixture(autouse=True)
def data_dir(settings: Settings, tmp_path: Path) -> Path:
    settings.DATA_DIR = tmp_path
    return tmp_path


def test_a_part_that_never_showed_itself_is_unknown() -> None:
    found = last_sign(Part.ROUNDS, now=NOW)

    assert (found.at, found.pulse) == (None, Pulse.UNKNOWN)


@pytest.mark.parametrize(
    ("minutes", "pulse"),
    [(0, Pulse.ALIVE), (4, Pulse.ALIVE), (6, Pulse.SILENT), (9999, Pulse.SILENT)],
)
def test_a_part_is_alive_for_five_minutes_after_its_sign(minutes: int, pulse: Pulse) -> None:
    show_life(Part.ROUNDS, now=NOW)

    found = last_sign(Part.ROUNDS, now=NOW + timedelta(minutes=minutes))

    assert found.pulse is pulse
    assert found.at is not None
    assert abs(found.at - NOW) < timedelta(seconds=1)


def test_a_newer_sign_takes_the_place_of_the_older() -> None:
    show_life(Part.ROUNDS, now=NOW - timedelta(hours=1))
    show_life(Part.ROUNDS, now=NOW)

    assert last_sign(Part.ROUNDS, now=NOW).pulse is Pulse.ALIVE


def test_a_sign_from_a_clock_that_was_far_ahead_proves_nothing() -> None:
    show_life(Part.ROUNDS, now=NOW + timedelta(days=1))

    assert last_sign(Part.ROUNDS, now=NOW).pulse is Pulse.SILENT


def test_the_parts_do_not_stand_in_for_each_other() -> None:
    show_life(Part.ROUNDS, now=NOW)

    assert last_sign(Part.TRANSFERS, now=NOW).pulse is Pulse.UNKNOWN
