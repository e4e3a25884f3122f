"""Deliver 500 files of 10 KiB to a server that is 20 ms away, there and back."""

from typing import Final

from bench.line import Limit
from bench.lines.deliver import Deliver
from bench.lines.moving import LFTP
from bench.processes import cpu_seconds
from bench.relay import Relay
from bench.stand import RELAY_HOST, Database

# Milliseconds in one direction: 20 ms there and back.
_DELAY: Final = 10.0
# Each is a listener of the relay; below the ports that kernels give away by themselves.
_PASSIVE_PORTS: Final = range(21_000, 21_200)


class DeliverDelayed(Deliver):
    """The line that tells who waits for the network: round trips count, not CPU."""

    name = "deliver-20ms"
    title = "deliver 500 x 10 KiB with a round trip of 20 ms"

    def __init__(self, database: Database, *, count: int = 500) -> None:
        super().__init__(database, count=count)
        self.limits = [Limit(0.6, LFTP)]
        self.host = RELAY_HOST
        self.passive_ports = _PASSIVE_PORTS
        self._relay: Relay | None = None

    def before_connections(self) -> None:
        relay = Relay(_DELAY, [self.server.port, *_PASSIVE_PORTS])
        self.stack.callback(relay.end)
        self._relay = relay

    def notes(self) -> dict[str, str]:
        spent = cpu_seconds(self._relay.pid) if self._relay else 0.0
        return {
            **super().notes(),
            "delay by": f"relay process, {spent:.1f} CPU seconds over all runs",
            "round trip as measured": f"{self.raw.round_trip() * 1000:.1f} ms",
        }
