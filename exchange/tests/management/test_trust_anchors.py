from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.x509 import DNSName
from time_machine import travel

from certificates.models import TrustAnchor
from certificates.tests.builders import make_authority, make_server
from certificates.tests.rows import NOW
from exchange.tests.management.commands import run_command
from magda_portal.audit.models import AuditEvent
from magda_portal.tests.world import World
from magda_portal.web.templatetags.portal import fingerprint

pytestmark = pytest.mark.django_db
ROOT = make_authority("Root")
ISSUING = make_authority("Issuing", issuer=ROOT)


@pytest.fixture(autouse=True)
def frozen() -> Iterator[None]:
    with travel(NOW, tick=False):
        yield


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "anchors.pem"
    path.write_bytes(b"a comment\n" + ROOT.pem + ISSUING.pem)
    return path


def added(file: Path, *options: object) -> list[list[str]]:
    outcome = run_command("trust_anchors", "add", "--environment", "TNI", "--file", file, *options)
    assert outcome.code == 0
    return outcome.rows


def test_shared_anchors_are_added_listed_and_removed(file: Path) -> None:
    rows = added(file)

    assert [row[1:4] for row in rows] == [["TNI", "all", "authority"]] * 2
    assert sorted(run_command("trust_anchors", "list").rows) == sorted(rows)
    assert run_command("trust_anchors", "list", "--environment", "PRD").rows == []
    written = fingerprint(rows[0][0])
    removal = run_command("trust_anchors", "remove", written, "--environment", "TNI")
    assert (removal.code, removal.rows) == (0, [rows[0]])
    assert [anchor.fingerprint for anchor in TrustAnchor.objects.all()] == [rows[1][0]]
    assert AuditEvent.objects.latest("id").actor_name.startswith("command line")


def test_an_anchor_may_hold_for_one_organisation_only(file: Path, world: World) -> None:
    rows = added(file, "--organisation", "Gemeente Voorbeeld")

    assert {row[2] for row in rows} == {"Gemeente Voorbeeld"}
    assert {anchor.organisation for anchor in TrustAnchor.objects.all()} == {world.organisation}
    # The shared one of that fingerprint would be another.
    assert run_command("trust_anchors", "remove", rows[0][0], "--environment", "TNI").code == 1
    assert TrustAnchor.objects.count() == 2


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["add", "--environment", "TNI", "--file", "/no/such/file"], 1, "can't be read"),
        (["add", "--environment", "TNI", "--file", __file__], 1, "certificate.unreadable"),
        (["remove", "ab:cd", "--environment", "TNI"], 1, "trust.fingerprint_incomplete"),
        (["remove", "0" * 64, "--environment", "TNI"], 1, "no such trust anchor"),
        (
            ["remove", "0" * 64, "--environment", "TNI", "--organisation", "Nobody"],
            1,
            "no organisation",
        ),
        ([], 2, ""),
        (["add", "--file", "x"], 2, ""),
    ],
)
def test_what_can_not_be_done_is_said(arguments: list[str], code: int, says: str) -> None:
    outcome = run_command("trust_anchors", *arguments)

    assert outcome.code == code
    assert says in outcome.err


def test_an_issued_certificate_is_shown_with_its_kind(tmp_path: Path) -> None:
    server = make_server(DNSName("ftps.example"), issuer=ROOT)
    path = tmp_path / "server.der"
    path.write_bytes(server.der)

    assert added(path)[0][3] == "server certificate"
