from __future__ import annotations

import re
import signal
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from magda_portal.tests.environment import for_a_process
from sandbox.server import DEMO_ACCOUNT, open_authority
from sandbox.tests.client import Client

if TYPE_CHECKING:
    from collections.abc import Iterator

MANAGE = Path(__file__).parents[2] / "manage.py"


@contextmanager
def _sandbox(data_dir: Path, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, str(MANAGE), "sandbox", *arguments],
        env=for_a_process(data_dir, SECRET_KEY="for this test only"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def _port(process: subprocess.Popen[str]) -> int:
    assert process.stdout is not None
    line = process.stdout.readline()
    match = re.fullmatch(r"Practice MAGDA listens on 127\.0\.0\.1, port (\d+)\.\n", line)
    assert match, line
    return int(match[1])


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_serves_the_demo_account_until_it_is_told_to_end(
    tmp_path: Path, number: signal.Signals
) -> None:
    with _sandbox(tmp_path, "--port", "0") as process:
        port = _port(process)
        authority = open_authority(tmp_path / "sandbox")
        identity = authority.issue_client(DEMO_ACCOUNT)
        with Client(
            port, root_pem=authority.root_pem, identity=identity, user=DEMO_ACCOUNT
        ) as client:
            assert len(client.listing("public")) == 3
        process.send_signal(number)

        assert process.wait(10) == 0


def test_a_taken_port_is_said_in_a_sentence(tmp_path: Path) -> None:
    with _sandbox(tmp_path, "--port", "0") as first:
        port = _port(first)
        with _sandbox(tmp_path, "--port", str(port)) as second:
            _, errors = second.communicate(timeout=20)
        first.terminate()

    assert second.returncode == 1
    assert errors.startswith(f"CommandError: The practice MAGDA cannot listen on port {port}")


@pytest.mark.parametrize("ports", ["40000", "2-1", "0-5", "1-65536"])
def test_a_wrong_range_is_wrong_usage(tmp_path: Path, ports: str) -> None:
    with _sandbox(tmp_path, "--passive", ports) as process:
        _, errors = process.communicate(timeout=20)

    assert process.returncode == 2
    assert "is not a range of ports" in errors
