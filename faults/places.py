"""Where tests run: a data folder, a migrated database and a broker that nobody else uses."""

import secrets
import shutil
import subprocess
import sys
import tempfile
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

from faults.run_environment import RunEnvironment
from faults.services.postgresql import PostgreSQL
from faults.services.redis import Redis
from magda_portal.bootstrap import BASE_DIR, FOLDERS
from magda_portal.tests.environment import for_a_process


class Backing(StrEnum):
    """What a run stands on."""

    SQLITE = "sqlite"
    """SQLite and a folder as the broker, as ``make run`` starts it."""
    POSTGRESQL = "postgresql"
    """PostgreSQL and Redis, as Docker Compose starts it."""


@dataclass(frozen=True, slots=True)
class Place:
    """The folder of one place, and the environment of the processes in it."""

    folder: Path
    environ: dict[str, str]


@contextmanager
def fresh_place(backing: Backing, told: RunEnvironment) -> Iterator[Place]:
    """Make a place that has nothing in common with any other, and remove it afterwards."""
    with ExitStack() as stack:
        folder = Path(tempfile.mkdtemp(prefix="faults-"))
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        # PostgreSQL's own user has to pass through.
        folder.chmod(0o711)
        for name in FOLDERS:
            (folder / "data" / name).mkdir(mode=0o700, parents=True, exist_ok=True)
        environ = {
            "DJANGO_SETTINGS_MODULE": "faults.settings",
            "PYTHONUNBUFFERED": "1",
            "SECRET_KEY": secrets.token_urlsafe(50),
            "SEALING_KEYS": "bench:" + urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        }
        if backing is Backing.POSTGRESQL:
            told = replace(told, postgresql=folder / "postgresql", redis=folder / "redis")
            environ |= _start_services(stack, told)
        place = Place(folder, for_a_process(folder / "data", **environ, **told.variables()))
        _migrate(place)
        yield place


def _migrate(place: Place) -> None:
    command = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
    subprocess.run(command, cwd=BASE_DIR, env=place.environ, check=True)  # noqa: S603 - our own words


def _start_services(stack: ExitStack, told: RunEnvironment) -> dict[str, str]:
    assert told.postgresql is not None
    assert told.redis is not None
    postgresql, redis = PostgreSQL(told.postgresql), Redis(told.redis)
    stack.callback(_end, postgresql)
    postgresql.create()
    stack.callback(_end, redis)
    redis.start()
    return {"DATABASE_URL": postgresql.url, "CELERY_BROKER_URL": redis.url}


def _end(service: PostgreSQL | Redis) -> None:
    """End a service however a test left it."""
    if service.is_running():
        service.thaw()
        service.kill()
