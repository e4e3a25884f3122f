"""Ready a data folder before Django reads its settings: the folders, and the secrets once.

A secret is made only while there is no database yet. Next to an existing database a new sealing
key would open nothing that was sealed before, so a missing secret is then an error with one next
step: restore it from the back-up. With ``DATABASE_URL`` no secret is ever made; several machines
share that database, and each must be given the same secrets.

Plain standard library: the settings read what this module makes.
"""

import os
import secrets
import sqlite3
from base64 import urlsafe_b64encode
from collections.abc import Callable, Collection, Mapping
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

BASE_DIR = Path(__file__).resolve().parent.parent
DATABASE_NAME = "portal.sqlite3"
FOLDERS = (
    "secrets",
    "payloads",
    "uploads",
    "broker",
    "broker/queue",
    "broker/control",
    "run",
    "sandbox",
    "static",
)


class BootstrapError(Exception):
    """The data folder cannot be readied; the text says why and what to do."""


def _new_secret_key() -> str:
    return secrets.token_urlsafe(50)


def _new_sealing_keys() -> str:
    return "k1:" + urlsafe_b64encode(secrets.token_bytes(32)).decode("ascii")


SECRET_MAKERS: Mapping[str, Callable[[], str]] = {
    "SECRET_KEY": _new_secret_key,
    "SEALING_KEYS": _new_sealing_keys,
}


def is_given(environ: Mapping[str, str], name: str) -> bool:
    """Tell whether a setting is in the environment, as ``NAME`` or as ``NAME_FILE``."""
    return bool(environ.get(name) or environ.get(f"{name}_FILE"))


def data_dir_from(environ: Mapping[str, str]) -> Path:
    """Return the data folder as the settings see it: by default ``var`` beside ``manage.py``."""
    return BASE_DIR / (environ.get("DATA_DIR") or "var")


def prepare_from_environment(environ: Mapping[str, str]) -> Path:
    """Ready the data folder that the environment names, and return it.

    Raises BootstrapError as :func:`prepare` does, and when a file that is to hold a secret can't be
    read or is empty.
    """
    data_dir = data_dir_from(environ)
    _check_secret_files(environ)
    prepare(
        data_dir,
        database_url_given=is_given(environ, "DATABASE_URL"),
        secrets_given=[name for name in SECRET_MAKERS if is_given(environ, name)],
    )
    return data_dir


def prepare(
    data_dir: Path, *, database_url_given: bool, secrets_given: Collection[str] = ()
) -> None:
    """Make what is missing in a data folder: sub-folders, and for a new folder its secrets.

    ``secrets_given`` names the secrets that the environment provides. Calling it again, also by
    two processes at once, changes nothing. Raises BootstrapError when the folder cannot be
    written, or when a secret is missing that may not be made.
    """
    try:
        # The database is looked at before the secrets: whoever made it had made those first.
        has_database = has_tables(data_dir / DATABASE_NAME)
        _make_folders(data_dir)
        missing = [
            name
            for name in SECRET_MAKERS
            if name not in secrets_given
            and (database_url_given or not _holds_text(_path(data_dir, name)))
        ]
        if missing and database_url_given:
            raise BootstrapError(
                f"DATABASE_URL is set, so {_and(missing)} must be given too. Set"
                f" {_and(missing)} in the environment, or the names of files that hold them in"
                f" {_and([f'{name}_FILE' for name in missing])}."
            )
        if missing and has_database:
            raise BootstrapError(
                f"The database {data_dir / DATABASE_NAME} exists, but not its secrets:"
                f" {_and([str(_path(data_dir, name)) for name in missing])}. Restore the folder"
                f" {data_dir / 'secrets'} from the back-up of this database."
            )
        for name in missing:
            # Looked at again: another process may have made it whole meanwhile.
            if _path(data_dir, name).exists() and not _holds_text(_path(data_dir, name)):
                raise BootstrapError(
                    f"{_path(data_dir, name)} is empty. Restore it from the back-up; in a new data"
                    " folder remove it, and a new one is made."
                )
            _write_once(_path(data_dir, name), SECRET_MAKERS[name]() + "\n")
    except OSError as error:
        raise BootstrapError(
            f"The data folder {data_dir} cannot be written ({error.strerror}). Give the portal's"
            " user the right to write there, or name another folder in DATA_DIR."
        ) from error


def has_tables(database: Path) -> bool:
    """Tell whether an SQLite file holds tables, or something that cannot be read as SQLite.

    A command that only connects leaves a file without tables behind; that is no database yet.
    """
    if not database.exists():
        return False
    try:
        with closing(
            sqlite3.connect(f"file:{quote(str(database))}?mode=ro", uri=True)
        ) as connection:
            return bool(connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0])
    except sqlite3.Error:
        return True


def _check_secret_files(environ: Mapping[str, str]) -> None:
    for name in SECRET_MAKERS:
        given = environ.get(f"{name}_FILE")
        if not given:
            continue
        try:
            is_filled = _holds_text(Path(given))
        except OSError as error:
            raise BootstrapError(
                f"{name}_FILE names {given}, which cannot be read ({error.strerror}). Let it name"
                f" the file that holds {name}."
            ) from error
        if not is_filled:
            raise BootstrapError(
                f"{name}_FILE names {given}, which is missing or empty. Restore that file from the"
                " back-up; for a new database README.md tells how to make one."
            )


def _holds_text(path: Path) -> bool:
    return path.exists() and bool(path.read_bytes().strip())


def _path(data_dir: Path, name: str) -> Path:
    return data_dir / "secrets" / name.lower()


def _and(names: list[str]) -> str:
    return " and ".join(names)


def _make_folders(data_dir: Path) -> None:
    data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name in FOLDERS:
        (data_dir / name).mkdir(mode=0o700, exist_ok=True)
    if not os.access(data_dir, os.W_OK | os.X_OK):
        raise PermissionError(13, "Permission denied")


def _write_once(path: Path, text: str) -> None:
    """Write a new file under its name in one step, whole and on disk; leave one that exists.

    The text goes to a name of this process first. Linking it to its final name fails when the
    name is taken, so of two processes one wins, and neither can ever read half a secret.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
    descriptor = os.open(temporary, flags, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(temporary, path)
        except FileExistsError:
            return
    finally:
        temporary.unlink()
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
