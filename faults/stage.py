"""The stage of one test: an account of its own, files both ways, workers, and time to hurry.

Tests make things go wrong through ``stage.magda`` and the ``when_…`` methods, then let everything
settle (:meth:`Stage.until_settled`) and hold the promise against it (:meth:`Stage.check`).
"""

import hashlib
import io
import random
import time
from collections.abc import Callable, Mapping
from datetime import timedelta
from threading import Event

from django.db.models import Q, QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from exchange.models import Account, ConnectionSlot, RemoteFile, Transfer
from exchange.models.transfer import State
from exchange.services.submission import Draft, Submitter, submit
from exchange.tasks import dispatch_due, free_stalled, nudge_delivery
from exchange.tests.servers.faults import Midway, Watch
from exchange.tests.wiring import ACTOR, wire_account
from faults.expectations import Expectations, Placed
from faults.oracle import complaints
from faults.watched_magda import WatchedMAGDA
from faults.workers import Worker

# Seconds.
_TICK = 1.0
_POLL = 0.1
_LONG_AGO = timedelta(hours=1)

Act = Callable[[], object]


class Stage:
    """One account at a server that goes wrong, and workers that serve it."""

    def __init__(self, magda: WatchedMAGDA, name: str, *, highest_tls: str, seed: str) -> None:
        self.magda = magda
        # The same seed and the same calls make the same files.
        self.random = random.Random(seed)  # noqa: S311 - guards nothing
        magda.add_account(name)
        account = wire_account(name, port=magda.port, authority=magda.authority)
        Account.objects.filter(pk=account.pk).update(highest_tls=highest_tls)
        self._id = account.pk
        self.workers: list[Worker] = []
        self.expected = Expectations(self.account, magda.home(name), magda.witness)

    @property
    def account(self) -> Account:
        """The account as the database has it now."""
        return Account.objects.select_related("identity__organisation", "identity__current").get(
            pk=self._id
        )

    # --- work

    def submit(
        self, content: bytes | None = None, *, name: str = "", size: int | None = None
    ) -> Transfer:
        """Submit a request as the send page does; its content is random unless it is given."""
        if content is None:
            content = self.content(size)
        name = name or f"vraag-{self.random.randrange(10**9):09}.xml"
        account = self.account
        transfer = submit(Draft(account, name, Submitter(ACTOR)), content=io.BytesIO(content))
        self.expected.requests.append(transfer.pk)
        nudge_delivery(account)
        return transfer

    def place(
        self, name: str = "", content: bytes | None = None, folder: str = "from_vip"
    ) -> Placed:
        """Lay a file ready at MAGDA, which has to be collected once."""
        if content is None:
            content = self.content()
        name = name or f"antwoord-{self.random.randrange(10**9):09}.xml"
        self.magda.place(self.account.name, folder, name, content)
        placed = Placed(folder, name, len(content), hashlib.sha256(content).hexdigest())
        self.expected.placed.append(placed)
        return placed

    def content(self, size: int | None = None) -> bytes:
        """Return random bytes, up to 50 KB of them unless ``size`` says how many."""
        return self.random.randbytes(self.random.randrange(1, 50_000) if size is None else size)

    # --- workers

    def start_worker(
        self, concurrency: int = 1, *, environ: Mapping[str, str] | None = None
    ) -> Worker:
        """Start a worker that ends with this test, and wait until it takes work."""
        worker = Worker(concurrency=concurrency, environ=environ)
        self.workers.append(worker)
        worker.await_ready()
        return worker

    def replace(self, worker: Worker) -> Worker:
        """Wait for the end of a killed worker, let its leases run out, and start another."""
        worker.wait()
        self.expire_leases()
        return self.start_worker()

    def when_arrives(self, verb: str, act: Act, *, about: str = "", after: int = 0) -> Event:
        """Have ``act`` called when a command arrives, before anything is done.

        Once, in the server's thread, for the first command whose argument holds ``about`` behind so
        many others. The verb CONNECT stands for a new connection, before its greeting. The event
        is set once ``act`` was called.
        """
        act, happened = _and_then_tell(act)
        self.magda.watches.append(
            Watch(verb, about=about, after=after, times=1, arrived=lambda _moment: act())
        )
        return happened

    def when_answered(self, verb: str, act: Act, *, about: str = "", after: int = 0) -> Event:
        """Have ``act`` called when a command is done (or refused), before its reply is sent."""
        act, happened = _and_then_tell(act)
        self.magda.watches.append(
            Watch(verb, about=about, after=after, times=1, obeyed=lambda _moment: act())
        )
        return happened

    def when_under_way(self, verb: str, act: Act, *, after_bytes: int, about: str = "") -> Event:
        """Have ``act`` called once so many bytes of a STOR or RETR have passed."""
        act, happened = _and_then_tell(act)
        self.magda.midways.append(Midway(verb, about=about, count=after_bytes, call=act))
        return happened

    # --- time

    def tick(self) -> None:
        """Do what beat does every ten seconds and every minute, through the broker."""
        free_stalled.apply_async(expires=60)
        dispatch_due.apply_async(expires=10)

    def hurry(self) -> None:
        """Let every pause be over: of the account, its deliveries, its files at MAGDA."""
        now = timezone.now()
        due = now - _LONG_AGO
        waiting = Q(state__in=[State.QUEUED, State.WAITING], next_attempt_at__gt=now)
        Transfer.objects.filter(waiting, account=self._id).update(next_attempt_at=due)
        RemoteFile.objects.filter(account=self._id, next_try_at__gt=now).update(next_try_at=due)
        paused = Account.objects.filter(pk=self._id, paused_until__gt=now)
        paused.update(paused_until=due)
        Account.objects.filter(pk=self._id, next_collection_at__gt=now).update(
            next_collection_at=due
        )

    def expire_leases(self) -> None:
        """Let every lease of the account run out, whoever holds it."""
        past = Now() - _LONG_AGO
        running = Transfer.objects.filter(account=self._id, state=State.RUNNING)
        running.update(lease_until=past)
        leased = Account.objects.filter(pk=self._id, collection_lease_until__isnull=False)
        leased.update(collection_lease_until=past)
        ConnectionSlot.objects.filter(account=self._id, lease_until__isnull=False).update(
            lease_until=past
        )

    def age_renames(self, *, by: timedelta = timedelta(minutes=20)) -> None:
        """Let a while pass since renames were asked."""
        for transfer in self._transfers().exclude(rename_asked_at=None):
            assert transfer.rename_asked_at is not None
            Transfer.objects.filter(pk=transfer.pk).update(
                rename_asked_at=transfer.rename_asked_at - by
            )

    # --- waiting

    def until(self, condition: Callable[[], bool], within: float = 30.0) -> None:
        """Wait until a condition holds. Raises AssertionError after so many seconds."""
        deadline = time.monotonic() + within
        while not condition():
            if time.monotonic() > deadline:
                raise AssertionError(f"It did not come true within {within} seconds.")
            time.sleep(_POLL)

    def until_settled(self, within: float = 60.0) -> None:
        """Tick and hurry until nothing is left to do for the account.

        Every delivery is then in a state that it does not leave by itself, and every file that was
        placed is kept here and cleared there. Raises AssertionError after so many seconds.
        """
        deadline = time.monotonic() + within
        next_tick = 0.0
        while self.unsettled():
            if time.monotonic() > deadline:
                left = "\n".join(self.unsettled())
                raise AssertionError(f"Not settled within {within} seconds:\n{left}")
            if time.monotonic() >= next_tick:
                self.hurry()
                self.tick()
                next_tick = time.monotonic() + _TICK
            time.sleep(_POLL)

    def unsettled(self) -> list[str]:
        """Return what is still under way, in words for whoever looks at a failed test."""
        return [
            *(
                f"transfer {each.pk} {each.final_name}: {each.state} {each.step} {each.error_code}"
                for each in self._transfers().exclude(state__in=Transfer.SETTLED)
            ),
            *(
                f"{placed.folder}/{placed.name} is not kept and cleared"
                for placed in self.expected.placed
                if not self._is_cleared(placed)
            ),
        ]

    def _is_cleared(self, placed: Placed) -> bool:
        return RemoteFile.objects.filter(
            account=self._id,
            folder=placed.folder,
            name=placed.name,
            state=RemoteFile.State.RELEASED,
            transfer__sha256=placed.sha256,
        ).exists()

    def _transfers(self) -> QuerySet[Transfer]:
        return Transfer.objects.filter(account=self._id)

    # --- the end

    def check(self) -> None:
        """Hold the promise against what became of everything. Raises AssertionError.

        Nothing more is done for the account after this.
        """
        self.withdraw()
        errors = [f"The bench itself failed: {error!r}" for error in self.magda.plan.errors]
        found = [*errors, *complaints(self.expected)]
        assert not found, "The promise is broken:\n" + "\n".join(found)

    def withdraw(self) -> None:
        """Let workers leave the account alone, and wait until they do."""
        Account.objects.filter(pk=self._id).update(state=Account.State.SUSPENDED)
        leased = Account.objects.filter(pk=self._id, collection_lease_until__gte=Now())
        held = ConnectionSlot.objects.filter(account=self._id, lease_until__gte=Now())
        deadline = time.monotonic() + 15
        while (leased.exists() or held.exists()) and time.monotonic() < deadline:
            time.sleep(_POLL)

    def close(self) -> None:
        """End this test's workers by force, and take the account out of play."""
        for worker in self.workers:
            worker.end()
        Account.objects.filter(pk=self._id).update(state=Account.State.SUSPENDED)
        self.magda.remove_account(self.expected.account.name)
        self.magda.behave()


def _and_then_tell(act: Act) -> tuple[Act, Event]:
    happened = Event()

    def act_and_tell() -> None:
        act()
        happened.set()

    return act_and_tell, happened
