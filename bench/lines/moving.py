"""What the lines that deliver or collect many small files have in common."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from bench.line import Line, Round
from bench.oracle.files import complaints_about
from bench.peers.raw_pycurl import RawConnections
from bench.stand import (
    CONNECTIONS,
    FLOOR_ACCOUNT,
    HOST,
    PEER_ACCOUNT,
    PORTAL_ACCOUNT,
    Database,
    Stand,
)

if TYPE_CHECKING:
    from bench.contents import Expected

COUNT: Final = 500
SIZE: Final = 10 * 1024
LFTP: Final = "lftp"
RAW: Final = "raw pycurl"
HOMES: Final = {"portal": PORTAL_ACCOUNT, LFTP: PEER_ACCOUNT, RAW: FLOOR_ACCOUNT}


class MovingLine(Line):
    """A stand with four workers, lftp and bare libcurl, each with a home of its own."""

    workers = CONNECTIONS
    floor = RAW

    def __init__(self, database: Database, *, count: int = COUNT) -> None:
        super().__init__()
        self.database = database
        self.count = count
        self.host = HOST
        self.passive_ports: range | None = None
        self.files: list[Expected] = []

    def set_up(self) -> None:
        self.stand = Stand(self.stack, self.database)
        self.server = self.stand.start_server(passive_ports=self.passive_ports)
        self.before_connections()
        self.stand.start_workers(self.workers)
        self.account = self.stand.wire(host=self.host)
        self.lftp = self.stand.credentials(PEER_ACCOUNT, host=self.host)
        raw = self.stand.credentials(FLOOR_ACCOUNT, host=self.host)
        self.raw = self.stack.enter_context(RawConnections(raw, CONNECTIONS))

    def before_connections(self) -> None:
        """Put between server and clients what belongs there."""

    def home(self, who: str) -> Path:
        return self.stand.home(HOMES[who])

    def local(self, who: str, this: Round) -> Path:
        """Return the folder here from or to which a peer moves files."""
        return self.stand.folder / "local" / who.replace(" ", "-") / str(this.number)

    def complaints_of_rows(self, act: str) -> list[str]:
        files: list[dict[str, Any]] = [asdict(file) for file in self.files]
        found: list[str] = self.stand.first.call(act, account=self.account, files=files)
        return found

    def complaints_of_folder(self, folder: Path) -> list[str]:
        return list(complaints_about(folder, self.files))
