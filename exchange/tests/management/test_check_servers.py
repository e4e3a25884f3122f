import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509
from time_machine import travel

from certificates.models import Environment, ServerAlarm
from certificates.services.trust import add_trust_anchors
from certificates.tests.builders import make_authority, make_server
from certificates.tests.rows import ACTOR, NOW
from exchange.tests.builders import make_account
from exchange.tests.management.commands import run_command
from exchange.tests.servers.ports import free_port
from exchange.tests.servers.showing import ShowingServer
from magda_portal.tests.world import World

pytestmark = pytest.mark.django_db
ROOT = make_authority()
SERVER = make_server(x509.DNSName("localhost"), issuer=ROOT)


@pytest.fixture(autouse=True)
def frozen() -> Iterator[None]:
    with travel(NOW, tick=False):
        yield


def test_it_looks_at_what_is_due_and_lists_all(tmp_path: Path, world: World) -> None:
    add_trust_anchors(ROOT.pem, environment=Environment.TNI, organisation=None, actor=ACTOR)
    with ShowingServer(tmp_path, SERVER, ROOT) as server:
        make_account(world.organisation, host="localhost", port=server.port)

        first = run_command("check_servers")
        again = run_command("check_servers")

        assert server.visits == 1
        assert run_command("check_servers", "--all").code == 0
        assert server.visits == 2
    assert (first.code, first.rows) == (0, again.rows)
    (row,) = first.rows
    assert row[:6] == ["TNI", f"localhost:{server.port}", "-", "INFORMATION", "watch.first", "-"]
    assert row[8:] == ["TLSv1.3", "127.0.0.1"]


def test_an_alarm_or_a_server_that_is_not_there_ends_with_1(tmp_path: Path, world: World) -> None:
    add_trust_anchors(
        make_authority("x").pem, environment=Environment.TNI, organisation=None, actor=ACTOR
    )
    with ShowingServer(tmp_path, SERVER, ROOT) as server:
        account = make_account(world.organisation, host="localhost", port=server.port)
        alarmed = run_command("check_servers", "--json")
    account.port = free_port()
    account.save()
    absent = run_command("check_servers", "--json")

    assert (alarmed.code, absent.code) == (1, 1)
    assert json.loads(alarmed.out)[0]["finding"] == "watch.unknown_issuer"
    assert [row["error"] for row in json.loads(absent.out)] == ["look.refused"]


def test_an_alarm_that_somebody_knows_ends_with_0(tmp_path: Path, world: World) -> None:
    add_trust_anchors(
        make_authority("x").pem, environment=Environment.TNI, organisation=None, actor=ACTOR
    )
    with ShowingServer(tmp_path, SERVER, ROOT) as server:
        make_account(world.organisation, host="localhost", port=server.port)
        run_command("check_servers")
        ServerAlarm.objects.update(acknowledged_at=NOW)

        assert run_command("check_servers").code == 0


def test_without_accounts_there_is_nothing_to_tell(db: None) -> None:
    outcome = run_command("check_servers")

    assert (outcome.code, outcome.out) == (0, "")
    assert json.loads(run_command("check_servers", "--json").out) == []
