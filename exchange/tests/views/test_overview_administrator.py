"""What the overview tells an administrator: ends, addresses, and how the portal itself is."""

import os
from datetime import datetime, timedelta
from html import unescape
from pathlib import Path

import pytest
from django.urls import reverse
from django.utils import timezone
from pytest_django.fixtures import Settings

from certificates.models import Certificate, Environment, TrustAnchor
from certificates.tests.rows import give_certificate
from exchange.models import Account, TransferAttempt, WhitelistedAddress
from exchange.queries.overview.egress import Listing
from exchange.tests.builders import make_account, make_delivered, make_transfer
from magda_portal.tests.world import Visitor, World

PUBLIC = "193.191.4.10"


@pytest.fixture
def data_dir(settings: Settings, tmp_path: Path) -> Path:
    """A data folder of its own, so that no other test's signs of life are found."""
    settings.DATA_DIR = tmp_path
    (tmp_path / "run").mkdir()
    return tmp_path


@pytest.fixture
def healthy(account: Account, data_dir: Path) -> Account:
    give_certificate(account.identity)
    Certificate.objects.update(not_after=timezone.now() + timedelta(days=300, minutes=5))
    Account.objects.update(last_looked_at=timezone.now(), last_reached_at=timezone.now())
    return account


def text_for(world: World, visitor: Visitor = Visitor.ADMINISTRATOR) -> str:
    return unescape(world.browser(visitor).get(reverse("overview")).text)


def connected(account: Account, address: str, *, at: datetime | None = None) -> None:
    moment = at or timezone.now()
    transfer = make_delivered(account, name=f"{address}.xml", finished_at=moment)
    transfer.picked_up_at = moment
    transfer.save()
    TransferAttempt.objects.create(
        transfer=transfer, number=1, started_at=moment, local_address=address
    )


def make_anchor(world: World, *, days: int, environment: str = Environment.TNI) -> TrustAnchor:
    now = timezone.now()
    return TrustAnchor.objects.create(
        organisation=world.organisation,
        environment=environment,
        der=b"",
        subject=f"CN=Root {environment} {days}",
        is_authority=True,
        not_before=now - timedelta(days=1),
        not_after=now + timedelta(days=days, minutes=5),
        fingerprint=f"{days:064}",
    )


# --- certificates and trust anchors


def test_what_ends_first_stands_first_in_the_picture_and_in_the_table(
    world: World, healthy: Account
) -> None:
    make_anchor(world, days=20)

    response = world.browser(Visitor.ADMINISTRATOR).get(reverse("overview"))

    ends, picture = response.context["ends"], response.context["picture"]
    assert [end.validity.words for end in ends] == ["20 days left", "300 days left"]
    assert [bar.words for bar in picture.bars] == ["20 days left", "300 days left"]
    assert "1 trust anchor has ended, or ends within a month." in unescape(response.text)


def test_anchors_of_an_environment_without_account_are_left_out(
    world: World, healthy: Account
) -> None:
    make_anchor(world, days=20, environment=Environment.PRD)

    response = world.browser(Visitor.ADMINISTRATOR).get(reverse("overview"))

    assert [end.is_anchor for end in response.context["ends"]] == [False]


def test_an_ending_certificate_is_for_the_administrator_to_renew(
    world: World, healthy: Account
) -> None:
    Certificate.objects.update(not_after=timezone.now() + timedelta(days=9))

    told = "1 certificate has ended, or ends within a month."

    assert told in text_for(world)
    assert told not in text_for(world, Visitor.CLERK)
    assert told not in text_for(world, Visitor.STRANGER)


# --- addresses


def egress(world: World) -> list[tuple[str, Listing, tuple[str, ...]]]:
    facts = world.browser(Visitor.ADMINISTRATOR).get(reverse("overview")).context["facts"]
    return [
        (each.address, each.listing, tuple(owner.name for owner in each.missing_on))
        for each in facts.egress
    ]


