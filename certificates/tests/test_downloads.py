"""Downloads from addresses that anybody may have written, against a server that misbehaves."""

import time
from collections.abc import Iterator
from dataclasses import replace
from ipaddress import ip_address
from pathlib import Path

import pytest

from certificates.downloads import (
    DownloadCode,
    DownloadError,
    Patience,
    Rules,
    fetch,
    is_allowed,
    is_public,
)
from certificates.tests.list_server import (
    Answer,
    ListServer,
    announced,
    cut_short,
    endless,
    list_server,
    redirect,
    silent,
    status,
    trickling,
)
from certificates.tests.proxy import free_port, tinyproxy

HERE = Rules(hosts=["127.0.0.1"], limit=1024**2, patience=Patience(connect=2, total=4, stall=2))


@pytest.fixture
def server() -> Iterator[ListServer]:
    with list_server() as running:
        yield running


def refused(url: str, rules: Rules = HERE) -> DownloadCode:
    with pytest.raises(DownloadError) as caught:
        fetch(url, rules)
    return caught.value.code


def test_what_lies_at_an_address_is_fetched(server: ListServer) -> None:
    url = server.serve("/a.crl", b"a list")

    assert fetch(url, HERE) == b"a list"


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (redirect("http://127.0.0.1/other"), DownloadCode.REDIRECT),
        (status(404), DownloadCode.STATUS),
        (status(500), DownloadCode.STATUS),
        (status(204), DownloadCode.STATUS),
        (announced(50 * 1024**2), DownloadCode.TOO_LARGE),
        (endless, DownloadCode.TOO_LARGE),
        (cut_short, DownloadCode.BROKEN_OFF),
    ],
)
def test_each_bad_answer_has_its_own_code(
    server: ListServer, answer: Answer, code: DownloadCode
) -> None:
    assert refused(server.serve("/a.crl", answer)) == code


def test_a_redirect_is_not_followed(server: ListServer) -> None:
    target = server.serve("/private", b"secret")

    refused(server.serve("/a.crl", redirect(target)))

    assert server.asked == ["/a.crl"]


@pytest.mark.parametrize("answer", [trickling, silent])
def test_a_server_that_dawdles_is_given_up(server: ListServer, answer: Answer) -> None:
    """Long before the download's own limit of time."""
    rules = replace(HERE, patience=Patience(connect=1, total=20, stall=1))
    begin = time.monotonic()

    assert refused(server.serve("/a.crl", answer), rules) == DownloadCode.TOO_SLOW
    assert time.monotonic() - begin < 4


def test_the_whole_download_has_a_limit_of_time(server: ListServer) -> None:
    """Also at a speed that is no reason to give up."""
    rules = replace(HERE, patience=Patience(connect=1, total=1, stall=30))
    begin = time.monotonic()

    assert refused(server.serve("/a.crl", trickling), rules) == DownloadCode.TOO_SLOW
    assert time.monotonic() - begin < 3


def test_only_hosts_of_the_list_are_asked(server: ListServer) -> None:
    url = server.serve("/a.crl", b"a list")

    assert refused(url, Rules(hosts=["crl.example"])) == DownloadCode.HOST_NOT_ALLOWED
    assert server.asked == []


def test_a_name_that_leads_to_a_private_address_is_refused_at_the_connection(
    server: ListServer,
) -> None:
    server.serve("/a.crl", b"a list")

    code = refused(server.url("/a.crl", host="localhost"), Rules(hosts=["localhost"]))

    assert code == DownloadCode.PRIVATE_ADDRESS
    assert server.asked == []


def test_an_address_on_the_list_allows_a_name_that_leads_there(server: ListServer) -> None:
    server.serve("/a.crl", b"a list")

    assert fetch(server.url("/a.crl", host="localhost"), Rules(hosts=["localhost", "127.0.0.1"]))


