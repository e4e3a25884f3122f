import socket
from pathlib import Path

import pytest

from magda_portal.bootstrap import BASE_DIR
from magda_portal.place import StartError, check_port, is_listening, read_place


def test_without_any_configuration_it_runs_on_this_machine_only() -> None:
    place = read_place({})

    assert (place.bind, place.port, place.sandbox_port) == ("127.0.0.1", 8000, 2121)
    assert place.portal_url == "http://127.0.0.1:8000"
    assert place.data_dir == BASE_DIR / "var"
    assert place.has_sandbox


def test_the_environment_decides() -> None:
    environ = {"BIND": "::1", "PORT": "8123", "SANDBOX_PORT": "2199", "DATA_DIR": "/srv/portal"}

    place = read_place(environ)

    assert place.web_address == "[::1]:8123"
    assert place.portal_url == "http://[::1]:8123"
    assert place.sandbox_port == 2199
    assert place.data_dir == Path("/srv/portal")


def test_with_a_database_url_there_is_no_practice_magda() -> None:
    assert not read_place({"DATABASE_URL": "postgres://database/portal"}).has_sandbox


@pytest.mark.parametrize(
    ("environ", "sentence"),
    [
        ({"PORT": "eighty"}, "PORT is 'eighty'; set it to a number"),
        ({"PORT": "0"}, "PORT is '0'"),
        ({"PORT": "65536"}, "PORT is '65536'"),
        ({"SANDBOX_PORT": "-1"}, "SANDBOX_PORT is '-1'"),
        ({"PORT": "2121"}, "PORT and SANDBOX_PORT are both 2121"),
        ({"BIND": "0.0.0.0"}, "BIND is 0.0.0.0, which other machines can reach; set PORTAL_URL"),
        ({"BIND": "::"}, "BIND is ::, which other machines"),
        ({"BIND": "0.0.0.0", "PORTAL_URL": "http://localhost:8000"}, "BIND is 0.0.0.0"),
        ({"PORTAL_URL": "http://portal.example.be"}, "passwords in the clear; set it to an https"),
        ({"PORTAL_URL": "portal.example.be"}, "set it to the portal's public address"),
        ({"PORTAL_URL": "ftp://portal.example.be"}, "set it to the portal's public address"),
    ],
)
def test_a_value_that_cannot_be_used_is_refused_with_what_to_do(
    environ: dict[str, str], sentence: str
) -> None:
    with pytest.raises(StartError) as refusal:
        read_place(environ)

    assert sentence in str(refusal.value)


@pytest.mark.parametrize(
    "environ",
    [
        {"BIND": "0.0.0.0", "PORTAL_URL": "https://portal.example.be/"},
        {"BIND": "localhost"},
        {"BIND": "127.0.0.2", "PORTAL_URL": "http://localhost:8000"},
        {"PORTAL_URL": "http://[::1]:8000"},
    ],
)
def test_https_may_be_public_and_http_stays_on_the_machine(environ: dict[str, str]) -> None:
    assert not read_place(environ).portal_url.endswith("/")


def test_a_free_port_can_be_used() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]

    check_port("127.0.0.1", port, setting="PORT")


def test_a_taken_port_is_refused_with_the_setting_to_change() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]

        with pytest.raises(
            StartError,
            match=rf"Port {port} on 127\.0\.0\.1 is taken; .*another port in SANDBOX_PORT",
        ):
            check_port("127.0.0.1", port, setting="SANDBOX_PORT")


def test_an_address_of_another_machine_is_refused() -> None:
    with pytest.raises(StartError, match=r"Nothing can listen on 192\.0\.2\.1"):
        check_port("192.0.2.1", 8000, setting="PORT")


def test_a_name_that_cannot_be_resolved_is_refused_with_a_sentence() -> None:
    with pytest.raises(StartError, match=r"Nothing can listen on no-such-host\.invalid"):
        check_port("no-such-host.invalid", 8000, setting="PORT")


def test_it_listens_once_there_is_a_server() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        place = read_place({"PORT": str(server.getsockname()[1])})
        assert is_listening(place)

    assert not is_listening(place)
