"""The first login after a switch of certificates decides: it proves the new one, or steps back."""

from datetime import timedelta

import pytest
from django.utils import timezone

from certificates.models import RevocationState
from exchange.ftps import ClientCertificateError, FTPSError, LoginError, Stage
from exchange.models import Account
from exchange.models.transfer import State
from exchange.services.collection import collect
from exchange.services.connections import connect
from exchange.services.dispatch import deliver_due, run_due
from exchange.services.logins import login_failed, login_seen
from exchange.services.troubles import may_try, pause_account
from exchange.tests.servers.faults import DIES
from exchange.tests.servers.faulty_magda import Fault, FaultyMAGDA
from exchange.tests.services.logging_in import BUSY, REFUSED, REJECTED, actions, fail, fresh, queue
from exchange.tests.services.switching import identity_of, prepare, switch
from sandbox.authority import Authority
from sandbox.server import DEMO_ACCOUNT, PracticeMAGDA

NOW = timezone.now()


# --- it works


def test_the_first_delivery_proves_a_new_certificate(
    connected_account: Account, authority: Authority
) -> None:
    new = switch(connected_account, authority)
    transfer = queue(connected_account)

    deliver_due(fresh(connected_account))

    transfer.refresh_from_db()
    identity = identity_of(connected_account)
    assert transfer.state == State.DONE
    assert transfer.attempts.get().certificate_fingerprint == new.fingerprint
    assert (identity.current, identity.previous) == (new, None)
    assert actions("certificate.")[-1] == "certificate.proven"


def test_the_first_collection_proves_a_new_certificate(
    connected_account: Account, authority: Authority
) -> None:
    new = switch(connected_account, authority)

    collect(fresh(connected_account))

    identity = identity_of(connected_account)
    assert (identity.current, identity.previous) == (new, None)


def test_a_login_that_worked_counts_even_when_the_file_was_refused(
    connected_account: Account, authority: Authority, magda: FaultyMAGDA
) -> None:
    magda.faults.append(Fault("STOR", reply="553 No."))
    switch(connected_account, authority)
    transfer = queue(connected_account)

    deliver_due(fresh(connected_account))

    transfer.refresh_from_db()
    assert transfer.state == State.FAILED
    assert identity_of(connected_account).previous is None


def test_a_login_that_worked_counts_even_when_the_connection_breaks_after_it(
    connected_account: Account, authority: Authority, magda: FaultyMAGDA
) -> None:
    magda.faults.append(Fault("MLSD", reply=DIES))
    switch(connected_account, authority)

    collect(fresh(connected_account))

    assert identity_of(connected_account).previous is None


def test_a_certificate_is_proven_as_soon_as_its_login_works(
    connected_account: Account, authority: Authority
) -> None:
    """A long transfer is under way with it, when the server refuses another worker."""
    new = switch(connected_account, authority)
    opened = connect(fresh(connected_account), now=timezone.now())

    with opened.client as client:
        client.entries("to_vip")
        previous = identity_of(connected_account).previous
        goes_on = fail(connected_account, REFUSED, new.fingerprint)

    assert (previous, goes_on) == (None, False)
    assert identity_of(connected_account).current == new


def test_a_login_with_the_certificate_before_proves_nothing(
    connected_account: Account, authority: Authority
) -> None:
    old = identity_of(connected_account).current
    assert old is not None
    switch(connected_account, authority)

    login_seen(fresh(connected_account), old.fingerprint, now=NOW)

    assert identity_of(connected_account).previous == old


# --- it is rejected


def test_a_rejected_delivery_steps_back_and_goes_on_with_the_old_certificate(
    connected_account: Account, stranger: Authority
) -> None:
    old = identity_of(connected_account).current
    new = switch(connected_account, stranger)
    transfer = queue(connected_account)

    deliver_due(fresh(connected_account))

    identity, account = identity_of(connected_account), fresh(connected_account)
    assert (identity.current, identity.next, identity.previous) == (old, new, None)
    assert (account.paused_until, account.trouble_code) == (None, "")
    assert account.step_back_code == "tls.client_rejected"
    assert new.login_tests.get().error_code == "tls.client_rejected"
    assert actions("account.paused") == []
    deliver_due(fresh(connected_account))
    transfer.refresh_from_db()
    assert (transfer.state, transfer.attempts_made) == (State.DONE, 1)


def test_a_rejected_collection_steps_back_and_the_next_one_is_due_at_once(
    connected_account: Account, stranger: Authority, magda: PracticeMAGDA
) -> None:
    magda.place(DEMO_ACCOUNT, "from_vip", "answer.xml", b"<a/>")
    switch(connected_account, stranger)

    rejected = collect(fresh(connected_account))
    result = run_due()

    assert (rejected.error_code, rejected.goes_on) == ("tls.client_rejected", True)
    assert len(result.collections[connected_account].collected) == 1
    assert actions("certificate.stepped_back") == ["certificate.stepped_back"]


