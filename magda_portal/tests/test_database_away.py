"""A real web server whose database nobody answers for."""

import http.client
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from magda_portal import bootstrap
from magda_portal.tests.environment import FOLDERS, for_a_process
from magda_portal.tests.portal import free_ports
from magda_portal.tests.processes import eventually

pytestmark = pytest.mark.processes


@dataclass(frozen=True, slots=True)
class WebServer:
    port: int
    output: Path

    def get(self, path: str, **headers: str) -> tuple[http.client.HTTPResponse, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request("GET", path, headers=headers)
            response = connection.getresponse()
            return response, response.read().decode()
        finally:
            connection.close()

    def answers(self) -> bool:
        try:
            return self.get("/health/live")[0].status == 200
        except OSError:
            return False


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebServer]:
    folder = tmp_path_factory.mktemp("portal")
    for name in FOLDERS:
        (folder / name).mkdir(parents=True)
    port, closed_port = free_ports(2)
    environ = for_a_process(
        folder,
        PORT=str(port),
        SECRET_KEY=os.environ["SECRET_KEY"],
        SEALING_KEYS=os.environ["SEALING_KEYS"],
        DATABASE_URL=f"postgres://portal@127.0.0.1:{closed_port}/portal",
    )
    command = [sys.executable, "-m", "gunicorn", "magda_portal.wsgi:application"]
    command += ["--bind", f"127.0.0.1:{port}", "--worker-class", "gthread", "--threads", "4"]
    command += ["--no-control-socket", "--log-level", "warning"]
    server = WebServer(port, folder / "output")
    with server.output.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=bootstrap.BASE_DIR, env=environ, stdout=output, stderr=output
        )
    assert eventually(server.answers, within=30), server.output.read_text()
    yield server
    process.terminate()
    process.wait(20)


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "not available at the moment"), ("nl", "even niet beschikbaar")],
)
def test_a_page_says_so_before_the_view_is_reached(
    web: WebServer, language: str, words: str
) -> None:
    """The session is read by a middleware, and the page can't ask who reads it."""
    response, text = web.get("/", **{"Accept-Language": language, "Cookie": f"session={'a' * 32}"})

    assert response.status == 503
    assert response.headers["Retry-After"] == "30"
    assert response.headers["X-Request-ID"]
    assert "default-src 'none'" in response.headers["Content-Security-Policy"]
    assert words in text


def test_the_process_lives_and_says_that_it_can_not_work(web: WebServer) -> None:
    assert web.get("/health/live")[0].status == 200

    response, text = web.get("/health/ready")

    assert response.status == 503
    assert json.loads(text)["database"] == "failed"
    assert json.loads(text)["storage"] == "ok"


def test_the_log_has_one_line_for_each_request(web: WebServer) -> None:
    before = web.output.read_text().splitlines()

    for _ in range(3):
        web.get("/login/", Cookie=f"session={'a' * 32}")

    after = web.output.read_text().splitlines()
    lines = after[len(before) :]
    assert len(lines) == 3, lines
    assert all("/login/ [database away: " in line for line in lines)
