import pytest

from exchange.messages import NotWellFormedError, Places, find_wrong_numbers
from exchange.messages.tests.builders import document, sample

NONE = Places(0, ())


def lines(*elements: str) -> str:
    return "<r>\n" + "\n".join(elements) + "\n</r>"


def test_a_message_with_right_numbers_has_nothing_to_tell() -> None:
    found = find_wrong_numbers(sample("request_three_questions.xml"))

    assert (found.persons, found.enterprises) == (NONE, NONE)


def test_each_wrong_number_is_told_by_its_line() -> None:
    text = lines(
        "<INSZ>00000000097</INSZ>",
        "<INSZ>00000000098</INSZ>",
        "<Gebruiker>12345</Gebruiker>",
        "<Ondernemingsnummer>0316380841</Ondernemingsnummer>",
        "<Ondernemingsnummer>0316380840</Ondernemingsnummer>",
    )

    found = find_wrong_numbers(document(text))

    assert found.persons == Places(2, (3, 4))
    assert found.enterprises == Places(1, (6,))


def test_an_element_without_text_names_nobody() -> None:
    found = find_wrong_numbers(document(lines("<INSZ/>", "<INSZ> </INSZ>")))

    assert found.persons == NONE


def test_numbers_that_are_called_otherwise_are_left_alone() -> None:
    found = find_wrong_numbers(document(lines("<Sleutel>123</Sleutel>", "<insz>1</insz>")))

    assert found.persons == NONE


def test_only_the_first_lines_are_told_and_all_are_counted() -> None:
    found = find_wrong_numbers(document(lines(*["<INSZ>1</INSZ><INSZ>2</INSZ>"] * 500)))

    assert found.persons == Places(1000, tuple(range(2, 12)))


def test_what_is_no_xml_is_refused() -> None:
    with pytest.raises(NotWellFormedError):
        find_wrong_numbers(document("<r><INSZ>1</INSZ>"))
