"""What stands in the list of what expires, for whom, and how quickly it is read."""

import time
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.db.models import OuterRef, Subquery
from django.test.utils import CaptureQueriesContext

from certificates.advice.expiring import DUTIES, Situation
from certificates.models import (
    Certificate,
    ClientIdentity,
    Environment,
    Expiring,
    KeyPair,
    RevocationSource,
    RevocationState,
)
from certificates.queries.expiring import ExpiringThing, expiring_things
from certificates.tests.ends import (
    YEAR,
    end_current,
    make_anchor,
    make_certificate,
    make_list,
    make_server,
    make_sighting,
    unique_hash,
)
from certificates.tests.rows import NOW, make_identity, make_organisation
from magda_portal.people.models import Organisation

pytestmark = pytest.mark.django_db
SOON = NOW + timedelta(days=10, hours=5)
LATER = NOW + timedelta(days=400)


def all_things() -> list[ExpiringThing]:
    return expiring_things(Organisation.objects.all(), now=NOW)


def things_of(kind: Expiring) -> list[ExpiringThing]:
    return [thing for thing in all_things() if thing.kind == kind]


def only_thing(kind: Expiring) -> ExpiringThing:
    (thing,) = things_of(kind)
    return thing


@pytest.fixture
def identity() -> ClientIdentity:
    return make_identity(common_name="kb/burgerloket")


def test_a_certificate_in_use_is_told_with_its_days_and_what_to_do(
    identity: ClientIdentity,
) -> None:
    certificate = end_current(identity, SOON)

    thing = only_thing(Expiring.CERTIFICATE)

    assert thing.facts() == {
        "kind": "CERTIFICATE",
        "name": "kb/burgerloket",
        "environment": "TNI",
        "organisations": ["Gemeente Voorbeeld"],
        "not_after": SOON.isoformat(),
        "days_left": 10,
        "in_use": True,
        "revocation": "UNCHECKED",
        "fingerprint": certificate.fingerprint,
    }
    assert thing.situation == Situation.RENEW
    assert thing.link == f"/certificates/{identity.pk}/"


def test_before_the_first_warning_nobody_has_to_do_anything(identity: ClientIdentity) -> None:
    """The first warning leaves at 60 whole days."""
    end_current(identity, NOW + timedelta(days=61))
    early = only_thing(Expiring.CERTIFICATE)
    identity.certificates.update(not_after=NOW + timedelta(days=61) - timedelta(seconds=1))

    due = only_thing(Expiring.CERTIFICATE)

    assert (early.situation, due.situation) == (Situation.RENEW_LATER, Situation.RENEW)
    assert early.next_step.startswith("Nothing to do before 15 ")
    assert (early.days_left, due.days_left) == (61, 60)


def test_the_end_itself_counts_as_expired(identity: ClientIdentity) -> None:
    end_current(identity, NOW)

    assert only_thing(Expiring.CERTIFICATE).has_expired


@pytest.mark.parametrize(
    ("next_end", "switch_at", "expected"),
    [
        (LATER, None, Situation.SWITCH),
        (LATER, SOON - timedelta(days=1), Situation.PLANNED),
        (LATER, SOON + timedelta(days=1), Situation.SWITCH),
        (SOON - timedelta(days=1), None, Situation.RENEW),
    ],
    ids=["next is here", "planned", "planned too late", "next ends earlier"],
)
def test_with_a_next_certificate_there_is_another_step_to_take(
    identity: ClientIdentity, next_end: datetime, switch_at: datetime | None, expected: Situation
) -> None:
    end_current(identity, SOON)
    identity.next = make_certificate(identity, next_end)
    identity.activate_next_at = switch_at
    identity.save()

    found = {thing.in_use: thing.situation for thing in things_of(Expiring.CERTIFICATE)}

    assert found == {True: expected, False: Situation.WAITING}


