"""A whole line at a small size: real ProFTPD, real services, lftp and libcurl, and the oracle."""

import pytest

from bench.lines.collect import Collect
from bench.lines.deliver import Deliver
from bench.lines.moving import LFTP, RAW, MovingLine
from bench.rounds import measure
from bench.stand import Database

pytestmark = [pytest.mark.proftpd, pytest.mark.processes]


@pytest.mark.parametrize("kind", [Deliver, Collect])
def test_a_line_is_measured_and_every_run_is_whole(kind: type[Deliver] | type[Collect]) -> None:
    line: MovingLine = kind(Database.SQLITE, count=6)
    line.warms_up = False

    with line:
        rows = measure(line, rounds=1, database="sqlite")
        folder = line.stand.folder

    assert [row.peer_name for row in rows] == [LFTP, RAW]
    assert all(row.ratio > 0 for row in rows)
    assert not folder.exists()
