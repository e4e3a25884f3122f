"""Environments for the tests: one for this process, and clean ones for processes it starts."""

import atexit
import os
import secrets
import shutil
import tempfile
from base64 import urlsafe_b64encode
from pathlib import Path

FROM_OUTSIDE = (
    "BIND",
    "CELERY_BROKER_URL",
    "DATABASE_URL",
    "DATA_DIR",
    "DJANGO_SETTINGS_MODULE",
    "EMAIL_URL",
    "HEALTH_TOKEN",
    "PORT",
    "PORTAL_URL",
    "REVOCATION_HOSTS",
    "REVOCATION_PROXY",
    "SANDBOX_PORT",
    "SEALING_KEYS",
    "SECRET_KEY",
)
FOLDERS = ("payloads", "uploads", "broker/queue", "broker/control", "run", "static")


def prepare() -> None:
    """Point this process to a data folder and secrets that live as long as it does."""
    for name in FROM_OUTSIDE:
        if name != "DJANGO_SETTINGS_MODULE":
            os.environ.pop(name, None)
            os.environ.pop(f"{name}_FILE", None)
    data_dir = Path(tempfile.mkdtemp(prefix="portal-tests-"))
    atexit.register(shutil.rmtree, data_dir, ignore_errors=True)
    for folder in FOLDERS:
        (data_dir / folder).mkdir(parents=True)
    os.environ["DATA_DIR"] = str(data_dir)
    os.environ["SECRET_KEY"] = secrets.token_urlsafe(50)
    os.environ["SEALING_KEYS"] = "test:" + urlsafe_b64encode(secrets.token_bytes(32)).decode()
    os.environ["EMAIL_URL"] = "memorymail://"
    # Tests look for the texts that stand in the code.
    os.environ["DEFAULT_LANGUAGE"] = "en"


def for_a_process(data_dir: Path, **extra: str) -> dict[str, str]:
    """Return a clean environment for a process of the portal with its own data folder."""
    kept = {name: value for name, value in os.environ.items() if name not in FROM_OUTSIDE}
    return {**kept, "DATA_DIR": str(data_dir), **extra}
