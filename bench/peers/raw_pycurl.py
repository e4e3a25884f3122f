"""Bare libcurl on kept connections, one a thread: the transfers and renames, and nothing else."""

import queue
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from io import BytesIO
from pathlib import Path
from types import TracebackType
from typing import Final, Self
from urllib.parse import quote

import pycurl  # noqa: TID251 - the bare library is what the portal is measured against

from bench.peers.credentials import Credentials

_BUFFER: Final = 512 * 1024
Work = Callable[[pycurl.Curl], object]


class RawConnections:
    """Connections that are open already when the work begins, as the portal's may be."""

    def __init__(self, credentials: Credentials, count: int) -> None:
        self._credentials = credentials
        self._handles = [_handle(credentials) for _ in range(count)]
        self._threads = ThreadPoolExecutor(count)
        self._on_each(self._log_in)

    def send(self, files: Sequence[Path], folder: str) -> float:
        """Upload each file under a temporary name and rename it; return the seconds."""
        return self._share([partial(self._send, file=file, folder=folder) for file in files])

    def fetch(self, names: Sequence[str], folder: str, local: Path, *, then_to: str) -> float:
        """Download each file into ``local``, and move it on the server; return the seconds."""
        local.mkdir(parents=True, exist_ok=True)
        return self._share(
            [
                partial(self._fetch, path=f"{folder}/{name}", local=local, then_to=then_to)
                for name in names
            ]
        )

    def listing(self, folder: str) -> bytes:
        """Return what MLSD says of a folder, over the first connection."""
        received = BytesIO()
        curl = self._handles[0]
        curl.setopt(pycurl.URL, self._url(f"{folder}/"))
        curl.setopt(pycurl.CUSTOMREQUEST, "MLSD")
        curl.setopt(pycurl.WRITEDATA, received)
        curl.perform()
        return received.getvalue()

    def round_trip(self, times: int = 20) -> float:
        """Return the seconds of one command and its reply, without a data connection."""
        curl = self._handles[0]
        curl.setopt(pycurl.URL, self._url(""))
        curl.setopt(pycurl.NOBODY, 1)
        curl.setopt(pycurl.UPLOAD, 0)
        took = []
        for count in (1, 1 + times):
            curl.setopt(pycurl.QUOTE, ["NOOP"] * count)
            curl.unsetopt(pycurl.POSTQUOTE)
            began = time.monotonic()
            curl.perform()
            took.append(time.monotonic() - began)
        return (took[1] - took[0]) / times

    @property
    def new_connections(self) -> int:
        """How many connections the latest work had to open: none, where all were kept."""
        return sum(int(curl.getinfo(pycurl.NUM_CONNECTS)) for curl in self._handles)

    def close(self) -> None:
        self._threads.shutdown()
        for curl in self._handles:
            curl.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    # --- one file

    def _log_in(self, curl: pycurl.Curl) -> None:
        curl.setopt(pycurl.URL, self._url(""))
        curl.setopt(pycurl.NOBODY, 1)
        curl.perform()
        curl.setopt(pycurl.NOBODY, 0)

    def _send(self, curl: pycurl.Curl, *, file: Path, folder: str) -> None:
        final = f"{folder}/{file.name}"
        curl.setopt(pycurl.URL, self._url(f"{final}.tmp"))
        curl.setopt(pycurl.UPLOAD, 1)
        curl.setopt(pycurl.POSTQUOTE, [f"RNFR {final}.tmp", f"RNTO {final}"])
        with file.open("rb") as content:
            curl.setopt(pycurl.READDATA, content)
            curl.setopt(pycurl.INFILESIZE_LARGE, file.stat().st_size)
            curl.perform()

    def _fetch(self, curl: pycurl.Curl, *, path: str, local: Path, then_to: str) -> None:
        name = path.rpartition("/")[2]
        curl.setopt(pycurl.URL, self._url(path))
        curl.setopt(pycurl.POSTQUOTE, [f"RNFR {path}", f"RNTO {then_to}/{name}"])
        with (local / name).open("wb") as file:
            curl.setopt(pycurl.WRITEDATA, file)
            curl.perform()

    def _url(self, path: str) -> str:
        return f"ftp://{self._credentials.host}:{self._credentials.port}/{quote(path)}"

    # --- all connections

    def _share(self, works: Sequence[Work]) -> float:
        """Let each connection take the next work until there is none; return the seconds."""
        waiting: queue.SimpleQueue[Work] = queue.SimpleQueue()
        for work in works:
            waiting.put(work)

        def take_all(curl: pycurl.Curl) -> None:
            while True:
                try:
                    work = waiting.get_nowait()
                except queue.Empty:
                    return
                work(curl)

        began = time.monotonic()
        self._on_each(take_all)
        return time.monotonic() - began

    def _on_each(self, work: Work) -> None:
        """Have each connection do it. Raises pycurl.error, once all have ended."""
        running = [self._threads.submit(work, curl) for curl in self._handles]
        for each in running:
            each.result()


def _handle(credentials: Credentials) -> pycurl.Curl:
    curl = pycurl.Curl()
    curl.setopt(pycurl.USE_SSL, pycurl.USESSL_ALL)
    curl.setopt(pycurl.FTPSSLAUTH, pycurl.FTPAUTH_TLS)
    curl.setopt(pycurl.FTP_FILEMETHOD, pycurl.FTPMETHOD_NOCWD)
    curl.setopt(pycurl.CAINFO, str(credentials.trust))
    curl.setopt(pycurl.SSLCERT, str(credentials.certificate))
    curl.setopt(pycurl.SSLKEY, str(credentials.key))
    curl.setopt(pycurl.USERNAME, credentials.name)
    curl.setopt(pycurl.PASSWORD, "none")
    curl.setopt(pycurl.TCP_NODELAY, 1)
    curl.setopt(pycurl.NOSIGNAL, 1)
    curl.setopt(pycurl.PROXY, "")
    curl.setopt(pycurl.BUFFERSIZE, _BUFFER)
    curl.setopt(pycurl.UPLOAD_BUFFERSIZE, _BUFFER)
    return curl
