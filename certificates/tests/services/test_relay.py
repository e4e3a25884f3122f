from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from certificates.errors import CertificateError
from certificates.models import Certificate, ClientIdentity, RevocationState
from certificates.services.relay import (
    activate_due,
    activate_next,
    cancel_switch,
    discard_next,
    plan_switch,
    prove,
    record_login_test,
    step_back,
)
from certificates.services.relay.switching import _activate_if_due
from certificates.tests.builders import make_client
from certificates.tests.rows import ACTOR, NOW, give_certificate, make_identity
from magda_portal.audit.queries import events_for

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


class Relay:
    """An identity with a certificate in use and a next one."""

    def __init__(self) -> None:
        self.identity = make_identity()
        self.old = give_certificate(self.identity)
        self.new = give_certificate(self.identity)

    def places(self) -> tuple[Certificate | None, Certificate | None, Certificate | None]:
        """Return current, next and previous, as the database has them."""
        identity = ClientIdentity.objects.get(pk=self.identity.pk)
        return identity.current, identity.next, identity.previous

    def actions(self) -> list[str]:
        return [event.action for event in events_for(self.identity)]


@pytest.fixture
def relay() -> Relay:
    return Relay()


def revoke(certificate: Certificate) -> None:
    Certificate.objects.filter(pk=certificate.pk).update(revocation=RevocationState.REVOKED)


def test_the_next_becomes_current_and_the_current_previous(relay: Relay) -> None:
    activate_next(relay.identity, actor=ACTOR, now=NOW)

    assert relay.places() == (relay.new, None, relay.old)
    assert relay.identity.switched_at == NOW
    event = events_for(relay.identity).last()
    assert event is not None
    assert event.details == {"before": relay.old.fingerprint, "after": relay.new.fingerprint}


def test_one_that_no_longer_works_is_nothing_to_step_back_to(relay: Relay) -> None:
    revoke(relay.old)

    activate_next(relay.identity, actor=ACTOR, now=NOW)

    assert relay.places() == (relay.new, None, None)


def test_a_second_switch_before_the_first_login_steps_back_to_the_proven_one(relay: Relay) -> None:
    activate_next(relay.identity, actor=ACTOR, now=NOW)
    third = give_certificate(relay.identity)

    activate_next(relay.identity, actor=ACTOR, now=NOW)

    assert relay.places() == (third, None, relay.old)


def after_laying_aside(relay: Relay) -> datetime:
    discard_next(relay.identity, actor=ACTOR)
    return NOW


def after_revocation(relay: Relay) -> datetime:
    revoke(relay.new)
    return NOW


REFUSED: dict[str, Callable[[Relay], datetime]] = {
    "relay.no_next": after_laying_aside,
    "relay.revoked": after_revocation,
    "relay.expired": lambda relay: relay.new.not_after,
    "relay.not_yet_valid": lambda relay: relay.new.not_before - HOUR,
}


@pytest.mark.parametrize("code", REFUSED)
def test_a_switch_that_could_not_work_is_refused_and_changes_nothing(
    relay: Relay, code: str
) -> None:
    at = REFUSED[code](relay)
    before = relay.places()

    with pytest.raises(CertificateError) as activating:
        activate_next(relay.identity, actor=ACTOR, now=at)
    with pytest.raises(CertificateError) as planning:
        plan_switch(relay.identity, at, actor=ACTOR, now=at - HOUR)

    assert (activating.value.code, planning.value.code) == (code, code)
    assert relay.places() == before


def test_a_switch_can_not_be_planned_in_the_past(relay: Relay) -> None:
    with pytest.raises(CertificateError) as caught:
        plan_switch(relay.identity, NOW, actor=ACTOR, now=NOW)

    assert caught.value.code == "relay.moment_passed"


def test_a_planned_switch_happens_once_at_its_moment(relay: Relay) -> None:
    plan_switch(relay.identity, NOW + HOUR, actor=ACTOR, now=NOW)

    before = activate_due(now=NOW + HOUR - timedelta(seconds=1), actor=ACTOR)
    then, again = (activate_due(now=NOW + HOUR, actor=ACTOR) for _ in range(2))

    assert (before, then, again) == (0, 1, 0)
    assert relay.places() == (relay.new, None, relay.old)
    assert ClientIdentity.objects.get().activate_next_at is None


def test_a_run_that_comes_second_looks_again_and_finds_nothing_to_do(relay: Relay) -> None:
    plan_switch(relay.identity, NOW + HOUR, actor=ACTOR, now=NOW)
    as_the_second_run_saw_it = ClientIdentity.objects.get()
    activate_due(now=NOW + HOUR, actor=ACTOR)

    assert not _activate_if_due(as_the_second_run_saw_it, now=NOW + HOUR, actor=ACTOR)


def test_a_planned_switch_to_a_revoked_certificate_does_not_happen(relay: Relay) -> None:
    plan_switch(relay.identity, NOW + HOUR, actor=ACTOR, now=NOW)
    revoke(relay.new)

    assert activate_due(now=NOW + HOUR, actor=ACTOR) == 0


def test_a_switch_that_was_called_off_does_not_happen(relay: Relay) -> None:
    plan_switch(relay.identity, NOW + HOUR, actor=ACTOR, now=NOW)
    for _ in range(2):
        cancel_switch(relay.identity, actor=ACTOR)

    assert activate_due(now=NOW + HOUR, actor=ACTOR) == 0
    assert relay.actions().count("certificate.switch_cancelled") == 1