@pytest.mark.parametrize(
    "url",
    [
        "ftp://127.0.0.1/a.crl",
        "file:///etc/passwd",
        "ldap://127.0.0.1/cn=a",
        "gopher://127.0.0.1/",
        "http:///a.crl",
        "http://user:word@127.0.0.1/a.crl",
        "http://127.0.0.1\\@crl.example/a.crl",
        "http://127.0.0.1#@crl.example/",
        "http://127.0.0.1/a b.crl",
        "http://127.0.0.1/a\r\nHost: x",
        "http://127.0.0.1/é.crl",
        "http://127.0.0.1:99999999/",
        "127.0.0.1/a.crl",
        "",
    ],
)
def test_what_is_no_plain_web_address_is_not_tried(url: str) -> None:
    assert refused(url) == DownloadCode.ADDRESS


@pytest.mark.parametrize(
    ("host", "hosts", "answer"),
    [
        ("crl.example", ["crl.example"], True),
        ("sub.crl.example", ["crl.example"], False),
        ("crl.example", [".example"], True),
        ("a.b.example", [".example"], True),
        ("example", [".example"], False),
        ("badexample", [".example"], False),
        ("example.evil.test", [".example"], False),
        ("crl.example", [], False),
        ("127.0.0.1", ["127.0.0.1"], True),
        ("127.0.0.2", ["127.0.0.1"], False),
        ("127.0.0.1", [".0.0.1", ".1"], False),
        ("::1", ["0:0:0:0:0:0:0:1"], True),
        ("2130706433", ["127.0.0.1"], False),
    ],
)
def test_the_list_of_hosts(host: str, hosts: list[str], *, answer: bool) -> None:
    assert is_allowed(host, hosts) is answer


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::7f00:1",
        "::127.0.0.1",
        "fec0::1",
        "64:ff9b:1::a00:1",
        "4000::1",
        "::",
        "fe80::1",
        "fc00::1",
        "ff02::1",
        "::ffff:10.0.0.1",
        "2002:7f00:1::",
        "64:ff9b::a00:1",
    ],
)
def test_private_addresses(address: str) -> None:
    assert not is_public(ip_address(address))


@pytest.mark.parametrize("address", ["4.185.2.199", "2a00:1450::1", "64:ff9b::4b9:2c7"])
def test_public_addresses(address: str) -> None:
    assert is_public(ip_address(address))


def test_nobody_at_the_door() -> None:
    assert refused(f"http://127.0.0.1:{free_port()}/") == DownloadCode.CONNECT


def test_a_name_that_does_not_exist() -> None:
    rules = replace(HERE, hosts=["no-such-host.invalid"])

    assert refused("http://no-such-host.invalid/", rules) == DownloadCode.NAME


def test_a_port_without_tls(server: ListServer) -> None:
    assert refused(f"https://127.0.0.1:{server.port}/") == DownloadCode.TLS


def test_the_environment_names_no_proxy(
    server: ListServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{free_port()}")

    assert fetch(server.serve("/a.crl", b"a list"), HERE) == b"a list"


def test_a_proxy_that_is_away() -> None:
    rules = replace(HERE, hosts=["crl.example"], proxy=f"http://127.0.0.1:{free_port()}")

    assert refused("http://crl.example/a.crl", rules) == DownloadCode.PROXY


def test_the_list_of_hosts_holds_behind_a_proxy_too(server: ListServer) -> None:
    rules = Rules(hosts=["crl.example"], proxy=server.url(""))

    assert refused("http://other.example/a.crl", rules) == DownloadCode.HOST_NOT_ALLOWED
    assert server.asked == []


def test_a_list_comes_through_a_real_proxy(server: ListServer, tmp_path: Path) -> None:
    server.serve("/a.crl", b"a list")
    with tinyproxy(tmp_path) as port:
        rules = replace(HERE, proxy=f"http://127.0.0.1:{port}")

        assert fetch(server.url("/a.crl"), rules) == b"a list"
        assert refused(server.url("/none.crl"), rules) == DownloadCode.STATUS
