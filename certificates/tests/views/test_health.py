"""What monitoring reads of what expires."""

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from certificates.tests.ends import YEAR, end_current, make_anchor
from certificates.tests.rows import NOW
from certificates.tests.views.conftest import Town

PAGE = "/health/certificates"
TOKEN = "een-lang-geheim"


@pytest.fixture
def monitored(settings: Settings) -> None:
    settings.HEALTH_TOKEN = TOKEN


@pytest.mark.usefixtures("monitored")
def test_who_shows_the_token_gets_everything_as_json(client: Client, town: Town) -> None:
    certificate = end_current(town.identity, NOW + YEAR)
    make_anchor(None, NOW - YEAR)

    answer = client.get(PAGE, headers={"Authorization": f"Bearer {TOKEN}"})

    assert answer.status_code == 200
    anchor, own = answer.json()["certificates"]
    assert (anchor["kind"], anchor["days_left"]) == ("ANCHOR", -365)
    assert own == {
        "kind": "CERTIFICATE",
        "name": town.identity.common_name,
        "environment": "TNI",
        "organisations": [town.organisation.name],
        "not_after": (NOW + YEAR).isoformat(),
        "days_left": 365,
        "in_use": True,
        "revocation": "UNCHECKED",
        "fingerprint": certificate.fingerprint,
    }


@pytest.mark.usefixtures("monitored")
@pytest.mark.parametrize(
    "shown", ["", TOKEN, f"Basic {TOKEN}", "Bearer", "Bearer ander", f"Bearer {TOKEN}x", "Bearer é"]
)
def test_without_the_token_nothing_is_told(client: Client, town: Town, shown: str) -> None:
    end_current(town.identity, NOW + YEAR)

    answer = client.get(PAGE, headers={"Authorization": shown})

    assert answer.status_code == 401
    assert answer["WWW-Authenticate"].startswith("Bearer")
    assert town.identity.common_name not in answer.text


@pytest.mark.parametrize("shown", ["Bearer ", "Bearer x"])
def test_without_a_token_in_the_settings_there_is_no_such_page(
    client: Client, town: Town, settings: Settings, shown: str
) -> None:
    settings.HEALTH_TOKEN = ""

    assert client.get(PAGE, headers={"Authorization": shown}).status_code == 404


@pytest.mark.usefixtures("monitored", "db")
def test_it_only_reads(client: Client) -> None:
    assert client.post(PAGE).status_code == 405


@pytest.mark.usefixtures("monitored", "db")
def test_it_answers_over_https_only_for_its_token_and_answer_are_secret(
    client: Client, settings: Settings
) -> None:
    settings.SECURE_SSL_REDIRECT = True

    assert client.get(PAGE).status_code == 301
    assert client.get(PAGE, secure=True).status_code == 401
