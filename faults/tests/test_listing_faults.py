"""Listings that can't be read, that lie, or that hold names nobody expects."""

import pytest

from exchange.models import RemoteFile
from exchange.models.transfer import State
from exchange.tests.servers.faults import DataFault, Ending, Fault
from faults.stage import Stage
from faults.tests.dialogue import asked, remaining
from faults.workers import Worker

HIT = "hit.xml"
FOLDERS = ["to_vip", "from_vip", "cache/from_vip", "cache/to_vip"]

GARBAGE = {
    "text": b"total 3\r\nwhat is this?\r\n",
    "no name": b"type=file;size=10;\r\n",
    "no number": b"type=file;size=ten;modify=20240101000000; hit.xml\r\n",
    "no date": b"type=file;size=10;modify=2024-13-99; hit.xml\r\n",
    "bytes": bytes(range(256)) * 4,
    "a line cut off": b"type=file;size=10;modify=20240101000000; hit.xml\r\ntype=file;siz",
}


@pytest.mark.parametrize("garbage", GARBAGE.values(), ids=GARBAGE)
def test_a_listing_of_garbage_decides_nothing(
    garbage: bytes, stage: Stage, shared_worker: Worker
) -> None:
    for folder in FOLDERS:
        stage.magda.data_faults.append(DataFault("MLSD", about=folder, content=garbage, times=1))
    hit = stage.submit(name=HIT)
    stage.place()

    stage.until_settled()

    hit.refresh_from_db()
    assert hit.state == State.DONE
    assert asked(stage, "STOR", HIT) == 1
    stage.check()


@pytest.mark.parametrize("garbage", [b"", GARBAGE["text"]], ids=["empty", "garbage"])
def test_a_listing_after_a_lost_reply_to_a_rename_is_not_believed_at_once(
    garbage: bytes, stage: Stage, shared_worker: Worker
) -> None:
    lie = DataFault("MLSD", content=garbage, times=0)
    stage.magda.data_faults.append(lie)

    def begin() -> None:
        lie.times = 6

    stage.magda.faults.append(Fault("RNTO", about=HIT, obeys=True, first=begin, times=1))
    hit = stage.submit(name=HIT)

    stage.until_settled()

    hit.refresh_from_db()
    assert hit.state == State.DONE
    assert asked(stage, "STOR", HIT) == 1
    stage.check()


@pytest.mark.parametrize("folder", ["to_vip", "from_vip"])
def test_a_listing_that_is_empty_after_one_that_stalled_loses_nothing(
    folder: str, stage: Stage, shared_worker: Worker
) -> None:
    stage.magda.data_faults += [
        DataFault("MLSD", about=folder, limit=0, ends=Ending.NEVER, times=1),
        DataFault("MLSD", about=folder, content=b"", times=1),
    ]
    hit = stage.submit(name=HIT)
    for _ in range(2):
        stage.place()

    stage.until_settled()

    hit.refresh_from_db()
    assert hit.state == State.DONE
    stage.check()


def test_a_listing_that_forgets_files_for_a_while_has_them_kept_once(
    stage: Stage, shared_worker: Worker
) -> None:
    """They can't be fetched at first, so the ledger knows them when they are gone."""
    stage.magda.faults.append(Fault("RETR", reply="451 Not now.", times=2))
    for _ in range(2):
        stage.place()
    stage.until(lambda: _is_tried(stage))
    stage.magda.data_faults.append(DataFault("MLSD", about="from_vip", content=b"", times=1))

    stage.until_settled()

    stage.check()


@pytest.mark.parametrize("garbage", GARBAGE.values(), ids=GARBAGE)
def test_a_listing_of_garbage_makes_no_file_vanish(
    garbage: bytes, stage: Stage, shared_worker: Worker
) -> None:
    """A line that were skipped would be a file that is forgotten, or never collected."""
    stage.magda.faults.append(Fault("RETR", reply="451 Not now."))
    stage.place(HIT)
    stage.until(lambda: _is_tried(stage))
    stage.magda.data_faults.append(DataFault("MLSD", about="from_vip", content=garbage))
    before = asked(stage, "MLSD", "from_vip")

    # The second listing begins once the first one was digested.
    stage.until(lambda: _is_tried(stage) and asked(stage, "MLSD", "from_vip") >= before + 2)

    assert RemoteFile.objects.get(account=stage.account).state == RemoteFile.State.SEEN
    stage.magda.faults.clear()
    stage.magda.data_faults.clear()
    stage.until_settled()
    stage.check()


