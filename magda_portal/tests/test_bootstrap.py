import shutil
import sqlite3
import stat
import subprocess
import sys
from base64 import urlsafe_b64decode
from contextlib import closing
from pathlib import Path

import pytest

from magda_portal.bootstrap import (
    BASE_DIR,
    BootstrapError,
    data_dir_from,
    prepare,
    prepare_from_environment,
)


def make_database(data_dir: Path) -> None:
    with closing(sqlite3.connect(data_dir / "portal.sqlite3")) as connection:
        connection.execute("CREATE TABLE anything (id INTEGER)")


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def secrets_of(data_dir: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in (data_dir / "secrets").iterdir()}


def test_a_new_folder_gets_its_sub_folders_and_is_closed_to_others(tmp_path: Path) -> None:
    data_dir = tmp_path / "deep" / "var"

    prepare(data_dir, database_url_given=False)

    assert mode_of(data_dir) == 0o700
    assert mode_of(data_dir / "secrets") == 0o700
    for name in ("payloads", "uploads", "broker/queue", "broker/control", "run"):
        assert (data_dir / name).is_dir()


def test_the_secrets_are_long_random_and_readable_by_the_owner_only(tmp_path: Path) -> None:
    prepare(tmp_path / "one", database_url_given=False)
    prepare(tmp_path / "two", database_url_given=False)

    one, two = secrets_of(tmp_path / "one"), secrets_of(tmp_path / "two")
    assert set(one) == {"secret_key", "sealing_keys"}
    assert len(one["secret_key"].strip()) >= 50
    key_id, key = one["sealing_keys"].strip().split(":")
    assert key_id == "k1"
    assert len(urlsafe_b64decode(key)) == 32
    assert one["secret_key"] != two["secret_key"]
    assert one["sealing_keys"] != two["sealing_keys"]
    for path in (tmp_path / "one" / "secrets").iterdir():
        assert mode_of(path) == 0o600


def test_a_second_call_changes_nothing(tmp_path: Path) -> None:
    prepare(tmp_path, database_url_given=False)
    before = secrets_of(tmp_path)

    prepare(tmp_path, database_url_given=False)

    assert secrets_of(tmp_path) == before


def test_a_folder_with_a_database_and_its_secrets_is_left_as_it_is(tmp_path: Path) -> None:
    prepare(tmp_path, database_url_given=False)
    make_database(tmp_path)
    before = secrets_of(tmp_path)

    prepare(tmp_path, database_url_given=False)

    assert secrets_of(tmp_path) == before


@pytest.mark.parametrize("lost", ["secret_key", "sealing_keys"])
def test_a_lost_secret_is_never_made_anew_beside_a_database(tmp_path: Path, lost: str) -> None:
    """A new sealing key opens nothing that the old one sealed."""
    prepare(tmp_path, database_url_given=False)
    make_database(tmp_path)
    (tmp_path / "secrets" / lost).unlink()

    with pytest.raises(BootstrapError, match=rf"{lost}.*Restore .* from the back-up"):
        prepare(tmp_path, database_url_given=False)

    assert not (tmp_path / "secrets" / lost).exists()


@pytest.mark.parametrize("emptied", ["secret_key", "sealing_keys"])
def test_an_emptied_secret_is_as_lost_as_a_missing_one(tmp_path: Path, emptied: str) -> None:
    prepare(tmp_path, database_url_given=False)
    make_database(tmp_path)
    (tmp_path / "secrets" / emptied).write_text("\n")

    with pytest.raises(BootstrapError, match=rf"{emptied}.*Restore .* from the back-up"):
        prepare(tmp_path, database_url_given=False)

    assert (tmp_path / "secrets" / emptied).read_text() == "\n"


def test_an_emptied_secrets_folder_is_never_filled_anew_beside_a_database(tmp_path: Path) -> None:
    prepare(tmp_path, database_url_given=False)
    make_database(tmp_path)
    shutil.rmtree(tmp_path / "secrets")

    with pytest.raises(BootstrapError, match=r"secret_key and .*sealing_keys\. Restore"):
        prepare(tmp_path, database_url_given=False)

    assert secrets_of(tmp_path) == {}


def test_an_empty_secret_in_a_new_folder_is_told_and_left(tmp_path: Path) -> None:
    """Perhaps somebody is about to write it."""
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "sealing_keys").touch()

    with pytest.raises(BootstrapError, match=r"sealing_keys is empty\. .*remove it"):
        prepare(tmp_path, database_url_given=False)

    assert (tmp_path / "secrets" / "sealing_keys").read_text() == ""


def test_a_database_file_without_tables_is_no_database_yet(tmp_path: Path) -> None:
    """Any command that connects before the first migrate leaves one behind."""
    with closing(sqlite3.connect(tmp_path / "portal.sqlite3")) as connection:
        connection.execute("PRAGMA journal_mode=WAL")

    prepare(tmp_path, database_url_given=False)

    assert set(secrets_of(tmp_path)) == {"secret_key", "sealing_keys"}


