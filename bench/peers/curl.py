"""curl, for one large file: a process that logs in, moves it, and ends."""

import subprocess
from pathlib import Path
from typing import Final

from bench.peers.credentials import Credentials

_SECONDS: Final = 600


def send_file(credentials: Credentials, file: Path, remote: str) -> None:
    """Upload a file under a temporary name and rename it. Raises RuntimeError."""
    renames = ["--quote", f"-RNFR {remote}.tmp", "--quote", f"-RNTO {remote}"]
    _run(credentials, f"{remote}.tmp", ["--upload-file", str(file), *renames])


def fetch_file(credentials: Credentials, remote: str, local: Path) -> None:
    """Download a file. Raises RuntimeError."""
    _run(credentials, remote, ["--output", str(local)])


def _run(credentials: Credentials, path: str, options: list[str]) -> None:
    command = ["curl", "--silent", "--show-error", "--ftp-pasv"]
    command += ["--ssl-reqd", "--ftp-method", "nocwd", "--user", f"{credentials.name}:none"]
    command += ["--cacert", str(credentials.trust), "--cert", str(credentials.certificate)]
    command += ["--key", str(credentials.key), *options]
    command += [f"ftp://{credentials.host}:{credentials.port}/{path}"]
    done = subprocess.run(command, capture_output=True, timeout=_SECONDS, check=False)  # noqa: S603 - our own words
    if done.returncode:
        raise RuntimeError(f"curl failed: {done.stderr.decode(errors='replace')[-2000:]}")
