"""What happens is noted once for everybody who wants to hear of it, and for nobody else."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from certificates.tests.rows import give_certificate, make_organisation, make_person
from exchange.models import Account
from exchange.services.notifications import note_events
from exchange.services.notifications.lines import _CERTIFICATE_WORDS
from exchange.services.notifications.trail import AT_MOST, KINDS, OVERLAP
from exchange.tests.builders import make_account, make_transfer
from exchange.tests.services.notifications.happening import arrive, choose, fail, tell_trail
from magda_portal.audit.actions import Action
from magda_portal.audit.models import AuditEvent
from magda_portal.audit.services import Actor
from magda_portal.people.models import Kind, Notice, Person, Role, Timing, TrailMark

NOW = timezone.now()


def noted() -> list[tuple[str, str]]:
    rows = Notice.objects.values_list("person__email", "kind")
    return sorted((email, kind) for email, kind in rows)


def test_what_happens_is_noted_once_however_often_the_trail_is_read(
    account: Account, clerk: Person
) -> None:
    arrive(account)
    fail(account)

    for minute in range(3):
        note_events(now=timezone.now() + timedelta(minutes=minute * 10))

    assert noted() == [(clerk.email, Kind.ARRIVED), (clerk.email, Kind.FAILED)]


def test_what_is_switched_off_is_not_noted(account: Account, clerk: Person) -> None:
    choose(clerk, arrived=Timing.OFF)
    arrive(account)

    note_events(now=NOW)

    assert noted() == []


def test_nobody_is_told_of_other_organisations(account: Account, clerk: Person) -> None:
    make_person("ander@elders.example", organisation=make_organisation("Elders"), role=Role.CLERK)
    arrive(make_account(make_organisation("Leeg"), common_name="kb/leeg"))
    arrive(account)

    note_events(now=NOW)

    assert noted() == [(clerk.email, Kind.ARRIVED)]


def test_who_may_not_log_in_is_told_nothing(account: Account, clerk: Person) -> None:
    Person.objects.update(is_active=False)
    arrive(account)

    note_events(now=NOW)

    assert noted() == []


def test_the_helpdesk_hears_of_every_organisation_what_it_chose(account: Account) -> None:
    helpdesk = make_person("helpdesk@portaal.example", is_helpdesk=True)
    arrive(account)
    fail(account)

    note_events(now=NOW)

    assert [kind for email, kind in noted() if email == helpdesk.email] == [Kind.FAILED]


def test_nobody_is_told_of_their_own_acts(account: Account) -> None:
    people = [
        make_person(f"{name}@voorbeeld.example", organisation=account.organisation)
        for name in ("een", "twee")
    ]
    tell_trail(
        Action.CERTIFICATE_ACTIVATED, account, account.identity, actor=Actor.person(people[0])
    )

    note_events(now=NOW)

    assert noted() == [(people[1].email, Kind.CERTIFICATE)]


@pytest.mark.parametrize(
    ("action", "details"),
    [
        (Action.CERTIFICATE_EXPIRY_NOTIFIED, {"recipients": ["een@voorbeeld.example"]}),
        (Action.SERVER_ALARMED, {"recipients": ["een@voorbeeld.example"]}),
        (Action.CERTIFICATE_REVOKED, {}),
        (Action.CERTIFICATE_STEPPED_BACK, {}),
    ],
)
def test_who_is_mailed_anyway_is_not_told_twice(
    account: Account, action: Action, details: dict[str, Any]
) -> None:
    account.identity.role_mailbox = "een@voorbeeld.example"
    account.identity.save()
    for name in ("een", "twee"):
        make_person(f"{name}@voorbeeld.example", organisation=account.organisation)
    tell_trail(action, account, account.identity, **details)

    note_events(now=NOW)

    assert noted() == [("twee@voorbeeld.example", Kind.CERTIFICATE)]


def test_what_happened_before_the_first_round_is_not_told(account: Account, clerk: Person) -> None:
    TrailMark.objects.all().delete()
    arrive(account)

    note_events(now=NOW)
    note_events(now=NOW)

    assert noted() == []


def test_an_event_that_was_committed_late_is_still_found(account: Account, clerk: Person) -> None:
    """On PostgreSQL a transaction may take its number early and be committed late."""
    transfer = make_transfer(account)
    late = tell_trail(Action.TRANSFER_UNCERTAIN, account, transfer).pk
    later = AuditEvent.objects.get(pk=late)
    later.pk = late + 1
    later.save(force_insert=True)
    later.pk = late + 5
    later.save(force_insert=True)
    note_events(now=later.at + timedelta(seconds=1))
    later.pk = late + 3
    later.save(force_insert=True)

    note_events(now=later.at + OVERLAP - timedelta(seconds=1))

    assert sorted(Notice.objects.values_list("source_id", flat=True)) == [
        late,
        late + 1,
        late + 3,
        late + 5,
    ]


def test_what_is_settled_is_not_read_again(account: Account, clerk: Person) -> None:
    event = tell_trail(Action.TRANSFER_UNCERTAIN, account, make_transfer(account))

    note_events(now=event.at + OVERLAP + timedelta(seconds=1))

    assert TrailMark.objects.get().event_id == event.pk


def test_a_flood_is_read_in_rounds(account: Account, clerk: Person) -> None:
    event = tell_trail(Action.TRANSFER_UNCERTAIN, account, make_transfer(account))
    AuditEvent.objects.bulk_create(
        [
            AuditEvent(
                action=event.action,
                actor_name=event.actor_name,
                organisation_id=event.organisation_id,
                subject_type=event.subject_type,
                subject_id=event.subject_id,
            )
            for _ in range(AT_MOST)
        ]
    )
    later = timezone.now() + 2 * OVERLAP

    note_events(now=later)
    first = Notice.objects.count()
    note_events(now=later)

    assert (first, Notice.objects.count()) == (AT_MOST, AT_MOST + 1)


def test_an_import_makes_one(account: Account) -> None:
    administrator = make_person(organisation=account.organisation)
    give_certificate(account.identity)

    note_events(now=NOW)

    kinds = {kind for email, kind in noted() if email == administrator.email}
    assert kinds == {Kind.CERTIFICATE}


def test_every_event_about_a_certificate_has_its_words() -> None:
    assert set(_CERTIFICATE_WORDS) == {
        action for action, kind in KINDS.items() if kind == Kind.CERTIFICATE
    }
