"""The container files name only commands, options, settings and volumes that exist.

No container engine is needed: the files are read, not run.
"""

import importlib
import re
from collections.abc import Mapping
from typing import Any

import click
import pytest
import yaml
from celery.app.base import Celery
from celery.bin.celery import celery as celery_command
from django.conf import settings
from django.core.management import get_commands, load_command_class
from gunicorn.config import Config  # type: ignore[import-untyped]  # it publishes no types

from magda_portal.bootstrap import BASE_DIR

COMPOSE: Mapping[str, Any] = yaml.safe_load((BASE_DIR / "docker-compose.yml").read_text())
DOCKERFILE = (BASE_DIR / "Dockerfile").read_text()
SERVICES: Mapping[str, Mapping[str, Any]] = COMPOSE["services"]
OURS = [name for name, service in SERVICES.items() if service["image"] == "magda-portal"]
# Read by gunicorn itself.
OF_GUNICORN = {"FORWARDED_ALLOW_IPS"}


def check_gunicorn(arguments: list[str]) -> None:
    options = Config().parser().parse_args(arguments)
    module, _, name = options.args[0].partition(":")
    assert callable(getattr(importlib.import_module(module), name))


def check_celery(arguments: list[str]) -> None:
    assert arguments[0] == "-A"
    assert isinstance(importlib.import_module(arguments[1]).celery_app, Celery)
    assert isinstance(celery_command, click.Group)
    check_celery_options(arguments[2], arguments[3:])


def check_celery_options(name: str, options: list[str]) -> None:
    assert isinstance(celery_command, click.Group)
    command = celery_command.commands[name]
    _, left_over, _ = command.make_parser(click.Context(command)).parse_args(list(options))
    assert left_over == []


def check_python(arguments: list[str]) -> None:
    if arguments[0] == "-m":
        assert callable(importlib.import_module(arguments[1]).main)
        return
    assert arguments[0] == "manage.py"
    command = load_command_class(get_commands()[arguments[1]], arguments[1])
    command.create_parser("manage.py", arguments[1]).parse_args(arguments[2:])


CHECKS = {"gunicorn": check_gunicorn, "celery": check_celery, "python": check_python}


# The web process looks at the database as it starts: do these keys open it?
@pytest.mark.django_db
@pytest.mark.parametrize("name", OURS)
def test_every_command_of_ours_exists_and_takes_its_options(name: str) -> None:
    program, *arguments = SERVICES[name]["command"]

    CHECKS[program](arguments)


@pytest.mark.django_db
def test_the_image_alone_serves_the_portal() -> None:
    match = re.search(r"^CMD (\[.*?\])$", DOCKERFILE.replace("\\\n", ""), re.MULTILINE)
    assert match is not None
    program, *arguments = yaml.safe_load(match[1])

    CHECKS[program](arguments)


def test_the_health_check_of_the_worker_is_a_command_of_celery() -> None:
    _, command = SERVICES["worker"]["healthcheck"]["test"]
    assert command.startswith("celery -A magda_portal inspect ping ")
    assert isinstance(celery_command, click.Group)
    assert "inspect" in celery_command.commands


def test_the_health_check_of_the_web_server_asks_for_a_page_that_exists() -> None:
    from django.urls import resolve  # noqa: PLC0415 - the URLs are loaded by this test alone

    (address,) = re.findall(r"http://[^/']+(/[^']+)", SERVICES["web"]["healthcheck"]["test"][-1])

    assert resolve(address).func is not None


@pytest.mark.parametrize("name", OURS)
def test_every_value_given_to_the_portal_is_a_setting(name: str) -> None:
    source = (BASE_DIR / "magda_portal" / "settings.py").read_text()
    settings = set(re.findall(r"(?:\benv(?:\.\w+)?|_secret)\(\s*\"(\w+)\"", source))

    given = set(SERVICES[name]["environment"]) - OF_GUNICORN

    assert {variable.removesuffix("_FILE") for variable in given} <= settings


@pytest.mark.parametrize("name", SERVICES)
def test_every_volume_secret_network_and_neighbour_is_declared(name: str) -> None:
    service = SERVICES[name]

    volumes = {volume.split(":")[0] for volume in service.get("volumes", [])}
    assert volumes <= set(COMPOSE["volumes"])
    assert set(service.get("secrets", [])) <= set(COMPOSE["secrets"])
    assert set(service.get("networks", [])) <= set(COMPOSE["networks"])
    assert set(service.get("depends_on", [])) <= set(SERVICES)
    files = [v for k, v in service.get("environment", {}).items() if k.endswith("_FILE")]
    assert {file.removeprefix("/run/secrets/") for file in files} == set(service.get("secrets", []))


@pytest.mark.parametrize("name", SERVICES)
def test_every_container_has_few_rights(name: str) -> None:
    service = SERVICES[name]

    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert name in OURS or service["user"] == "999:999"
    assert not service.get("privileged")


def test_the_image_does_not_run_as_root_and_takes_pinned_packages_only() -> None:
    assert re.findall(r"^USER (\S+)$", DOCKERFILE, re.MULTILINE) == ["10001:10001"]
    assert "--require-hashes -r /requirements.txt" in DOCKERFILE


def test_only_the_web_server_is_published_and_only_on_this_machine() -> None:
    published = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}

    assert list(published) == ["web"]
    assert all(port.startswith("127.0.0.1:") for port in published["web"])


def test_beat_runs_once() -> None:
    commands = [SERVICES[name]["command"] for name in OURS]

    starts_beat = [{"beat", "-B", "--beat"} & set(command) for command in commands]
    assert sum(map(bool, starts_beat)) == 1
    assert "deploy" not in SERVICES["beat"]


def test_every_queue_has_a_worker_and_transfers_never_hold_up_the_rounds() -> None:
    queues = {
        name: option.removeprefix("--queues=")
        for name in OURS
        for option in SERVICES[name]["command"]
        if option.startswith("--queues=")
    }

    routed = {route["queue"] for route in settings.CELERY_TASK_ROUTES.values()}
    assert set(queues.values()) == routed | {settings.CELERY_TASK_DEFAULT_QUEUE}
    assert queues == {"worker": "transfers", "beat": "rounds"}


def test_the_broker_drops_nothing_and_keeps_its_messages() -> None:
    command = " ".join(SERVICES["redis"]["command"])

    assert "--maxmemory-policy noeviction" in command
    assert "--appendonly yes" in command


def test_whoever_answers_has_a_health_check() -> None:
    silent = {name for name, service in SERVICES.items() if "healthcheck" not in service}

    assert silent == {"prepare", "sandbox"}


def test_the_practice_magda_is_there_on_request_only() -> None:
    on_request = {name for name, service in SERVICES.items() if "profiles" in service}

    assert on_request == {"sandbox"}


def test_no_secret_stands_in_the_files() -> None:
    text = (BASE_DIR / "docker-compose.yml").read_text() + DOCKERFILE

    assert not re.search(r"(?i)(password|secret_key|sealing_keys): +[^/\s{$]", text)
