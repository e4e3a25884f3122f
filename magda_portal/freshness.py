"""Know without Django whether the database and the static files are up to date.

Starting Django only to find nothing to migrate would double the time of a warm start. So after
each full preparation a fingerprint is kept in the data folder: of the code that decides (the
pinned packages, settings, migrations, static files), of the migrations that the database says it
has, and of the sealing keys in the folder, since a preparation checks that these open the database.
A restored back-up, an upgrade, a changed style sheet and a new sealing key each change it.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from urllib.parse import quote

from magda_portal.bootstrap import BASE_DIR, DATABASE_NAME

DECIDING_FILES = ("requirements.txt", "magda_portal/settings.py")
DECIDING_PATTERNS = ("*/migrations/*.py", "magda_portal/*/migrations/*.py", "static/**/*")
SKIPPED = (".venv", "var")


def is_fresh(data_dir: Path) -> bool:
    """Tell whether nothing changed since the last :func:`mark_fresh`, and nothing got lost."""
    mark = _mark(data_dir)
    return (
        mark.is_file()
        and (data_dir / "static" / "staticfiles.json").is_file()
        and mark.read_text(encoding="ascii") == fingerprint(data_dir)
    )


def mark_fresh(data_dir: Path) -> None:
    """Remember that the database and the static files were just brought up to date."""
    _mark(data_dir).write_text(fingerprint(data_dir), encoding="ascii")


def fingerprint(data_dir: Path, *, code: Path = BASE_DIR) -> str:
    """Return a digest over what decides whether there is something to prepare."""
    digest = sha256()
    for path in _deciding_files(code):
        content = sha256(path.read_bytes()).hexdigest()
        digest.update(f"{path.relative_to(code)}\0{content}\n".encode())
    keys = data_dir / "secrets" / "sealing_keys"
    digest.update(sha256(keys.read_bytes() if keys.is_file() else b"").digest())
    for app, name in _applied_migrations(data_dir / DATABASE_NAME):
        digest.update(f"{app}.{name}\n".encode())
    return digest.hexdigest()


def _mark(data_dir: Path) -> Path:
    return data_dir / "run" / "prepared"


def _deciding_files(code: Path) -> Iterator[Path]:
    for name in DECIDING_FILES:
        if (code / name).is_file():
            yield code / name
    for pattern in DECIDING_PATTERNS:
        for path in sorted(code.glob(pattern)):
            if path.is_file() and path.relative_to(code).parts[0] not in SKIPPED:
                yield path


def _applied_migrations(database: Path) -> list[tuple[str, str]]:
    """Read what the database says it has; nothing when it cannot be read."""
    try:
        with closing(
            sqlite3.connect(f"file:{quote(str(database))}?mode=ro", uri=True)
        ) as connection:
            rows = connection.execute("SELECT app, name FROM django_migrations ORDER BY app, name")
            return [(str(app), str(name)) for app, name in rows]
    except sqlite3.Error:
        return []
