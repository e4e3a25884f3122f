"""Beat outlives a full disk and a broker that is away."""

from pathlib import Path

import pytest
from celery import Celery

from magda_portal.beat import Scheduler
from magda_portal.celery import app
from magda_portal.schedule import BEAT_SCHEDULE
from magda_portal.tests.portal import free_ports
from magda_portal.tests.small_disk import fill, make_room, small_disk


def test_the_portals_own_beat_is_this_one() -> None:
    assert app.conf.beat_scheduler == "magda_portal.beat:Scheduler"


def test_a_disk_that_fills_up_costs_a_line_in_the_log(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with small_disk(tmp_path / "disk", megabytes=2) as disk:
        scheduler = Scheduler(app=app, schedule_filename=str(disk / "beat"))
        fill(disk)
        # Longer than what the file's last block still takes.
        scheduler.add(name="long", task="x" * 50_000, schedule=10)

        scheduler.sync()

        assert [record.levelname for record in caplog.records] == ["WARNING"]
        assert "No space left" in caplog.text
        make_room(disk)
        scheduler.close()
    assert scheduler.schedule.keys() >= BEAT_SCHEDULE.keys()


def test_a_disk_that_is_full_at_the_start_leaves_the_schedule_in_memory(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    missing_folder = tmp_path / "gone" / "beat"

    scheduler = Scheduler(app=app, schedule_filename=str(missing_folder))

    assert scheduler.schedule.keys() >= BEAT_SCHEDULE.keys()
    assert "keeps its schedule in memory" in caplog.text
    scheduler.close()


def test_a_broker_that_is_away_costs_a_line_for_each_round(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (port,) = free_ports(1)
    away = Celery("away", broker=f"redis://127.0.0.1:{port}/0", set_as_current=False)
    away.conf.broker_transport_options = {"max_retries": 0, "socket_connect_timeout": 1}
    away.conf.task_publish_retry = False
    scheduler = Scheduler(app=away, schedule_filename=str(tmp_path / "beat"))
    caplog.clear()

    scheduler.apply_entry(scheduler.add(name="a round", task="x", schedule=10))

    (record,) = caplog.records
    assert "Couldn't apply scheduled task a round" in record.getMessage()
    assert record.exc_info is None
    assert "\n" not in record.getMessage()
    scheduler.close()
