"""Files in the store are whole or not there."""

import errno
import os
import resource
import subprocess
import sys
import time
import uuid
from pathlib import Path

import pytest

from exchange.storage import CHUNK, NoRoomError, PayloadMissingError, PayloadStore, in_pieces
from magda_portal.tests.small_disk import fill, make_room, small_disk


@pytest.fixture
def store(tmp_path: Path) -> PayloadStore:
    return PayloadStore(tmp_path)


def all_files(store: PayloadStore) -> list[Path]:
    return [path for path in store.root.rglob("*") if path.is_file()]


def test_it_gives_back_what_it_keeps(store: PayloadStore) -> None:
    stored = store.keep([b"one", b"", b"two"])

    with store.open(stored.id) as content:
        assert list(in_pieces(content)) == [b"onetwo"]
    assert stored.size == 6
    assert stored.sha256 == "25b6746d5172ed6352966a013d93ac846e1110d5a25e8f183b5931f4688842a1"


def test_nobody_else_may_read_it(store: PayloadStore) -> None:
    store.keep([b"secret"])

    (path,) = all_files(store)
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o077 == 0


def test_what_fails_halfway_leaves_nothing(store: PayloadStore) -> None:
    with store.writer() as writer:
        writer.write(b"half")

    assert all_files(store) == []


def test_a_file_has_no_final_name_before_it_is_kept(store: PayloadStore) -> None:
    with store.writer() as writer:
        writer.write(b"half")
        names = [path.suffix for path in all_files(store)]
        writer.keep()

    assert names == [".part"]
    assert [path.suffix for path in all_files(store)] == [""]


def test_a_missing_file_has_its_own_error(store: PayloadStore) -> None:
    with pytest.raises(PayloadMissingError):
        store.open(uuid.uuid4())


def test_it_tells_the_size_of_what_it_keeps(store: PayloadStore) -> None:
    stored = store.keep([b"four"])

    assert store.size_of(stored.id) == 4
    assert store.size_of(uuid.uuid4()) is None


def test_a_file_with_a_foreign_name_is_no_stray(store: PayloadStore) -> None:
    kept = store.keep([b"x"])
    folder = store.root / kept.id.hex[:2]
    for name in (".nfs0001", kept.id.hex, "lost+found"):
        (folder / name).write_bytes(b"x")

    assert list(store.stray_files(older_than_seconds=-1)) == [kept.id]


def test_erasing_twice_is_fine(store: PayloadStore) -> None:
    stored = store.keep([b"x"])

    store.erase(stored.id)
    store.erase(stored.id)

    assert all_files(store) == []


def test_it_sweeps_only_unfinished_files_that_are_old(store: PayloadStore) -> None:
    kept = store.keep([b"x"])
    with store.writer() as busy:
        busy.write(b"still coming")
        abandoned = store.root / kept.id.hex[:2] / f"{uuid.uuid4()}.part"
        abandoned.write_bytes(b"half")
        yesterday = time.time() - 100_000
        os.utime(abandoned, (yesterday, yesterday))

        assert store.sweep_unfinished(older_than_seconds=86_400) == 1

        busy.keep()
    assert kept.id in set(store.stray_files(older_than_seconds=-1))
    assert not abandoned.exists()


# --- A disk that is full, or won't


def give_up_on_a_full_disk(store: PayloadStore) -> None:
    with store.writer() as writer:
        writer.write(bytes(500_000))
        fill(store.root)


def keep_many(store: PayloadStore, count: int) -> None:
    for _ in range(count):
        store.keep([b"x"])


def test_a_full_disk_leaves_nothing_and_says_so(tmp_path: Path) -> None:
    """One piece that is too large fails as it is written."""
    with small_disk(tmp_path / "disk", megabytes=2) as disk:
        store = PayloadStore(disk)

        with pytest.raises(OSError, match="No space left") as caught:
            store.keep([bytes(CHUNK)] * 5)

        assert caught.value.errno == errno.ENOSPC
        assert all_files(store) == []
        assert os.statvfs(disk).f_bavail * os.statvfs(disk).f_frsize >= CHUNK


