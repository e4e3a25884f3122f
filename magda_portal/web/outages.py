"""What the portal stands on and can be away for a while: its database, and room on its disk.

Neither is a fault of the portal, and both pass. People get a page that says so, with a status that
machines understand (RFC 9110 503, RFC 4918 507), and the log gets one line instead of a traceback
for each request and each task.
"""

import errno
import logging
import sqlite3
import sys
from enum import Enum

from django import db
from django.http import HttpRequest, HttpResponse

from magda_portal.web.current import current_request
from magda_portal.web.plain_pages import plain_page

RETRY_AFTER = 30
"""Seconds after which a client may try again."""

_NO_ROOM = (errno.ENOSPC, errno.EDQUOT)
# PostgreSQL's SQLSTATE for a full disk (its manual, appendix A).
_PG_DISK_FULL = "53100"


class Outage(Enum):
    """What is missing; the value is the status that the page is sent with."""

    DATABASE_AWAY = 503
    STORAGE_FULL = 507


def outage_of(error: BaseException | None) -> Outage | None:
    """Say which outage an exception tells of, or was raised over; None for any other exception."""
    while error is not None:
        if isinstance(error, OSError) and error.errno in _NO_ROOM:
            return Outage.STORAGE_FULL
        if isinstance(error, db.OperationalError | db.InterfaceError):
            return Outage.STORAGE_FULL if _is_full(error.__cause__) else Outage.DATABASE_AWAY
        error = error.__cause__
    return None


def _is_full(cause: BaseException | None) -> bool:
    if isinstance(cause, sqlite3.Error):
        return getattr(cause, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL
    return getattr(cause, "sqlstate", None) == _PG_DISK_FULL


def failed(request: HttpRequest) -> HttpResponse:
    """Answer for an exception that nobody caught, wherever in the request it was raised.

    Django calls it while it handles that exception (``handler500``), also for one of a middleware.
    Nothing here needs the database: not the session, not the person, not a context processor.
    """
    outage = outage_of(sys.exception())
    if outage is None:
        return plain_page(request, 500, {"request_id": current_request().id})
    response = plain_page(request, outage.value)
    response["Retry-After"] = str(RETRY_AFTER)
    return response


class OneLinePerOutage(logging.Filter):
    """Writes one line in the log where an outage would leave a traceback, each time it is met."""

    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        outage = outage_of(error)
        if outage is not None:
            reason = " ".join(str(error).split())
            first_line = record.getMessage().partition("\n")[0]
            record.msg = f"{first_line} [{outage.name.replace('_', ' ').lower()}: {reason}]"
            record.args = None
            record.exc_info = record.exc_text = None
        return True
