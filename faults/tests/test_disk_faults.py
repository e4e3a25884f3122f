"""A disk that is full stops what comes in, and never what goes out; with room all goes on."""

import io
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

from exchange.errors import SubmissionError
from exchange.models import RemoteFile, Transfer
from exchange.models.transfer import State
from exchange.services.submission import Draft, Submitter, submit
from exchange.tests.wiring import ACTOR
from faults.stage import Stage
from magda_portal.tests.small_disk import fill, make_room, small_disk

BIG = 1_500_000
SOON = 30.0


@pytest.fixture
def disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Have the store on a disk of which 5 MB are free, with all that it held before.

    Workers that are started from now on use up the whole of it.
    """
    monkeypatch.setenv("STORAGE_RESERVE_MB", "0")
    reserve, settings.STORAGE_RESERVE_MB = settings.STORAGE_RESERVE_MB, 0
    store, earlier = Path(settings.PAYLOAD_DIR), tmp_path / "earlier"
    used = sum(path.stat().st_blocks * 512 for path in store.rglob("*") if path.is_file())
    shutil.copytree(store, earlier)
    with small_disk(store, megabytes=5 + used // 1024**2 + 1) as mounted:
        shutil.copytree(earlier, mounted, dirs_exist_ok=True)
        yield mounted
        make_room(mounted)
        # Later tests ask the store for the files of this one, too.
        shutil.copytree(mounted, earlier, dirs_exist_ok=True)
    shutil.copytree(earlier, store, dirs_exist_ok=True)
    settings.STORAGE_RESERVE_MB = reserve


def error_codes(stage: Stage) -> set[str]:
    rows = RemoteFile.objects.filter(account=stage.account)
    return set(rows.values_list("error_code", flat=True))


def unfinished(disk: Path) -> list[Path]:
    return list(disk.rglob("*.part"))


def test_a_full_disk_leaves_files_at_magda_until_there_is_room(stage: Stage, disk: Path) -> None:
    stage.start_worker()
    placed = [stage.place(content=stage.content(BIG)) for _ in range(3)]
    fill(disk, leaving=500_000)

    stage.hurry()
    stage.tick()

    stage.until(lambda: "collection.storage_full" in error_codes(stage))
    stage.until(lambda: not unfinished(disk))
    for each in placed:
        assert (stage.expected.home / each.folder / each.name).stat().st_size == BIG
    make_room(disk)
    stage.until_settled()
    stage.check()


def test_a_disk_that_fills_up_in_the_middle_of_a_file_keeps_nothing_of_it(
    stage: Stage, disk: Path
) -> None:
    stage.start_worker()
    stage.place("hit.xml", stage.content(BIG))
    full = stage.when_under_way("RETR", lambda: fill(disk), about="hit.xml", after_bytes=BIG // 2)

    stage.hurry()
    stage.tick()
    assert full.wait(SOON)

    stage.until(lambda: "collection.storage_full" in error_codes(stage))
    stage.until(lambda: not unfinished(disk))
    make_room(disk)
    stage.until_settled()
    stage.check()


def test_a_disk_that_is_full_at_the_last_flush_keeps_nothing_of_the_file(
    stage: Stage, disk: Path
) -> None:
    """All of a small file waits in memory until it is made durable."""
    stage.start_worker()
    stage.place("hit.xml", stage.content(100_000))
    full = stage.when_answered("RETR", lambda: fill(disk), about="hit.xml")

    stage.hurry()
    stage.tick()
    assert full.wait(SOON)

    stage.until(lambda: "collection.storage_full" in error_codes(stage))
    stage.until(lambda: not unfinished(disk))
    make_room(disk)
    stage.until_settled()
    stage.check()


def test_a_full_disk_refuses_what_is_submitted_and_still_delivers_what_was(
    stage: Stage, disk: Path
) -> None:
    request = stage.submit(size=BIG)
    fill(disk)
    refused = Draft(stage.account, "refused.xml", Submitter(ACTOR))

    with pytest.raises(SubmissionError) as caught:
        submit(refused, content=io.BytesIO(stage.content(BIG)))

    assert caught.value.code == "storage.full"
    assert not Transfer.objects.filter(account=stage.account, final_name="refused.xml").exists()
    assert not unfinished(disk)
    stage.start_worker()
    stage.until_settled()
    request.refresh_from_db()
    assert request.state == State.DONE
    make_room(disk)
    stage.check()


def test_a_reserve_is_left_for_the_database(
    stage: Stage, disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STORAGE_RESERVE_MB", "3")
    stage.start_worker()
    placed = stage.place(content=stage.content(BIG))
    fill(disk, leaving=2_500_000)

    stage.hurry()
    stage.tick()

    stage.until(lambda: "collection.storage_full" in error_codes(stage))
    assert (stage.expected.home / placed.folder / placed.name).exists()
    make_room(disk)
    stage.until_settled()
    stage.check()
