"""With a path in PORTAL_URL, every address says it once, and cookies keep to it."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from magda_portal.bootstrap import BASE_DIR
from magda_portal.tests.environment import for_a_process

SAYS = """
import json, django
django.setup()
from django.conf import settings
from django.test import Client
from django.urls import reverse
from magda_portal.web.checks import check_portal_path

def answers(path):
    return Client(headers={"host": "localhost"}).get(path).status_code

print(json.dumps({
    "link": settings.PORTAL_ORIGIN + reverse("inbox"),
    "static": settings.STATIC_URL,
    "names": [settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME],
    "paths": [
        settings.SESSION_COOKIE_PATH, settings.CSRF_COOKIE_PATH, settings.LANGUAGE_COOKIE_PATH
    ],
    "origins": settings.CSRF_TRUSTED_ORIGINS,
    "over http": [path for path in ("/health/live", "/login/") if answers(path) == 200],
    "hsts": settings.SECURE_HSTS_INCLUDE_SUBDOMAINS,
    "errors": [error.id for error in check_portal_path(None)],
}))
"""


def said_with(portal_url: str, data_dir: Path) -> Any:
    environ = for_a_process(
        data_dir, PORTAL_URL=portal_url, DJANGO_SETTINGS_MODULE="magda_portal.settings"
    )
    said = subprocess.run(
        [sys.executable, "-c", SAYS],
        cwd=BASE_DIR,
        env={**environ, "SECRET_KEY": "x" * 60},
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(said.stdout)


@pytest.mark.parametrize("portal_url", ["https://example.be/magda", "https://example.be/magda/"])
def test_below_a_path(portal_url: str, tmp_path: Path) -> None:
    assert said_with(portal_url, tmp_path) == {
        "link": "https://example.be/magda/inbox/",
        "static": "/magda/static/",
        # Browsers refuse a __Host- cookie that is not for the whole host.
        "names": ["__Secure-session", "__Secure-csrf"],
        "paths": ["/magda/", "/magda/", "/magda/"],
        "origins": ["https://example.be"],
        # A container asks for its health on its own machine, by http.
        "over http": ["/health/live"],
        "hsts": False,
        "errors": [],
    }


def test_with_a_host_of_its_own(tmp_path: Path) -> None:
    assert said_with("https://portal.example.be", tmp_path) == {
        "link": "https://portal.example.be/inbox/",
        "static": "/static/",
        "names": ["__Host-session", "__Host-csrf"],
        "paths": ["/", "/", "/"],
        "origins": ["https://portal.example.be"],
        "over http": ["/health/live"],
        "hsts": True,
        "errors": [],
    }


def test_a_path_that_begins_the_portals_own_addresses_is_refused(tmp_path: Path) -> None:
    assert said_with("https://example.be/help", tmp_path)["errors"] == ["portal.E007"]
