"""The seven places, the letter to MAGDA, and the history of the addresses of an account."""

from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from exchange.models import Account, WhitelistedAddress
from exchange.queries.address_register import TO_BE_TOLD, address_register
from exchange.services.addresses import activate_address, request_address, withdraw_address
from exchange.tests.builders import make_account
from magda_portal.audit.services import Actor
from magda_portal.tests.world import Visitor, World

ACTOR = Actor(name="An Peeters")
ADDRESS = "193.191.4.10"


def requested(account: Account, address: str = ADDRESS, purpose: str = "") -> WhitelistedAddress:
    return request_address(account, address=address, purpose=purpose, actor=ACTOR)


def active(account: Account, address: str = ADDRESS, purpose: str = "") -> WhitelistedAddress:
    row = requested(account, address, purpose)
    activate_address(row, actor=ACTOR)
    return row


def show(world: World, account: Account, visitor: Visitor = Visitor.ADMINISTRATOR) -> str:
    url = reverse("account_addresses", args=[account.pk])
    return unescape(world.browser(visitor).get(url).text)


def letter(world: World, account: Account) -> str:
    url = reverse("address_letter", args=[account.pk])
    return world.browser(Visitor.ADMINISTRATOR).get(url).text


def ask_to_withdraw(world: World, row: WhitelistedAddress) -> str:
    url = reverse("address_withdraw", args=[row.account_id, row.pk])
    return unescape(world.browser(Visitor.ADMINISTRATOR).get(url).text)


def test_seven_places_are_shown_taken_or_free(world: World, account: Account) -> None:
    active(account)
    requested(account, "193.191.4.11")

    page = show(world, account)

    assert "2 of 7 taken" in page
    assert page.count('<li class="slot') == 7
    assert page.count(">free<") == 5
    assert "no ranges and no networks" in page


def test_the_letter_is_signed_once_and_names_no_number_that_there_is_not(
    world: World, account: Account
) -> None:
    Account.objects.update(tan="")
    world.administrator.name = ""
    world.administrator.save()
    requested(account)

    text = letter(world, account)
    signature = text.split("Yours faithfully,")[1]

    assert "TAN" not in text
    assert signature.count(world.administrator.email) == 1
    world.administrator.name = "An Peeters"
    world.administrator.save()
    named = letter(world, account).split("Yours faithfully,")[1]
    assert f"An Peeters\n{world.administrator.email}\n" in named


def test_the_letter_asks_to_add_and_to_remove_and_names_the_list_to_be(
    world: World, account: Account
) -> None:
    Account.objects.update(tan="4711")
    requested(account, "193.191.4.20", "Stadhuis & co")
    active(account, "193.191.4.21")
    withdraw_address(active(account, "193.191.4.22"), actor=ACTOR)

    text = letter(world, account)

    add, rest = text.split("Please add:")[1].split("Please remove:")
    remove, after = rest.split("After this change the list holds 2 addresses of at most 7:")
    assert "- 193.191.4.20 (Stadhuis & co)" in add
    assert remove.split() == ["-", "193.191.4.22"]
    assert "193.191.4.20" in after
    assert "193.191.4.21" in after
    for expected in (account.name, "TNI", "4711", "Gemeente Voorbeeld", world.administrator.email):
        assert expected in text


def test_the_letter_stands_on_the_page_and_is_a_text_file_too(
    world: World, account: Account
) -> None:
    requested(account)
    url = reverse("address_letter", args=[account.pk])

    answer = world.browser(Visitor.ADMINISTRATOR).get(url)

    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    assert answer["Content-Disposition"] == 'attachment; filename="magda-addresses.txt"'
    assert answer.text.strip() in show(world, account)


def test_the_role_mailbox_is_the_contact_when_there_is_one(world: World, account: Account) -> None:
    requested(account)
    account.identity.role_mailbox = "ict@voorbeeld.example"
    account.identity.save()

    assert "Please tell us at ict@voorbeeld.example when" in letter(world, account)


def test_an_address_that_magda_never_added_need_not_be_removed(
    world: World, account: Account
) -> None:
    withdraw_address(requested(account), actor=ACTOR)

    assert "Please remove" not in letter(world, account)
    assert "There is nothing to ask" in show(world, account)


def test_an_address_in_use_again_is_not_to_be_removed(account: Account) -> None:
    withdraw_address(active(account), actor=ACTOR)
    requested(account)

    register = address_register(account, now=timezone.now())

    assert [row.address for row in register.to_add] == [ADDRESS]
    assert register.to_remove == []


@pytest.mark.parametrize(("later", "told"), [(-timedelta(hours=1), 1), (timedelta(hours=1), 0)])
def test_what_was_withdrawn_long_ago_is_no_longer_asked(
    account: Account, later: timedelta, told: int
) -> None:
    withdraw_address(active(account), actor=ACTOR)

    register = address_register(account, now=timezone.now() + TO_BE_TOLD + later)

    assert len(register.to_remove) == told


def test_the_history_tells_who_did_what_with_which_address(world: World, account: Account) -> None:
    withdraw_address(active(account, purpose="Stadhuis"), actor=ACTOR)
    other = make_account(world.elsewhere, common_name="elders")
    active(other, "193.191.4.99")

    page = show(world, account, Visitor.CLERK)

    history = page[page.index("History of changes") :]
    assert history.index("address withdrawn") < history.index("address active")
    assert history.index("address active") < history.index("address requested")
    assert history.count("An Peeters") == 3
    assert "193.191.4.99" not in page


def test_a_clerk_sees_no_letter(world: World, account: Account) -> None:
    requested(account)

    assert "Letter to MAGDA" not in show(world, account, Visitor.CLERK)


def test_withdrawing_is_confirmed_first(world: World, account: Account) -> None:
    row = requested(account)

    page = ask_to_withdraw(world, row)

    row.refresh_from_db()
    assert "What will happen" in page
    assert row.state == WhitelistedAddress.State.REQUESTED


def test_the_last_active_address_is_warned_about(world: World, account: Account) -> None:
    first = active(account)
    warning = "This is the last address that MAGDA has added."

    assert warning in ask_to_withdraw(world, first)

    active(account, "193.191.4.11")
    assert warning not in ask_to_withdraw(world, first)


def test_eight_requests_fill_seven_places_and_say_so(world: World, account: Account) -> None:
    for number in range(7):
        requested(account, f"193.191.4.{number + 1}")

    page = show(world, account)

    assert "7 of 7 taken" in page
    assert "MAGDA allows no eighth" in page


def test_a_long_history_costs_no_more_queries(
    world: World, account: Account, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(20):
        withdraw_address(active(account, f"193.191.4.{number + 1}"), actor=ACTOR)
    browser: Any = world.browser(Visitor.ADMINISTRATOR)
    url = reverse("account_addresses", args=[account.pk])

    with django_assert_max_num_queries(12):
        browser.get(url)
