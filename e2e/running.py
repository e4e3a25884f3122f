"""Start the portal as ``make run`` does, in a folder of its own, with states to show."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from magda_portal.bootstrap import BASE_DIR
from magda_portal.tests.portal import Portal, a_portal, unconfigured
from magda_portal.tests.processes import eventually

_PATIENCE: Final = 180.0  # seconds, on a machine that is busy with other tests
PASSWORD: Final = "een lang wachtwoord"  # noqa: S105 - as in e2e.world.cast, which needs Django


class Who(StrEnum):
    """Who looks at a page."""

    NOBODY = "nobody"
    CLERK = "clerk"
    ADMINISTRATOR = "administrator"
    HELPDESK = "helpdesk"
    NEWCOMER = "newcomer"
    """Clerk and administrator of an organisation without an account."""
    EVERYTHING = "everything"
    """Clerk and administrator of the practice organisation."""


_DEMO: Final = {Who.CLERK: "clerk", Who.ADMINISTRATOR: "admin", Who.HELPDESK: "helpdesk"}
_OTHERS: Final = {
    Who.NEWCOMER: "nieuw@voorbeeld.example",
    Who.EVERYTHING: "alles@voorbeeld.example",
}


@dataclass(frozen=True, slots=True)
class Site:
    """A running portal: where it is, what is in it, and how to log in."""

    url: str
    port: int
    """Where its web server listens, whatever stands before it."""
    data_dir: Path
    keys: Mapping[str, str]

    def credentials(self, who: Who) -> tuple[str, str]:
        """Return somebody's e-mail address and password."""
        if who in _OTHERS:
            return _OTHERS[who], PASSWORD
        people = (self.data_dir / "demo-people.txt").read_text(encoding="utf-8")
        found = re.search(rf"({_DEMO[who]}\S*@\S+)\s+(\S+)", people)
        assert found is not None
        return found[1], found[2]


@contextmanager
def practice_site(folder: Path, *, url: str) -> Iterator[Site]:
    """Run a portal with nothing but the practice data until the end of the block.

    ``url`` is its public address: something of the test's own stands before it.
    """
    with a_portal(folder) as portal:
        _start(portal, _environ(portal, url))
        yield Site(url, portal.web, portal.data_dir, keys={})


@contextmanager
def full_site(folder: Path) -> Iterator[Site]:
    """Run a portal with a state of everything until the end of the block."""
    with a_portal(folder) as portal:
        url = f"http://127.0.0.1:{portal.web}"
        environ = _environ(portal, url)
        _run(environ, "magda_portal.preparation", "--seed-demo")
        keys = json.loads(_run(environ, "e2e.world", "prepare"))
        _start(portal, environ)
        keys |= json.loads(_run(environ, "e2e.world", "settle", told=json.dumps(keys)))
        yield Site(url, portal.web, portal.data_dir, keys)


def _start(portal: Portal, environ: Mapping[str, str]) -> None:
    """Start it as one command does; everything that it started has ended with its block."""
    portal.start(PORTAL_URL=environ["PORTAL_URL"], DEFAULT_LANGUAGE=environ["DEFAULT_LANGUAGE"])
    if not eventually(lambda: _shows_a_page(portal), within=_PATIENCE):
        raise RuntimeError(portal.output.read_text(encoding="utf-8"))


def _shows_a_page(portal: Portal) -> bool:
    # A machine that is busy may not even answer in time.
    with suppress(OSError):
        return portal.shows_a_page()
    return False


def _environ(portal: Portal, url: str) -> dict[str, str]:
    portal.data_dir.mkdir(mode=0o700, parents=True)
    return unconfigured(
        DATA_DIR=str(portal.data_dir),
        PORT=str(portal.web),
        SANDBOX_PORT=str(portal.sandbox),
        PORTAL_URL=url,
        # As it is where nobody sets anything; the tests of this process read English.
        DEFAULT_LANGUAGE="nl",
        DJANGO_SETTINGS_MODULE="magda_portal.settings",
    )


def _run(environ: Mapping[str, str], module: str, *arguments: str, told: str = "") -> str:
    """Run a module to its end; return the last line that it printed."""
    finished = subprocess.run(  # noqa: S603 - our own module
        [sys.executable, "-m", module, *arguments],
        cwd=BASE_DIR,
        env=dict(environ),
        input=told,
        capture_output=True,
        text=True,
        timeout=_PATIENCE,
        check=False,
    )
    if finished.returncode:
        raise RuntimeError(finished.stdout + finished.stderr)
    return finished.stdout.strip().splitlines()[-1]
