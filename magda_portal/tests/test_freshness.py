import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from magda_portal.bootstrap import prepare
from magda_portal.freshness import fingerprint, is_fresh, mark_fresh


def apply(data_dir: Path, app: str, name: str) -> None:
    """Write down a migration as Django does."""
    with closing(sqlite3.connect(data_dir / "portal.sqlite3")) as connection, connection:
        connection.execute("CREATE TABLE IF NOT EXISTS django_migrations (app, name)")
        connection.execute("INSERT INTO django_migrations VALUES (?, ?)", (app, name))


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    data_dir = tmp_path / "var"
    prepare(data_dir, database_url_given=False)
    apply(data_dir, "people", "0001_initial")
    (data_dir / "static" / "staticfiles.json").write_text("{}")
    return data_dir


@pytest.fixture
def code(tmp_path: Path) -> Path:
    code = tmp_path / "code"
    for name in (
        "requirements.txt",
        "magda_portal/settings.py",
        "exchange/migrations/0001_initial.py",
        "magda_portal/people/migrations/0001_initial.py",
        "static/css/portal.css",
    ):
        (code / name).parent.mkdir(parents=True, exist_ok=True)
        (code / name).write_text("one")
    return code


def test_a_folder_that_was_never_prepared_is_not_fresh(data_dir: Path) -> None:
    assert not is_fresh(data_dir)


def test_a_folder_stays_fresh_while_nothing_changes(data_dir: Path) -> None:
    mark_fresh(data_dir)

    assert is_fresh(data_dir)


def test_a_database_with_other_migrations_is_not_fresh(data_dir: Path) -> None:
    """As after an older back-up was restored."""
    mark_fresh(data_dir)

    apply(data_dir, "exchange", "0001_initial")

    assert not is_fresh(data_dir)


def test_a_folder_whose_database_is_gone_is_not_fresh(data_dir: Path) -> None:
    mark_fresh(data_dir)

    (data_dir / "portal.sqlite3").unlink()

    assert not is_fresh(data_dir)


@pytest.mark.parametrize("ring", ["k2:new k1:old", None])
def test_a_folder_with_other_sealing_keys_is_not_fresh(data_dir: Path, ring: str | None) -> None:
    """The preparation checks that they open what the database holds."""
    mark_fresh(data_dir)

    keys = data_dir / "secrets" / "sealing_keys"
    keys.write_text(ring) if ring else keys.unlink()

    assert not is_fresh(data_dir)


def test_a_folder_whose_static_files_are_gone_is_not_fresh(data_dir: Path) -> None:
    mark_fresh(data_dir)

    (data_dir / "static" / "staticfiles.json").unlink()

    assert not is_fresh(data_dir)


@pytest.mark.parametrize(
    "name",
    [
        "requirements.txt",
        "magda_portal/settings.py",
        "exchange/migrations/0001_initial.py",
        "exchange/migrations/0002_more.py",
        "magda_portal/people/migrations/0001_initial.py",
        "static/css/portal.css",
        "static/js/new.js",
    ],
)
def test_code_that_changes_changes_the_fingerprint(data_dir: Path, code: Path, name: str) -> None:
    before = fingerprint(data_dir, code=code)

    (code / name).parent.mkdir(exist_ok=True)
    (code / name).write_text("two")

    assert fingerprint(data_dir, code=code) != before


def test_code_that_decides_nothing_leaves_the_fingerprint(data_dir: Path, code: Path) -> None:
    before = fingerprint(data_dir, code=code)

    (code / "exchange" / "views.py").write_text("two")

    assert fingerprint(data_dir, code=code) == before
