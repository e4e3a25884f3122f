import json
from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from certificates.models import Certificate
from certificates.tests.ends import end_current, make_anchor
from certificates.tests.rows import make_identity
from exchange.tests.management.commands import run_command

pytestmark = pytest.mark.django_db
# Half a day more, so that the clock does not run over the edge of a day.
HALF = timedelta(hours=12)


def in_days(days: int) -> datetime:
    return timezone.now() + timedelta(days=days) + HALF


@pytest.fixture
def certificate() -> Certificate:
    """One in use that ends in 40 days, beside a trust anchor that ended 3 days ago."""
    identity = make_identity(common_name="kb/burgerloket")
    make_anchor(None, in_days(-3), subject="CN=\x1b[31mRoot")
    return end_current(identity, in_days(40))


def test_each_thing_is_a_line_what_ends_first_at_the_front(certificate: Certificate) -> None:
    outcome = run_command("certificates")

    assert outcome.code == 0
    anchor, own = outcome.rows
    assert own == [
        certificate.not_after.isoformat(),
        "40",
        "CERTIFICATE",
        "kb/burgerloket",
        "TNI",
        "in use",
        "UNCHECKED",
        certificate.fingerprint,
        "Gemeente Voorbeeld",
    ]
    assert anchor[1:3] == ["-3", "ANCHOR"]
    assert "\x1b" not in outcome.out


def test_as_json_it_is_one_array_of_objects(certificate: Certificate) -> None:
    outcome = run_command("certificates", "--json")

    _anchor, own = json.loads(outcome.out)
    assert own["fingerprint"] == certificate.fingerprint
    assert own["organisations"] == ["Gemeente Voorbeeld"]


@pytest.mark.usefixtures("certificate")
@pytest.mark.parametrize(("days", "kinds"), [(0, ["ANCHOR"]), (41, ["ANCHOR", "CERTIFICATE"])])
def test_it_can_tell_only_what_ends_soon_or_has_ended(days: int, kinds: list[str]) -> None:
    outcome = run_command("certificates", "--expiring-within", days)

    assert [row[2] for row in outcome.rows] == kinds


def test_with_nothing_to_tell_it_ends_well(db: None) -> None:
    assert run_command("certificates").out == ""
    assert json.loads(run_command("certificates", "--json").out) == []


@pytest.mark.parametrize("days", ["-1", "99999999", "x"])
def test_an_impossible_number_of_days_is_wrong_usage(db: None, days: str) -> None:
    assert run_command("certificates", f"--expiring-within={days}").code == 2
