"""The loop of a soak: files both ways, beat, time that hurries, and something bad each second."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass

from django.db import DatabaseError, connection
from kombu.exceptions import OperationalError

from exchange.errors import SubmissionError
from faults.soak.chaos import Chaos
from faults.soak.steadiness import Sampler
from faults.stage import Stage
from faults.workers import Worker

# Seconds between two of each.
_STRIKES = 1.0
_TICKS = 2.0
_HURRIES = 5.0
_SAMPLES = 2.0
_THAWS = 0.2
_POLL = 0.02

# The last part of the time belongs to what is under way then.
_SENDING = 0.8

# What the driver itself meets while the database or the broker is away.
_AWAY = (DatabaseError, OperationalError, SubmissionError, OSError)


@dataclass
class Driver:
    """Drives some accounts; ``steady`` is the worker that is left alone and measured."""

    stages: list[Stage]
    files_each_way: int
    chaos: Chaos
    steady: Worker
    sampler: Sampler
    dice: random.Random

    def rage(self, seconds: float) -> None:
        """Send files both ways for so long while things go wrong; then let things be well."""
        pace = seconds * _SENDING / self.files_each_way
        jobs = [
            _Job(pace, self._submit),
            _Job(pace, self._place),
            _Job(_STRIKES, self.chaos.strike),
            _Job(_TICKS, self._tick),
            _Job(_HURRIES, self._hurry),
            _Job(_SAMPLES, lambda: self.sampler.sample(self.steady.pids)),
            _Job(_THAWS, self.chaos.thaw_when_due),
        ]
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            for job in jobs:
                job.do_if_due()
            time.sleep(_POLL)
        self.chaos.end()
        self._make_up_the_number()

    def settle(self, seconds: float) -> None:
        """Wait until everything arrived. Raises AssertionError."""
        end = time.monotonic() + seconds
        for stage in self.stages:
            stage.until_settled(within=max(1.0, end - time.monotonic()))
        for stage in self.stages:
            stage.withdraw()

    @property
    def submitted(self) -> int:
        return sum(len(stage.expected.requests) for stage in self.stages)

    @property
    def placed(self) -> int:
        return sum(len(stage.expected.placed) for stage in self.stages)

    def _submit(self) -> None:
        if self.submitted < self.files_each_way:
            self.dice.choice(self.stages).submit(size=self._size())

    def _place(self) -> None:
        if self.placed < self.files_each_way:
            stage = self.dice.choice(self.stages)
            stage.place(content=stage.content(self._size()))

    def _size(self) -> int:
        """Most files are small; an empty one can't be a request."""
        return self.dice.randrange(1, 3_000_000 if self.dice.random() < 0.05 else 30_000)

    def _tick(self) -> None:
        self.stages[0].tick()

    def _hurry(self) -> None:
        for stage in self.stages:
            stage.hurry()

    def _make_up_the_number(self) -> None:
        """Send what could not be sent while something was away."""
        while self.submitted < self.files_each_way:
            self._submit()
        while self.placed < self.files_each_way:
            self._place()


class _Job:
    """Something that is done again and again."""

    def __init__(self, period: float, act: Callable[[], object]) -> None:
        self._period = period
        self._act = act
        self._due = time.monotonic()

    def do_if_due(self) -> None:
        """Do it when its time has come; what is away just now is met again at the next time."""
        if time.monotonic() < self._due:
            return
        self._due += self._period
        try:
            self._act()
        except _AWAY:
            # A connection that broke is not used again.
            connection.close()
