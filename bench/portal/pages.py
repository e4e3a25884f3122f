"""Pages as a person gets them: what they cost, and how the database finds what they show."""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from django.conf import settings
from django.db import connection
from django.test import Client

from bench.processes import cpu_seconds
from magda_portal.people.models import Person

BACKEND: Final = "allauth.account.auth_backends.AuthenticationBackend"
_browsers: dict[str, Client] = {}


def log_in(email: str) -> None:
    """Open a browser for a person; what the database does for us is ours from now on."""
    host = settings.PORTAL_URL.split("//")[1]
    browser = Client(SERVER_NAME=host.split(":")[0], headers={"accept-language": "nl"})
    browser.force_login(Person.objects.get(email=email), BACKEND)
    _browsers[email] = browser


def session_of(email: str) -> dict[str, str]:
    """Log a person in, and return the cookies that say so."""
    browser = Client()
    browser.force_login(Person.objects.get(email=email), BACKEND)
    return {name: morsel.value for name, morsel in browser.cookies.items()}


def show_page(email: str, path: str, times: int) -> dict[str, float]:
    """Get a page so many times; return CPU seconds of one, the database's among them."""
    backend = _backend()
    cpu, wall, database = time.process_time(), time.monotonic(), cpu_seconds(backend)
    for _ in range(times):
        _get(email, path)
    own = time.process_time() - cpu
    theirs = cpu_seconds(backend) - database if backend else 0.0
    return {
        "cpu": (own + theirs) / times,
        "database": theirs / times,
        "seconds": (time.monotonic() - wall) / times,
    }


def plans(email: str, path: str) -> dict[str, Any]:
    """Return how the database finds what a page shows, and what of that reads whole tables."""
    asked: list[tuple[str, Any]] = []
    with _listening(asked):
        _get(email, path)
    selects = [(sql, params) for sql, params in asked if sql.lstrip().upper().startswith("SELECT")]
    explain = _explained_by_postgresql if connection.vendor == "postgresql" else _by_sqlite
    found = [explain(sql, params) for sql, params in selects]
    return {
        "queries": len(asked),
        "milliseconds": sum(milliseconds for milliseconds, _, _ in found),
        "scans": [scan for _, scans, _ in found for scan in scans],
        "plans": [plan for _, _, plan in found],
    }


def _get(email: str, path: str) -> None:
    response = _browsers[email].get(path)
    if response.status_code != 200:
        raise RuntimeError(f"{path} answers {response.status_code}.")


def _backend() -> int:
    """Return the process that PostgreSQL serves us with; 0 where the database is our own work."""
    if connection.vendor != "postgresql":
        return 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (process,) = cursor.fetchone()
    return int(process)


@contextmanager
def _listening(asked: list[tuple[str, Any]]) -> Iterator[None]:
    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        asked.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        yield


def _explained_by_postgresql(sql: str, params: Any) -> tuple[float, list[str], str]:
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, COSTS OFF) {sql}", params)
        plan = "\n".join(row[0] for row in cursor.fetchall())
    found = re.search(r"^Execution Time: ([\d.]+) ms", plan, re.MULTILINE)
    scans = re.findall(r"(?:Parallel )?Seq Scan on (\w+)", plan)
    return float(found[1]) if found else 0.0, scans, plan


def _by_sqlite(sql: str, params: Any) -> tuple[float, list[str], str]:
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {sql}", params)
        lines = [str(row[3]) for row in cursor.fetchall()]
    # "SCAN x USING INDEX" walks along an index, and a limit may end that; a bare SCAN reads all.
    return 0.0, [line for line in lines if re.fullmatch(r"SCAN \w+", line)], "\n".join(lines)
