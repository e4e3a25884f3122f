"""Certificates are switched under running transfers: nothing is lost, and nothing goes twice."""

from datetime import timedelta

import pytest
from django.utils import timezone

from certificates.models import Certificate, ClientIdentity
from certificates.services import relay
from exchange.models import TransferAttempt
from exchange.models.transfer import State
from exchange.tests.services.switching import identity_of, prepare
from exchange.tests.wiring import ACTOR
from faults.stage import Stage
from magda_portal.audit.models import AuditEvent
from sandbox.authority import Authority

FILES = 30


@pytest.fixture(scope="module")
def stranger() -> Authority:
    """An authority whose certificates the server turns down."""
    return Authority.create(name="Stranger")


def switch_under_way(stage: Stage, authority: Authority) -> Certificate:
    """Let two workers send and collect, and put another certificate in use meanwhile."""
    following = prepare(stage.account, authority)
    moment = timezone.now() + timedelta(hours=1)
    relay.plan_switch(identity(stage), moment, actor=ACTOR, now=timezone.now())
    for number in range(FILES):
        stage.submit(name=f"vraag-{number}.xml")
        if number % 3 == 0:
            stage.place()
    is_busy = stage.when_arrives("STOR", lambda: None, after=FILES // 3)
    for _ in range(2):
        stage.start_worker()
    stage.tick()
    assert is_busy.wait(60)
    assert relay.activate_due(now=moment, actor=ACTOR) == 1
    assert stage.unsettled()
    for number in range(FILES):
        stage.submit(name=f"nog-een-{number}.xml")
    stage.until_settled(within=90)
    return following


def identity(stage: Stage) -> ClientIdentity:
    return identity_of(stage.account)


def shown(stage: Stage) -> set[str]:
    """Return the certificates that deliveries succeeded with."""
    done = TransferAttempt.objects.filter(
        transfer__account=stage.account, transfer__state=State.DONE, error_code=""
    )
    return set(done.values_list("certificate_fingerprint", flat=True))


def happened(stage: Stage, *actions: str) -> list[str]:
    subjects = {str(stage.account.pk), str(identity(stage).pk)}
    events = AuditEvent.objects.filter(action__in=actions, subject_id__in=subjects)
    return list(events.order_by("id").values_list("action", flat=True))


def test_a_timed_switch_under_running_transfers_loses_none(stage: Stage) -> None:
    old = identity(stage).current
    assert old is not None

    new = switch_under_way(stage, stage.magda.authority)

    now = identity(stage)
    assert (now.current_id, now.previous_id) == (new.pk, None)
    assert shown(stage) == {old.fingerprint, new.fingerprint}
    assert happened(stage, "certificate.proven", "certificate.stepped_back", "account.paused") == [
        "certificate.proven"
    ]
    stage.check()


def test_a_rejected_switch_under_running_transfers_steps_back_once(
    stage: Stage, stranger: Authority
) -> None:
    old = identity(stage).current
    assert old is not None

    new = switch_under_way(stage, stranger)

    now = identity(stage)
    assert (now.current_id, now.next_id, now.previous_id) == (old.pk, new.pk, None)
    assert shown(stage) == {old.fingerprint}
    assert happened(stage, "certificate.proven", "certificate.stepped_back", "account.paused") == [
        "certificate.stepped_back"
    ]
    stage.check()