@pytest.mark.parametrize(
    ("current", "following", "expected"),
    [
        (RevocationState.REVOKED, None, Situation.REVOKED),
        (RevocationState.REVOKED, RevocationState.GOOD, Situation.SWITCH),
        (RevocationState.GOOD, RevocationState.REVOKED, Situation.RENEW),
    ],
)
def test_a_revoked_certificate_is_no_way_out(
    identity: ClientIdentity,
    current: RevocationState,
    following: RevocationState | None,
    expected: Situation,
) -> None:
    end_current(identity, SOON, revocation=current)
    if following is not None:
        identity.next = make_certificate(identity, LATER, revocation=following)
        identity.save()

    assert all_things()[0].situation == expected


def test_a_certificate_that_was_replaced_is_left_out(identity: ClientIdentity) -> None:
    make_certificate(identity, SOON)

    assert all_things() == []


def test_anchors_are_told_where_the_organisation_has_an_identity(identity: ClientIdentity) -> None:
    here = identity.organisation
    own = make_anchor(here, SOON)
    shared = make_anchor(None, SOON)
    make_anchor(here, SOON, environment=Environment.PRD)
    make_anchor(None, SOON, environment=Environment.PRD)
    make_anchor(make_organisation("Elders"), SOON)

    found = {thing.key: thing.situation for thing in things_of(Expiring.ANCHOR)}

    assert found == {
        f"anchor-{own.pk}": Situation.AUTHORITY,
        f"anchor-{shared.pk}": Situation.SHARED_ANCHOR,
    }


@pytest.mark.parametrize(
    ("shown", "in_use"), [("pinned", True), ("another", False), ("nothing yet", True)]
)
def test_a_pinned_certificate_is_in_use_while_a_server_shows_it(
    identity: ClientIdentity, shown: str, in_use: bool
) -> None:
    anchor = make_anchor(identity.organisation, SOON, is_authority=False)
    server = make_server(identity.organisation)
    if shown != "nothing yet":
        fingerprint = anchor.fingerprint if shown == "pinned" else unique_hash()
        make_sighting(server, SOON, fingerprint=fingerprint)

    thing = only_thing(Expiring.ANCHOR)

    assert (thing.in_use, thing.situation) == (in_use, Situation.PINNED)


def test_of_a_server_the_latest_sighting_is_told(identity: ClientIdentity) -> None:
    server = make_server(identity.organisation)
    make_sighting(server, SOON, last_seen_at=NOW - timedelta(days=2))
    latest = make_sighting(server, LATER, last_seen_at=NOW)

    thing = only_thing(Expiring.SERVER)

    assert (thing.fingerprint, thing.not_after) == (latest.fingerprint, LATER)
    assert (thing.name, thing.situation) == ("ftps.example:21", Situation.SERVER_ISSUED)


def test_who_pinned_a_server_has_another_duty_than_who_trusts_its_issuer() -> None:
    pinning, trusting, both = (make_organisation(name) for name in ("Een", "Twee", "Drie"))
    sighting = make_sighting(make_server(pinning, trusting, both), SOON)
    for organisation in (pinning, both):
        make_anchor(organisation, SOON, is_authority=False, fingerprint=sighting.fingerprint)
    for organisation in (trusting, both):
        make_anchor(organisation, LATER, subject=sighting.issuer)

    found = {
        thing.situation: [one.name for one in thing.organisations]
        for thing in things_of(Expiring.SERVER)
    }

    assert found == {
        Situation.SERVER_ISSUED: ["Drie", "Twee"],
        Situation.SERVER_PINNED: ["Een"],
    }


def test_a_servers_event_keeps_its_name_when_its_certificate_expires() -> None:
    organisation = make_organisation()
    make_sighting(make_server(organisation), NOW)
    everywhere = Organisation.objects.all()

    before, after = (
        expiring_things(everywhere, now=moment) for moment in (NOW - timedelta(days=1), NOW)
    )

    assert [thing.situation for thing in (*before, *after)] == [
        Situation.SERVER_ISSUED,
        Situation.SERVER_EXPIRED,
    ]
    assert before[0].key == after[0].key


def test_a_server_that_nobody_uses_is_left_out(identity: ClientIdentity) -> None:
    make_sighting(make_server(), SOON)

    assert things_of(Expiring.SERVER) == []


