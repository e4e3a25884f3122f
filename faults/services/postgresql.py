"""A real PostgreSQL cluster on a loopback port, known by its folder.

PostgreSQL refuses to run as root: then its commands run as the user ``postgres``, which its
package makes, and the folder belongs to that user.
"""

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

from exchange.tests.servers.ports import free_port
from faults.services.processes import children_of, is_alive, send, wait_until_gone

_USER = "postgres"
_BINARIES = Path("/usr/lib/postgresql")
_PATIENCE = 30.0


class PostgreSQL:
    """A cluster with one empty database to begin with, ``portal``."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._cluster = folder / "cluster"
        self._process_file = self._cluster / "postmaster.pid"
        self._port_file = folder / "port"
        self._log = folder / "postgresql.log"

    @property
    def port(self) -> int:
        return int(self._port_file.read_text(encoding="ascii"))

    @property
    def url(self) -> str:
        return f"postgres://{_USER}@127.0.0.1:{self.port}/portal"

    @property
    def pid(self) -> int:
        """The process id of the postmaster."""
        text = self._process_file.read_text(encoding="ascii")
        return int(text.splitlines()[0])

    def create(self) -> None:
        """Make the cluster and its database, and leave it running."""
        self.folder.mkdir(parents=True, exist_ok=True)
        if os.geteuid() == 0:
            shutil.chown(self.folder, _USER)
        self._port_file.write_text(str(free_port()), encoding="ascii")
        # Whoever reaches this loopback port reaches a throw-away database.
        self._run("initdb", "-U", _USER, "-A", "trust", "-E", "UTF8", "--no-sync", "-D")
        self.start()
        address = ("-h", "127.0.0.1", "-p", str(self.port), "-U", _USER)
        self._command("createdb", *address, "portal")

    def start(self) -> None:
        """Start and wait until it takes connections. Raises CalledProcessError."""
        if not self.is_running():
            # PostgreSQL takes a dead process that nobody reaped yet for a living one.
            self._process_file.unlink(missing_ok=True)
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories=''"
        self._run("pg_ctl", "start", "-w", "-l", str(self._log), "-o", options, "-D")

    def stop(self) -> None:
        """Shut it down, ending all sessions; does nothing when it is down."""
        if self.is_running():
            self._run("pg_ctl", "stop", "-w", "-m", "fast", "-D")

    def restart_immediately(self) -> None:
        """Cut all sessions without any clean-up, recover from the log, and take connections."""
        self.stop_immediately()
        self.start()

    def stop_immediately(self) -> None:
        """Cut all sessions without any clean-up, as a crash does."""
        self._run("pg_ctl", "stop", "-w", "-m", "immediate", "-D")

    def kill(self) -> None:
        """End the whole cluster by force."""
        postmaster = self.pid
        everyone = [postmaster, *children_of(postmaster)]
        send(everyone, signal.SIGKILL)
        for process in everyone:
            wait_until_gone(process, within=_PATIENCE)

    def freeze(self) -> None:
        """Stop the postmaster and every session: connections are accepted and stay silent."""
        postmaster = self.pid
        # The parent first, so that no new session is missed.
        send([postmaster], signal.SIGSTOP)
        send(children_of(postmaster), signal.SIGSTOP)

    def thaw(self) -> None:
        postmaster = self.pid
        send([*children_of(postmaster), postmaster], signal.SIGCONT)

    def is_running(self) -> bool:
        return self._process_file.exists() and is_alive(self.pid)

    def await_ready(self) -> None:
        """Wait until it takes connections. Raises TimeoutError."""
        deadline = time.monotonic() + _PATIENCE
        while not self.is_ready():
            if time.monotonic() > deadline:
                raise TimeoutError(f"PostgreSQL does not answer; see {self._log}.")
            time.sleep(0.05)

    def is_ready(self) -> bool:
        """Return whether it takes connections; waits a second for an answer."""
        address = ("-h", "127.0.0.1", "-p", str(self.port))
        command = [str(_binary("pg_isready")), "-q", "-t", "1", *address]
        return subprocess.run(command, check=False).returncode == 0  # noqa: S603 - our own words

    def _run(self, program: str, *arguments: str) -> None:
        """Run a command on the cluster; its folder is the last argument."""
        self._command(program, *arguments, str(self._cluster))

    def _command(self, program: str, *arguments: str) -> None:
        command = [str(_binary(program)), *arguments]
        if os.geteuid() == 0:
            command = ["runuser", "-u", _USER, "--", *command]
        # A session of its own: a Ctrl-C at the bench must not reach the server. What the server
        # inherits must be no pipe, or a reader would wait for as long as the server lives.
        with (self.folder / "commands.log").open("ab") as log:
            subprocess.run(  # noqa: S603 - our own words
                command,
                check=True,
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )


def _binary(name: str) -> Path:
    found = sorted(_BINARIES.glob(f"*/bin/{name}"), key=lambda path: int(path.parts[-3]))
    if found:
        return found[-1]
    on_path = shutil.which(name)
    if on_path is None:
        raise FileNotFoundError(f"{name} is missing: install the package postgresql.")
    return Path(on_path)
