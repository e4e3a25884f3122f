"""What supervisors and load balancers are told."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from magda_portal.web.liveness import Part, show_life

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def data_dir(settings: Settings, tmp_path: Path) -> Path:
    """A data folder of its own, so that no other test's signs of life are found."""
    settings.DATA_DIR = tmp_path
    return tmp_path


def test_a_portal_that_has_everything_is_well(client: Client, settings: Settings) -> None:
    settings.STORAGE_RESERVE_MB = 0
    for part in Part:
        show_life(part, now=timezone.now())

    response = client.get("/health/ready")

    assert response.status_code == 200
    assert response.json() == {
        "status": "ok",
        "database": "ok",
        "storage": "ok",
        "broker": "ok",
        "room": "ok",
        "rounds": "ok",
        "transfers": "ok",
    }


@pytest.mark.parametrize("part", Part)
def test_workers_that_went_silent_degrade_the_portal(
    client: Client, settings: Settings, part: Part
) -> None:
    settings.STORAGE_RESERVE_MB = 0
    show_life(part, now=timezone.now() - timedelta(minutes=10))

    response = client.get("/health/ready")

    assert response.status_code == 200
    assert (response.json()["status"], response.json()[part.value]) == ("degraded", "failed")


def test_a_new_portal_whose_workers_gave_no_sign_yet_is_not_ill(
    client: Client, settings: Settings
) -> None:
    settings.STORAGE_RESERVE_MB = 0

    found = client.get("/health/ready").json()

    assert (found["status"], found["rounds"], found["transfers"]) == ("ok", "unknown", "unknown")


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
