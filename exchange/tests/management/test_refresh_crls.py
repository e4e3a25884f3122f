from collections.abc import Iterator

import pytest
import time_machine
from pytest_django import Settings

from certificates.models import Certificate, Environment, RevocationState
from certificates.services.trust import add_trust_anchors
from certificates.tests.builders import make_authority, make_client
from certificates.tests.list_server import ListServer, list_server, status
from certificates.tests.lists import der_of, make_list, naming
from certificates.tests.rows import ACTOR, NOW, give_certificate, make_identity
from exchange.tests.management.commands import run_command

ROOT = make_authority()


@pytest.fixture
def server(settings: Settings, db: None) -> Iterator[ListServer]:
    """Serve the list of the authority whose certificate is in use."""
    settings.REVOCATION_HOSTS = ["127.0.0.1"]
    add_trust_anchors(ROOT.pem, environment=Environment.TNI, organisation=None, actor=ACTOR)
    with list_server() as running, time_machine.travel(NOW, tick=False):
        url = running.serve("/a.crl", der_of(make_list(ROOT, at=NOW)))
        identity = make_identity()
        client = naming(make_client(identity.common_name, issuer=ROOT), ROOT, url)
        give_certificate(identity, client.bundle(ROOT))
        yield running


def test_it_fetches_what_is_due_and_checks_by_it(server: ListServer) -> None:
    outcome = run_command("refresh_crls")

    (row,) = outcome.rows
    assert (outcome.code, outcome.err) == (0, "")
    assert row[0] == server.url("/a.crl")
    assert "Practice Root CA" in row[1]
    assert Certificate.objects.get().revocation == RevocationState.GOOD


def test_what_is_not_due_is_fetched_only_when_all_are_asked_for(server: ListServer) -> None:
    run_command("refresh_crls")

    due = run_command("refresh_crls")
    everything = run_command("refresh_crls", "--all")

    assert (due.code, due.rows) == (0, [])
    assert len(everything.rows) == 1


def test_a_failure_is_told_with_advice(server: ListServer) -> None:
    server.serve("/a.crl", status(404))

    outcome = run_command("refresh_crls")

    assert outcome.code == 1
    assert server.url("/a.crl") in outcome.err
    assert "[download.status]" in outcome.err