def test_a_database_that_cannot_be_read_still_counts(tmp_path: Path) -> None:
    (tmp_path / "portal.sqlite3").write_bytes(b"not SQLite" * 1000)

    with pytest.raises(BootstrapError, match="Restore"):
        prepare(tmp_path, database_url_given=False)


def test_a_secret_from_the_environment_need_not_be_in_the_folder(tmp_path: Path) -> None:
    data_dir, keys = tmp_path / "var", tmp_path / "keys"
    keys.write_text("k1:given\n")
    data_dir.mkdir()
    make_database(data_dir)
    given = {"DATA_DIR": str(data_dir), "SECRET_KEY": "x" * 50, "SEALING_KEYS_FILE": str(keys)}

    assert prepare_from_environment(given) == data_dir

    assert secrets_of(data_dir) == {}


def test_with_a_database_url_the_folders_are_made_but_no_secret(tmp_path: Path) -> None:
    prepare(tmp_path, database_url_given=True, secrets_given=["SECRET_KEY", "SEALING_KEYS"])

    assert secrets_of(tmp_path) == {}
    assert (tmp_path / "payloads").is_dir()


@pytest.mark.parametrize("name", ["DATABASE_URL", "DATABASE_URL_FILE"])
def test_with_a_database_url_a_missing_secret_is_asked_for(tmp_path: Path, name: str) -> None:
    environ = {"DATA_DIR": str(tmp_path), name: "given", "SECRET_KEY": "x" * 50}

    with pytest.raises(BootstrapError, match=r"Set SEALING_KEYS in the environment"):
        prepare_from_environment(environ)


@pytest.mark.parametrize("content", [None, "", " \n"])
@pytest.mark.parametrize("database", [{}, {"DATABASE_URL": "given"}])
def test_a_secret_file_that_holds_nothing_is_refused_and_not_filled(
    tmp_path: Path, content: str | None, database: dict[str, str]
) -> None:
    file = tmp_path / "keys"
    if content is not None:
        file.write_text(content)
    environ = {"DATA_DIR": str(tmp_path / "var"), "SECRET_KEY": "x" * 50, **database}

    with pytest.raises(BootstrapError, match=r"SEALING_KEYS_FILE names .*missing or empty"):
        prepare_from_environment({**environ, "SEALING_KEYS_FILE": str(file)})

    assert not (tmp_path / "var").exists()
    assert (file.read_text() if file.exists() else None) == content


def test_a_secret_file_that_can_not_be_read_is_one_sentence(tmp_path: Path) -> None:
    environ = {"DATA_DIR": str(tmp_path), "SECRET_KEY_FILE": str(tmp_path)}

    with pytest.raises(BootstrapError, match=r"SECRET_KEY_FILE names .*cannot be read"):
        prepare_from_environment(environ)


def test_secrets_in_the_folder_do_not_count_with_a_database_url(tmp_path: Path) -> None:
    prepare(tmp_path, database_url_given=False)

    with pytest.raises(BootstrapError, match="SECRET_KEY and SEALING_KEYS"):
        prepare(tmp_path, database_url_given=True)


def test_a_folder_that_cannot_be_made_is_one_sentence_with_a_next_step(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(BootstrapError, match=r"cannot be written .*another folder in DATA_DIR"):
        prepare(tmp_path / "file" / "var", database_url_given=False)


def test_a_secret_that_is_a_dangling_link_is_not_written_through(tmp_path: Path) -> None:
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "secret_key").symlink_to(tmp_path / "elsewhere")

    prepare(tmp_path, database_url_given=False)

    assert not (tmp_path / "elsewhere").exists()


def test_the_data_folder_is_var_beside_manage_py_unless_named() -> None:
    assert data_dir_from({}) == BASE_DIR / "var"
    assert data_dir_from({"DATA_DIR": "other"}) == BASE_DIR / "other"
    assert data_dir_from({"DATA_DIR": "/srv/portal"}) == Path("/srv/portal")


def test_processes_that_start_together_agree_on_the_secrets(tmp_path: Path) -> None:
    """Each prints the secrets as it sees them right after its own call."""
    script = (
        "import sys, pathlib\n"
        "from magda_portal.bootstrap import prepare\n"
        "folder = pathlib.Path(sys.argv[1])\n"
        "sys.stdin.readline()\n"
        "prepare(folder, database_url_given=False)\n"
        "for name in ('secret_key', 'sealing_keys'):\n"
        "    print((folder / 'secrets' / name).read_text().strip())\n"
    )
    command = [sys.executable, "-c", script, str(tmp_path / "var")]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True, "cwd": BASE_DIR}
    processes = [subprocess.Popen(command, **pipes) for _ in range(4)]  # type: ignore[call-overload]  # one set of options for all

    for process in processes:
        process.stdin.write("go\n")
        process.stdin.flush()
    seen = {process.communicate(timeout=20)[0] for process in processes}

    assert len(seen) == 1
    assert len(seen.pop().split()) == 2
    names = {path.name for path in (tmp_path / "var" / "secrets").iterdir()}
    assert names == {"secret_key", "sealing_keys"}
