"""A look at a file of any kind, size and intent."""

import io
import itertools
from typing import BinaryIO, cast

import pytest

from exchange.messages import preview_of
from exchange.messages.preview import PREVIEW_WITHIN
from exchange.messages.preview_table import MAX_CELLS, MAX_COLUMNS, MAX_ROWS, TablePreview
from exchange.messages.preview_text import MAX_VALUE_LENGTH
from exchange.messages.preview_tree import MAX_ELEMENTS, MAX_SHOWN_DEPTH, PartKind, TreePreview
from exchange.messages.tests.builders import Trickle, sample, shared


def tree_of(content: str | bytes) -> TreePreview:
    raw = content.encode() if isinstance(content, str) else content
    tree = preview_of(io.BytesIO(raw)).tree
    assert tree is not None
    return tree


def table_of(content: bytes) -> TablePreview:
    table = preview_of(io.BytesIO(content)).table
    assert table is not None
    return table


def outline(tree: TreePreview) -> list[str]:
    signs = {PartKind.BRANCH: "<", PartKind.LEAF: "=", PartKind.END: ">"}
    return [f"{signs[part.kind]}{part.depth}{part.name}" for part in tree.parts]


def is_balanced(tree: TreePreview) -> bool:
    kinds = [part.kind for part in tree.parts]
    return kinds.count(PartKind.BRANCH) == kinds.count(PartKind.END)


def test_elements_become_branches_and_leaves_in_order() -> None:
    tree = tree_of('<a xmlns:n="urn:x" n:k="1"><b>een</b><n:c/><d><e>twee</e></d></a>')

    assert outline(tree) == ["<0a", "=1b", "=1c", "<1d", "=2e", ">1", ">0"]
    assert tree.parts[0].attributes == (("k", "1"),)
    assert [part.text for part in tree.parts if part.text] == ["een", "twee"]
    assert (tree.elements, tree.is_cut, tree.problem) == (5, False, "")


def test_values_that_steer_or_hide_are_written_as_their_code() -> None:
    tree = tree_of("<a><b k='\u202e'>x\u202efdp\u200b</b></a>")

    leaf = tree.parts[1]
    assert leaf.text == "x\\u202efdp\\u200b"
    assert leaf.attributes == (("k", "\\u202e"),)


def test_a_long_value_is_cut_and_says_so() -> None:
    leaf = tree_of(f"<a>{'x' * 5000}</a>").parts[0]

    assert leaf.text.endswith("…")
    assert len(leaf.text) <= MAX_VALUE_LENGTH


def test_many_elements_are_cut_with_every_branch_ended() -> None:
    tree = tree_of("<a>" + "<b><c/></b>" * MAX_ELEMENTS + "</a>")

    assert tree.elements == MAX_ELEMENTS
    assert tree.is_cut
    assert is_balanced(tree)


def test_exactly_as_many_elements_as_are_shown_are_not_called_cut() -> None:
    tree = tree_of("<a>" + "<b/>" * (MAX_ELEMENTS - 1) + "</a>")

    assert tree.elements == MAX_ELEMENTS
    assert not tree.is_cut


def test_what_lies_too_deep_is_left_out_and_what_follows_is_shown() -> None:
    deep = MAX_SHOWN_DEPTH + 5
    tree = tree_of("<a>" + "<b>" * deep + "</b>" * deep + "<z>einde</z></a>")

    assert max(part.depth for part in tree.parts) == MAX_SHOWN_DEPTH - 1
    assert tree.is_cut
    assert is_balanced(tree)
    assert "einde" in [part.text for part in tree.parts]


def test_a_broken_file_is_shown_up_to_where_it_breaks() -> None:
    tree = tree_of("<a>\n<b>een</b>\n<c>twee</b>\n</a>")

    assert (tree.problem, tree.line) == ("xml.not_well_formed", 3)
    assert "een" in [part.text for part in tree.parts]
    assert is_balanced(tree)


@pytest.mark.parametrize(
    "document",
    [
        '<!DOCTYPE a [<!ENTITY x "xxxx">]><a>&x;</a>',
        '<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>',
    ],
)
def test_a_document_type_is_refused_and_nothing_of_it_expanded(document: str) -> None:
    tree = tree_of(document)

    assert tree.problem == "xml.doctype"
    assert tree.parts == ()


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_xml_is_known_behind_a_byte_order_mark(encoding: str) -> None:
    tree = tree_of("  <a><b>é</b></a>".lstrip().encode(encoding))

    assert [part.text for part in tree.parts if part.text] == ["é"]


