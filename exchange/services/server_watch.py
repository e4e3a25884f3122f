"""Look at every server that an account connects to, through its proxy and without a login.

The database says which are due: each look is claimed by moving ``next_look_at``, so that two rounds
never look at one server at a time. Only the main thread touches the database.
"""

import logging
import math
import random
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from certificates.models import WatchedServer
from certificates.pki import (
    ErrorCode,
    PKIError,
    PresentedChain,
    ProxyAddress,
    fetch_presented_chain,
)
from certificates.queries.servers import servers_in_use
from certificates.services.watch import record_failure, record_sighting, send_alarms
from exchange.errors import NotReadyError
from exchange.models import Account
from exchange.services.connections import proxy_of
from exchange.services.watched_servers import accounts_at, sync_servers

logger = logging.getLogger(__name__)

PERIOD: Final = timedelta(hours=6)
PERIOD_AFTER_FAILURE: Final = timedelta(minutes=30)
JITTER: Final = 0.1
AT_ONCE: Final = 16
SLICE: Final = 64
"""Servers that are claimed in one go."""
PATIENCE: Final = 45.0
"""Seconds after which a round claims no more; the next round goes on."""
LOOK_TIMEOUT: Final = 15.0
CLAIM: Final = timedelta(minutes=10)
"""Longer than a slice can take: SLICE / AT_ONCE looks one after the other."""


@dataclass(frozen=True, slots=True)
class _Looker:
    """The threads that look, and how long each may take, in seconds."""

    pool: ThreadPoolExecutor
    timeout: float

    def begin(
        self, server: WatchedServer, proxy: ProxyAddress | None, *, tls12_at_most: bool
    ) -> Future[PresentedChain]:
        return self.pool.submit(
            fetch_presented_chain,
            server.host,
            server.port,
            proxy=proxy,
            timeout=self.timeout,
            tls12_at_most=tls12_at_most,
        )


def watch_servers(*, now: datetime) -> int:
    """Do one round: look at what is due, and mail what alarms; return how many were looked at."""
    sync_servers(now=now)
    looks = look_at_due(now=now)
    send_alarms(now=now)
    return looks


def look_at_all(*, now: datetime) -> int:
    """Look at every server in use now, due or not; return how many."""
    sync_servers(now=now)
    servers_in_use().update(next_look_at=now)
    looks = look_at_due(now=now, patience=math.inf)
    send_alarms(now=now)
    return looks


def look_at_due(*, now: datetime, patience: float = PATIENCE, timeout: float = LOOK_TIMEOUT) -> int:
    """Look at the servers that are due, a bounded number at a time; return how many.

    Each look takes ``timeout`` seconds at most; after ``patience`` seconds no more are claimed.
    """
    end = time.monotonic() + patience
    count = 0
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="look") as pool:
        while time.monotonic() < end and (servers := _claim(now)):
            _look_at(servers, _Looker(pool, timeout), now)
            count += len(servers)
    return count


def _claim(now: datetime) -> list[WatchedServer]:
    due = servers_in_use().filter(next_look_at__lte=now).order_by("next_look_at", "pk")
    return [server for server in due[:SLICE] if _is_claimed(server, now)]


def _is_claimed(server: WatchedServer, now: datetime) -> bool:
    ours = WatchedServer.objects.filter(pk=server.pk, next_look_at=server.next_look_at)
    return bool(ours.update(next_look_at=now + CLAIM))


def _look_at(servers: Sequence[WatchedServer], looker: _Looker, now: datetime) -> None:
    looks = dict(_begin(servers, looker, now))
    for look in as_completed(looks):
        try:
            _note(looks[look], look, now)
        except Exception:
            # One server's surprise must not keep the others from being looked at.
            logger.exception("What %s showed could not be kept.", looks[look])


def _begin(
    servers: Sequence[WatchedServer], looker: _Looker, now: datetime
) -> Iterable[tuple[Future[PresentedChain], WatchedServer]]:
    for server in servers:
        accounts = accounts_at(server)
        try:
            proxy = _proxy(accounts.exclude(proxy_host="").order_by("-proxy_username").first())
        except NotReadyError:
            logger.exception("The proxy of %s can't be used.", server)
            _failed(server, ErrorCode.LOOK_PROXY_PASSWORD, now)
            continue
        all_capped = not accounts.exclude(highest_tls=Account.HighestTLS.TLS12).exists()
        yield looker.begin(server, proxy, tls12_at_most=all_capped), server


def _proxy(account: Account | None) -> ProxyAddress | None:
    proxy = None if account is None else proxy_of(account)
    if proxy is None:
        return None
    return ProxyAddress(proxy.host, proxy.port, proxy.username, proxy.password)


def _note(server: WatchedServer, look: Future[PresentedChain], now: datetime) -> None:
    try:
        presented = look.result()
    except PKIError as exc:
        logger.info("%s showed no certificate: %s.", server, exc)
        _failed(server, exc.code, now)
        return
    record_sighting(server, presented, now=now)
    _look_again(server, now + PERIOD * _jitter(), now=now)


def _failed(server: WatchedServer, code: str, now: datetime) -> None:
    record_failure(server, code, now=now)
    _look_again(server, now + PERIOD_AFTER_FAILURE * _jitter(), now=now)


def _look_again(server: WatchedServer, at: datetime, *, now: datetime) -> None:
    # Unless somebody asked for a look meanwhile: then the claim is no longer there.
    ours = WatchedServer.objects.filter(pk=server.pk, next_look_at=now + CLAIM)
    ours.update(next_look_at=at)


def _jitter() -> float:
    return random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311  # spreads load, guards nothing
