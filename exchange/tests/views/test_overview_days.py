"""Transfers per day, in pictures and in a table that say the same; and what a page costs."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from certificates.tests.rows import give_certificate
from exchange.models import Account, RemoteFile, Subscription, Transfer
from exchange.models.transfer import Direction, State
from exchange.queries.overview.days import DAYS, transfers_by_day
from exchange.tests.builders import make_account, make_collected, make_delivered, make_transfer
from magda_portal.people.models import Membership, Organisation, Person, Role
from magda_portal.tests.world import Visitor, World

BRUSSELS = ZoneInfo("Europe/Brussels")
MOST_QUERIES = 12


def test_each_transfer_counts_on_its_day_in_brussels(world: World, account: Account) -> None:
    """The 25th of October 2026 lasts 25 hours."""
    for name, at in (
        ("a.xml", datetime(2026, 10, 25, 0, 0, tzinfo=BRUSSELS)),
        ("b.xml", datetime(2026, 10, 25, 23, 59, tzinfo=BRUSSELS)),
        ("c.xml", datetime(2026, 10, 26, 0, 0, tzinfo=BRUSSELS)),
    ):
        make_delivered(account, name=name, finished_at=at)
    now = datetime(2026, 10, 26, 12, tzinfo=BRUSSELS)

    days = transfers_by_day(Organisation.objects.all(), now=now)

    assert len(days) == DAYS
    assert [(day.on.day, day.delivered) for day in days[-2:]] == [(25, 2), (26, 1)]
    assert sum(day.delivered for day in days) == 3


def test_directions_and_failures_are_counted_apart(world: World, account: Account) -> None:
    now = timezone.now()
    make_delivered(account, name="a.xml")
    make_collected(account)
    make_transfer(account, name="b.xml", state=State.FAILED, finished_at=now)
    make_transfer(account, name="c.xml", state=State.UNCERTAIN, finished_at=now)
    make_transfer(account, name="d.xml")

    today = transfers_by_day(Organisation.objects.all(), now=now)[-1]

    assert (today.delivered, today.collected, today.failed) == (1, 1, 1)


def test_what_is_older_than_thirty_days_is_left_out(world: World, account: Account) -> None:
    now = timezone.now()
    make_delivered(account, finished_at=now - timedelta(days=DAYS, hours=1))

    days = transfers_by_day(Organisation.objects.all(), now=now)

    assert all(day.is_quiet for day in days)


def test_the_table_says_what_the_pictures_say(world: World, account: Account) -> None:
    make_delivered(account, name="a.xml")
    make_delivered(account, name="b.xml", finished_at=timezone.now() - timedelta(days=3))
    make_collected(account)

    response = world.browser(Visitor.CLERK).get(reverse("overview"))

    drawn = {row.key: row.picture for row in response.context["day_rows"]}
    assert {key: (each.total, each.most) for key, each in drawn.items()} == {
        "delivered": (2, 1),
        "collected": (1, 1),
        "failed": (0, 0),
    }
    table = response.text.split('id="days-caption"')[1].split("</table>")[0]
    assert table.count("<tr>") == 1 + 2
    assert 'style="' not in response.text


def test_days_of_others_are_not_drawn(world: World, account: Account) -> None:
    make_delivered(account)

    response = world.browser(Visitor.STRANGER).get(reverse("overview"))

    assert [row.picture.total for row in response.context["day_rows"]] == [0, 0, 0]


# --- what it costs


def everything(world: World) -> Person:
    """Return somebody who is clerk, administrator and helpdesk."""
    for role in Role:
        Membership.objects.get_or_create(
            person=world.helpdesk, organisation=world.organisation, role=role
        )
    return world.helpdesk


def fill(account: Account, number: int) -> None:
    """Add transfers of every state, and files about to be removed, the public ones too."""
    now = timezone.now()
    states = [State.QUEUED, State.WAITING, State.FAILED, State.UNCERTAIN, State.DONE]
    start = Transfer.objects.count()
    Transfer.objects.bulk_create(
        Transfer(
            account=account,
            direction=Direction.DELIVERY,
            state=states[index % len(states)],
            final_name=f"{start + index}.xml",
            size=1,
            error_code="name.taken" if index % 5 in (1, 2) else "",
            finished_at=now - timedelta(hours=index % 600),
        )
        for index in range(number)
    )
    RemoteFile.objects.bulk_create(
        RemoteFile(
            account=account,
            folder=("from_vip", "public")[index % 2],
            name=f"{start + index}.xml",
            size=1,
            removal_day=timezone.localdate(now) + timedelta(days=index % 7),
        )
        for index in range(number // 10)
    )


def trusting_no_more(account: Account) -> None:
    """Put an account into the trouble that asks for trust anchors, account by account."""
    Account.objects.filter(pk=account.pk).update(
        trouble_code="tls.server_untrusted",
        trouble_since=timezone.now(),
        paused_until=timezone.now() + timedelta(hours=1),
    )


@pytest.mark.parametrize("visitor", [Visitor.CLERK, Visitor.ADMINISTRATOR, Visitor.HELPDESK])
@pytest.mark.parametrize("has_all_roles", [False, True])
def test_no_number_of_rows_makes_it_more_queries(
    world: World, account: Account, visitor: Visitor, has_all_roles: bool
) -> None:
    if has_all_roles:
        everything(world)
        visitor = Visitor.HELPDESK
    browser = world.browser(visitor)
    for index in range(4):
        other = make_account(world.organisation, common_name=f"kb/{index}")
        give_certificate(other.identity)
        Subscription.objects.create(account=other, prefix="0")
        fill(other, 20)
        trusting_no_more(other)
    with CaptureQueriesContext(connection) as few:
        browser.get(reverse("overview"))
    for index in range(4, 10):
        other = make_account(world.organisation, common_name=f"kb/{index}")
        give_certificate(other.identity)
        Subscription.objects.create(account=other, prefix="0")
        fill(other, 150)
        trusting_no_more(other)

    with CaptureQueriesContext(connection) as many:
        response = browser.get(reverse("overview"))

    assert response.status_code == 200
    assert len(many) == len(few)
    assert len(many) <= MOST_QUERIES