def test_of_two_workers_that_were_rejected_one_steps_back(
    connected_account: Account, stranger: Authority
) -> None:
    old = identity_of(connected_account).current
    new = switch(connected_account, stranger)
    workers = [fresh(connected_account), fresh(connected_account)]

    go_on = [
        login_failed(worker, REJECTED, new.fingerprint, transcript="", now=timezone.now())
        for worker in workers
    ]

    assert go_on == [True, True]
    assert identity_of(connected_account).current == old
    assert actions("certificate.stepped_back") == ["certificate.stepped_back"]
    assert not fresh(connected_account).is_paused(timezone.now())


def test_a_connection_with_an_older_certificate_decides_nothing(
    connected_account: Account, authority: Authority
) -> None:
    """MAGDA's side has switched too, and the old one is rejected now: as it should be."""
    old = identity_of(connected_account).current
    assert old is not None
    new = switch(connected_account, authority)

    goes_on = fail(connected_account, REJECTED, old.fingerprint)

    identity = identity_of(connected_account)
    assert (goes_on, identity.current, identity.previous) == (True, new, old)
    assert not fresh(connected_account).is_paused(timezone.now())


def test_a_connection_with_an_older_certificate_ends_its_own_trial_only(
    connected_account: Account, authority: Authority
) -> None:
    old = identity_of(connected_account).current
    assert old is not None
    pause_account(fresh(connected_account), BUSY, transcript="", now=NOW - timedelta(hours=1))
    trying = fresh(connected_account)
    assert may_try(trying, now=timezone.now())
    switch(connected_account, authority)

    login_failed(trying, REJECTED, old.fingerprint, transcript="", now=timezone.now())

    assert may_try(fresh(connected_account), now=timezone.now())


def test_a_certificate_that_has_proved_itself_is_not_given_up(
    connected_account: Account, authority: Authority
) -> None:
    new = switch(connected_account, authority)
    collect(fresh(connected_account))

    goes_on = fail(connected_account, REJECTED, new.fingerprint)

    account = fresh(connected_account)
    assert (goes_on, identity_of(account).current) == (False, new)
    assert account.trouble_code == "tls.client_rejected"
    assert account.is_paused(timezone.now())


def test_without_a_good_certificate_to_step_back_to_the_account_pauses(
    connected_account: Account, stranger: Authority
) -> None:
    old = identity_of(connected_account).current
    assert old is not None
    new = switch(connected_account, stranger)
    old.revocation = RevocationState.REVOKED
    old.save()

    goes_on = fail(connected_account, REJECTED, new.fingerprint)

    assert (goes_on, identity_of(connected_account).current) == (False, new)
    assert fresh(connected_account).is_paused(timezone.now())


@pytest.mark.parametrize(
    "error",
    [
        BUSY,
        LoginError("530", stage=Stage.COMMAND),
        ClientCertificateError("key", stage=Stage.SECURE, code="client.key_unusable"),
    ],
    ids=["busy", "after the login", "our own key"],
)
def test_what_is_no_rejection_steps_back_from_nothing(
    connected_account: Account, stranger: Authority, error: FTPSError
) -> None:
    new = switch(connected_account, stranger)

    assert not fail(connected_account, error, new.fingerprint)

    assert identity_of(connected_account).current == new


def test_an_account_that_was_in_trouble_before_has_none_after_stepping_back(
    connected_account: Account, stranger: Authority
) -> None:
    pause_account(fresh(connected_account), BUSY, transcript="", now=NOW - timedelta(hours=1))
    new = switch(connected_account, stranger)

    fail(connected_account, REFUSED, new.fingerprint)

    account = fresh(connected_account)
    assert (account.trouble_code, account.trouble_since, account.paused_until) == ("", None, None)


# --- which certificate a connection shows


def test_a_revoked_certificate_stops_the_account_and_says_so(connected_account: Account) -> None:
    current = identity_of(connected_account).current
    assert current is not None
    current.revocation = RevocationState.REVOKED
    current.save()

    result = collect(fresh(connected_account))

    account = fresh(connected_account)
    assert result.error_code == account.trouble_code == "account.certificate_revoked"
    assert account.is_paused(timezone.now())


def test_a_connection_shows_what_is_in_use_when_it_is_made(
    connected_account: Account, authority: Authority
) -> None:
    """A worker may have read the account minutes ago."""
    read_before = fresh(connected_account)
    new = switch(connected_account, authority)

    opened = connect(read_before, now=timezone.now())

    assert opened.certificate_fingerprint == new.fingerprint


def test_a_connection_that_was_open_goes_on_with_its_certificate(
    connected_account: Account, authority: Authority, stranger: Authority
) -> None:
    opened = connect(fresh(connected_account), now=timezone.now())
    with opened.client as client:
        client.entries("to_vip")
        switch(connected_account, stranger)

        assert client.entries("to_vip") == []
        assert client.control_connections == 1


def test_a_next_certificate_alone_changes_nothing(
    connected_account: Account, stranger: Authority
) -> None:
    prepare(connected_account, stranger)

    assert collect(fresh(connected_account)).error_code == ""
