"""The backing services do what their names say, so that tests can rely on it."""

from collections.abc import Callable

import pytest
from django.db import OperationalError, connection

from faults.services.postgresql import PostgreSQL
from faults.services.redis import Redis


def _answers(redis: Redis) -> bool:
    try:
        return redis.ping()
    except OSError:
        return False


def test_redis_forgets_everything_when_it_is_started_anew(redis: Redis) -> None:
    first = redis.pid

    redis.restart()

    assert redis.pid != first
    assert _answers(redis)


def test_a_frozen_redis_keeps_silent_until_it_is_thawed(redis: Redis) -> None:
    redis.freeze()
    while_frozen = _answers(redis)
    redis.thaw()

    assert not while_frozen
    assert _answers(redis)


@pytest.mark.parametrize("end", [Redis.stop, Redis.kill])
def test_redis_can_be_ended_and_started(redis: Redis, end: Callable[[Redis], None]) -> None:
    end(redis)
    was_running = redis.is_running()
    redis.start()

    assert not was_running
    assert _answers(redis)


@pytest.mark.parametrize(
    "end",
    [PostgreSQL.stop, PostgreSQL.stop_immediately, PostgreSQL.kill],
    ids=lambda end: end.__name__,
)
def test_postgresql_cuts_its_sessions_and_can_be_started_again(
    postgresql: PostgreSQL, end: Callable[[PostgreSQL], None]
) -> None:
    connection.ensure_connection()

    end(postgresql)
    was_running = postgresql.is_running()
    with pytest.raises(OperationalError), connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    connection.close()
    postgresql.start()

    assert not was_running
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        assert cursor.fetchone() == (1,)


def test_a_frozen_postgresql_is_ready_again_once_it_is_thawed(postgresql: PostgreSQL) -> None:
    postgresql.freeze()
    while_frozen = postgresql.is_ready()
    postgresql.thaw()

    assert not while_frozen
    postgresql.await_ready()
