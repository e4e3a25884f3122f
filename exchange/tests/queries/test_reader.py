"""People are told what they can do themselves, and whom to ask for the rest."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from certificates.tests.rows import give_certificate
from exchange.advice import ADVICE, FOR_ADMINISTRATORS, advice_for, advice_to_clerk
from exchange.models import Account, Transfer
from exchange.models.transfer import State
from exchange.queries.reader import ANYBODY, Reader
from exchange.queries.whereabouts import stage_of
from exchange.tests.builders import make_collected, make_delivered, make_transfer
from magda_portal.people.models import Membership, Role
from magda_portal.tests.world import Visitor, World

CLERK = Reader(opens_files=True, finds_faults=False)
ASK = "Ask an administrator of your organisation to look at the account"
CHECK = str(advice_for("connect.refused").next)


@pytest.fixture
def troubled(account: Account) -> Account:
    give_certificate(account.identity)
    Account.objects.update(trouble_code="connect.refused", trouble_since=timezone.now())
    account.refresh_from_db()
    return account


def read(browser: Client, name: str, key: object) -> str:
    page: str = browser.get(reverse(name, args=[key])).text
    return page.replace("&#x27;", "'")


def answered(account: Account) -> Transfer:
    request = make_delivered(account)
    make_collected(account, answers_to=request)
    return request


@pytest.mark.parametrize("make", [answered, make_collected])
def test_only_who_may_not_download_is_sent_to_a_clerk(
    account: Account, make: Callable[[Account], Transfer]
) -> None:
    transfer = make(account)

    assert "a clerk can download it" in str(stage_of(transfer, ANYBODY).next_step)
    assert "you can download it" in str(stage_of(transfer, CLERK).next_step)


def test_a_clerk_reads_what_to_do_with_an_uncertain_delivery(account: Account) -> None:
    transfer = make_transfer(account, state=State.UNCERTAIN)

    assert str(stage_of(transfer, CLERK).next_step).startswith("Find out")
    assert str(stage_of(transfer).next_step).startswith("A clerk")


@pytest.mark.parametrize("code", sorted(FOR_ADMINISTRATORS))
def test_what_happened_is_the_same_for_all(code: str) -> None:
    assert code in ADVICE
    assert advice_to_clerk(code).what == advice_for(code).what
    assert str(advice_to_clerk(code).next).startswith(ASK)


def test_a_clerk_keeps_the_advice_that_anybody_can_follow() -> None:
    assert advice_to_clerk("connect.lost") == advice_for("connect.lost")


@pytest.mark.parametrize(
    ("visitor", "finds_faults"),
    [(Visitor.CLERK, False), (Visitor.ADMINISTRATOR, True), (Visitor.HELPDESK, True)],
)
def test_pages_ask_nobody_to_change_what_they_can_not(
    world: World, troubled: Account, visitor: Visitor, finds_faults: bool
) -> None:
    waiting = make_transfer(troubled)
    failed = make_transfer(troubled, name="b.xml", state=State.FAILED, error_code="connect.refused")
    browser = world.browser(visitor)

    for name, key in (
        ("account_show", troubled.pk),
        ("transfer_show", waiting.pk),
        ("transfer_show", failed.pk),
    ):
        page = read(browser, name, key)
        assert (CHECK in page, ASK in page) == (finds_faults, not finds_faults), name


def test_a_clerk_who_administers_as_well_reads_both(world: World, troubled: Account) -> None:
    Membership.objects.create(
        person=world.clerk, organisation=world.organisation, role=Role.ADMINISTRATOR
    )
    browser = world.browser(Visitor.CLERK)

    assert CHECK in read(browser, "account_show", troubled.pk)
    assert "you can download it" in read(browser, "transfer_show", answered(troubled).pk)


@pytest.mark.parametrize(
    ("visitor", "words"),
    [
        (Visitor.ADMINISTRATOR, "This is for people with another role."),
        (Visitor.HELPDESK, "The helpdesk sees how things stand and changes nothing."),
    ],
)
def test_nobody_is_told_to_ask_themselves(
    world: World, account: Account, visitor: Visitor, words: str
) -> None:
    response = world.browser(visitor).get(reverse("account_cache", args=[account.pk]))

    assert response.status_code == 403
    assert words in response.text
    assert "Ask an administrator of your organisation" not in response.text


def test_who_has_no_such_role_is_told_to_ask_an_administrator(world: World) -> None:
    page = world.browser(Visitor.CLERK).get(reverse("members")).text

    assert "Ask an administrator of your organisation to do it" in page
