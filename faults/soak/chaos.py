"""What can go wrong at any moment of a soak; each kind passes, so that everything can arrive."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass

from exchange.tests.servers.faults import DIES, DataFault, Ending, Fault, Occasion
from faults.services.postgresql import PostgreSQL
from faults.services.redis import Redis
from faults.watched_magda import WatchedMAGDA
from faults.workers import Worker

_MOST_BYTES = 40_000


def _replies() -> list[Occasion]:
    """Refuse commands, and lose replies."""
    return [
        Fault("RNTO", obeys=True, reply=DIES),
        Fault("RNTO", obeys=True, reply="451 Local error in processing."),
        Fault("RNTO", reply=DIES),
        Fault("RNTO", reply="451 Local error in processing."),
        Fault("RNFR", reply=DIES),
        Fault("RNFR", reply="450 The file is busy."),
        Fault("STOR", reply="452 Insufficient storage space."),
        Fault("STOR", reply="421 Service not available."),
        Fault("RETR", reply="450 The file is busy."),
        Fault("RETR", reply="421 Service not available."),
        Fault("SIZE", reply="500 What?"),
        Fault("SIZE", reply=DIES),
        Fault("MLSD", reply="451 Local error in processing."),
        Fault("MLSD", reply=DIES),
        Fault("DELE", reply=DIES),
        Fault("DELE", obeys=True, reply=DIES),
        Fault("USER", reply="421 Too many connections."),
        Fault("EPSV", reply="425 Can't open a data connection."),
    ]


def _cuts(dice: random.Random) -> list[Occasion]:
    """End data connections too early, with whatever reply."""
    limit = dice.randrange(_MOST_BYTES)
    return [
        DataFault(verb, limit=limit, ends=ending, reply=reply)
        for verb in ("STOR", "RETR")
        for ending in (Ending.NOTIFY, Ending.FIN, Ending.RST)
        for reply in ("226 Transfer complete.", "426 Connection closed.", DIES)
    ]


@dataclass
class Chaos:
    """Does something bad to a server, a worker or a backing service, by the seed's dice.

    ``victim`` is replaced when it is killed; the other workers are left alone.
    """

    dice: random.Random
    magda: WatchedMAGDA
    victim: Worker
    new_worker: Callable[[], Worker]
    redis: Redis | None = None
    postgresql: PostgreSQL | None = None

    def __post_init__(self) -> None:
        self.counts: dict[str, int] = {}
        self._thaw_at = 0.0

    def strike(self) -> None:
        """Do one bad thing."""
        kinds: list[tuple[int, Callable[[], None]]] = [
            (30, self._spoil_a_reply),
            (30, self._cut_a_transfer),
            (4, self._kill),
            (4, self._freeze),
        ]
        if self.redis is not None:
            kinds += [(2, self._trouble_redis)]
        if self.postgresql is not None:
            kinds += [(2, self._trouble_postgresql)]
        weights, acts = zip(*kinds, strict=True)
        act = self.dice.choices(acts, weights)[0]
        self.counts[act.__name__.strip("_")] = self.counts.get(act.__name__.strip("_"), 0) + 1
        act()

    def thaw_when_due(self) -> None:
        """End a freeze whose time has come."""
        if self._thaw_at and time.monotonic() >= self._thaw_at:
            self.victim.thaw()
            self._thaw_at = 0.0

    def end(self) -> None:
        """Let everything be well from now on."""
        self.victim.thaw()
        self._thaw_at = 0.0
        self.magda.behave()

    def _spoil_a_reply(self) -> None:
        fault = self.dice.choice(_replies())
        fault.times, fault.after = 1, self.dice.randrange(4)
        assert isinstance(fault, Fault)
        self.magda.faults.append(fault)

    def _cut_a_transfer(self) -> None:
        fault = self.dice.choice(_cuts(self.dice))
        fault.times, fault.after = 1, self.dice.randrange(4)
        assert isinstance(fault, DataFault)
        self.magda.data_faults.append(fault)

    def _kill(self) -> None:
        self.victim.end()
        self._thaw_at = 0.0
        self.victim = self.new_worker()

    def _freeze(self) -> None:
        self.victim.freeze()
        # Now and then for longer than a lease.
        seconds = 70.0 if self.dice.random() < 0.2 else self.dice.uniform(0.5, 8)
        self._thaw_at = time.monotonic() + seconds

    def _trouble_redis(self) -> None:
        assert self.redis is not None
        match self.dice.randrange(3):
            case 0:
                self.redis.flush()
            case 1:
                self.redis.restart()
            case _:
                self.redis.freeze()
                time.sleep(self.dice.uniform(0.5, 4))
                self.redis.thaw()

    def _trouble_postgresql(self) -> None:
        assert self.postgresql is not None
        if self.dice.random() < 0.5:
            self.postgresql.restart_immediately()
        else:
            self.postgresql.freeze()
            time.sleep(self.dice.uniform(0.5, 3))
            self.postgresql.thaw()
