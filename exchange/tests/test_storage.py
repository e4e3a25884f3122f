"""Files in the store are whole or not there."""

import os
import time
import uuid
from pathlib import Path

import pytest

from exchange.storage import PayloadMissingError, PayloadStore, in_pieces


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
