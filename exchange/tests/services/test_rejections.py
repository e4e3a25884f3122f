"""What counts as a rejected certificate after a switch, and what happens when both are refused."""

import pytest
from django.core import mail
from django.test import override_settings
from django.utils import timezone

from certificates.models import Certificate
from certificates.services import relay
from certificates.tests.rows import make_person
from exchange.advice import advice_for
from exchange.models import Account
from exchange.services import renewal
from exchange.services.alerts import send_trouble_alerts
from exchange.services.collection import CollectionResult, collect
from exchange.services.logins import BOTH_REFUSED, CUT, login_failed
from exchange.services.step_backs import send_step_back_alerts
from exchange.tests.servers.faults import DIES
from exchange.tests.servers.faulty_magda import Fault, FaultyMAGDA
from exchange.tests.services.logging_in import REFUSED, actions, fresh
from exchange.tests.services.switching import identity_of, prepare, switch
from exchange.tests.wiring import ACTOR
from sandbox.authority import Authority

NO = "530 Login incorrect."


def run(account: Account) -> CollectionResult:
    """Collect once the pause is over, as a worker does that begins then."""
    Account.objects.update(paused_until=timezone.now())
    return collect(fresh(account))


@pytest.fixture
def old(connected_account: Account) -> Certificate:
    current = identity_of(connected_account).current
    assert current is not None
    return current


@pytest.fixture
def new(connected_account: Account, old: Certificate, authority: Authority) -> Certificate:
    """Put a certificate in use that the practice MAGDA accepts, unless a fault is in the way."""
    return switch(connected_account, authority)


# --- a connection that was cut


@pytest.mark.parametrize("verb", ["USER", "PBSZ"])
def test_one_cut_connection_is_no_reason_to_step_back(
    connected_account: Account, new: Certificate, magda: FaultyMAGDA, verb: str
) -> None:
    """MAGDA restarts at the moment of the switch, and wants only the new certificate from then."""
    magda.faults.append(Fault(verb, reply=DIES, times=1))

    cut = run(connected_account)
    worked = run(connected_account)

    identity = identity_of(connected_account)
    assert (cut.error_code != "", cut.goes_on, worked.error_code) == (True, False, "")
    assert (identity.current, identity.previous, identity.next) == (new, None, None)
    assert actions("certificate.stepped_back") == []


def test_a_second_cut_connection_steps_back(
    connected_account: Account, old: Certificate, new: Certificate, magda: FaultyMAGDA
) -> None:
    magda.faults.append(Fault("USER", reply=DIES, times=2))

    first = run(connected_account)
    second = run(connected_account)

    account, identity = fresh(connected_account), identity_of(connected_account)
    assert (first.error_code, first.goes_on) == (CUT, False)
    assert (second.error_code, second.goes_on) == (CUT, True)
    assert (identity.current, identity.next) == (old, new)
    assert (account.step_back_code, account.trouble_code) == (CUT, "")


def test_workers_that_were_cut_all_at_once_count_as_one(
    connected_account: Account, new: Certificate, magda: FaultyMAGDA
) -> None:
    late = fresh(connected_account)
    magda.faults.append(Fault("USER", reply=DIES, times=2))

    run(connected_account)
    collect(late, even_when_paused=True)

    assert identity_of(connected_account).current == new


def test_a_cut_of_the_certificate_before_is_not_counted_against_the_new_one(
    connected_account: Account,
    old: Certificate,
    authority: Authority,
    magda: FaultyMAGDA,
) -> None:
    magda.faults.append(Fault("USER", reply=DIES, times=2))
    run(connected_account)
    new = switch(connected_account, authority)

    run(connected_account)

    assert identity_of(connected_account).current == new


def test_a_test_login_that_was_cut_once_is_told_as_such(
    connected_account: Account, new: Certificate, magda: FaultyMAGDA
) -> None:
    magda.faults.append(Fault("USER", reply=DIES, times=1))

    test = renewal.test_login(fresh(connected_account), new, actor=ACTOR, now=timezone.now())

    assert test.error_code == CUT
    assert identity_of(connected_account).current == new


# --- both are refused


@pytest.fixture
def refused_twice(connected_account: Account, new: Certificate, magda: FaultyMAGDA) -> Account:
    """Let MAGDA refuse the new certificate, and the one before right after the step back."""
    make_person("beheer@voorbeeld.example", organisation=connected_account.organisation)
    magda.faults.append(Fault("USER", reply=NO))
    run(connected_account)
    run(connected_account)
    return connected_account


def test_when_the_certificate_before_is_refused_too_a_person_decides(
    refused_twice: Account, old: Certificate, new: Certificate
) -> None:
    for _ in range(3):
        run(refused_twice)

    account, identity = fresh(refused_twice), identity_of(refused_twice)
    assert (identity.current, identity.next) == (old, new)
    assert account.trouble_code == BOTH_REFUSED
    assert account.is_paused(timezone.now())
    assert actions("certificate.stepped_back") == ["certificate.stepped_back"]


def test_the_mails_say_that_both_were_refused(
    refused_twice: Account, old: Certificate, new: Certificate
) -> None:
    with override_settings(LANGUAGE_CODE="en"):
        send_step_back_alerts(now=timezone.now())
        send_trouble_alerts(now=timezone.now())

    stepped_back, trouble = mail.outbox
    for part in (new.serial, old.serial, "refused that one, too", "which certificate it knows"):
        assert part in stepped_back.body
    assert "no file is held up" not in stepped_back.body
    assert str(advice_for(BOTH_REFUSED).next) in trouble.body


def test_work_goes_on_once_a_person_has_put_the_right_one_in_use(
    refused_twice: Account, magda: FaultyMAGDA, new: Certificate
) -> None:
    magda.faults.clear()
    relay.activate_next(identity_of(refused_twice), actor=ACTOR, now=timezone.now())

    assert renewal.resume_after_switch(identity_of(refused_twice), now=timezone.now())

    assert collect(fresh(refused_twice)).error_code == ""
    assert identity_of(refused_twice).previous is None


def test_a_certificate_that_logged_in_after_the_step_back_is_refused_on_its_own(
    connected_account: Account, new: Certificate, magda: FaultyMAGDA
) -> None:
    """Also when no run was finished with it: the login worked."""
    magda.faults.append(Fault("USER", reply=NO, times=1))
    run(connected_account)
    magda.faults.append(Fault("FEAT", reply=DIES))
    run(connected_account)
    magda.faults.insert(0, Fault("USER", reply=NO))

    run(connected_account)

    assert fresh(connected_account).trouble_code == "login.refused"


# --- the mail about the step back


def test_the_mail_names_the_refused_certificate_though_another_waits_as_the_next(
    connected_account: Account, old: Certificate, new: Certificate, authority: Authority
) -> None:
    make_person("beheer@voorbeeld.example", organisation=connected_account.organisation)
    other = prepare(connected_account, authority)
    login_failed(
        fresh(connected_account), REFUSED, new.fingerprint, transcript="", now=timezone.now()
    )

    with override_settings(LANGUAGE_CODE="en"):
        send_step_back_alerts(now=timezone.now())

    (message,) = mail.outbox
    assert fresh(connected_account).stepped_back_from == new
    assert f"Refused certificate: serial number {new.serial}" in message.body
    assert new.fingerprint in message.body
    assert f"In use now: serial number {old.serial}" in message.body
    assert f"waits as the next: serial number {other.serial}" in message.body
    assert "\n\n\n" not in message.body
