"""Which exceptions are an outage, and what the log says of one."""

import errno
import io
import logging
import sqlite3
from pathlib import Path

import pytest
from django import db
from kombu.exceptions import OperationalError as BrokerError

from magda_portal.web.outages import OneLinePerOutage, Outage, outage_of


def raised_from(error: Exception, cause: Exception) -> Exception:
    try:
        raise error from cause
    except type(error) as exc:
        return exc


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_and_a_used_up_quota_are_known(number: int) -> None:
    assert outage_of(OSError(number, "no room")) is Outage.STORAGE_FULL


@pytest.mark.parametrize("error", [db.OperationalError("gone"), db.InterfaceError("closed")])
def test_a_database_that_is_away_is_known(error: Exception) -> None:
    assert outage_of(error) is Outage.DATABASE_AWAY


def test_what_was_raised_over_an_outage_is_one_too() -> None:
    full = raised_from(ValueError("could not keep it"), OSError(errno.ENOSPC, "no room"))

    assert outage_of(full) is Outage.STORAGE_FULL


def test_a_database_without_room_is_told_from_one_that_is_away(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "small.sqlite3")
    connection.execute("CREATE TABLE paper (line BLOB)")
    connection.execute("PRAGMA max_page_count = 3")
    with pytest.raises(sqlite3.OperationalError, match="full") as caught:
        connection.execute("INSERT INTO paper VALUES (zeroblob(100000))")
    connection.close()

    assert outage_of(raised_from(db.OperationalError("full"), caught.value)) is Outage.STORAGE_FULL


@pytest.mark.parametrize(
    "error",
    [
        None,
        OSError(errno.EACCES, "not yours"),
        db.IntegrityError("twice"),
        BrokerError("away"),
        KeyError("x"),
    ],
)
def test_anything_else_is_a_fault_of_ours(error: Exception | None) -> None:
    assert outage_of(error) is None


def logged(error: Exception) -> str:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.addFilter(OneLinePerOutage())
    logger = logging.getLogger("a test")
    logger.addHandler(handler)
    try:
        raise error
    except type(error):
        logger.exception("Task %s failed\n%s", "dispatch_due", "and more")
    finally:
        logger.removeHandler(handler)
    return stream.getvalue()


def test_an_outage_is_one_line_in_the_log() -> None:
    text = logged(db.OperationalError("connection refused\n\tIs the server running?"))

    assert text.splitlines() == [
        "Task dispatch_due failed [database away: connection refused Is the server running?]"
    ]


def test_a_fault_of_ours_keeps_its_traceback() -> None:
    assert "Traceback" in logged(KeyError("x"))
