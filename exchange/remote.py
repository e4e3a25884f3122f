"""MAGDA's folders and how long it keeps what lies in them.

Sources: MAGDA, "FTPS Technical Information" (folder structure, file exchange, file cleanup).
"""

from datetime import date, datetime, timedelta

from exchange.filenames import TEMPORARY_SUFFIX

# The table says two weeks for every folder; the text says one month for ``public``. We count on
# the stricter figure.
RETENTION = timedelta(days=14)


def path_in(folder: str, name: str) -> str:
    """Return the path of ``name`` in ``folder``, relative to the home folder."""
    return f"{folder.strip('/')}/{name}" if folder.strip("/") else name


def temporary_path(folder: str, name: str, *, transfer_id: int, token: int) -> str:
    """Return where a file is stored before its rename.

    The suffix breaks MAGDA's naming pattern, which looks at the end of a name; transfer and token
    make it ours alone, so that another attempt never writes into it.
    """
    return path_in(folder, f"{name}.{transfer_id}-{token}{TEMPORARY_SUFFIX}")


def removal_day(first_seen: datetime, modified: datetime | None = None) -> date:
    """Return the day on which MAGDA's clean-up may take a file.

    Two weeks after its server time when that is known and earlier, else after we first saw it.
    Both times are aware; the day is that of their own time zone.
    """
    since = min(first_seen, modified) if modified else first_seen
    return (since + RETENTION).date()