def test_a_disk_that_is_full_only_at_the_last_flush_leaves_nothing(tmp_path: Path) -> None:
    """Small pieces wait in memory; only keeping them meets the disk."""
    with small_disk(tmp_path / "disk", megabytes=2) as disk:
        store = PayloadStore(disk)
        with store.writer() as writer:
            writer.write(bytes(500_000))
            fill(disk)
            with pytest.raises(OSError, match="No space left"):
                writer.keep()
            make_room(disk)

        assert all_files(store) == []


def test_a_disk_that_is_full_when_a_writer_gives_up_leaves_nothing(tmp_path: Path) -> None:
    """Closing flushes what waited in memory, which fails once more."""
    with small_disk(tmp_path / "disk", megabytes=2) as disk:
        store = PayloadStore(disk)

        with pytest.raises(OSError, match="No space left"):
            give_up_on_a_full_disk(store)

        make_room(disk)
        assert all_files(store) == []


def test_a_disk_without_room_for_a_name_leaves_nothing(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", megabytes=2) as disk:
        store = PayloadStore(disk)
        fill(disk)

        with pytest.raises(OSError, match="No space left"):
            keep_many(store, 5000)

        make_room(disk)
        assert list(disk.rglob("*.part")) == []
        assert store.keep([b"x"]).size == 1


def test_a_rename_that_fails_leaves_nothing(store: PayloadStore) -> None:
    with store.writer() as writer:
        writer.write(b"whole")
        (part,) = all_files(store)
        part.with_suffix("").mkdir()

        with pytest.raises(IsADirectoryError):
            writer.keep()

    assert all_files(store) == []


def test_a_folder_that_can_not_be_synced_takes_the_file_back(store: PayloadStore) -> None:
    """The caller is told that nothing was kept."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with store.writer() as writer:
        writer.write(b"whole")
        # From now on no file can be opened: not the folder either, once the file is closed.
        resource.setrlimit(resource.RLIMIT_NOFILE, (writer._file.fileno(), hard))
        try:
            with pytest.raises(OSError, match="Too many open files"):
                writer.keep()
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))

    assert all_files(store) == []


LIMITED = """
import resource, signal, sys
from pathlib import Path
import django; django.setup()
from exchange.storage import PayloadStore
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (2 * 1024**2, 2 * 1024**2))
try:
    PayloadStore(Path(sys.argv[1])).keep([bytes(1024**2)] * 5)
except OSError as exc:
    print(exc.strerror)
"""


def test_a_limit_on_the_size_of_files_leaves_nothing(store: PayloadStore) -> None:
    """Where no file system can be mounted, this is the disk that won't take it."""
    command = [sys.executable, "-c", LIMITED, str(store.root)]

    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout

    assert said == "File too large\n"
    assert all_files(store) == []


# --- The reserve


def test_a_reserve_is_left_alone_and_nothing_is_left_behind(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", megabytes=40) as disk:
        store = PayloadStore(disk, reserve=10 * CHUNK)

        with pytest.raises(NoRoomError) as caught:
            store.keep([bytes(CHUNK)] * 39)

        assert caught.value.errno == errno.ENOSPC
        assert all_files(store) == []
        assert store.keep([bytes(CHUNK)] * 5).size == 5 * CHUNK


def test_a_file_is_refused_before_it_begins_when_only_the_reserve_is_left(tmp_path: Path) -> None:
    store = PayloadStore(tmp_path, reserve=2**60)

    with pytest.raises(NoRoomError):
        store.writer()

    assert all_files(store) == []
    assert not store.has_room_for(0)


def test_without_a_reserve_there_is_room_until_writing_says_otherwise(tmp_path: Path) -> None:
    assert PayloadStore(tmp_path).has_room_for(2**60)
    assert not PayloadStore(tmp_path, reserve=1).has_room_for(2**60)
    assert PayloadStore(tmp_path, reserve=1).has_room_for(1)
