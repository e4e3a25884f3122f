import pytest

from exchange.templatetags.account_names import account_name


def test_a_name_may_break_after_its_separators_only() -> None:
    shown = account_name("kb.vlaanderen.be/aiv/voorbeeld-aip")

    parts = shown.removeprefix('<bdi class="account-name">').removesuffix("</bdi>").split("<wbr>")
    assert parts == ["kb.", "vlaanderen.", "be/", "aiv/", "voorbeeld-", "aip"]


@pytest.mark.parametrize("name", ["", "a", "/", "a//b"])
def test_nothing_of_the_name_is_lost(name: str) -> None:
    shown = account_name(name)

    assert shown.replace("<wbr>", "") == f'<bdi class="account-name">{name}</bdi>'


def test_a_name_is_escaped() -> None:
    assert "<script>" not in account_name("<script>.be")
