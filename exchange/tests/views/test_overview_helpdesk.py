"""Open trouble by cause: one incident, not forty rows."""

from datetime import timedelta
from html import unescape

import pytest
from django.urls import reverse
from django.utils import timezone

from certificates.models import Environment
from certificates.tests.rows import give_certificate
from exchange.advice import advice_for
from exchange.models import Account
from exchange.models.transfer import State
from exchange.queries.overview import Incident
from exchange.tests.builders import make_account, make_transfer
from magda_portal.people.models import Organisation
from magda_portal.tests.world import Visitor, World


def make_accounts(number: int, *, environment: Environment = Environment.TNI) -> list[Account]:
    """Make working accounts, each of an organisation of its own."""
    made = []
    for index in range(number):
        name = f"kb/{environment}/{index}"
        organisation = Organisation.objects.create(name=name)
        account = make_account(
            organisation,
            common_name=name,
            environment=environment,
            last_looked_at=timezone.now(),
            last_reached_at=timezone.now(),
        )
        give_certificate(account.identity)
        made.append(account)
    return made


def incidents(world: World, visitor: Visitor = Visitor.HELPDESK) -> list[Incident]:
    found: list[Incident] = (
        world.browser(visitor).get(reverse("overview")).context["overview"].incidents
    )
    return found


def in_trouble(code: str, **since: int) -> None:
    at = timezone.now() - timedelta(**since)
    Account.objects.update(trouble_code=code, trouble_since=at)


def test_one_cause_is_one_incident_however_many_meet_it(world: World) -> None:
    accounts = make_accounts(5)
    in_trouble("connect.refused", hours=2)
    make_transfer(accounts[0], state=State.WAITING, error_code="connect.refused")

    found = incidents(world)

    assert len(found) == 1
    assert (len(found[0].accounts), found[0].organisations, found[0].transfers) == (5, 5, 1)
    assert found[0].stands_still
    since = found[0].since
    assert since is not None
    assert timezone.now() - since > timedelta(hours=1)


def test_files_that_wait_for_a_certificate_are_an_incident(world: World) -> None:
    account, other = make_accounts(2)
    for each in (account, other):
        each.identity.current = None
        each.identity.save()
    make_transfer(account)

    (found,) = incidents(world)

    assert found.cause.code == "account.no_certificate"
    assert (found.accounts, found.tone) == ((account.name,), "bad")
    assert found.link == reverse("account_show", args=[account.pk])


def test_the_page_names_some_and_counts_the_others(world: World) -> None:
    make_accounts(5)
    in_trouble("connect.refused", hours=2)

    page = unescape(world.browser(Visitor.HELPDESK).get(reverse("overview")).text)

    assert page.count(str(advice_for("connect.refused").what)) == 2  # Heading, and link for ears.
    assert "kb/TNI/0, kb/TNI/1, kb/TNI/2 and 2 more" in page
    assert "1 trouble is open." in page


def test_the_same_error_at_another_server_is_another_incident(world: World) -> None:
    make_accounts(2)
    make_accounts(1, environment=Environment.PRD)
    in_trouble("connect.refused", hours=2)

    found = incidents(world)

    assert [(each.cause.environment, len(each.accounts)) for each in found] == [
        ("TNI", 2),
        ("PRD", 1),
    ]


def test_failed_transfers_without_trouble_of_the_account_are_grouped_too(world: World) -> None:
    account = make_accounts(1)[0]
    now = timezone.now()
    for number in range(3):
        name = f"{number}.xml"
        make_transfer(
            account, name=name, state=State.FAILED, finished_at=now, error_code="name.taken"
        )
    make_transfer(account, state=State.UNCERTAIN, finished_at=now, error_code="delivery.not_seen")

    found = incidents(world)

    assert [(each.cause.code, each.transfers) for each in found] == [
        ("name.taken", 3),
        ("delivery.not_seen", 1),
    ]
    assert not found[0].stands_still
    chosen = f"account={account.pk}&environment=TNI&error=name.taken&state=failed"
    assert found[0].link == f"{reverse('transfers')}?{chosen}"
    assert "A clerk asks MAGDA" in str(found[1].advice.next)


def test_old_failures_and_what_went_well_are_no_trouble(world: World) -> None:
    account = make_accounts(1)[0]
    make_transfer(
        account,
        state=State.FAILED,
        finished_at=timezone.now() - timedelta(days=20),
        error_code="name.taken",
    )
    make_transfer(account, name="b.xml", state=State.DONE, finished_at=timezone.now())

    assert incidents(world) == []
    page = world.browser(Visitor.HELPDESK).get(reverse("overview")).text
    assert "is in trouble." in page


@pytest.mark.parametrize("visitor", [Visitor.CLERK, Visitor.ADMINISTRATOR, Visitor.STRANGER])
def test_others_see_no_trouble_of_all_organisations(world: World, visitor: Visitor) -> None:
    make_accounts(2)
    in_trouble("connect.refused", hours=2)

    page = world.browser(visitor).get(reverse("overview"))

    assert page.context["overview"].incidents == []
    assert "kb/TNI" not in page.text


def test_many_accounts_that_were_not_reached_are_a_list_under_one_notice(world: World) -> None:
    make_accounts(13)
    Account.objects.update(last_looked_at=timezone.now() - timedelta(hours=3))

    response = world.browser(Visitor.HELPDESK).get(reverse("overview"))

    page = unescape(response.text)
    assert "13 accounts could not be looked at" in page
    assert "We have not been able to look at MAGDA since" not in page
    assert len(response.context["overview"].listed_looks) == 10
    assert "See 3 more accounts" in page


def test_accounts_that_work_are_not_even_read_for_the_helpdesk(world: World) -> None:
    accounts = make_accounts(3)
    Account.objects.filter(pk=accounts[1].pk).update(trouble_code="login.refused")

    facts = world.browser(Visitor.HELPDESK).get(reverse("overview")).context["facts"]

    assert [each.account for each in facts.accounts] == [accounts[1]]