def test_a_list_is_fetched_uploaded_or_overdue_and_those_that_come_by_themselves_stand_last() -> (
    None
):
    source = RevocationSource.objects.create(url="http://crl.example/a.crl", is_shared=True)
    make_anchor(None, NOW + YEAR)
    make_list(NOW + timedelta(days=2), this_update=NOW, source=source)
    make_list(NOW + timedelta(days=3), this_update=NOW)
    make_list(NOW - timedelta(days=1), this_update=NOW - timedelta(days=8))
    make_list(None, this_update=NOW)

    assert [thing.situation for thing in things_of(Expiring.LIST)] == [
        Situation.LIST_OVERDUE,
        Situation.LIST_UPLOADED,
        Situation.LIST_FETCHED,
    ]


def test_nothing_of_other_organisations_is_told(identity: ClientIdentity) -> None:
    end_current(identity, SOON)
    make_anchor(identity.organisation, SOON)
    make_sighting(make_server(identity.organisation), SOON)
    source = RevocationSource.objects.create(url="http://crl.example/a.crl")
    source.organisations.add(identity.organisation)
    make_list(SOON, this_update=NOW, source=source)
    elsewhere = make_organisation("Elders")
    end_current(make_identity(elsewhere, common_name="kb/elders"), LATER)

    things = expiring_things(Organisation.objects.filter(pk=elsewhere.pk), now=NOW)

    assert [thing.name for thing in things] == ["kb/elders"]


def test_what_ends_first_stands_first(identity: ClientIdentity) -> None:
    for end in (LATER, SOON, NOW - YEAR):
        make_anchor(identity.organisation, end)
    end_current(identity, NOW)

    ends = [thing.not_after for thing in all_things()]

    assert len(ends) == 4
    assert ends == sorted(ends)


def test_a_revoked_certificate_in_use_stands_before_what_only_ends(
    identity: ClientIdentity,
) -> None:
    make_anchor(identity.organisation, SOON)
    end_current(identity, LATER, revocation=RevocationState.REVOKED)

    assert [thing.kind for thing in all_things()] == [Expiring.CERTIFICATE, Expiring.ANCHOR]


@pytest.mark.parametrize("situation", list(Situation))
def test_every_situation_names_who_acts_and_the_next_step(situation: Situation) -> None:
    duty = DUTIES[situation]

    assert str(duty.who)
    assert str(duty.next).endswith(".")


def make_many(number: int) -> None:
    organisation = make_organisation(f"Groot {number}")
    identities = ClientIdentity.objects.bulk_create(
        ClientIdentity(organisation=organisation, environment="TNI", common_name=f"{number}/{n}")
        for n in range(number)
    )
    key_pairs = KeyPair.objects.bulk_create(
        KeyPair(identity=identity, algorithm="EC", spki_fingerprint="0") for identity in identities
    )
    Certificate.objects.bulk_create(
        Certificate(
            identity=identity,
            key_pair=key_pair,
            der=b"no certificate",
            not_before=NOW,
            not_after=datetime(2028, 1, 1, tzinfo=UTC) + timedelta(minutes=n),
            fingerprint=unique_hash(),
        )
        for n, (identity, key_pair) in enumerate(zip(identities, key_pairs, strict=True))
    )
    made = Certificate.objects.filter(identity=OuterRef("pk")).values("pk")
    ClientIdentity.objects.filter(organisation=organisation).update(current=Subquery(made[:1]))


def test_ten_thousand_certificates_take_no_more_queries_and_less_than_a_second(
    identity: ClientIdentity,
) -> None:
    end_current(identity, SOON)
    make_anchor(identity.organisation, SOON)
    make_sighting(make_server(identity.organisation), SOON)
    with CaptureQueriesContext(connection) as few:
        all_things()
    make_many(10_000)

    began = time.process_time()
    with CaptureQueriesContext(connection) as many:
        things = all_things()
    took = time.process_time() - began

    assert len(things) == 10_003
    assert len(many) == len(few) <= 6
    assert took < 1