@pytest.mark.parametrize(
    ("state", "listing"),
    [
        (WhitelistedAddress.State.ACTIVE, Listing.ACTIVE),
        (WhitelistedAddress.State.REQUESTED, Listing.MISSING),
    ],
)
def test_the_address_that_connections_left_from_is_compared_with_the_list(
    world: World, healthy: Account, state: str, listing: Listing
) -> None:
    healthy.addresses.create(address=PUBLIC, state=state, slot=1)
    connected(healthy, PUBLIC)

    missing = () if listing is Listing.ACTIVE else (healthy.name,)

    assert egress(world) == [(PUBLIC, listing, missing)]
    assert ("not on the list of every account" in text_for(world)) is bool(missing)


def test_an_address_is_compared_by_value_not_by_spelling(world: World, healthy: Account) -> None:
    healthy.addresses.create(address="2001:db8::10", state=WhitelistedAddress.State.ACTIVE, slot=1)
    connected(healthy, "2001:0db8:0:0::10")

    assert [listing for _, listing, _ in egress(world)] == [Listing.ACTIVE]


@pytest.mark.parametrize("address", ["10.1.2.3", "172.18.0.4", "127.0.0.1", "fd00::1"])
def test_an_address_of_the_own_network_is_no_reason_to_write_to_magda(
    world: World, healthy: Account, address: str
) -> None:
    connected(healthy, address)

    assert egress(world) == [(address, Listing.PRIVATE, ())]
    assert "Have MAGDA add it" not in text_for(world)


def test_the_practice_magda_keeps_no_list(world: World, healthy: Account) -> None:
    healthy.identity.environment = Environment.SANDBOX
    healthy.identity.save()
    connected(healthy, PUBLIC)

    assert egress(world) == [(PUBLIC, Listing.PRACTICE, ())]


def test_addresses_of_long_ago_and_of_others_are_not_told(world: World, healthy: Account) -> None:
    theirs = make_account(world.elsewhere, common_name="kb/elders")
    connected(theirs, "193.191.4.99")
    connected(healthy, PUBLIC, at=timezone.now() - timedelta(days=8))

    assert egress(world) == []


# --- the portal itself


def silent(data_dir: Path, part: str, *, minutes: int) -> None:
    path = data_dir / "run" / f"alive-{part}"
    path.touch()
    at = (timezone.now() - timedelta(minutes=minutes)).timestamp()
    os.utime(path, (at, at))


def test_a_portal_that_is_well_says_so(world: World, healthy: Account, data_dir: Path) -> None:
    for part in ("rounds", "transfers"):
        silent(data_dir, part, minutes=1)

    page = text_for(world)

    assert page.count("✓</span>works") == 2
    assert "You have nothing to do here now" in page


@pytest.mark.parametrize("part", ["rounds", "transfers"])
@pytest.mark.parametrize("visitor", [Visitor.ADMINISTRATOR, Visitor.HELPDESK])
def test_a_part_that_went_silent_is_the_first_thing_to_do(
    world: World, healthy: Account, data_dir: Path, visitor: Visitor, part: str
) -> None:
    silent(data_dir, part, minutes=9)

    response = world.browser(visitor).get(reverse("overview"))

    assert [need.tone for need in response.context["overview"].needs] == ["bad"]
    assert "✕</span>gives no sign of life" in response.text


def test_clerks_are_not_told_of_the_machinery(
    world: World, healthy: Account, data_dir: Path
) -> None:
    silent(data_dir, "rounds", minutes=9)

    page = text_for(world, Visitor.CLERK)

    assert "The portal itself" not in page
    assert "sign of life" not in page


def test_the_backlog_is_told_with_its_oldest(world: World, healthy: Account) -> None:
    long_ago = timezone.now() - timedelta(days=2)
    make_transfer(healthy, created_at=long_ago)
    make_transfer(healthy, name="b.xml")
    make_transfer(make_account(world.elsewhere, common_name="kb/elders"), name="c.xml")

    page = text_for(world)

    assert "2 requests, the oldest since" in page
    assert timezone.localtime(long_ago).isoformat(timespec="seconds") in page
