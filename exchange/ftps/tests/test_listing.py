from datetime import UTC, datetime

import pytest

from exchange.ftps.listing import Entry, EntryKind, parse_list, parse_mlsd


def test_mlsd_tells_name_size_time_and_kind() -> None:
    listing = (
        "modify=20261121110218;perm=fle;type=cdir; .\r\n"
        "modify=20261121110218;perm=fle;type=pdir; ..\r\n"
        "Type=file;Size=1234;Modify=20261121110218.250; VIP 1.xml\r\n"
        "type=dir;modify=20261121110218; sub\r\n"
        "type=OS.unix=slink:/x;size=1; link\r\n"
    )
    moment = datetime(2026, 11, 21, 11, 2, 18, tzinfo=UTC)

    assert parse_mlsd(listing) == [
        Entry("VIP 1.xml", 1234, moment, EntryKind.FILE),
        Entry("sub", None, moment, EntryKind.FOLDER),
    ]


def test_mlsd_without_facts_is_a_file_of_unknown_size_and_time() -> None:
    assert parse_mlsd("type=file; a\n") == [Entry("a", None, None, EntryKind.FILE)]


@pytest.mark.parametrize(
    "name", [" leading", "a;b=c; d", "=", "tab\there", "form\x0cfeed", "\u2028"]
)
def test_mlsd_keeps_the_name_as_it_is(name: str) -> None:
    assert [entry.name for entry in parse_mlsd(f"type=file;size=1; {name}\r\n")] == [name]


@pytest.mark.parametrize(
    "line", ["nonsense", "type=file;", "type=file;size=x; a", "-rw-r--r-- 1 a"]
)
def test_a_line_that_is_not_mlsd_is_never_skipped_silently(line: str) -> None:
    with pytest.raises(ValueError, match=r"MLSD|invalid literal"):
        parse_mlsd(f"type=file; fine\r\n{line}\r\n")


@pytest.mark.parametrize(
    ("line", "name", "size"),
    [
        ("-rw-r--r--   1 vip group     1234 Nov 21 10:51 VIP_1.xml", "VIP_1.xml", 1234),
        ("-rw-r--r--   1 vip group        0 Nov  1  2025 empty", "empty", 0),
        ("-rw-r--r--   1 vip group        5 Nov  1  2025  two  spaces ", " two  spaces ", 5),
        ("-rw-rw----+  1 1000 1000 99999999999 Feb 29 00:00 large.zip", "large.zip", 99999999999),
        ("-rwxr-xr-x.  1 vip          77 Mar  3 09:09 no group", "no group", 77),
        ("-rw-r--r--   1 vip group        7 2026-11-21 10:51 iso", "iso", 7),
        ("-rw-r--r--   1 vip group        7 déc 21 10:51 a -> b", "a -> b", 7),
        ("-rw-r--r--   1 12 34 7 Nov 21 10:51 12 Nov 21 10:51 x", "12 Nov 21 10:51 x", 7),
    ],
)
def test_list_lines_of_many_servers_are_read(line: str, name: str, size: int) -> None:
    assert parse_list(f"total 8\r\n{line}\r\n") == [Entry(name, size, None, EntryKind.FILE)]


def test_list_tells_folders_and_leaves_out_what_is_neither_file_nor_folder() -> None:
    listing = (
        "drwxr-xr-x   2 vip group 4096 Nov 21 10:51 .\n"
        "drwxr-xr-x   2 vip group 4096 Nov 21 10:51 ..\n"
        "drwxr-xr-x   2 vip group 4096 Nov 21 10:51 sub folder\n"
        "lrwxrwxrwx   1 vip group    4 Nov 21 10:51 link -> file\n"
        "prw-r--r--   1 vip group    0 Nov 21 10:51 pipe\n"
    )

    assert parse_list(listing) == [Entry("sub folder", None, None, EntryKind.FOLDER)]


@pytest.mark.parametrize("line", ["11-21-26  10:51AM  <DIR> sub", "-rw-r--r-- 1 vip group x"])
def test_a_list_line_of_another_style_is_never_skipped_silently(line: str) -> None:
    with pytest.raises(ValueError, match="Unix-style"):
        parse_list(line)


def test_an_empty_folder_has_no_entries() -> None:
    assert parse_mlsd("") == parse_list("") == parse_list("total 0\r\n") == []


@pytest.mark.parametrize("size", ["9223372036854775808", "99999999999999999999999"])
def test_a_size_that_no_file_can_have_counts_as_not_told(size: str) -> None:
    (entry,) = parse_mlsd(f"type=file;size={size}; a.xml\r\n")

    assert (entry.name, entry.size) == ("a.xml", None)


@pytest.mark.parametrize("moment", ["99991231235959", "19691231235959", "00010101000000"])
def test_a_time_that_no_clock_shows_counts_as_not_told(moment: str) -> None:
    (entry,) = parse_mlsd(f"type=file;modify={moment}; a.xml\r\n")

    assert (entry.name, entry.modified) == ("a.xml", None)
