"""The test stand of a line: a database, ProFTPD, accounts, and processes of the portal."""

import os
import secrets
import shutil
import subprocess
import sys
import tempfile
from base64 import urlsafe_b64encode
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from enum import StrEnum
from pathlib import Path
from typing import Final

from bench.peers.credentials import Credentials
from bench.portal.process import PortalProcess
from exchange.tests.servers.proftpd import ProFTPD
from faults.services.postgresql import PostgreSQL
from magda_portal.bootstrap import BASE_DIR, FOLDERS
from magda_portal.tests.environment import for_a_process
from sandbox.authority import Authority

CONNECTIONS: Final = 4
HOST: Final = "127.0.0.1"
# The relay of the delayed line listens here, on the same ports as the server on 127.0.0.1.
RELAY_HOST: Final = "127.0.0.2"
PORTAL_ACCOUNT: Final = "bench.vlaanderen.be/portal"
PEER_ACCOUNT: Final = "bench.vlaanderen.be/peer"
FLOOR_ACCOUNT: Final = "bench.vlaanderen.be/floor"


class Database(StrEnum):
    SQLITE = "sqlite"
    POSTGRESQL = "postgresql"


class Stand:
    """Everything in one folder that is thrown away; nothing in common with any other stand."""

    def __init__(self, stack: ExitStack, database: Database, *, below: Path | None = None) -> None:
        self._stack = stack
        self.database = database
        self.folder = Path(tempfile.mkdtemp(prefix="bench-", dir=below))
        stack.callback(shutil.rmtree, self.folder, ignore_errors=True)
        # PostgreSQL's own user has to pass through.
        self.folder.chmod(0o711)
        self.postgresql: PostgreSQL | None = None
        self.environ = self._prepared_environ()
        self._authority: Authority | None = None
        self.server: ProFTPD | None = None
        self.workers: list[PortalProcess] = []

    # --- the portal

    def start_workers(self, count: int) -> list[PortalProcess]:
        """Start processes of the portal; the first one also prepares and checks."""
        log = self.folder / "portal.log"
        for _ in range(count):
            worker = PortalProcess(self.environ, log=log)
            self._stack.callback(worker.end)
            self.workers.append(worker)
        return self.workers

    @property
    def first(self) -> PortalProcess:
        return self.workers[0]

    def wire(self, name: str = PORTAL_ACCOUNT, *, host: str = HOST, tls: str = "") -> str:
        """Open an account of the portal at the server; return its id."""
        port = self._running().port
        authority = str(self.folder / "authority")
        arguments = {"name": name, "port": port, "authority": authority, "host": host}
        return str(self.first.call("wire", highest_tls=tls, **arguments))

    # --- the server

    def start_server(
        self,
        accounts: Sequence[str] = (PORTAL_ACCOUNT, PEER_ACCOUNT, FLOOR_ACCOUNT),
        *,
        extra: str = "",
        passive_ports: range | None = None,
    ) -> ProFTPD:
        """Start ProFTPD; ``passive_ports`` are those of data connections, where they matter."""
        self._authority = Authority.create()
        self._authority.save(self.folder / "authority")
        server = _Server(
            self.folder / "proftpd",
            self._authority,
            accounts=accounts,
            hosts=("localhost", HOST, RELAY_HOST),
            extra=extra,
        )
        server.passive_ports = passive_ports
        self.server = self._stack.enter_context(server)
        return self.server

    def credentials(self, name: str, *, host: str = HOST) -> Credentials:
        """Issue a certificate for a peer, and write it where the peer reads it."""
        assert self._authority is not None
        folder = self.folder / "peers" / name.rpartition("/")[2]
        folder.mkdir(parents=True, exist_ok=True)
        issued = self._authority.issue_client(name)
        return Credentials.write(
            folder,
            issued,
            trust=self._authority.root_pem,
            name=name,
            address=(host, self._running().port),
        )

    def home(self, name: str) -> Path:
        return self._running().home(name)

    def empty(self, name: str, *folders: str) -> None:
        """Remove the files of an account's folders, as MAGDA does."""
        for folder in folders:
            place = self.home(name) / folder
            for path in place.iterdir():
                path.unlink()

    def _running(self) -> ProFTPD:
        assert self.server is not None
        return self.server

    # --- the place

    def _prepared_environ(self) -> dict[str, str]:
        for name in FOLDERS:
            (self.folder / "data" / name).mkdir(mode=0o700, parents=True, exist_ok=True)
        environ = {
            "DJANGO_SETTINGS_MODULE": "magda_portal.settings",
            "SECRET_KEY": secrets.token_urlsafe(50),
            "SEALING_KEYS": "bench:" + urlsafe_b64encode(secrets.token_bytes(32)).decode(),
            "CONNECTIONS_PER_ACCOUNT": str(CONNECTIONS),
            "EMAIL_URL": "memorymail://",
            "LOG_LEVEL": "WARNING",
            "DEFAULT_LANGUAGE": "nl",
        }
        if self.database is Database.POSTGRESQL:
            self.postgresql = PostgreSQL(self.folder / "postgresql")
            self._stack.callback(self.postgresql.stop)
            self.postgresql.create()
            environ["DATABASE_URL"] = self.postgresql.url
        whole = for_a_process(self.folder / "data", **environ)
        prepare_database(whole)
        return whole


class _Server(ProFTPD):
    """The tests' server, with other ports for data connections and room for many accounts."""

    passive_ports: range | None = None

    def _configuration(self, token: str) -> str:
        # Of two lines of a kind ProFTPD takes the first, so appending would change nothing.
        text = super()._configuration(token).replace("MaxInstances 60", "MaxInstances 600")
        if self.passive_ports is None:
            return text
        ports = f"PassivePorts {self.passive_ports[0]} {self.passive_ports[-1]}"
        return text.replace("PassivePorts 40000 42000", ports)


def prepare_database(environ: Mapping[str, str]) -> None:
    """Migrate, and collect the static files, as every start of the portal does."""
    command = [sys.executable, "-m", "magda_portal.preparation"]
    subprocess.run(command, cwd=BASE_DIR, env=dict(environ), check=True, stdout=subprocess.DEVNULL)  # noqa: S603 - our own words


def memory_folder(needed: int) -> Path | None:
    """Return a folder in memory with room for ``needed`` bytes, None where there is none."""
    shm = Path("/dev/shm")  # noqa: S108 - a folder with a name of its own is made there
    if not shm.is_dir():
        return None
    disk = os.statvfs(shm)
    free = os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return shm if min(disk.f_bavail * disk.f_frsize, free) > needed else None
