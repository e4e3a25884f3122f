from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from sandbox.server import DEMO_ACCOUNT, PracticeMAGDA, SandboxSettings

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox.authority import Authority


class Clock:
    """A clock that can be moved."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead  # noqa: TID251 - plain Python


@pytest.mark.parametrize(
    "folder", ["to_vip", "from_vip", "cache/to_vip", "cache/from_vip", "public"]
)
def test_a_file_goes_after_two_weeks(tmp_path: Path, authority: Authority, folder: str) -> None:
    clock = Clock()
    magda = PracticeMAGDA(
        tmp_path, authority, SandboxSettings(with_publications=False), clock=clock
    )
    path = magda.place(DEMO_ACCOUNT, folder, "old.xml", b"x")

    clock.ahead = timedelta(days=13, hours=23)
    assert magda.clean_up() == []
    clock.ahead = timedelta(days=14, hours=1)
    assert magda.clean_up() == [path]

    assert not path.exists()
    assert path.parent.is_dir()
