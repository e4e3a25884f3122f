"""Which host a server's certificate is for."""

from ipaddress import ip_address

import pytest
from cryptography import x509

from certificates.pki import HostNameError, check_server_name
from certificates.tests.builders import Issued, make_client, make_server

NAMED = make_server(x509.DNSName("ftps.example"))
WILD = make_server(x509.DNSName("*.ftps.example"))
ADDRESSED = make_server(x509.IPAddress(ip_address("2001:db8::1")))
OLD = make_client("ftps.example", purposes=())
OLD_ADDRESS = make_client("192.0.2.1", purposes=())


@pytest.mark.parametrize(
    ("server", "host"),
    [
        (NAMED, "ftps.example"),
        (NAMED, "FTPS.Example."),
        (WILD, "a.ftps.example"),
        (ADDRESSED, "2001:DB8:0::1"),
    ],
)
def test_it_fits(server: Issued, host: str) -> None:
    check_server_name(server.certificate, host)


@pytest.mark.parametrize(
    ("server", "host"),
    [
        (NAMED, "a.ftps.example"),
        (NAMED, "example"),
        (NAMED, "ftps.example:21"),
        (NAMED, "192.0.2.1"),
        (WILD, "ftps.example"),
        (WILD, "a.b.ftps.example"),
        (WILD, ".ftps.example"),
        (make_server(x509.DNSName("*.example")), "ftps.example"),
        (make_server(x509.DNSName("*")), "localhost"),
        (make_server(x509.DNSName("192.0.2.1")), "192.0.2.1"),
        (make_server(x509.DNSName("*.0.2.1")), "192.0.2.1"),
        (make_server(x509.RFC822Name("a@ftps.example")), "ftps.example"),
        (ADDRESSED, "2001:db8::2"),
    ],
)
@pytest.mark.parametrize("host_in_common_name", [False, True])
def test_it_does_not_fit(server: Issued, host: str, host_in_common_name: bool) -> None:
    """The common name of each of these would fit, and counts for nothing beside the extension."""
    with pytest.raises(HostNameError) as caught:
        check_server_name(server.certificate, host, host_in_common_name=host_in_common_name)

    assert caught.value.context["expected"] == host


@pytest.mark.parametrize(("server", "host"), [(OLD, "ftps.example"), (OLD_ADDRESS, "192.0.2.1")])
def test_the_common_name_counts_behind_an_explicit_setting_only(server: Issued, host: str) -> None:
    with pytest.raises(HostNameError) as caught:
        check_server_name(server.certificate, host)
    assert caught.value.context["found"] == f"CN={host}"

    check_server_name(server.certificate, host, host_in_common_name=True)


def test_another_common_name_never_fits() -> None:
    with pytest.raises(HostNameError):
        check_server_name(OLD.certificate, "other.example", host_in_common_name=True)