@pytest.mark.parametrize(
    "name",
    [
        "met spatie.xml",
        " spatie vooraan.xml",
        "spatie achteraan ",
        "één café €.xml",
        "e\u0301e\u0301n.xml",
        "aanhaling\"s'en;puntkomma=ja.xml",
        "100%25#?.xml",
        "-rf.xml",
        "..xml",
        "b" * 251 + ".xml",
        "é" * 125 + ".xml",
    ],
    ids=[
        "space",
        "leading space",
        "trailing space",
        "accents",
        "combining accents",
        "quotes and semicolons",
        "escapes of URLs",
        "an option",
        "two dots",
        "255 bytes",
        "254 bytes of accents",
    ],
)
def test_a_file_with_a_strange_name_is_kept_and_cleared(
    name: str, stage: Stage, shared_worker: Worker
) -> None:
    stage.place(name)
    stage.place()

    stage.until_settled()

    assert remaining(stage, "from_vip") == []
    stage.check()


@pytest.mark.parametrize(
    "name",
    ["met spatie.xml", "één café €.xml", "aanhaling's;=.xml", "100%25#?.xml", "b" * 196 + ".xml"],
)
def test_a_request_with_a_strange_name_is_delivered(
    name: str, stage: Stage, shared_worker: Worker
) -> None:
    hit = stage.submit(name=name)

    stage.until_settled()

    hit.refresh_from_db()
    assert hit.state == State.DONE
    assert remaining(stage, "to_vip") == [name]
    stage.check()


@pytest.mark.parametrize(
    "name", ["a\tb.xml", "a\x07b.xml", "a\x7fb.xml"], ids=["tab", "bell", "DEL"]
)
def test_a_name_with_control_characters_is_left_alone_and_shown(
    name: str, stage: Stage, shared_worker: Worker
) -> None:
    """Such a name never goes into a command; a person has to fetch the file."""
    path = stage.magda.place(stage.account.name, "from_vip", name, b"<x/>")
    stage.place()

    stage.until_settled()

    assert path.exists()
    row = RemoteFile.objects.exclude(error_code="").get(account=stage.account)
    assert row.error_code == "collection.name_unsafe"
    path.unlink()
    stage.until(lambda: _is_forgotten(stage, row))
    stage.check()


@pytest.mark.parametrize(
    "name", [b"..", b"../../etc/passwd", b"/etc/passwd", b"a/b.xml", b".", b"a\x00b.xml"]
)
def test_a_name_that_leads_elsewhere_is_never_followed(
    name: bytes, stage: Stage, shared_worker: Worker
) -> None:
    placed = stage.place()
    facts = b"type=file;size=%d;modify=20240101000000; "
    lines = [facts % 10 + name, facts % placed.size + placed.name.encode()]
    listing = b"".join(line + b"\r\n" for line in lines)
    stage.magda.data_faults.append(DataFault("MLSD", about="from_vip", content=listing, times=2))

    stage.until_settled()

    fetched = {
        line.argument
        for line in stage.magda.log
        if line.command == "RETR" and line.account == stage.account.name
    }
    assert fetched == {f"from_vip/{placed.name}"}
    row = RemoteFile.objects.exclude(error_code="").get(account=stage.account)
    assert row.error_code == "collection.name_unsafe"
    stage.until(lambda: _is_forgotten(stage, row))
    stage.check()


def _is_tried(stage: Stage) -> bool:
    stage.hurry()
    stage.tick()
    return RemoteFile.objects.filter(account=stage.account, failures__gt=0).exists()


def _is_forgotten(stage: Stage, row: RemoteFile) -> bool:
    stage.hurry()
    stage.tick()
    row.refresh_from_db()
    return row.state == RemoteFile.State.VANISHED
