"""What becomes of messages whose Redis went away while they were worked on."""

import logging
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from kombu import Connection
from kombu.common import ignore_errors

from faults.services.redis import Redis
from magda_portal.redis_broker import Transport

logger = logging.getLogger(__name__)
pytestmark = pytest.mark.processes


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[Redis]:
    server = Redis(tmp_path)
    server.start()
    yield server
    if server.is_running():
        server.kill()


def test_a_message_whose_connection_was_closed_meanwhile_is_let_go_of(
    redis: Redis, caplog: pytest.LogCaptureFixture
) -> None:
    connection = Connection(redis.url, transport=Transport)
    queue = connection.SimpleQueue("work")
    queue.put("nudge")
    message = queue.get(block=True, timeout=5)
    channel: Any = message.channel
    redis.kill()

    # What Celery's consumer does when it loses its connection while a task is under way; the
    # channel has then let go of its pool, and looks for its host to make another.
    with suppress(Exception):
        connection.collect(socket_timeout=1)
    channel._disconnect_pools()
    ignore_errors(connection, connection.close)
    message.ack_log_error(logger, errors=connection.connection_errors)

    assert "could not be told" in caplog.text
