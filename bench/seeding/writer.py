"""Write very many rows: COPY on PostgreSQL, executemany on SQLite."""

import json
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import Any, Final

from django.db import connection
from django.db.models import JSONField, Max, Model, QuerySet

Values = Sequence[Any]
_AT_ONCE: Final = 20_000


class TableWriter:
    """Writes one table. ``columns`` differ from row to row; the others have their defaults.

    Keys are given by the caller (:meth:`next_key`); call :func:`settle_keys` at the end.
    """

    def __init__(self, model: type[Model], columns: Sequence[str], **same: Any) -> None:
        self._rows: QuerySet[Any] = QuerySet(model)
        fields = {field.name: field for field in model._meta.concrete_fields}
        self._json = [at for at, name in enumerate(columns) if isinstance(fields[name], JSONField)]
        named = [fields[name] for name in columns]
        constant = [field for name, field in fields.items() if name not in columns]
        self._constants = tuple(
            field.get_db_prep_save(same.get(field.name, field.get_default()), connection)
            for field in constant
        )
        names = [str(field.column) for field in [*named, *constant]]
        self._columns = ", ".join(connection.ops.quote_name(name) for name in names)
        self._width = len(names)
        self._table = connection.ops.quote_name(model._meta.db_table)

    def next_key(self) -> int:
        """Return the first free key."""
        highest = self._rows.aggregate(highest=Max("pk"))["highest"]
        return int(highest or 0) + 1

    def write(self, rows: Iterable[Values]) -> int:
        """Write the rows; return how many there were."""
        written, waiting = 0, iter(rows)
        while piece := list(islice(waiting, _AT_ONCE)):
            self._write(self._prepared(row) for row in piece)
            written += len(piece)
        return written

    def _prepared(self, row: Values) -> list[Any]:
        values = [*row, *self._constants]
        for at in self._json:
            values[at] = json.dumps(values[at])
        return values

    def _write(self, rows: Iterator[list[Any]]) -> None:
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                with cursor.copy(f"COPY {self._table} ({self._columns}) FROM STDIN") as copy:
                    for row in rows:
                        copy.write_row([_plain(value) for value in row])
            else:
                marks = ", ".join(["%s"] * self._width)
                cursor.executemany(
                    f"INSERT INTO {self._table} ({self._columns}) VALUES ({marks})",  # noqa: S608 - names of our own models
                    [_for_sqlite(row) for row in rows],
                )


def hurry() -> None:
    """Let this connection be quick: what is made here can be made again."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA synchronous=OFF")
            # In KiB: the indexes of a million rows are filled in any order.
            cursor.execute("PRAGMA cache_size=-1000000")


def settle_keys(*models: type[Model]) -> None:
    """Let PostgreSQL count on from the keys that were given; SQLite does so by itself."""
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        for model in models:
            table = connection.ops.quote_name(model._meta.db_table)
            cursor.execute(
                f"SELECT setval(pg_get_serial_sequence(%s, 'id'), (SELECT MAX(id) FROM {table}))",  # noqa: S608 - as above
                [model._meta.db_table],
            )


def refresh_statistics() -> None:
    """Let the database know its tables, as its own maintenance does in time."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")


def _plain(value: Any) -> Any:
    # psycopg wraps JSON; COPY takes its text.
    return json.dumps(value.obj) if hasattr(value, "obj") else value


def _as_text(moment: datetime) -> str:
    """Return a moment, in UTC, as SQLite's backend of Django writes it."""
    return moment.replace(tzinfo=None).isoformat(" ")


# By the exact type: a million rows have tens of millions of values.
_FOR_SQLITE: Final[dict[type, Callable[[Any], Any]]] = {
    uuid.UUID: lambda value: value.hex,
    datetime: _as_text,
}


def _for_sqlite(row: Values) -> list[Any]:
    return [convert(value) if (convert := _FOR_SQLITE.get(type(value))) else value for value in row]
