"""The way through an HTTP CONNECT proxy, for the control and the data connections."""

import io

import pytest

from exchange.ftps import FTPSError, Proxy, ProxyError, Stage
from exchange.ftps.tests.connections import Connections
from exchange.tests.servers.connect_proxy import ConnectProxy
from exchange.tests.servers.ports import free_port
from exchange.tests.servers.proftpd import ProFTPD

pytestmark = pytest.mark.proftpd

PASSWORD = "geheim:wachtwoord"


def test_three_transfers_each_way_go_through_a_proxy_with_a_password(
    connections: Connections, server: ProFTPD
) -> None:
    contents = {f"through-proxy-{number}.xml": b"x" * 70_000 for number in range(3)}
    returned: dict[str, bytes] = {}

    with ConnectProxy(username="klant", password=PASSWORD) as gate:
        proxy = Proxy("127.0.0.1", gate.port, "klant", PASSWORD)
        with connections.client(proxy=proxy) as client:
            for name, content in contents.items():
                client.store(f"to_vip/{name}", io.BytesIO(content), size=len(content))
            for name in contents:
                sink = io.BytesIO()
                client.retrieve(f"to_vip/{name}", sink.write)
                returned[name] = sink.getvalue()

            assert client.control_connections == 1
            transcript = "\n".join(client.transcript.lines)

    assert returned == contents
    assert gate.targets.count(f"localhost:{server.port}") == 1
    assert len(gate.targets) == 7
    assert "Proxy-Authorization: ***" in transcript
    assert "Basic a2" not in transcript


def test_a_wrong_password_is_told_from_other_refusals(connections: Connections) -> None:
    with ConnectProxy(username="klant", password=PASSWORD) as gate:
        proxy = Proxy("127.0.0.1", gate.port, "klant", "fout")
        with connections.client(proxy=proxy) as client, pytest.raises(ProxyError) as caught:
            client.entries("to_vip")

    error = caught.value
    assert (error.code, error.retryable, error.stage) == (
        "proxy.authentication",
        False,
        Stage.PROXY,
    )


def test_a_proxy_that_forbids_the_server_is_a_refusal(connections: Connections) -> None:
    with ConnectProxy(allows=lambda _port: False) as gate:
        proxy = Proxy("127.0.0.1", gate.port)
        with connections.client(proxy=proxy) as client, pytest.raises(ProxyError) as caught:
            client.entries("to_vip")

    assert (caught.value.code, caught.value.retryable) == ("proxy.refused", False)


def test_a_proxy_that_allows_only_the_control_port_is_found_out_at_the_data_connection(
    connections: Connections, server: ProFTPD
) -> None:
    with ConnectProxy(allows=lambda port: port == server.port) as gate:
        proxy = Proxy("127.0.0.1", gate.port)
        with connections.client(proxy=proxy) as client:
            assert client.probe().features
            with pytest.raises(ProxyError) as caught:
                client.store("to_vip/x", io.BytesIO(b"x"), size=1)

    assert (caught.value.code, caught.value.stage) == ("proxy.refused", Stage.DATA)


def test_a_server_that_the_proxy_cannot_reach_may_come_back(connections: Connections) -> None:
    with ConnectProxy() as gate:
        proxy = Proxy("127.0.0.1", gate.port)
        client = connections.client(proxy=proxy, port=free_port())
        with client, pytest.raises(ProxyError) as caught:
            client.entries("to_vip")

    assert (caught.value.code, caught.value.retryable) == ("proxy.refused", True)


@pytest.mark.parametrize("host", ["127.0.0.1", "no-such-host.invalid"])
def test_a_proxy_that_is_not_there_is_unreachable(connections: Connections, host: str) -> None:
    proxy = Proxy(host, free_port())
    with connections.client(proxy=proxy) as client, pytest.raises(FTPSError) as caught:
        client.entries("to_vip")

    assert (caught.value.code, caught.value.retryable) == ("proxy.unreachable", True)


def test_the_environment_names_no_proxy_behind_our_back(
    connections: Connections, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable in ("http_proxy", "ftp_proxy", "all_proxy", "ALL_PROXY", "FTP_PROXY"):
        monkeypatch.setenv(variable, f"http://127.0.0.1:{free_port()}")

    with connections.client() as client:
        assert client.entries("public") == []


def test_the_environment_does_not_lead_past_the_proxy(
    connections: Connections, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("no_proxy", "*")

    with ConnectProxy() as gate, connections.client(proxy=Proxy("127.0.0.1", gate.port)) as client:
        client.entries("public")

        assert gate.targets
