import pytest

from exchange.ftps import ClientCredentials, Endpoint, Proxy, Timeouts, TrustStore

CERTIFICATE = b"-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"


@pytest.mark.parametrize("pem", [b"", b"\n", b"no certificate", b"-----BEGIN CERTIFICATE-----"])
def test_nothing_to_trust_is_refused(pem: bytes) -> None:
    with pytest.raises(ValueError, match="no certificate"):
        TrustStore(pem)


@pytest.mark.parametrize("username", ["", "a\r\nDELE b", "a\x00", "a\x7f"])
def test_a_user_name_that_would_break_the_command_line_is_refused(username: str) -> None:
    with pytest.raises(ValueError, match="user name"):
        ClientCredentials(username, CERTIFICATE, b"key")


def test_credentials_without_a_certificate_are_refused() -> None:
    with pytest.raises(ValueError, match="no certificate"):
        ClientCredentials("vip", b"", b"key")


@pytest.mark.parametrize("host", ["", "a b", "a/b", "user@host", "a\r\n", "host#", "é"])
def test_a_host_that_is_none_is_refused(host: str) -> None:
    with pytest.raises(ValueError, match="host"):
        Endpoint(host)
    with pytest.raises(ValueError, match="host"):
        Proxy(host, 8080)


@pytest.mark.parametrize("port", [0, -1, 65536])
def test_a_port_that_is_none_is_refused(port: int) -> None:
    with pytest.raises(ValueError, match="port"):
        Endpoint("localhost", port)


@pytest.mark.parametrize("host", ["vipftps.vlaanderen.be", "192.0.2.1", "2001:db8::1", "a_b"])
def test_names_and_addresses_are_hosts(host: str) -> None:
    assert Endpoint(host).port == 21


def test_time_outs_last_longer_than_nothing() -> None:
    with pytest.raises(ValueError, match="time-out"):
        Timeouts(reply=0)
    with pytest.raises(ValueError, match="time-out"):
        Timeouts(total=-1)


def test_secrets_do_not_show_in_a_repr() -> None:
    values = [
        Proxy("proxy", 8080, "klant", "geheim"),
        ClientCredentials("vip", CERTIFICATE, b"geheim"),
    ]

    assert "geheim" not in repr(values)
