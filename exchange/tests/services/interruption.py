"""A Ctrl-C at an exact point of the conversation with the database."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection

Execute = Callable[[str, Any, bool, dict[str, Any]], Any]


@contextmanager
def interrupted_before(fragment: str) -> Iterator[None]:
    """Interrupt the block at the first statement that holds ``fragment``, which is not sent."""

    def watch(execute: Execute, sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        if fragment in sql:
            raise KeyboardInterrupt
        return execute(sql, params, many, context)

    with connection.execute_wrapper(watch), pytest.raises(KeyboardInterrupt):
        yield


@contextmanager
def interrupted_after_committing(fragment: str) -> Iterator[None]:
    """Interrupt the block once the transaction is committed that holds ``fragment``.

    Tests run inside a transaction, so what the code takes for COMMIT releases a savepoint.
    """
    seen = False

    def watch(execute: Execute, sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        nonlocal seen
        seen = seen or fragment in sql
        result = execute(sql, params, many, context)
        if seen and sql.startswith("RELEASE SAVEPOINT"):
            raise KeyboardInterrupt
        return result

    with connection.execute_wrapper(watch), pytest.raises(KeyboardInterrupt):
        yield
