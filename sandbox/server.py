"""The practice MAGDA as a whole: a server that can be started, watched and stopped."""

from __future__ import annotations

import fcntl
import logging
import threading
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Self

from pyftpdlib.ioloop import IOLoop

from sandbox.accounts import Authorizer, Homes
from sandbox.authority import Authority
from sandbox.handler import Listener
from sandbox.journal import Journal, LogLine
from sandbox.processor import Processor
from sandbox.publications import lay_publications
from sandbox.retention import remove_expired
from sandbox.settings import DEMO_ACCOUNT, SandboxSettings
from sandbox.tls import server_context

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

__all__ = ["DEMO_ACCOUNT", "LogLine", "PracticeMAGDA", "SandboxSettings", "open_authority"]

logger = logging.getLogger(__name__)

# Seconds: how late a stop is seen, and how often files and their ages are looked at.
_POLL = 0.1
_CLEAN_UP_PERIOD = 600.0


def _utc_now() -> datetime:
    return datetime.now(UTC)  # noqa: TID251 - plain Python; the sandbox does not know Django


def open_authority(directory: Path) -> Authority:
    """Load the authority kept in `directory`, or create it there once.

    Two processes may ask at the same moment: a lock file lets one of them create it.
    """
    directory.mkdir(parents=True, exist_ok=True)
    with (directory / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            return Authority.load(directory)
        except FileNotFoundError:
            authority = Authority.create()
            authority.save(directory)
            return authority


class PracticeMAGDA:
    """An FTPS server with MAGDA's folders, rights, pick-up, answers and clean-up.

    `root` holds the homes and survives the object. `client_authorities_pem` are the certificates
    that client certificates are verified against, the authority's own by default. `clock` gives
    the time of the journal, of names and answers, and of the clean-up; the delays before pick-up
    and answer run on the monotonic clock.

    With port 0 the kernel chooses once; a server that is stopped and started again keeps it.
    """

    def __init__(
        self,
        root: Path,
        authority: Authority,
        settings: SandboxSettings | None = None,
        *,
        clock: Callable[[], datetime] = _utc_now,
        client_authorities_pem: bytes | None = None,
    ) -> None:
        self.settings = settings or SandboxSettings()
        self._clock = clock
        self._homes = Homes(
            root, accounts=self.settings.accounts, public_folder=self.settings.public_folder
        )
        self._journal = Journal(clock)
        self._processor = Processor(self._homes, self.settings, clock=clock)
        self._context = server_context(
            authority.issue_server(_server_names(self.settings.host)),
            client_authorities_pem=client_authorities_pem or authority.bundle_pem,
            session_lifetime=self.settings.session_lifetime,
        )
        self._port = self.settings.port
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        new_accounts = self._homes.create()
        if self.settings.with_publications:
            for account in new_accounts:
                lay_publications(self._homes, account, now=clock())

    # --- running

    def start(self) -> None:
        """Listen, and serve in a thread of its own; raises OSError when the port is taken."""
        listener = self._listen()
        self._thread = threading.Thread(
            target=self._serve, args=(listener,), name="practice-magda", daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        """Stop serving and cut all connections; does nothing when nothing runs."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def serve_forever(self, ready: Callable[[], None] = lambda: None) -> None:
        """Serve in the calling thread until `stop`; `ready` is called once it listens."""
        listener = self._listen()
        ready()
        self._serve(listener)

    def __enter__(self) -> Self:
        """Start."""
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop."""
        self.stop()

    # --- looking and steering

    @property
    def port(self) -> int:
        """The port of the control connection, known once the server has listened."""
        return self._port

    @property
    def log(self) -> list[LogLine]:
        """Every reply given so far, oldest first."""
        return self._journal.lines()

    def home(self, account: str) -> Path:
        """Return the home folder of `account` on the disk."""
        return self._homes.home(account)

    def place(self, account: str, folder: str, name: str, content: bytes) -> Path:
        """Lay a whole file into a folder of `account`, as MAGDA lays a publication."""
        return self._homes.place(account, folder, name, content)

    def process_now(self) -> None:
        """Pick up and answer everything at once, without waiting."""
        self._processor.process_now()

    def clean_up(self) -> list[Path]:
        """Remove what is older than the retention by the clock; return what went."""
        return remove_expired(self._homes, before=self._clock() - self.settings.retention)

    # --- inside

    def _listen(self) -> Listener:
        _keep_pyftpdlib_quiet()
        self._stopping.clear()
        listener = Listener(
            (self.settings.host, self._port),
            settings=self.settings,
            authorizer=Authorizer(self._homes),
            context=self._context,
            journal=self._journal,
            ioloop=IOLoop.factory(),
        )
        self._port = listener.address[1]
        return listener

    def _serve(self, listener: Listener) -> None:
        """Run the event loop here and the slow work on files in a second thread."""
        worker = threading.Thread(target=self._work, name="practice-magda-files", daemon=True)
        worker.start()
        try:
            while not self._stopping.is_set():
                listener.ioloop.loop(timeout=_POLL, blocking=False)
        finally:
            self._stopping.set()
            worker.join()
            for channel in list(listener.ioloop.socket_map.values()):
                getattr(channel, "drop", channel.close)()
            listener.ioloop.close()

    def _work(self) -> None:
        waited = _CLEAN_UP_PERIOD
        while not self._stopping.wait(_POLL):
            waited += _POLL
            try:
                self._processor.process_due()
                if waited >= _CLEAN_UP_PERIOD:
                    waited = 0.0
                    self.clean_up()
            except Exception:  # one bad file or full disk must not end the service
                logger.exception("The work on the files failed; it is tried again")


def _server_names(host: str) -> list[str]:
    names = ["localhost", "127.0.0.1", "::1"]
    # A wildcard address is something to listen on, not a name that clients connect to.
    if host not in (*names, "0.0.0.0", "::"):  # noqa: S104 - compared, not bound to
        names.append(host)
    return names


def _keep_pyftpdlib_quiet() -> None:
    """Keep pyftpdlib from writing to the terminal, as it does when logging is not set up."""
    pyftpdlib = logging.getLogger("pyftpdlib")
    if not pyftpdlib.handlers:
        pyftpdlib.addHandler(logging.NullHandler())
        pyftpdlib.setLevel(logging.WARNING)
