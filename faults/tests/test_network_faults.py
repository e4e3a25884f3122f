"""A network that goes wrong, on the control connection and on data connections apart."""

import dataclasses
from collections.abc import Iterator

import pytest

from exchange.models import Account
from exchange.models.transfer import State
from exchange.tests.servers.tcp_proxy import Channel, Impairment, TCPProxy, Trouble
from faults.stage import Stage
from faults.tests.dialogue import asked
from faults.watched_magda import UNHURRIED, WatchedMAGDA
from faults.workers import Worker
from sandbox.authority import Authority

SERVER = "127.0.0.2"
SIZE = 40_000

# What a control connection carries: some 5,500 bytes until it is logged in, about 150 a command.
DURING_THE_LOGIN = 3_000
IN_THE_BATCH = range(6_000, 9_000)
# What a data connection carries before its file, with a resumed session.
DURING_THE_HANDSHAKE = 200
IN_THE_FILE = range(5_000, 35_000)

SUDDEN = [Trouble.RST, Trouble.CUT, Trouble.BLACK_HOLE]


@pytest.fixture(scope="module")
def proxy() -> Iterator[TCPProxy]:
    with TCPProxy() as running:
        yield running


@pytest.fixture(scope="module")
def watched_magda(
    proxy: TCPProxy, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[WatchedMAGDA]:
    """A server behind the proxy, in the place of the one that other modules share."""
    settings = dataclasses.replace(UNHURRIED, host=SERVER, passive_ports=proxy.data_ports)
    directory = tmp_path_factory.mktemp("magda")
    with WatchedMAGDA(directory, Authority.create(), settings) as server:
        proxy.lead_to(SERVER, server.port)
        yield server


@pytest.fixture
def network(proxy: TCPProxy, stage: Stage) -> list[Impairment]:
    """The impairments of the network that the account on the stage uses."""
    Account.objects.filter(pk=stage.account.pk).update(port=proxy.port)
    proxy.impairments.clear()
    return proxy.impairments


def send_both_ways(stage: Stage) -> None:
    for number in range(3):
        stage.submit(name=f"vraag-{number}.xml", size=SIZE)
        stage.place(f"antwoord-{number}.xml", stage.content(SIZE))


def hold_the_promise(stage: Stage) -> None:
    stage.until_settled(within=90)

    requests = stage.account.transfers.filter(pk__in=stage.expected.requests)
    assert {request.state for request in requests} == {State.DONE}
    for number in range(3):
        assert asked(stage, "RNTO", f"to_vip/vraag-{number}.xml") <= 2
    stage.check()


def test_a_network_without_trouble_is_no_hindrance(
    network: list[Impairment], stage: Stage, shared_worker: Worker
) -> None:
    send_both_ways(stage)

    hold_the_promise(stage)

    assert network == []


@pytest.mark.parametrize("trouble", SUDDEN, ids=str)
def test_trouble_during_the_login_delays_only(
    trouble: Trouble, network: list[Impairment], stage: Stage, shared_worker: Worker
) -> None:
    network.append(Impairment(Channel.CONTROL, trouble, after_bytes=DURING_THE_LOGIN, times=1))
    send_both_ways(stage)

    hold_the_promise(stage)


@pytest.mark.parametrize("draw", range(2))
@pytest.mark.parametrize("trouble", SUDDEN, ids=str)
def test_trouble_of_the_control_connection_in_the_batch_loses_nothing(
    trouble: Trouble, draw: int, network: list[Impairment], stage: Stage, shared_worker: Worker
) -> None:
    where = stage.random.choice(IN_THE_BATCH)
    network.append(Impairment(Channel.CONTROL, trouble, after_bytes=where, times=1))
    send_both_ways(stage)

    hold_the_promise(stage)


@pytest.mark.parametrize("place", ["at once", "handshake", "file"])
@pytest.mark.parametrize("trouble", SUDDEN, ids=str)
def test_trouble_of_data_connections_loses_nothing(
    trouble: Trouble, place: str, network: list[Impairment], stage: Stage, shared_worker: Worker
) -> None:
    places = {
        "at once": 0,
        "handshake": DURING_THE_HANDSHAKE,
        "file": stage.random.choice(IN_THE_FILE),
    }
    network.append(Impairment(Channel.DATA, trouble, after_bytes=places[place], after=1, times=1))
    send_both_ways(stage)

    hold_the_promise(stage)


@pytest.mark.parametrize("channel", Channel, ids=str)
def test_a_trickle_is_endured(
    channel: Channel, network: list[Impairment], stage: Stage, shared_worker: Worker
) -> None:
    """A login over it takes longer than we wait; a small file on a data connection does not."""
    network.append(Impairment(channel, Trouble.TRICKLE, after=1, times=1))
    stage.submit(size=2_000)
    stage.place("", stage.content(2_000))

    stage.until_settled()

    stage.check()


def test_a_control_connection_that_is_forgotten_during_a_transfer_loses_nothing(
    network: list[Impairment], stage: Stage, shared_worker: Worker
) -> None:
    """Azure's gateways do so after four minutes; here it takes a second and a half."""
    network.append(Impairment(Channel.CONTROL, Trouble.FORGET, idle=1.5))
    network.append(Impairment(Channel.DATA, Trouble.TRICKLE, after=1, times=3))
    stage.submit(size=3_000)
    stage.place("", stage.content(3_000))

    stage.until_settled()

    stage.check()
