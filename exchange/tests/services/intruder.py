"""Somebody else who writes the same row just before us."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection


@contextmanager
def intruder(table: str, *, times: int) -> Iterator[None]:
    """Carry out each of the first INSERTs into ``table`` twice, as if another was faster.

    Both are undone together when the constraint refuses the second, so the next try finds the
    table as it was.
    """
    left = times

    def insert_first(
        execute: Callable[..., Any], sql: str, parameters: Any, many: bool, context: Any
    ) -> Any:
        nonlocal left
        if left and sql.startswith(f'INSERT INTO "{table}"'):
            left -= 1
            execute(sql, parameters, many, context)
        return execute(sql, parameters, many, context)

    with connection.execute_wrapper(insert_first):
        yield
