import logging
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from pytest_django.fixtures import Settings

from exchange import tasks
from exchange.models import Account, ConnectionSlot
from exchange.services.signs_of_life import show_life
from exchange.tests.builders import make_account
from magda_portal.tests.world import World
from magda_portal.web.liveness import Part, Pulse, last_sign


@pytest.fixture
def account(world: World) -> Account:
    return make_account(world.organisation)


@pytest.fixture(autouse=True)
def data_dir(settings: Settings, tmp_path: Path) -> Path:
    settings.DATA_DIR = tmp_path
    return tmp_path


def pulse(part: Part) -> Pulse:
    return last_sign(part, now=timezone.now()).pulse


@pytest.mark.parametrize("part", Part)
def test_the_task_of_a_queue_shows_that_its_worker_is_alive(account: Account, part: Part) -> None:
    tasks.show_life(part.value)

    assert [each for each in Part if pulse(each) is Pulse.ALIVE] == [part]


def test_workers_that_are_all_busy_are_alive_by_their_leases(account: Account) -> None:
    now = timezone.now()
    ConnectionSlot.objects.create(
        account=account, number=1, lease_until=now + timedelta(seconds=50)
    )

    show_life(Part.ROUNDS, now=now)

    assert (pulse(Part.ROUNDS), pulse(Part.TRANSFERS)) == (Pulse.ALIVE, Pulse.ALIVE)


def test_a_lease_that_is_over_is_no_sign_of_life(account: Account) -> None:
    now = timezone.now()
    ConnectionSlot.objects.create(
        account=account, number=1, lease_until=now - timedelta(seconds=50)
    )

    show_life(Part.ROUNDS, now=now)

    assert pulse(Part.TRANSFERS) is Pulse.UNKNOWN


def test_a_disk_that_can_not_be_written_costs_the_sign_and_not_the_round(
    account: Account, settings: Settings, data_dir: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (data_dir / "file").touch()
    settings.DATA_DIR = data_dir / "file"

    with caplog.at_level(logging.WARNING):
        show_life(Part.TRANSFERS, now=timezone.now())

    assert "could not be written" in caplog.text