def test_without_a_plan_nothing_is_switched_while_the_current_one_works(relay: Relay) -> None:
    assert activate_due(now=NOW + DAY, actor=ACTOR) == 0


@pytest.mark.parametrize("reason", ["expired", "revoked", "absent"])
def test_the_next_steps_in_when_the_current_one_no_longer_works(reason: str) -> None:
    identity = make_identity()
    at = NOW + DAY
    if reason != "absent":
        old = give_certificate(identity, make_client(not_after=at).bundle())
    new = give_certificate(identity, make_client(not_before=NOW + HOUR).bundle())
    ClientIdentity.objects.update(activate_next_at=None)
    if reason == "revoked":
        revoke(old)

    assert activate_due(now=at, actor=ACTOR) == 1
    identity.refresh_from_db()
    assert (identity.current, identity.previous) == (new, None)


def test_the_next_is_laid_aside_with_its_plan_and_stays_in_the_history(relay: Relay) -> None:
    plan_switch(relay.identity, NOW + HOUR, actor=ACTOR, now=NOW)

    for _ in range(2):
        discard_next(relay.identity, actor=ACTOR)

    assert relay.places() == (relay.old, None, None)
    assert ClientIdentity.objects.get().activate_next_at is None
    assert relay.new in relay.identity.certificates.all()
    assert relay.actions().count("certificate.discarded") == 1


def back(relay: Relay, *, now: datetime = NOW) -> bool:
    return step_back(relay.identity, rejected=relay.new, reason="tls.client_rejected", now=now)


def test_a_rejection_steps_back_once_and_says_why(relay: Relay) -> None:
    activate_next(relay.identity, actor=ACTOR, now=NOW)

    first, second = back(relay), back(relay)

    assert (first, second) == (True, False)
    assert relay.places() == (relay.old, relay.new, None)
    assert relay.identity.activate_next_at is None
    event = events_for(relay.identity).last()
    assert event is not None
    assert event.details["reason"] == "tls.client_rejected"


def test_a_rejection_of_a_certificate_that_is_not_in_use_changes_nothing(relay: Relay) -> None:
    """A connection of before the switch may still be open, and be refused for its own reasons."""
    activate_next(relay.identity, actor=ACTOR, now=NOW)

    assert not step_back(relay.identity, rejected=relay.old, reason="login.refused", now=NOW)
    assert relay.places() == (relay.new, None, relay.old)


@pytest.mark.parametrize("spoiled_by", ["expiry", "revocation", "destruction", "a login"])
def test_there_is_no_stepping_back_to_what_no_longer_works(relay: Relay, spoiled_by: str) -> None:
    activate_next(relay.identity, actor=ACTOR, now=NOW)
    now = relay.old.not_after if spoiled_by == "expiry" else NOW
    if spoiled_by == "revocation":
        revoke(relay.old)
    if spoiled_by == "destruction":
        relay.old.key_pair.destroyed_at = NOW
        relay.old.key_pair.save()
    if spoiled_by == "a login":
        prove(relay.identity, relay.new.fingerprint, now=NOW)

    assert not back(relay, now=now)
    assert relay.places()[0] == relay.new


def test_stepping_back_leaves_another_next_certificate_and_its_plan_where_they_are(
    relay: Relay,
) -> None:
    activate_next(relay.identity, actor=ACTOR, now=NOW)
    third = give_certificate(relay.identity)

    plan_switch(relay.identity, NOW + DAY, actor=ACTOR, now=NOW)

    back(relay)

    assert relay.places() == (relay.old, third, None)
    assert ClientIdentity.objects.get().activate_next_at == NOW + DAY


def test_putting_another_in_use_keeps_the_plan_of_the_next(relay: Relay) -> None:
    """An import is put in use at once when nothing else works, whatever waits for its moment."""
    waiting = give_certificate(relay.identity, make_client(not_before=NOW + DAY).bundle())
    plan_switch(relay.identity, NOW + 2 * DAY, actor=ACTOR, now=NOW)
    revoke(relay.old)

    imported = give_certificate(relay.identity)

    assert relay.places() == (imported, waiting, None)
    assert ClientIdentity.objects.get().activate_next_at == NOW + 2 * DAY
    assert "certificate.switch_cancelled" not in relay.actions()


def test_the_first_login_proves_the_certificate_once(relay: Relay) -> None:
    activate_next(relay.identity, actor=ACTOR, now=NOW)

    for _ in range(2):
        prove(relay.identity, relay.new.fingerprint, now=NOW)

    assert relay.places() == (relay.new, None, None)
    assert relay.actions().count("certificate.proven") == 1


def test_a_login_with_the_old_certificate_proves_nothing(relay: Relay) -> None:
    activate_next(relay.identity, actor=ACTOR, now=NOW)

    prove(relay.identity, relay.old.fingerprint, now=NOW)

    assert relay.places() == (relay.new, None, relay.old)


@pytest.mark.parametrize("error_code", ["", "tls.client_rejected"])
def test_a_login_test_is_kept_and_told(relay: Relay, error_code: str) -> None:
    test = record_login_test(
        relay.new, error_code=error_code, detail="230", tls_version="TLSv1.3", now=NOW, actor=ACTOR
    )

    assert relay.new.login_tests.get() == test
    assert test.works is (error_code == "")
    event = events_for(relay.identity).last()
    assert event is not None
    assert event.details["outcome"] == (error_code or "works")
