"""MAGDA's clean-up: files that have lain too long in a home go, whoever put them there."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandbox.accounts import Homes


def remove_expired(homes: Homes, *, before: datetime) -> list[Path]:
    """Remove every file last modified before that moment; return what was removed.

    MAGDA's page gives two weeks for all folders in its table (and a month for the public one in
    its text; the stricter figure counts here). Whether a move starts the term anew is not public:
    here it does not.
    """
    removed: list[Path] = []
    for account in homes.accounts:
        for folder, _, names in os.walk(homes.home(account)):
            expired = (Path(folder) / name for name in names)
            removed.extend(path for path in expired if _remove_if_older(path, before))
    return removed


def _remove_if_older(path: Path, before: datetime) -> bool:
    try:
        if datetime.fromtimestamp(path.stat().st_mtime, UTC) >= before:
            return False
        path.unlink()
    except FileNotFoundError:
        # The client was faster.
        return False
    return True
