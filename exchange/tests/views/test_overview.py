import pytest
from django.urls import reverse

from exchange.models import Account
from exchange.tests.builders import make_collected, make_delivered, make_transfer
from magda_portal.tests.world import Visitor, World


@pytest.mark.parametrize("visitor", [Visitor.CLERK, Visitor.ADMINISTRATOR, Visitor.HELPDESK])
def test_it_counts_what_the_person_sees(world: World, account: Account, visitor: Visitor) -> None:
    make_transfer(account)
    make_delivered(account, name="klaar.xml")
    make_collected(account)

    found = world.browser(visitor).get(reverse("overview")).context["overview"]

    assert (found.on_their_way, found.unopened, found.failed) == (1, 1, 0)
    assert [summary.account for summary in found.accounts] == [account]


def test_a_stranger_sees_nothing_of_it(world: World, account: Account) -> None:
    make_transfer(account)

    page = world.browser(Visitor.STRANGER).get(reverse("overview"))

    assert page.context["overview"].on_their_way == 0
    assert account.name not in page.text


def test_an_account_in_trouble_is_counted(world: World, account: Account) -> None:
    Account.objects.filter(pk=account.pk).update(trouble_code="login.refused")

    page = world.browser(Visitor.CLERK).get(reverse("overview"))

    assert page.context["overview"].in_trouble == 1
    assert "in trouble" in page.text
