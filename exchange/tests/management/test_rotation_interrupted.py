"""A rotation that is killed in the middle, and two at once, on a database of its own."""

import os
import secrets
import sqlite3
import subprocess
import sys
from base64 import urlsafe_b64encode
from contextlib import closing
from pathlib import Path

import pytest
from django.conf import settings

from magda_portal.tests.environment import for_a_process
from magda_portal.tests.processes import eventually

ROWS = 2000


def entry(key_id: str) -> str:
    return f"{key_id}:{urlsafe_b64encode(secrets.token_bytes(32)).decode()}"


OLD, NEW = entry("old"), entry("new")


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """Give the environment of a portal whose key pairs are sealed with the old key."""
    environ = for_a_process(tmp_path / "data", SECRET_KEY="x" * 50, SEALING_KEYS=OLD)
    run(environ, "manage.py", "migrate", "--verbosity", "0")
    run(environ, "manage.py", "open_account", "demo", "--organisation", "O", "--environment", "TNI")
    run(environ, "-m", "exchange.tests.management.key_pairs_maker", str(ROWS))
    return {**environ, "SEALING_KEYS": f"{NEW},{OLD}"}


def run(environ: dict[str, str], *arguments: str) -> str:
    finished = subprocess.run(
        [sys.executable, *arguments],
        cwd=settings.BASE_DIR,
        env=environ,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    return finished.stdout


def begin_rotation(environ: dict[str, str]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "manage.py", "rotate_keys"],
        cwd=settings.BASE_DIR,
        env=environ,
        stdout=subprocess.PIPE,
        text=True,
    )


def rotated(environ: dict[str, str]) -> int:
    """Count the values that name the new key."""
    database = Path(environ["DATA_DIR"]) / "portal.sqlite3"
    with closing(sqlite3.connect(database, timeout=20)) as connection:
        query = "SELECT count(*) FROM certificates_keypair WHERE substr(%s, 3, 3) = ?"
        rows = connection.execute(query % "sealed_private_key", (b"new",))
        return int(rows.fetchone()[0])


def test_a_rotation_that_was_killed_is_finished_by_two_at_once(environ: dict[str, str]) -> None:
    killed = begin_rotation(environ)
    begun = eventually(lambda: rotated(environ) > 50, within=60)
    killed.kill()
    killed.communicate()

    assert begun
    assert 50 < rotated(environ) < ROWS
    halfway = run(environ, "manage.py", "rotate_keys", "--check").split()
    assert halfway[::3] == ["new", "old"]
    assert int(halfway[1]) + int(halfway[4]) == ROWS

    both = [begin_rotation(environ) for _ in range(2)]
    outputs = [process.communicate(timeout=100)[0] for process in both]

    assert [process.returncode for process in both] == [0, 0]
    assert all(f"new\t{ROWS}\tfirst" in output for output in outputs)
    alone = {**environ, "SEALING_KEYS": NEW}
    assert run(alone, "manage.py", "rotate_keys", "--check") == f"new\t{ROWS}\tfirst{os.linesep}"
