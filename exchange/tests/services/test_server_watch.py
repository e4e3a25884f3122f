"""Looks at real servers: what is due, how many at once, and what comes of it."""

import socket
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from cryptography import x509
from django.core import mail

from certificates.models import Environment, ServerSighting, WatchedServer
from certificates.services.trust import add_trust_anchors
from certificates.tests.builders import make_authority, make_server
from certificates.tests.rows import ACTOR, NOW, make_person
from exchange.models import Account
from exchange.services import server_watch
from exchange.services.accounts import set_proxy
from exchange.services.server_watch import look_at_all, look_at_due, watch_servers
from exchange.services.watched_servers import sync_servers
from exchange.tasks import clean_up
from exchange.tests.builders import make_account
from exchange.tests.servers.connect_proxy import ConnectProxy
from exchange.tests.servers.ports import free_port
from exchange.tests.servers.showing import ShowingServer
from magda_portal.tests.world import World
from sandbox.server import PracticeMAGDA

pytestmark = pytest.mark.django_db
ROOT = make_authority()
NAME = x509.DNSName("localhost")
SERVER = make_server(NAME, issuer=ROOT)


@pytest.fixture(autouse=True)
def frozen() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ShowingServer]:
    with ShowingServer(tmp_path, SERVER, ROOT) as showing:
        yield showing


@pytest.fixture
def account(world: World, server: ShowingServer) -> Account:
    add_trust_anchors(
        ROOT.pem, environment=Environment.TNI, organisation=world.organisation, actor=ACTOR
    )
    return make_account(world.organisation, host="localhost", port=server.port)


def watched() -> WatchedServer:
    return WatchedServer.objects.get()


def test_a_round_looks_at_the_accounts_server(account: Account) -> None:
    assert watch_servers(now=NOW) == 1

    sighting = ServerSighting.objects.get()
    assert (sighting.finding, sighting.tls_version) == ("watch.first", "TLSv1.3")
    assert sighting.addresses == ["127.0.0.1"]
    ahead = watched().next_look_at - NOW
    assert timedelta(hours=5.3) < ahead < timedelta(hours=6.7)
    assert watch_servers(now=NOW) == 0


def test_a_server_that_changed_its_certificate_is_told_before_the_next_transfer(
    account: Account, server: ShowingServer
) -> None:
    make_person("extra@voorbeeld.example", organisation=account.organisation)
    watch_servers(now=NOW)
    server.show(make_server(NAME))

    watch_servers(now=NOW + timedelta(hours=7))

    assert ServerSighting.objects.latest("pk").finding == "watch.unknown_issuer"
    (message,) = mail.outbox
    assert "extra@voorbeeld.example" in message.to


def test_a_server_that_is_not_there_is_tried_again_soon(world: World) -> None:
    make_account(world.organisation, host="127.0.0.1", port=free_port())

    watch_servers(now=NOW)

    row = watched()
    assert (row.error_code, row.failing_since) == ("look.refused", NOW)
    assert timedelta(minutes=26) < row.next_look_at - NOW < timedelta(minutes=34)
    assert not ServerSighting.objects.exists()


def test_it_goes_through_the_accounts_proxy_with_its_password(
    account: Account, server: ShowingServer
) -> None:
    with ConnectProxy(username="klant", password="geheim") as gate:
        set_proxy(account, url=f"http://klant:geheim@127.0.0.1:{gate.port}", actor=ACTOR)

        watch_servers(now=NOW)

        assert gate.targets == [f"localhost:{server.port}"]
    assert ServerSighting.objects.get().addresses == []


def test_a_proxy_password_that_cannot_be_opened_is_told_and_nobody_is_asked(
    account: Account,
) -> None:
    with ConnectProxy(username="klant", password="geheim") as gate:
        set_proxy(account, url=f"http://klant:geheim@127.0.0.1:{gate.port}", actor=ACTOR)
        Account.objects.update(sealed_proxy_password=b"not sealed")

        watch_servers(now=NOW)

        assert gate.targets == []
    assert watched().error_code == "look.proxy_password"


def test_accounts_that_are_held_to_tls_12_see_what_they_would_meet(account: Account) -> None:
    Account.objects.update(highest_tls=Account.HighestTLS.TLS12)

    watch_servers(now=NOW)

    assert ServerSighting.objects.get().tls_version == "TLSv1.2"


def test_nothing_is_looked_at_for_accounts_that_are_suspended(account: Account) -> None:
    Account.objects.update(state=Account.State.SUSPENDED)

    assert watch_servers(now=NOW) == 0


def test_all_may_be_looked_at_before_they_are_due(account: Account, server: ShowingServer) -> None:
    watch_servers(now=NOW)

    assert look_at_all(now=NOW + timedelta(minutes=1)) == 1
    assert server.visits == 2


def test_a_look_that_is_asked_for_during_another_is_not_forgotten(account: Account) -> None:
    """The one under way may have begun before what was changed."""
    sync_servers(now=NOW)
    asked = NOW + timedelta(seconds=1)
    WatchedServer.objects.update(next_look_at=NOW)
    claimed = server_watch._claim(NOW)
    WatchedServer.objects.update(next_look_at=asked)

    server_watch._failed(claimed[0], "look.lost", NOW)

    assert watched().next_look_at == asked


def test_two_rounds_do_not_look_at_one_server_at_a_time(account: Account) -> None:
    sync_servers(now=NOW)

    assert len(server_watch._claim(NOW)) == 1
    assert look_at_due(now=NOW) == 0
    assert look_at_due(now=NOW + 2 * server_watch.CLAIM) == 1


def test_a_hundred_servers_are_looked_at_within_bounds(tmp_path: Path, world: World) -> None:
    with ShowingServer(tmp_path, SERVER, ports=100) as server:
        for number, port in enumerate(server.ports):
            make_account(world.organisation, common_name=str(number), host="localhost", port=port)

        assert watch_servers(now=NOW) == 100

    assert server.visits == 100
    assert 1 < server.most_at_once <= server_watch.AT_ONCE
    assert ServerSighting.objects.count() == 100


def test_silent_servers_hold_up_the_others_for_the_length_of_one_look(
    world: World, account: Account
) -> None:
    # The kernel takes the connections, and nobody says anything.
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        for environment in Environment:
            columns = {"common_name": "x", "environment": environment, "port": port}
            make_account(world.elsewhere, host="127.0.0.1", **columns)
        sync_servers(now=NOW)
        began = time.monotonic()

        assert look_at_due(now=NOW, timeout=1) == 4

    assert time.monotonic() - began < 4
    assert ServerSighting.objects.count() == 1
    assert WatchedServer.objects.filter(error_code="look.timed_out").count() == 3


def test_the_practice_magda_is_looked_at_without_a_login(
    connected_account: Account, magda: PracticeMAGDA
) -> None:
    with time_machine.travel(connected_account.created_at):
        watch_servers(now=connected_account.created_at)

    assert ServerSighting.objects.get().finding == "watch.first"
    assert [line.command for line in magda.log] == ["", "AUTH"]


def test_the_clean_up_forgets_what_was_shown_over_a_year_ago(
    account: Account, server: ShowingServer
) -> None:
    watch_servers(now=NOW)
    server.show(make_server(NAME))
    watch_servers(now=NOW + timedelta(hours=7))

    with time_machine.travel(NOW + timedelta(days=366)):
        clean_up()

    assert ServerSighting.objects.get().finding == "watch.unknown_issuer"