def test_an_answer_of_magda_is_shown_with_its_exceptions() -> None:
    tree = preview_of(sample("answer_exceptions.xml")).tree

    assert tree is not None
    assert "Uitzondering" in [part.name for part in tree.parts]
    assert not tree.is_cut


def test_public_samples_are_shown() -> None:
    for path in [*shared("publications/*"), *shared("responses/*")]:
        found = preview_of(io.BytesIO(path.read_bytes()))
        assert found.tree or found.table or found.is_empty, path.name


def test_magdas_csv_is_a_table_of_quoted_fields() -> None:
    table = table_of('"2025-09-30";"Café; bar";""\n"2025-10-01";"x";"y"'.encode())

    assert table.rows == (("2025-09-30", "Café; bar", ""), ("2025-10-01", "x", "y"))
    assert (table.delimiter, table.encoding, table.columns) == (";", "UTF-8", 3)
    assert not table.is_cut


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_guessed(delimiter: str) -> None:
    lines = [delimiter.join(["naam", "getal, of; niet", "x"]).replace("getal, of; niet", "g")] * 5

    assert table_of("\n".join(lines).encode()).delimiter == delimiter


def test_a_text_without_a_delimiter_is_one_field_a_line() -> None:
    table = table_of(b"eerste regel\ntweede regel\n")

    assert (table.delimiter, table.columns) == ("", 1)
    assert table.rows == (("eerste regel",), ("tweede regel",))


def test_a_comma_in_a_sentence_does_not_beat_the_real_delimiter() -> None:
    rows = b"a;b;c\nJan, Piet;2;3\nx;y;z\n"

    assert table_of(rows).delimiter == ";"


def test_windows_text_is_read_as_such() -> None:
    table = table_of("café;€".encode("cp1252"))

    assert table.rows == (("café", "€"),)
    assert table.encoding == "Windows-1252"


def test_an_office_programs_utf_16_is_read() -> None:
    table = table_of("één;twee\n".encode("utf-16"))

    assert (table.rows, table.encoding) == ((("één", "twee"),), "UTF-16")


def test_a_character_cut_at_the_end_of_what_is_read_does_not_change_the_guess() -> None:
    line = "é;x\n".encode()
    content = b"a" + line * (PREVIEW_WITHIN // len(line) + 10)

    assert table_of(content).encoding == "UTF-8"


def test_only_the_first_rows_are_shown() -> None:
    table = table_of(b"a;b\n" * (MAX_ROWS + 1))

    assert len(table.rows) == MAX_ROWS
    assert table.is_cut
    assert not table_of(b"a;b\n" * MAX_ROWS).is_cut


def test_many_columns_make_fewer_rows() -> None:
    table = table_of((";".join("x" * 300) + "\n").encode() * MAX_ROWS)

    assert table.columns == MAX_COLUMNS
    assert len(table.rows) * table.columns <= MAX_CELLS
    assert table.is_cut


def test_a_quotation_mark_without_its_other_half_ends_the_table() -> None:
    table = table_of(b'a;b\nc;"d' + b"x" * 300_000)

    assert table.rows[0] == ("a", "b")


def test_a_row_that_was_cut_in_the_middle_is_not_shown() -> None:
    row = b"x" * 9_999 + b"\n"

    table = table_of(row * 200)

    assert table.is_cut
    assert len(table.rows) == PREVIEW_WITHIN // len(row)


@pytest.mark.parametrize("content", [b"PK\x03\x04\x00\x00", b"\x1f\x8b\x08\x00", b"a;b\x00c"])
def test_what_is_no_text_is_not_shown(content: bytes) -> None:
    found = preview_of(io.BytesIO(content))

    assert (found.tree, found.table, found.is_empty) == (None, None, False)


def test_an_empty_file_is_said_to_be_empty() -> None:
    assert preview_of(io.BytesIO()).is_empty


@pytest.mark.parametrize("piece", [b"<b>lorem</b>", b"lorem;ipsum;x\n", b"z", b"<b k='v'>"])
def test_of_a_huge_file_only_the_beginning_is_read(piece: bytes) -> None:
    head = b"<a>" if piece.startswith(b"<") else piece
    stream = Trickle(itertools.chain([head], itertools.repeat(piece * 4000)))

    found = preview_of(cast("BinaryIO", stream))

    assert found.tree or found.table
    assert stream.taken == PREVIEW_WITHIN + 1
