"""Certification paths that hold, and why others do not."""

from datetime import timedelta, timezone
from ipaddress import ip_address

import pytest
from cryptography import x509

from certificates.pki import (
    ErrorCode,
    ExpiredError,
    HostNameError,
    IncompletePathError,
    NotYetValidError,
    PathError,
    UntrustedError,
    VerifiedPath,
    WeakKeyError,
    verify_client_path,
    verify_server_path,
)
from certificates.tests.builders import (
    NOON,
    SERVER_AUTH,
    Issued,
    make_authority,
    make_client,
    make_server,
    rsa_key,
)

ROOT = make_authority()
ISSUER = make_authority("Practice Issuing CA", issuer=ROOT)
STRANGER = make_authority("Another Root CA")
CLIENT = make_client(issuer=ISSUER)
HOST = "ftps.example"
NAME = x509.DNSName(HOST)
SERVER = make_server(NAME, issuer=ISSUER)


def certificates(issued: tuple[Issued, ...]) -> list[x509.Certificate]:
    return [one.certificate for one in issued]


def client_path(
    leaf: Issued = CLIENT,
    *,
    intermediates: tuple[Issued, ...] = (ISSUER,),
    anchors: tuple[Issued, ...] = (ROOT,),
    after: timedelta = timedelta(0),
) -> VerifiedPath:
    return verify_client_path(
        leaf.certificate,
        intermediates=certificates(intermediates),
        anchors=certificates(anchors),
        at=NOON + after,
    )


def server_path(
    leaf: Issued = SERVER,
    *,
    anchors: tuple[Issued, ...] = (ROOT,),
    host: str = HOST,
    after: timedelta = timedelta(0),
    host_in_common_name: bool = False,
) -> VerifiedPath:
    return verify_server_path(
        leaf.certificate,
        intermediates=certificates((ISSUER,)),
        anchors=certificates(anchors),
        host=host,
        at=NOON + after,
        host_in_common_name=host_in_common_name,
    )


def test_a_client_with_a_common_name_alone_is_accepted() -> None:
    path = client_path()

    assert list(path.certificates) == certificates((CLIENT, ISSUER, ROOT))
    assert path.anchor == ROOT.certificate


def test_an_issuing_authority_can_be_the_anchor() -> None:
    assert client_path(intermediates=(), anchors=(ISSUER,)).anchor == ISSUER.certificate


def test_it_names_the_issuer_that_is_missing() -> None:
    with pytest.raises(IncompletePathError) as caught:
        client_path(intermediates=())

    assert caught.value.context == {"missing": "CN=Practice Issuing CA,O=Practice,C=BE"}


@pytest.mark.parametrize("anchors", [(), (STRANGER,)])
def test_a_root_that_is_not_an_anchor_is_not_trusted(anchors: tuple[Issued, ...]) -> None:
    with pytest.raises(UntrustedError):
        client_path(intermediates=(ISSUER, ROOT), anchors=anchors)


def test_an_authority_of_the_same_name_is_not_trusted() -> None:
    with pytest.raises(IncompletePathError):
        client_path(anchors=(make_authority(),))


def test_the_period_is_checked_at_the_time_asked_for() -> None:
    with pytest.raises(ExpiredError):
        client_path(after=timedelta(days=336))
    with pytest.raises(NotYetValidError):
        client_path(after=timedelta(days=-31))


def test_the_time_may_be_in_any_zone() -> None:
    last = NOON + timedelta(days=335)
    for hours in (-9, 9):
        verify_client_path(
            CLIENT.certificate,
            intermediates=[ISSUER.certificate],
            anchors=[ROOT.certificate],
            at=last.astimezone(timezone(timedelta(hours=hours))),
        )


def test_a_server_certificate_is_no_client_certificate() -> None:
    with pytest.raises(PathError) as caught:
        client_path(make_client(issuer=ISSUER, purposes=SERVER_AUTH))

    assert caught.value.code == ErrorCode.PATH_INVALID
    assert "client authentication" in str(caught.value)


