import pytest

from exchange.messages import is_valid_insz, is_valid_kbo


@pytest.mark.parametrize(
    "number",
    [
        "00000000097",  # before 2000: 97 - 0
        "90010100123"[:9] + f"{97 - 900101001 % 97:02}",
        "05010100176"[:9] + f"{97 - 2050101001 % 97:02}",  # since 2000
        "90410100142"[:9] + f"{97 - 904101001 % 97:02}",  # BIS: month and 40
        "12210100142"[:9] + f"{97 - 2122101001 % 97:02}",  # BIS since 2000: month and 20
    ],
)
def test_a_number_of_a_person_is_right(number: str) -> None:
    assert is_valid_insz(number)


@pytest.mark.parametrize(
    "number",
    [
        "00000000000",
        "00000000096",
        "0000000097",
        "000000000097",
        "00.00.00-000.97",
        "",
        "\u0660" * 11,
    ],
)
def test_a_number_of_a_person_is_wrong(number: str) -> None:
    assert not is_valid_insz(number)


def test_one_digit_that_differs_makes_a_number_of_a_person_wrong() -> None:
    number = "85073003328"
    assert is_valid_insz(number)

    others = {
        number[:place] + digit + number[place + 1 :]
        for place in range(11)
        for digit in "0123456789"
        if digit != number[place]
    }

    # The rule for people born since 2000 lets some through; of these 99 it is none.
    assert not [other for other in others if is_valid_insz(other)]


@pytest.mark.parametrize("number", ["0316380841", "0202239951", "1000000018", "2150000092"])
def test_a_number_of_an_enterprise_is_right(number: str) -> None:
    digits = number[:8] + f"{97 - int(number[:8]) % 97:02}"

    assert is_valid_kbo(digits)


def test_the_number_of_the_flemish_community_is_right() -> None:
    assert is_valid_kbo("0316380841")


@pytest.mark.parametrize(
    "number", ["0316380842", "0123456789", "316380841", "0316.380.841", "BE0316380841", ""]
)
def test_a_number_of_an_enterprise_is_wrong(number: str) -> None:
    assert not is_valid_kbo(number)


def test_no_enterprise_has_a_number_that_begins_with_9() -> None:
    assert not is_valid_kbo("90000000" + f"{97 - 90000000 % 97:02}")
