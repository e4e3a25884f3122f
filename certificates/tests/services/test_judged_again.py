"""What servers showed last is judged anew when somebody changes what is trusted."""

from datetime import timedelta

import pytest
from django.db.models import QuerySet

from certificates.advice.watch import Finding
from certificates.models import ServerAlarm, ServerSighting, TrustAnchor, WatchedServer
from certificates.services.trust import remove_trust_anchor
from certificates.services.watch import record_sighting
from certificates.tests.builders import make_authority, make_server
from certificates.tests.rows import ACTOR, NOW, make_organisation
from certificates.tests.servers import NAME, ROOT, make_watched, shown, trust
from magda_portal.people.models import Organisation

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]
STRANGER = make_authority("Somebody")
FOREIGN = make_server(NAME, issuer=STRANGER)
EARLIER = NOW - timedelta(hours=1)


@pytest.fixture
def organisation() -> Organisation:
    return make_organisation()


@pytest.fixture
def server(organisation: Organisation) -> WatchedServer:
    return make_watched(organisation, next_look_at=NOW + timedelta(hours=5))


def standing() -> QuerySet[ServerAlarm]:
    return ServerAlarm.objects.filter(ended_at=None)


def last_of(server: WatchedServer) -> ServerSighting:
    latest = server.sightings.first()
    assert latest is not None
    return latest


def test_an_anchor_that_helps_ends_the_alarm_at_once(
    server: WatchedServer, organisation: Organisation
) -> None:
    trust(organisation)
    record_sighting(server, shown(FOREIGN, STRANGER), now=EARLIER)
    before = standing().get().finding

    trust(organisation, STRANGER)

    assert before == Finding.UNKNOWN_ISSUER
    assert not standing().exists()
    assert last_of(server).finding == Finding.SETTLED


def test_an_anchor_that_goes_alarms_at_once(
    server: WatchedServer, organisation: Organisation
) -> None:
    trust(organisation)
    trust(organisation, STRANGER)
    record_sighting(server, shown(), now=EARLIER)

    remove_trust_anchor(TrustAnchor.objects.get(subject__contains="Overheid"), actor=ACTOR)

    assert standing().get().finding == Finding.UNKNOWN_ISSUER


def test_without_any_anchor_the_server_is_no_longer_called_trusted(
    server: WatchedServer, organisation: Organisation
) -> None:
    trust(organisation)
    record_sighting(server, shown(), now=EARLIER)

    remove_trust_anchor(TrustAnchor.objects.get(), actor=ACTOR)

    assert last_of(server).harmless_finding == Finding.FIRST_CONTACT


def test_nothing_is_said_to_have_been_seen_meanwhile(
    server: WatchedServer, organisation: Organisation
) -> None:
    record_sighting(server, shown(), now=EARLIER - timedelta(hours=6))
    record_sighting(server, shown(), now=EARLIER)

    trust(organisation)

    latest, before = server.sightings.all()
    assert latest.first_seen_at == latest.last_seen_at == before.last_seen_at == EARLIER


@pytest.mark.parametrize("shared", [True, False], ids=["shared", "own"])
def test_the_look_is_due(server: WatchedServer, organisation: Organisation, shared: bool) -> None:
    """Also at a server that was never seen."""
    trust(None if shared else organisation)

    server.refresh_from_db()
    assert server.next_look_at == NOW


def test_an_anchor_of_somebody_else_changes_nothing(server: WatchedServer) -> None:
    record_sighting(server, shown(), now=EARLIER)

    trust(make_organisation("Elders"), ROOT)

    server.refresh_from_db()
    assert server.next_look_at > NOW
    assert server.sightings.count() == 1
