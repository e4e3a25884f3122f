"""A portal that is started with other keys than its database needs."""

import secrets
import subprocess
import sys
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from pathlib import Path

import pytest

from magda_portal.bootstrap import BASE_DIR, DATABASE_NAME, has_tables
from magda_portal.tests.environment import for_a_process
from magda_portal.tests.portal import free_ports

pytestmark = pytest.mark.processes


def entry(key_id: str) -> str:
    return f"{key_id}:{urlsafe_b64encode(secrets.token_bytes(32)).decode()}"


def run(data_dir: Path, command: Sequence[str], **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *command],
        cwd=BASE_DIR,
        env=for_a_process(data_dir, **environ),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a data folder whose database holds a proxy password, sealed with its own k1."""
    data_dir = tmp_path_factory.mktemp("portal") / "var"
    account = ["open_account", "demo", "--organisation", "O", "--environment", "TNI"]
    account += ["--proxy", "http://user:geheim@proxy.example:8080"]
    assert run(data_dir, ["-m", "magda_portal.preparation"]).returncode == 0
    assert run(data_dir, ["manage.py", *account]).returncode == 0
    return data_dir


def gunicorn() -> list[str]:
    (port,) = free_ports(1)
    server = ["-m", "gunicorn", "magda_portal.wsgi:application", "--bind", f"127.0.0.1:{port}"]
    return [*server, "--no-control-socket", "--log-level", "critical"]


PREPARATION = ["-m", "magda_portal.preparation"]
MIGRATE = ["manage.py", "migrate"]


@pytest.mark.parametrize(
    "command", [gunicorn(), PREPARATION, MIGRATE], ids=["web", "prepare", "migrate"]
)
@pytest.mark.parametrize(("key_id", "code"), [("k2", "portal.E005"), ("k1", "portal.E006")])
def test_neither_web_nor_preparation_starts_without_the_key(
    data_dir: Path, command: list[str], key_id: str, code: str
) -> None:
    before = (data_dir / "secrets" / "sealing_keys").read_bytes()

    finished = run(data_dir, command, SEALING_KEYS=entry(key_id))

    assert finished.returncode not in (0, None)
    assert code in finished.stderr
    assert "HINT" in finished.stderr
    assert "Traceback" not in finished.stderr
    assert (data_dir / "secrets" / "sealing_keys").read_bytes() == before


def test_one_command_says_so_too_when_the_key_in_the_folder_was_replaced(data_dir: Path) -> None:
    keys = data_dir / "secrets" / "sealing_keys"
    right = keys.read_text()
    web, sandbox = free_ports(2)
    keys.write_text(entry("k1"))
    try:
        finished = run(
            data_dir, ["-m", "magda_portal.embedded"], PORT=str(web), SANDBOX_PORT=str(sandbox)
        )
    finally:
        keys.write_text(right)

    assert finished.returncode == 1
    assert "portal.E006" in finished.stderr
    assert finished.stderr.endswith(
        "The database could not be prepared; the lines above say why.\n"
    )


@pytest.mark.parametrize("ring", ["", "k1:c2hvcnQ=", "k1"])
def test_a_ring_that_is_no_ring_stops_the_preparation(tmp_path: Path, ring: str) -> None:
    keys = tmp_path / "keys"
    keys.write_text(ring)

    finished = run(tmp_path / "var", PREPARATION, SECRET_KEY="x" * 50, SEALING_KEYS_FILE=str(keys))

    assert finished.returncode == 1
    assert "Restore" in finished.stderr
    assert "Traceback" not in finished.stderr
    assert not has_tables(tmp_path / "var" / DATABASE_NAME)
