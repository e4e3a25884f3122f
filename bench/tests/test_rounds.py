"""The arithmetic of the table, and that a run that did less than all is no run."""

from collections.abc import Callable

import pytest

from bench.line import PORTAL, Limit, Line, Round
from bench.rounds import PEER_TRIES, Spread, VoidRunError, measure

Complain = Callable[[str, Round], list[str]]


def _content(_who: str, _this: Round) -> list[str]:
    return []


class FakeLine(Line):
    """Takes the times it was given, in turn; ``complain`` is its oracle."""

    name = "fake"
    title = "a fake line"

    def __init__(
        self,
        times: dict[str, list[float]],
        *,
        limits: list[Limit],
        floor: str = "",
        complain: Complain = _content,
    ) -> None:
        super().__init__()
        self.times = {who: list(values) for who, values in times.items()}
        self.limits = limits
        self.floor = floor
        self.complain = complain
        self.turns: list[tuple[int, str]] = []
        self.has_ended = False

    def set_up(self) -> None:
        self.stack.callback(setattr, self, "has_ended", True)

    def run(self, who: str, this: Round) -> float:
        self.turns.append((this.number, who))
        return self.times[who].pop(0)

    def check(self, who: str, this: Round) -> list[str]:
        return self.complain(who, this)


def _rows(line: Line, rounds: int = 3) -> list[tuple[str, float, float | None, bool | None]]:
    with line:
        found = measure(line, rounds=rounds, database="sqlite")
    return [(row.peer_name, row.ratio, row.floor, row.met) for row in found]


def test_the_ratio_is_that_of_the_medians() -> None:
    times = {PORTAL: [90.0, 1.0, 5.0, 2.0], "lftp": [90.0, 8.0, 4.0, 2.0]}
    line = FakeLine(times, limits=[Limit(0.5, "lftp")])

    assert _rows(line) == [("lftp", 0.5, None, True)]


def test_a_ratio_above_the_limit_is_not_met() -> None:
    times = {PORTAL: [1.0, 3.0], "lftp": [1.0, 2.0]}

    assert _rows(FakeLine(times, limits=[Limit(1.4, "lftp")]), rounds=1) == [
        ("lftp", 1.5, None, False)
    ]


def test_the_floor_is_what_the_bare_transfers_would_reach() -> None:
    times = {PORTAL: [0.0, 6.0], "lftp": [0.0, 4.0], "raw": [0.0, 2.0]}
    line = FakeLine(times, limits=[Limit(0.6, "lftp"), Limit(2.0, "raw")], floor="raw")

    assert _rows(line, rounds=1) == [("lftp", 1.5, 0.5, False), ("raw", 3.0, 1.0, False)]


def test_a_line_without_a_peer_is_held_to_its_bound() -> None:
    line = FakeLine({PORTAL: [9.0, 4.0]}, limits=[Limit(5.0)])

    assert _rows(line, rounds=1) == [("", 4.0, None, True)]


def test_everybody_has_a_turn_in_each_round_and_the_first_round_is_not_counted() -> None:
    times = {PORTAL: [9.0, 1.0, 1.0], "lftp": [9.0, 1.0, 1.0]}
    line = FakeLine(times, limits=[Limit(1.0, "lftp")])
    _rows(line, rounds=2)

    assert line.turns == [(number, who) for number in (0, 1, 2) for who in (PORTAL, "lftp")]
    assert line.has_ended


def test_a_portal_that_skipped_something_makes_the_run_void() -> None:
    def complain(who: str, this: Round) -> list[str]:
        return ["a.xml has no row."] if who == PORTAL and this.number == 2 else []

    times = {PORTAL: [1.0] * 9, "lftp": [1.0] * 9}
    line = FakeLine(times, limits=[Limit(1.0, "lftp")], complain=complain)

    with pytest.raises(VoidRunError, match=r"a\.xml has no row"):
        _rows(line)
    # It is not tried again until it happens to be whole.
    assert line.turns[-1] == (2, PORTAL)
    assert line.has_ended


def test_a_peer_that_lost_something_has_another_try() -> None:
    lost = [["b.xml is missing."], []]
    times = {PORTAL: [1.0], "lftp": [100.0, 2.0]}
    line = FakeLine(
        times,
        limits=[Limit(1.0, "lftp")],
        complain=lambda who, _this: lost.pop(0) if who == "lftp" else [],
    )
    line.warms_up = False

    assert _rows(line, rounds=1) == [("lftp", 0.5, None, True)]


def test_a_peer_that_always_loses_something_makes_the_run_void() -> None:
    times = {PORTAL: [1.0], "lftp": [1.0] * PEER_TRIES}
    line = FakeLine(
        times,
        limits=[Limit(1.0, "lftp")],
        complain=lambda who, _this: ["b.xml is missing."] if who == "lftp" else [],
    )

    with pytest.raises(VoidRunError, match="lftp is void"):
        _rows(line)


def test_a_spread_has_median_least_and_most() -> None:
    assert Spread.of([4.0, 1.0, 3.0, 2.0]) == Spread(2.5, 1.0, 4.0)
