import csv
import io

import pytest

from magda_portal.web.spreadsheets import cell, csv_lines


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+1", "-1", "@x", "\t=1", "\r=1", "\n=1", " =1", "＝1", "－1"],  # noqa: RUF001
)
def test_what_a_spreadsheet_would_calculate_gets_an_apostrophe(text: str) -> None:
    assert cell(text) == f"'{text}"


@pytest.mark.parametrize(
    ("value", "expected"),
    [("vraag-1.xml", "vraag-1.xml"), ("a=b", "a=b"), (None, ""), (0, "0"), ("", ""), ("'x", "'x")],
)
def test_other_values_stay_as_they_are(value: object, expected: str) -> None:
    assert cell(value) == expected


def test_the_file_leaves_in_pieces_that_are_one_table() -> None:
    rows = [[number, 'een;"twee"\nlijnen'] for number in range(1000)]

    pieces = list(csv_lines(["Number", "Text"], rows))

    assert len(pieces) > 5
    text = "".join(pieces)
    assert text.startswith("\ufeffNumber;Text\r\n")
    read = list(csv.reader(io.StringIO(text[1:], newline=""), delimiter=";"))
    assert read[1:] == [[str(number), text] for number, text in rows]


def test_rows_are_asked_for_only_as_they_leave() -> None:
    asked = []

    def rows() -> object:
        for number in range(10_000):
            asked.append(number)
            yield [number]

    next(csv_lines(["Number"], rows()))  # type: ignore[arg-type]  # an iterator of rows

    assert len(asked) < 200
