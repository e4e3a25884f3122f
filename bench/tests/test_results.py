"""The table, the JSON, and which files are written."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bench import __main__ as command
from bench.catalogue import Item, chosen
from bench.line import PORTAL, Limit
from bench.results import Results, as_objects, table, write
from bench.rounds import Row, Spread, measure
from bench.tests.test_rounds import FakeLine

AT = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)


def _row() -> Row:
    line = FakeLine(
        {PORTAL: [1.0, 3.0], "lftp": [1.0, 2.0], "raw": [1.0, 1.0]},
        limits=[Limit(0.6, "lftp")],
        floor="raw",
    )
    with line:
        (row,) = measure(line, rounds=1, database="sqlite")
    return row


def _results() -> Results:
    return Results([_row()], {"cores": "2"}, AT)


def test_each_object_tells_line_ratio_limit_met_and_floor() -> None:
    (told,) = as_objects(_results())

    assert {name: told[name] for name in ("line", "ratio", "limit", "met", "floor")} == {
        "line": "fake",
        "ratio": 1.5,
        "limit": 0.6,
        "met": False,
        "floor": 0.5,
    }
    assert told["portal"] == {"median": 3.0, "min": 3.0, "max": 3.0}
    assert told["machine"] == {"cores": "2"}


def test_a_whole_go_is_written_under_its_date_and_as_the_latest(tmp_path: Path) -> None:
    path = write(_results(), folder=tmp_path, is_whole=True)

    assert path.name == "2026-11-22T030000.json"
    assert json.loads(path.read_text()) == as_objects(_results())
    assert (tmp_path / "latest.json").read_text() == path.read_text()


def test_a_go_of_single_lines_is_not_the_latest(tmp_path: Path) -> None:
    write(_results(), folder=tmp_path, is_whole=False)

    assert not (tmp_path / "latest.json").exists()


def test_the_table_has_a_line_for_each_row() -> None:
    head, rule, line = table([_row()]).splitlines()

    assert head.startswith("| line")
    assert set(rule) == {"|", "-"}
    assert [cell.strip() for cell in line.strip("|").split("|")] == [
        "fake",
        "sqlite",
        "3.000 (3.000 to 3.000) s",
        "lftp 2.000 (2.000 to 2.000) s",
        "1.50",
        "0.60",
        "NO",
        "0.50",
    ]


def test_a_row_without_a_limit_is_neither_met_nor_missed() -> None:
    row = Row("x", "x", "s", "sqlite", 1, Spread(1, 1, 1), "", None, 1.0, None, None)

    assert row.met is None


def _go(line: FakeLine, folder: Path, what: str) -> int:
    catalogue = {"fake": Item(lambda _database, _stack: iter([line]))}
    arguments = [what, "--database", "sqlite", "--rounds", "1"]
    return command.main(arguments, catalogue=catalogue, folder=folder)


def test_a_void_run_writes_nothing_and_ends_with_an_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    line = FakeLine(
        {PORTAL: [1.0, 1.0], "lftp": [1.0, 1.0]},
        limits=[Limit(1.0, "lftp")],
        complain=lambda who, _this: ["a.xml was renamed unchecked."] if who == PORTAL else [],
    )

    assert _go(line, tmp_path, "all") == 1
    assert "a.xml was renamed unchecked." in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_a_good_run_is_shown_and_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    line = FakeLine({PORTAL: [1.0, 1.0], "lftp": [1.0, 1.0]}, limits=[Limit(1.0, "lftp")])

    assert _go(line, tmp_path, "all") == 0
    assert "| fake | sqlite |" in capsys.readouterr().out
    assert len(list(tmp_path.iterdir())) == 2
    assert (tmp_path / "latest.json").exists()


def test_a_line_that_does_not_exist_is_named() -> None:
    assert command.main(["no-such-line"]) == 2


def test_quick_leaves_out_what_takes_long() -> None:
    slow = {"deliver-20ms", "1GiB", "accounts", "pages"}

    assert slow <= set(chosen(["all"]))
    assert not slow & set(chosen(["quick"]))
    assert {"deliver", "collect", "poll"} <= set(chosen(["quick"]))
