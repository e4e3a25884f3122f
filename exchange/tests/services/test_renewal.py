"""A login that is only a test: what the server thinks of a certificate, before its turn too."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.test import override_settings
from django.utils import timezone

from certificates.models import Certificate, ClientIdentity, RevocationState
from certificates.pki import KeyBundle
from certificates.services.imports import import_certificate
from exchange.errors import AccountError
from exchange.models import Account, ConnectionSlot
from exchange.services import renewal
from exchange.services.slots import hold_slot
from exchange.tests.servers.ports import free_port
from exchange.tests.servers.proftpd import ProFTPD
from exchange.tests.services.switching import switch
from exchange.tests.wiring import ACTOR, wire_account
from magda_portal.audit.models import AuditEvent
from sandbox.authority import Authority, Issued

ACCOUNT, OTHER = "test-account", "other-account"
NO_FILES = {"AUTH", "USER", "PASS", "PBSZ", "PROT", "PWD", "FEAT", "QUIT"}


@dataclass
class Stand:
    """A server that requires certificates of one authority, and two accounts there."""

    server: ProFTPD
    authority: Authority
    account: Account
    other: Account

    @property
    def identity(self) -> ClientIdentity:
        return ClientIdentity.objects.get(pk=self.account.identity_id)

    def add(self, issued: Issued, *, at_days: int = 0) -> Certificate:
        bundle = KeyBundle(
            private_key_pem=issued.private_key_pem,
            certificate_pem=issued.certificate_pem,
            chain_pem=issued.chain_pem,
        )
        at = timezone.now() + timedelta(days=at_days)
        return import_certificate(self.identity, bundle, actor=ACTOR, at=at)

    def test(self, certificate: Certificate) -> tuple[str, str]:
        """Return the code and the TLS version of a login with this certificate."""
        account = Account.objects.get(pk=self.account.pk)
        found = renewal.test_login(account, certificate, actor=ACTOR, now=timezone.now())
        assert found == certificate.login_tests.first()
        return found.error_code, found.tls_version


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, authority: Authority) -> Iterator[ProFTPD]:
    folder = tmp_path_factory.mktemp("proftpd")
    with ProFTPD(folder, authority, accounts=[ACCOUNT, OTHER]) as proftpd:
        yield proftpd


@pytest.fixture(params=["TLSv1.2", "TLSv1.3"])
def tls(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def stand(db: None, server: ProFTPD, authority: Authority, tls: str) -> Stand:
    accounts = [
        wire_account(name, port=server.port, authority=authority) for name in (ACCOUNT, OTHER)
    ]
    if tls == "TLSv1.2":
        Account.objects.update(highest_tls=Account.HighestTLS.TLS12)
    return Stand(server, authority, *accounts)


pytestmark = pytest.mark.proftpd


def test_a_next_certificate_logs_in_before_its_turn(stand: Stand, tls: str) -> None:
    following = stand.add(stand.authority.issue_client(ACCOUNT))
    before = len(stand.server.commands())

    outcome = stand.test(following)

    verbs = {line.split(" ", 1)[0] for line in stand.server.commands()[before:]}
    assert outcome == ("", tls)
    assert stand.identity.next == following
    assert "USER" in verbs
    assert verbs <= NO_FILES


def test_a_certificate_of_an_unknown_authority_is_rejected(stand: Stand) -> None:
    """Under TLS 1.3 the handshake looks fine to us, and the rejection comes after it."""
    stranger = stand.add(Authority.create(name="Stranger").issue_client(ACCOUNT))

    code, _tls = stand.test(stranger)

    assert code == "tls.client_rejected"


def test_a_certificate_that_expired_is_named_as_such(stand: Stand) -> None:
    now = timezone.now()
    issued = stand.authority.issue_client(
        ACCOUNT, not_before=now - timedelta(days=9), not_after=now - timedelta(days=1)
    )
    expired = stand.add(issued, at_days=-5)

    code, _tls = stand.test(expired)

    assert code == "account.certificate_expired"
    assert expired.login_tests.get().detail


def test_a_certificate_that_is_not_valid_yet_is_named_as_such(stand: Stand) -> None:
    tomorrow = timezone.now() + timedelta(days=1)
    following = stand.add(stand.authority.issue_client(ACCOUNT, not_before=tomorrow))

    code, _tls = stand.test(following)

    assert (code, stand.identity.next) == ("account.certificate_not_yet_valid", following)


def test_a_certificate_of_another_account_is_let_in_by_tls_and_refused_at_the_login(
    stand: Stand, tls: str
) -> None:
    others = stand.other.identity.current
    assert others is not None

    assert stand.test(others) == ("login.refused", tls)

    assert others.login_tests.get().detail


def test_a_server_that_answers_530_to_a_good_certificate_is_told_as_such(
    stand: Stand, tls: str
) -> None:
    unknown = wire_account("unknown-account", port=stand.server.port, authority=stand.authority)
    Account.objects.filter(pk=unknown.pk).update(highest_tls=stand.account.highest_tls)
    assert unknown.identity.current is not None

    found = renewal.test_login(unknown, unknown.identity.current, actor=ACTOR, now=timezone.now())

    assert found.error_code == "login.refused"


# --- what the outcome counts for


def actions(prefix: str = "certificate.") -> list[str]:
    events = AuditEvent.objects.filter(action__startswith=prefix).order_by("id")
    return list(events.values_list("action", flat=True))


def test_a_login_with_the_new_certificate_proves_it(stand: Stand) -> None:
    current = switch(stand.account, stand.authority)
    before = stand.identity

    assert stand.test(current)[0] == ""

    after = stand.identity
    assert before.previous is not None
    assert after.current == current
    assert after.previous is None
    assert actions()[-2:] == ["certificate.proven", "certificate.tested"]


def test_a_rejected_login_with_the_new_certificate_steps_back(stand: Stand) -> None:
    old = stand.identity.current
    new = switch(stand.account, Authority.create(name="Stranger"))

    assert stand.test(new)[0] == "tls.client_rejected"

    assert (stand.identity.current, stand.identity.next) == (old, new)
    assert Account.objects.get(pk=stand.account.pk).stepped_back_at is not None


def test_a_rejected_next_certificate_changes_nothing(stand: Stand) -> None:
    switch(stand.account, stand.authority)
    before = stand.identity
    following = stand.add(Authority.create(name="Stranger").issue_client(ACCOUNT))

    stand.test(following)

    now = stand.identity
    assert (now.current, now.previous, now.next) == (before.current, before.previous, following)


# --- without a login


@pytest.mark.parametrize("tls", ["TLSv1.3"], indirect=True)
def test_an_account_that_holds_all_its_connections_is_not_tested(stand: Stand) -> None:
    current = stand.identity.current
    assert current is not None

    with (
        override_settings(CONNECTIONS_PER_ACCOUNT=1),
        hold_slot(stand.account),
        pytest.raises(AccountError) as caught,
    ):
        stand.test(current)

    assert caught.value.code == "account.connections_busy"
    assert not current.login_tests.exists()


@pytest.mark.parametrize("tls", ["TLSv1.3"], indirect=True)
def test_the_connection_is_given_back(stand: Stand) -> None:
    current = stand.identity.current
    assert current is not None

    stand.test(current)

    assert ConnectionSlot.objects.exists()
    assert not ConnectionSlot.objects.filter(lease_until__isnull=False).exists()


@pytest.mark.parametrize("tls", ["TLSv1.3"], indirect=True)
def test_what_keeps_us_from_trying_is_the_outcome(stand: Stand) -> None:
    current = stand.identity.current
    assert current is not None
    stand.account.organisation.trust_anchors.all().delete()

    assert stand.test(current) == ("account.no_trust_anchor", "")


@pytest.mark.parametrize("tls", ["TLSv1.3"], indirect=True)
def test_a_server_that_is_away_says_nothing_about_the_certificate(
    stand: Stand,
) -> None:
    new = switch(stand.account, Authority.create(name="Stranger"))
    Account.objects.update(port=free_port())

    assert stand.test(new)[0] == "connect.refused"

    assert stand.identity.current == new


# --- a revoked certificate is tried all the same, when somebody wants to know


@pytest.mark.parametrize("tls", ["TLSv1.3"], indirect=True)
def test_a_revoked_certificate_can_be_tested(stand: Stand) -> None:
    current = stand.identity.current
    assert current is not None
    Certificate.objects.filter(pk=current.pk).update(revocation=RevocationState.REVOKED)
    current.refresh_from_db()

    assert stand.test(current)[0] == ""
