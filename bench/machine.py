"""What was measured on, and with which versions."""

import os
import platform
import re
import shutil
import subprocess
from importlib.metadata import version
from pathlib import Path
from typing import Final

_PROGRAMS: Final = {
    "lftp": ("lftp", "--version"),
    "curl": ("curl", "--version"),
    "ProFTPD": ("proftpd", "--version"),
}
_PACKAGES: Final = ("Django", "pycurl", "celery", "psycopg")


def machine_facts() -> dict[str, str]:
    """Return cores, processor, load and versions; what is missing is left out."""
    facts = {
        "cores": str(os.cpu_count()),
        "processor": _processor(),
        "system": platform.platform(),
        "load before": f"{os.getloadavg()[0]:.2f}",
        "niceness": str(os.nice(0)),
        "Python": platform.python_version(),
    }
    facts |= {name: version(name) for name in _PACKAGES}
    facts |= {name: found for name, line in _PROGRAMS.items() if (found := _version_of(*line))}
    return facts


def _processor() -> str:
    text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    found = re.search(r"^model name\s*:\s*(.+)$", text, re.MULTILINE)
    return found[1] if found else platform.machine()


def _version_of(program: str, option: str) -> str:
    path = shutil.which(program, path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if path is None:
        return ""
    done = subprocess.run([path, option], capture_output=True, text=True, check=False)  # noqa: S603 - our own words
    found = re.search(r"\d+\.\d+[\w.]*", done.stdout + done.stderr)
    return found[0] if found else ""
