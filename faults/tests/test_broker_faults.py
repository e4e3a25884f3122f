"""A broker that is stopped, frozen or emptied costs time, and never a file."""

import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

from exchange.models import Transfer
from exchange.models.transfer import State
from faults.run_environment import RunEnvironment
from faults.services.redis import Redis
from faults.stage import Stage
from magda_portal.tests.small_disk import fill, make_room, small_disk

# Seconds that a broker may cost somebody who sends a file, all together.
PATIENCE = 5.0
BIG = 3_000_000
IN_THE_MIDDLE = 1_000_000


def submit_in_time(stage: Stage) -> Transfer:
    began = time.monotonic()
    transfer = stage.submit()
    assert time.monotonic() - began < PATIENCE
    return transfer


def is_done(transfer: Transfer) -> bool:
    transfer.refresh_from_db()
    return transfer.state == State.DONE


# --- Redis


@pytest.fixture
def mended(redis: Redis) -> Iterator[Redis]:
    """Redis, which runs again after the test."""
    yield redis
    if redis.is_running():
        redis.thaw()
    else:
        redis.start()


def test_redis_that_was_stopped_is_not_needed_for_sending_and_nothing_is_lost(
    stage: Stage, mended: Redis
) -> None:
    worker = stage.start_worker()
    processes = worker.pids
    stage.place()

    mended.stop()
    submit_in_time(stage)
    submit_in_time(stage)
    mended.start()

    stage.until_settled()
    assert worker.pids == processes
    stage.check()


def test_redis_that_was_flushed_before_a_worker_looked_loses_nudges_only(
    stage: Stage, mended: Redis
) -> None:
    for _ in range(3):
        stage.submit()
    stage.place()
    stage.tick()

    mended.flush()
    stage.start_worker()

    stage.until_settled()
    stage.check()


def test_redis_that_freezes_in_the_middle_of_a_delivery_holds_nothing_up(
    stage: Stage, mended: Redis
) -> None:
    """The worker needs it only to be woken, and goes on when it thaws."""
    worker = stage.start_worker()
    processes = worker.pids
    frozen = stage.when_under_way("STOR", mended.freeze, after_bytes=IN_THE_MIDDLE)

    first = stage.submit(size=BIG)
    assert frozen.wait(30)
    stage.until(lambda: is_done(first))
    submit_in_time(stage)
    mended.thaw()

    stage.until_settled()
    assert worker.pids == processes
    stage.check()


def test_redis_that_is_killed_in_the_middle_of_a_delivery_does_not_repeat_it(
    stage: Stage, mended: Redis
) -> None:
    """The message can't be acknowledged any more."""
    worker = stage.start_worker()
    processes = worker.pids
    killed = stage.when_under_way("STOR", mended.kill, after_bytes=IN_THE_MIDDLE)

    first = stage.submit(size=BIG)
    stage.place()
    assert killed.wait(30)
    stage.until(lambda: is_done(first))
    mended.start()

    stage.until_settled()
    assert worker.pids == processes
    assert "Traceback" not in worker.log
    stage.check()


# --- The folder


@pytest.fixture
def queue(run_environment: RunEnvironment) -> Path:
    """The folder that is the broker; skips where that is Redis."""
    if run_environment.redis is not None:
        pytest.skip("runs with the folder as the broker only: python -m faults once")
    return Path(str(settings.CELERY_BROKER_TRANSPORT_OPTIONS["data_folder_in"]))


def test_a_folder_that_was_emptied_loses_nudges_only(stage: Stage, queue: Path) -> None:
    for _ in range(3):
        stage.submit()
    stage.place()
    stage.tick()

    messages = list(queue.iterdir())
    assert messages
    for message in messages:
        message.unlink()
    stage.start_worker()

    stage.until_settled()
    stage.check()


def test_a_broker_that_was_cleared_away_under_a_worker_comes_back(
    stage: Stage, queue: Path
) -> None:
    worker = stage.start_worker()
    processes = worker.pids

    shutil.rmtree(queue.parent)
    stage.submit()
    stage.place()

    stage.until_settled()
    assert worker.pids == processes
    stage.check()


@pytest.mark.parametrize("options", ["ro", "rw"], ids=["read-only", "full"])
def test_a_folder_that_takes_no_message_is_not_needed_for_sending(
    stage: Stage, queue: Path, options: str
) -> None:
    worker = stage.start_worker()
    processes = worker.pids
    queue.mkdir(parents=True, exist_ok=True)

    with small_disk(queue, megabytes=1, options=options) as disk:
        if options == "rw":
            fill(disk)
        submit_in_time(stage)
        submit_in_time(stage)
        assert not list(queue.glob("*.msg"))
        if options == "rw":
            make_room(disk)

    stage.until_settled()
    assert worker.pids == processes
    stage.check()
