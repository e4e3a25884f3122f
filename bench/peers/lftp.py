"""lftp, as a script that moves a folder uses it: four files at a time, temporary names."""

import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from bench.peers.credentials import Credentials

PARALLEL: Final = 4
_SECONDS: Final = 600


def send_folder(credentials: Credentials, local: Path, remote: str) -> None:
    """Upload a folder, each file under a temporary name that is renamed when it is whole."""
    _run(credentials, [f"mirror -R --parallel={PARALLEL} {local} {remote}"])


def fetch_folder(
    credentials: Credentials, remote: str, local: Path, *, then_to: str, names: Sequence[str]
) -> None:
    """Download a folder, then move each file on the server to the folder ``then_to``."""
    moves = [f"mv {remote}/{name} {then_to}/{name}" for name in names]
    _run(credentials, [f"mirror --parallel={PARALLEL} {remote} {local}", *moves])


def _run(credentials: Credentials, commands: Sequence[str]) -> None:
    """Run commands. Raises RuntimeError with what lftp said, and TimeoutExpired."""
    script = "\n".join([*_settings(credentials), *commands]) + "\n"
    done = subprocess.run(
        ["lftp", "--norc", "-f", "/dev/stdin"],  # noqa: S607 - wherever the package put it
        input=script.encode(),
        capture_output=True,
        timeout=_SECONDS,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"lftp failed:\n{done.stderr.decode(errors='replace')[-2000:]}")


def _settings(credentials: Credentials) -> list[str]:
    values = {
        "cmd:fail-exit": "true",
        "ftp:ssl-force": "true",
        "ftp:ssl-auth": "TLS",
        "ftp:ssl-protect-data": "true",
        "ftp:ssl-protect-list": "true",
        "ftp:ssl-data-use-keys": "true",
        "ftp:ssl-copy-sid": "true",
        "ftp:passive-mode": "true",
        # EPSV: PASV would name the server behind a relay.
        "ftp:prefer-epsv": "true",
        "ftp:use-allo": "false",
        "ftp:use-site-utime": "false",
        "ftp:use-site-utime2": "false",
        "ssl:verify-certificate": "true",
        "ssl:ca-file": credentials.trust,
        "ssl:cert-file": credentials.certificate,
        "ssl:key-file": credentials.key,
        "xfer:use-temp-file": "true",
        "xfer:temp-file-name": "*.tmp",
        "net:max-retries": "5",
        "net:reconnect-interval-base": "1",
    }
    lines = [f"set {name} {value}" for name, value in values.items()]
    return [
        *lines,
        f"open -u {credentials.name},none -p {credentials.port} ftp://{credentials.host}",
    ]
