import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from magda_portal import bootstrap
from magda_portal.embedded import SEED_PENDING, child_environ, children, hold_data_dir, welcome
from magda_portal.place import StartError, read_place
from magda_portal.tests.portal import COMMAND, Portal, a_portal, free_ports, unconfigured
from magda_portal.tests.processes import eventually, marked


def start_in_vain(**environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        COMMAND,
        cwd=bootstrap.BASE_DIR,
        env=unconfigured(**environ),
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )


def assert_is_one_sentence(finished: subprocess.CompletedProcess[str], start: str) -> None:
    assert finished.returncode == 1
    assert finished.stdout == ""
    assert finished.stderr.startswith(start)
    assert finished.stderr.count("\n") == 1
    assert finished.stderr.endswith(".\n")


@pytest.mark.parametrize("setting", ["PORT", "SANDBOX_PORT"])
def test_a_taken_port_is_one_sentence_and_nothing_is_made(tmp_path: Path, setting: str) -> None:
    (other,) = free_ports(1)
    with socket.create_server(("127.0.0.1", 0)) as server:
        taken = server.getsockname()[1]
        environ = {"PORT": str(other), "SANDBOX_PORT": str(other + 1), setting: str(taken)}

        finished = start_in_vain(DATA_DIR=str(tmp_path / "var"), **environ)

    assert_is_one_sentence(finished, f"Port {taken} on 127.0.0.1 is taken")
    assert setting in finished.stderr
    assert not (tmp_path / "var").exists()


def test_a_data_folder_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    web, sandbox = free_ports(2)
    (tmp_path / "file").touch()
    data_dir = tmp_path / "file" / "var"

    finished = start_in_vain(DATA_DIR=str(data_dir), PORT=str(web), SANDBOX_PORT=str(sandbox))

    assert_is_one_sentence(finished, f"The data folder {data_dir} cannot be written")


def test_a_database_url_without_secrets_is_one_sentence(tmp_path: Path) -> None:
    (web,) = free_ports(1)

    finished = start_in_vain(
        DATA_DIR=str(tmp_path), PORT=str(web), DATABASE_URL=f"sqlite:///{tmp_path}/other.sqlite3"
    )

    assert_is_one_sentence(finished, "DATABASE_URL is set, so SECRET_KEY and SEALING_KEYS must")


def test_a_public_address_without_https_is_one_sentence(tmp_path: Path) -> None:
    finished = start_in_vain(DATA_DIR=str(tmp_path), BIND="0.0.0.0")

    assert_is_one_sentence(finished, "BIND is 0.0.0.0, which other machines can reach")


def test_a_second_portal_on_the_same_data_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()

    with (
        hold_data_dir(tmp_path),
        pytest.raises(StartError, match="already runs on the data folder"),
    ):
        hold_data_dir(tmp_path)

    hold_data_dir(tmp_path).close()


def test_web_and_worker_stop_before_the_practice_magda() -> None:
    names = [child.name for child in children(read_place({}))]

    assert names == ["web", "rounds", "worker", "sandbox"]


def test_with_a_database_url_no_practice_magda_is_started() -> None:
    place = read_place({"DATABASE_URL": "postgres://database/portal"})

    assert [child.name for child in children(place)] == ["web", "rounds", "worker"]


def test_children_see_the_choices_that_were_made() -> None:
    environ = child_environ(read_place({"PORT": "8123"}), {"PATH": "/usr/bin", "PORT": "8123"})

    assert environ["PATH"] == "/usr/bin"
    assert environ["PORTAL_URL"] == "http://127.0.0.1:8123"
    assert environ["DATA_DIR"] == str(bootstrap.BASE_DIR / "var")
    assert environ["SANDBOX_PORT"] == "2121"


def test_the_welcome_names_the_clerk_and_never_a_password(tmp_path: Path) -> None:
    place = read_place({"DATA_DIR": str(tmp_path)})
    people = tmp_path / "demo-people.txt"
    people.write_text("helpdesk@demo.example: one-secret\nclerk@demo.example: other-secret\n")

    lines = "\n".join(welcome(place))

    assert "http://127.0.0.1:8000" in lines
    assert "Log in as clerk@demo.example; " in lines
    assert str(people) in lines
    assert "secret" not in lines


def test_without_demo_people_the_welcome_says_nothing_of_them(tmp_path: Path) -> None:
    place = read_place({"DATA_DIR": str(tmp_path), "DATABASE_URL": "postgres://database/portal"})
    (tmp_path / "demo-people.txt").write_text("clerk@demo.example secret\n")

    assert len(welcome(place)) == 2


@pytest.fixture
def portal(tmp_path: Path) -> Iterator[Portal]:
    with a_portal(tmp_path) as portal:
        yield portal


@pytest.mark.processes
def test_one_command_starts_all_and_a_second_start_is_fast_and_keeps_the_data(
    portal: Portal,
) -> None:
    first = portal.start()
    assert eventually(portal.shows_a_page, within=60), portal.output.read_text()
    assert eventually(portal.is_whole, within=30), portal.output.read_text()
    people = (portal.data_dir / "demo-people.txt").read_bytes()
    keys = (portal.data_dir / "secrets" / "sealing_keys").read_bytes()
    assert re.search(r"Log in as \S*clerk\S*@", portal.output.read_text())
    assert not (portal.data_dir / SEED_PENDING).exists()

    first.send_signal(signal.SIGINT)
    assert first.wait(timeout=60) == 0
    assert marked(portal.mark) == set()

    begin = time.monotonic()
    portal.start()
    assert eventually(portal.shows_a_page, within=30), portal.output.read_text()
    assert time.monotonic() - begin < 5
    assert "Preparing" not in portal.output.read_text()
    assert (portal.data_dir / "demo-people.txt").read_bytes() == people
    assert (portal.data_dir / "secrets" / "sealing_keys").read_bytes() == keys


@pytest.mark.processes
def test_the_portal_ends_with_make_even_when_that_is_killed(portal: Portal) -> None:
    """A stand-in for make starts it, says that it is up, and is killed."""
    code = f"import subprocess; subprocess.run({[*COMMAND, '--end-with-parent']!r})"
    process = portal.start([sys.executable, "-c", code])
    assert eventually(lambda: len(marked(portal.mark)) > 2, within=30)

    process.kill()
    process.wait()

    assert eventually(lambda: marked(portal.mark) == set(), within=30)


@pytest.mark.processes
def test_a_portal_that_is_killed_leaves_no_orphan(portal: Portal) -> None:
    process = portal.start()
    assert eventually(portal.is_whole, within=60), portal.output.read_text()

    process.kill()
    process.wait()

    assert eventually(lambda: marked(portal.mark) == set(), within=30)
