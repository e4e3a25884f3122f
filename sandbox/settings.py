"""What can be set on the practice MAGDA."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

DEMO_ACCOUNT = "practice.vlaanderen.be/demo-ftp"


@dataclass(frozen=True, slots=True)
class SandboxSettings:
    """Settings of one practice server; the defaults suit tests and the embedded run.

    `pick_up_after` and `answer_after` are seconds; `math.inf` means only on `process_now()`.
    `passive_ports` is the first and last data port, None leaves the choice to the kernel.
    `allowed_addresses` of None lets every address in. `name_pattern` is the regular expression
    of the file names in `to_vip` that are picked up; MAGDA's own patterns are not public, so any
    XML or CSV name counts. `session_lifetime` is how many seconds a TLS session can be resumed.
    """

    host: str = "127.0.0.1"
    port: int = 0
    passive_ports: tuple[int, int] | None = None
    accounts: tuple[str, ...] = (DEMO_ACCOUNT,)
    allowed_addresses: frozenset[str] | None = None
    pick_up_after: float = 1.0
    answer_after: float = 1.0
    retention: timedelta = timedelta(days=14)
    require_session_reuse: bool = True
    session_lifetime: int = 7200
    public_folder: str = "public"
    name_pattern: str = r"(?i)^[^.].*\.(xml|csv)$"
    with_publications: bool = True
