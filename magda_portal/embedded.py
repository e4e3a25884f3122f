"""Start everything with one command: what ``make run`` calls.

``python -m magda_portal.embedded`` checks what it needs, readies the data folder and the
database, and then keeps the web server, the worker with beat and, on SQLite, the practice MAGDA
running as child processes until Ctrl-C. What cannot work is one sentence and exit code 1.

Django is never loaded in this process: it only supervises.
"""

import fcntl
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import IO

from magda_portal import bootstrap, freshness
from magda_portal.place import Place, StartError, check_port, is_listening, read_place
from magda_portal.supervisor import Child, Supervisor, end_with_parent, ending_with_parent

OLDEST_PYTHON = (3, 11)
SEED_PENDING = "run/seed-pending"
"""In the data folder from before the first migration until the practice data are in."""
SEEDED_PORT = "run/seeded-port"
"""In the data folder once the practice data are in: the port of their account."""
WEB_THREADS = 16


def hold_data_dir(data_dir: Path) -> IO[str]:
    """Keep a second ``make run`` out of the data folder while the returned file stays open."""
    lock = (data_dir / "run" / "embedded.lock").open("w", encoding="ascii")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        lock.close()
        raise StartError(
            f"The portal already runs on the data folder {data_dir}; stop it first, or name"
            " another folder in DATA_DIR."
        ) from error
    return lock


def child_environ(place: Place, environ: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of every child: what was given, and the choices made here."""
    return {
        **environ,
        "DJANGO_SETTINGS_MODULE": "magda_portal.settings",
        "DATA_DIR": str(place.data_dir),
        "BIND": place.bind,
        "PORT": str(place.port),
        "SANDBOX_PORT": str(place.sandbox_port),
        "PORTAL_URL": place.portal_url,
        "PYTHONUNBUFFERED": "1",
    }


def prepare(place: Place, environ: Mapping[str, str]) -> None:
    """Migrate, collect static files and seed the practice data where that is still to be done.

    The practice data come on the very first start only. Should SANDBOX_PORT change later, seeding
    again moves the practice account to the new port and touches nothing else.
    """
    pending = place.data_dir / SEED_PENDING
    seeded_port = place.data_dir / SEEDED_PORT
    port = str(place.sandbox_port)
    if place.has_sandbox and not bootstrap.has_tables(place.data_dir / bootstrap.DATABASE_NAME):
        pending.touch()
    has_moved = seeded_port.exists() and seeded_port.read_text(encoding="ascii") != port
    seeds = place.has_sandbox and (pending.exists() or has_moved)
    if place.has_sandbox and not seeds and freshness.is_fresh(place.data_dir):
        return
    _say("Preparing the database; this takes a moment.")
    command = [sys.executable, "-m", "magda_portal.preparation"]
    finished = subprocess.run(  # noqa: S603 - our own module
        [*command, "--seed-demo"] if seeds else command,
        cwd=bootstrap.BASE_DIR,
        env=child_environ(place, environ),
        stdin=subprocess.DEVNULL,
        preexec_fn=ending_with_parent(),
        check=False,
    )
    if finished.returncode:
        raise StartError("The database could not be prepared; the lines above say why.")
    if seeds:
        seeded_port.write_text(port, encoding="ascii")
        pending.unlink(missing_ok=True)


def children(place: Place) -> list[Child]:
    """Return what runs. In this order they stop: no new work first, the practice MAGDA last."""
    python = sys.executable
    gunicorn = [python, "-m", "gunicorn", "magda_portal.wsgi:application"]
    gunicorn += ["--bind", place.web_address, "--log-level", "warning", "--no-control-socket"]
    # Threads: a slow upload of 2 GiB holds one for as long as it takes, while the heartbeat of the
    # worker goes on. One process is enough for one office, and starts fastest.
    gunicorn += ["--worker-class", "gthread", "--workers", "1", "--threads", str(WEB_THREADS)]
    gunicorn += ["--timeout", "120", "--graceful-timeout", "8", "--limit-request-fields", "50"]
    if Path("/dev/shm").is_dir():  # noqa: S108 - gunicorn makes an unnamed file there
        # The heartbeat is a file; on a busy disk touching it could take long.
        gunicorn += ["--worker-tmp-dir", "/dev/shm"]  # noqa: S108 - as above
    # Celery warns root because of pickled messages; the portal takes JSON only.
    celery = [python, "-W", "ignore:You're running the worker with superuser", "-m", "celery"]
    celery += ["--quiet", "-A", "magda_portal", "worker", "--loglevel", "WARNING"]
    # Nobody else is on this broker: there are no others to find.
    celery += ["--without-gossip", "--without-mingle", "--without-heartbeat"]
    transfers = ["--hostname", "transfers@%h", "--queues", "transfers", "--concurrency", "4"]
    rounds = ["--hostname", "rounds@%h", "--queues", "rounds", "--pool", "solo", "--beat"]
    rounds += ["--schedule", str(place.data_dir / "run" / "beat")]
    started = [
        Child("web", gunicorn),
        Child("rounds", celery + rounds),
        Child("worker", celery + transfers),
    ]
    if place.has_sandbox:
        sandbox = [python, "manage.py", "sandbox", "--port", str(place.sandbox_port)]
        started.append(Child("sandbox", sandbox))
    return started


def welcome(place: Place) -> list[str]:
    """Return the lines that say where the portal is, how to log in and how to stop it."""
    lines = [f"The MAGDA portal is at {place.portal_url}"]
    people = place.data_dir / "demo-people.txt"
    if place.has_sandbox and people.is_file():
        clerk = re.search(r"\S*clerk\S*@[\w.-]+", people.read_text(encoding="utf-8"))
        who = f"as {clerk[0]}" if clerk else "as one of the demo people"
        lines.append(f"Log in {who}; the passwords are in {people}")
    return [*lines, "Ctrl-C stops it."]


def run(environ: Mapping[str, str]) -> int:
    """Check, prepare and supervise; return the exit code. Raises StartError, BootstrapError."""
    place = read_place(environ)
    check_port(place.bind, place.port, setting="PORT")
    if place.has_sandbox:
        check_port("127.0.0.1", place.sandbox_port, setting="SANDBOX_PORT")
    bootstrap.prepare_from_environment(environ)
    with hold_data_dir(place.data_dir):
        prepare(place, environ)
        return Supervisor(
            children(place),
            environ=child_environ(place, environ),
            folder=bootstrap.BASE_DIR,
            is_ready=lambda: is_listening(place),
            on_ready=lambda: _say(*welcome(place)),
        ).run()


def _say(*lines: str) -> None:
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    sys.stdout.flush()


def main() -> None:
    """Run, and turn what a person can mend into one sentence."""
    if sys.version_info < OLDEST_PYTHON:
        sys.exit("The portal needs Python 3.11 or newer; set PYTHON to one and run make again.")
    if sys.argv[1:] == ["--end-with-parent"]:
        # Given by make, which people think of as the portal: no make, no portal.
        end_with_parent()
    try:
        sys.exit(run(os.environ))
    except (StartError, bootstrap.BootstrapError) as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
