"""What supervisors and load balancers are told."""

from pathlib import Path

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

pytestmark = pytest.mark.django_db


def test_a_portal_that_has_everything_is_well(client: Client, settings: Settings) -> None:
    settings.STORAGE_RESERVE_MB = 0

    response = client.get("/health/ready")

    assert response.status_code == 200
    assert response.json() == {
        "status": "ok",
        "database": "ok",
        "storage": "ok",
        "broker": "ok",
        "room": "ok",
    }


def test_without_its_broker_the_portal_is_degraded_not_down(
    client: Client, settings: Settings, tmp_path: Path
) -> None:
    settings.CELERY_BROKER_TRANSPORT_OPTIONS = {"data_folder_out": str(tmp_path / "gone")}

    response = client.get("/health/ready")

    assert response.status_code == 200
    assert (response.json()["status"], response.json()["broker"]) == ("degraded", "failed")


def test_a_disk_of_which_only_the_reserve_is_left_is_told(
    client: Client, settings: Settings
) -> None:
    settings.STORAGE_RESERVE_MB = 10**12

    response = client.get("/health/ready")

    assert response.status_code == 200
    assert (response.json()["status"], response.json()["room"]) == ("degraded", "failed")


def test_without_its_storage_the_portal_is_down(
    client: Client, settings: Settings, tmp_path: Path
) -> None:
    settings.PAYLOAD_DIR = tmp_path / "gone"

    response = client.get("/health/ready")

    assert response.status_code == 503
    assert (response.json()["status"], response.json()["storage"]) == ("failed", "failed")


@pytest.mark.parametrize("page", ["/health/live", "/health/ready"])
def test_a_container_is_asked_how_it_is_without_https(
    client: Client, settings: Settings, page: str
) -> None:
    settings.SECURE_SSL_REDIRECT = True

    assert client.get(page).status_code == 200
