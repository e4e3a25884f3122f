"""The portal as ``make run`` starts it, and a browser that asks it for files."""

import base64
import http.client
import os
import signal
import subprocess
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from bench.processes import family_of
from exchange.tests.servers.ports import free_port
from magda_portal.bootstrap import BASE_DIR
from magda_portal.supervisor import ending_with_parent
from magda_portal.tests.environment import for_a_process

_HOST: Final = "127.0.0.1"
_PATIENCE: Final = 180.0
# As the send page's program cuts files.
_PART: Final = 8 * 1024**2
_PIECE: Final = 256 * 1024
_TOKEN: Final = "b" * 32


class RunningPortal:
    """``make run`` on ports of its own; its data folder may be warm already."""

    def __init__(self, data_dir: Path) -> None:
        self._data_dir = data_dir
        self.port = 0
        self.seconds_to_first_page = 0.0

    def __enter__(self) -> Self:
        """Start it, and wait for the first page. Raises RuntimeError."""
        self.port, sandbox = free_port(), free_port()
        ports = {"PORT": str(self.port), "SANDBOX_PORT": str(sandbox)}
        self.environ = for_a_process(
            self._data_dir, PORTAL_URL=f"http://{_HOST}:{self.port}", **ports
        )
        began = time.monotonic()
        self._process = subprocess.Popen(
            ["make", "--silent", "run"],  # noqa: S607 - wherever it stands
            cwd=BASE_DIR,
            env=self.environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=ending_with_parent(),  # noqa: PLW1509 - it only calls the kernel
        )
        while not self._shows_a_page():
            if self._process.poll() is not None or time.monotonic() - began > _PATIENCE:
                self.end()
                raise RuntimeError("make run shows no page.")
            time.sleep(0.01)
        self.seconds_to_first_page = time.monotonic() - began
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.end()

    def end(self) -> None:
        """End it as Ctrl-C does."""
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGINT)
        try:
            self._process.wait(60)
        except subprocess.TimeoutExpired:
            # Its children end with it: see magda_portal.supervisor.
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

    @property
    def web_process(self) -> int:
        """The process that answers requests: gunicorn's child. Raises ProcessLookupError."""
        for process in family_of(self._process.pid):
            if b"magda_portal.wsgi" in _command_of(process):
                children = [each for each in family_of(process) if each != process]
                if children:
                    return children[0]
        raise ProcessLookupError("gunicorn has no worker.")

    def _shows_a_page(self) -> bool:
        with suppress(OSError, http.client.HTTPException):
            return Browser(self.port).status_of("/login/") == 200
        return False


class Browser:
    """Shows the cookies it was given, in the place of a person's browser."""

    def __init__(self, port: int, cookies: Mapping[str, str] | None = None) -> None:
        self._port = port
        self._cookies = {**(cookies or {}), "csrf": _TOKEN}

    def status_of(self, path: str) -> int:
        """Get a page, and return its status."""
        return self._ask("GET", path)[0]

    def upload(self, account: str, name: str, file: Path) -> None:
        """Upload a file in parts, as the send page's program does. Raises RuntimeError."""
        told = {"Tus-Resumable": "1.0.0", "X-CSRFToken": _TOKEN}
        metadata = f"filename {_base64(name)},account {_base64(account)}"
        length = str(file.stat().st_size)
        begun = {**told, "Upload-Length": length, "Upload-Metadata": metadata}
        headers = self._ask("POST", "/send/uploads/", begun, b"", wanted=201)[1]
        with file.open("rb") as content:
            offset = 0
            while part := content.read(_PART):
                told["Content-Type"] = "application/offset+octet-stream"
                told["Upload-Offset"] = str(offset)
                self._ask("PATCH", headers["Location"], told, part, wanted=204)
                offset += len(part)

    def download(self, path: str) -> int:
        """Read a file to its end; return its size in bytes. Raises RuntimeError."""
        return self._ask("GET", path, wanted=200)[2]

    def _ask(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        *,
        wanted: int | None = None,
    ) -> tuple[int, Mapping[str, str], int]:
        """Return status, headers and the number of bytes that came."""
        connection = http.client.HTTPConnection(_HOST, self._port, timeout=300)
        cookies = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
        try:
            connection.request(method, path, body, {"Cookie": cookies, **(headers or {})})
            answer = connection.getresponse()
            size = 0
            while piece := answer.read(_PIECE):
                size += len(piece)
        finally:
            connection.close()
        if wanted is not None and answer.status != wanted:
            raise RuntimeError(f"{method} {path} is answered with {answer.status}.")
        return answer.status, dict(answer.headers), size


def _command_of(process: int) -> bytes:
    with suppress(OSError):
        return Path(f"/proc/{process}/cmdline").read_bytes()
    return b""


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode("ascii")