def test_a_client_cannot_issue_certificates() -> None:
    with pytest.raises(PathError) as caught:
        client_path(make_client("other", issuer=CLIENT), intermediates=(CLIENT, ISSUER))

    assert caught.value.code == ErrorCode.PATH_INVALID


UNKNOWN = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), b"\x05\x00")


@pytest.mark.parametrize(
    "issuer",
    [
        make_authority("Half", issuer=ROOT, signs_certificates=False),
        make_authority("Half", issuer=ROOT, further=[UNKNOWN]),
    ],
    ids=["may not sign certificates", "unknown critical extension"],
)
def test_an_authority_without_the_right_to_issue_is_refused(issuer: Issued) -> None:
    with pytest.raises(PathError) as caught:
        client_path(make_client(issuer=issuer), intermediates=(issuer,))

    assert caught.value.code == ErrorCode.PATH_INVALID


def test_a_weak_key_is_refused() -> None:
    with pytest.raises(WeakKeyError):
        client_path(make_client(issuer=ISSUER, key=rsa_key(1024)))


def test_a_server_is_verified_by_name_and_by_address() -> None:
    by_address = make_server(x509.IPAddress(ip_address("127.0.0.1")), issuer=ISSUER)

    assert server_path().anchor == ROOT.certificate
    assert server_path(by_address, host="127.0.0.1").anchor == ROOT.certificate


@pytest.mark.parametrize("host", ["vipftps.example", "127.0.0.1"])
def test_a_server_under_another_name_is_refused_and_both_are_named(host: str) -> None:
    with pytest.raises(HostNameError) as caught:
        server_path(host=host)

    assert caught.value.context == {"expected": host, "found": f"DNS:{HOST}"}


def test_a_server_certificate_can_be_pinned() -> None:
    self_signed = make_server(x509.DNSName(HOST))

    assert server_path(anchors=(SERVER,)).anchor == SERVER.certificate
    assert server_path(self_signed, anchors=(self_signed,)).anchor == self_signed.certificate
    with pytest.raises(IncompletePathError):
        server_path(anchors=(make_server(x509.DNSName(HOST), issuer=ISSUER),))


def test_a_server_certificate_that_names_no_host_is_refused() -> None:
    with pytest.raises(HostNameError):
        server_path(make_client(issuer=ISSUER))


def test_a_self_signed_server_that_calls_itself_an_authority_can_be_pinned() -> None:
    """As ``openssl req -x509`` makes them."""
    server = make_authority("ftps.example", further=[x509.SubjectAlternativeName([NAME])])

    assert server_path(server, anchors=(server,)).certificates == (server.certificate,)
    with pytest.raises(UntrustedError):
        server_path(server, anchors=(make_authority("ftps.example"),))


def test_a_pinned_certificate_is_held_to_its_period_and_its_name() -> None:
    for after, error in ((timedelta(days=-31), NotYetValidError), (timedelta(336), ExpiredError)):
        with pytest.raises(error):
            server_path(anchors=(SERVER,), after=after)
    with pytest.raises(HostNameError):
        server_path(anchors=(SERVER,), host="vipftps.example")


def test_a_host_in_the_common_name_counts_behind_an_explicit_setting_only() -> None:
    old = make_client(HOST, issuer=ISSUER, purposes=SERVER_AUTH)

    with pytest.raises(HostNameError):
        server_path(old)

    assert server_path(old, host_in_common_name=True).anchor == ROOT.certificate


def test_a_client_certificate_is_no_server_certificate() -> None:
    with pytest.raises(PathError) as caught:
        server_path(make_client(HOST, issuer=ISSUER), host_in_common_name=True)

    assert caught.value.code == ErrorCode.PATH_INVALID
    assert "server authentication" in str(caught.value)
