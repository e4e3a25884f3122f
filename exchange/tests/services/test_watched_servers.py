"""Which servers are watched, for whom."""

import pytest

from certificates.models import Environment, WatchedServer
from certificates.tests.rows import NOW
from exchange.models import Account
from exchange.services.watched_servers import accounts_at, sync_servers
from exchange.tests.builders import make_account
from magda_portal.tests.world import World

pytestmark = pytest.mark.django_db
PRD_HOST = "vipftps.vlaanderen.be"


def test_each_server_of_an_active_account_is_watched_once(world: World) -> None:
    make_account(world.organisation, common_name="a")
    make_account(world.elsewhere, common_name="b")
    make_account(world.elsewhere, common_name="c", state=Account.State.SUSPENDED, host="x.example")

    sync_servers(now=NOW)
    sync_servers(now=NOW)

    server = WatchedServer.objects.get()
    assert set(server.organisations.all()) == {world.organisation, world.elsewhere}
    assert (server.proxy_host, server.proxy_port) == ("", 0)
    assert accounts_at(server).count() == 2


def test_magdas_servers_are_expected_at_the_addresses_that_it_published(world: World) -> None:
    make_account(world.organisation, common_name="a")
    make_account(world.organisation, common_name="b", environment=Environment.PRD, host=PRD_HOST)
    make_account(world.organisation, common_name="c", host="other.example")

    sync_servers(now=NOW)

    found = dict(WatchedServer.objects.values_list("host", "expected_addresses"))
    assert found == {
        "vipftps-aip.vlaanderen.be": ["4.185.2.199"],
        PRD_HOST: ["131.189.106.246"],
        "other.example": [],
    }


def test_what_somebody_expects_is_kept(world: World) -> None:
    make_account(world.organisation)
    sync_servers(now=NOW)
    WatchedServer.objects.update(expected_addresses=["192.0.2.1"])
    make_account(world.elsewhere, common_name="b")

    sync_servers(now=NOW)

    assert WatchedServer.objects.get().expected_addresses == ["192.0.2.1"]


def test_a_way_through_a_proxy_is_watched_by_itself(world: World) -> None:
    make_account(world.organisation, common_name="a")
    proxied = make_account(
        world.organisation, common_name="b", proxy_host="proxy.example", proxy_port=8080
    )

    sync_servers(now=NOW)

    server = WatchedServer.objects.get(proxy_host="proxy.example")
    assert list(accounts_at(server)) == [proxied]
    assert server.expected_addresses == []
    assert WatchedServer.objects.count() == 2


def test_a_server_that_nobody_uses_any_more_is_kept_without_users(world: World) -> None:
    account = make_account(world.organisation)
    sync_servers(now=NOW)
    account.state = Account.State.SUSPENDED
    account.save()

    sync_servers(now=NOW)

    assert not WatchedServer.objects.get().organisations.exists()


def test_an_organisation_takes_the_common_name_once_all_of_its_accounts_do(world: World) -> None:
    make_account(world.organisation, common_name="a", accepts_host_in_common_name=True)
    make_account(world.elsewhere, common_name="b", accepts_host_in_common_name=True)
    strict = make_account(world.elsewhere, common_name="c")

    sync_servers(now=NOW)
    assert WatchedServer.objects.get().accepting_common_name == [world.organisation.pk]

    strict.delete()
    sync_servers(now=NOW)
    both = sorted([world.organisation.pk, world.elsewhere.pk])
    assert WatchedServer.objects.get().accepting_common_name == both
