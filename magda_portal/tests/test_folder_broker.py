"""The folder that stands in for a broker."""

from collections.abc import Iterator
from pathlib import Path
from queue import Empty

import pytest
from kombu import Connection
from kombu.exceptions import ChannelError

from magda_portal.celery import app
from magda_portal.folder_broker import Channel
from magda_portal.tests.small_disk import fill, small_disk


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "queue").mkdir()
    return tmp_path / "queue"


@pytest.fixture
def channel(folder: Path) -> Iterator[Channel]:
    options = {
        "data_folder_in": str(folder),
        "data_folder_out": str(folder),
        "control_folder": str(folder.parent / "control"),
    }
    with Connection("filesystem://localhost//", transport_options=options) as connection:
        channel = connection.channel()
        assert isinstance(channel, Channel)
        yield channel


def test_the_portals_own_broker_is_this_one() -> None:
    with app.connection_for_write() as connection:
        assert isinstance(connection.channel(), Channel)


def test_messages_come_out_whole_and_in_order_and_leave_nothing(
    channel: Channel, folder: Path
) -> None:
    for number in range(3):
        channel._put("rounds", {"body": number})

    assert [channel._get("rounds")["body"] for _ in range(3)] == [0, 1, 2]
    assert list(folder.iterdir()) == []
    with pytest.raises(Empty):
        channel._get("rounds")


def test_each_queue_gets_its_own_messages(channel: Channel) -> None:
    channel._put("transfers", {"body": 1})

    with pytest.raises(Empty):
        channel._get("rounds")
    assert channel._get("transfers") == {"body": 1}


@pytest.mark.parametrize("content", [b"", b'{"body": ', b"\xff\xfe"])
def test_a_broken_message_is_dropped_and_the_next_one_is_taken(
    channel: Channel, folder: Path, content: bytes
) -> None:
    """kombu's own transport ends the worker over it."""
    (folder / "00000000000000000000_broken.rounds.msg").write_bytes(content)
    channel._put("rounds", {"body": 1})

    assert channel._get("rounds") == {"body": 1}
    assert list(folder.iterdir()) == []


def test_a_message_that_is_still_being_written_is_not_seen(channel: Channel, folder: Path) -> None:
    (folder / ".0_unfinished.rounds.msg").write_bytes(b"{")

    with pytest.raises(Empty):
        channel._get("rounds")


def test_a_folder_that_was_cleared_away_is_empty_and_made_again(
    channel: Channel, folder: Path
) -> None:
    """A worker that fails on it would be started anew, and fail again."""
    folder.rmdir()

    with pytest.raises(Empty):
        channel._get("rounds")
    channel._put("rounds", {"body": 1})

    assert channel._get("rounds") == {"body": 1}


def test_a_message_that_can_not_be_written_is_an_error_of_the_broker_and_leaves_nothing(
    channel: Channel, folder: Path
) -> None:
    folder.rmdir()
    with small_disk(folder, megabytes=1) as disk:
        fill(disk)

        with pytest.raises(ChannelError):
            channel._put("rounds", {"body": "x" * 10_000})

        assert [path.name for path in folder.iterdir()] == ["filler"]


def test_half_a_list_of_queues_is_written_anew(channel: Channel, folder: Path) -> None:
    """kombu's own transport never starts a worker again over it."""
    listed = folder.parent / "control" / "news.exchange"
    listed.parent.mkdir()
    listed.write_text('[["', encoding="ascii")

    channel._queue_bind("news", "", "", "rounds")

    assert [row.queue for row in channel.get_table("news")] == ["rounds"]
