"""What a process of the portal can be told to do, by name."""

from collections.abc import Callable
from typing import Any, Final

from bench.oracle import rows
from bench.portal import accounts, memory, pages, polling, queueing, transferring

ACTS: Final[dict[str, Callable[..., Any]]] = {
    "wire": accounts.wire,
    "rest": accounts.rest,
    "subscribe": accounts.subscribe,
    "spread_polls": accounts.spread_polls,
    "queue": queueing.queue,
    "queue_file": queueing.queue_file,
    "forget_contents": queueing.forget_contents,
    "deliver": transferring.deliver,
    "collect": transferring.collect_once,
    "profile": transferring.profile,
    "poll": polling.poll,
    "lateness": polling.lateness,
    "dispatch": polling.dispatch,
    "check_delivered": rows.check_delivered,
    "check_collected": rows.check_collected,
    "idle_memory": memory.idle_memory,
    "peak_memory": memory.peak_memory,
    "log_in": pages.log_in,
    "session_of": pages.session_of,
    "practice_account": accounts.practice_account,
    "show_page": pages.show_page,
    "plans": pages.plans,
}
