import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from magda_portal.bootstrap import BASE_DIR
from magda_portal.tests.processes import MARK, eventually, marked, nothing_left

SUPERVISE = """
import json, os, signal, sys
from pathlib import Path
from magda_portal.supervisor import Child, Patience, Supervisor
# Whoever runs the tests under nohup would have it ignored here too.
signal.signal(signal.SIGHUP, signal.SIG_DFL)
python = [sys.executable, "-u", "-c"]
children = [Child(name, [*python, code]) for name, code in json.loads(sys.argv[1])]
patience = Patience(**json.loads(sys.argv[2]))
supervisor = Supervisor(children, environ=os.environ, folder=Path.cwd(), patience=patience)
supervisor.on_ready = lambda: print("all started", flush=True)
sys.exit(supervisor.run())
"""
STAYS = "import time; print('here'); time.sleep(600)"
STAYS_DEAF = (
    "import signal, time; signal.signal(15, signal.SIG_IGN); print('here'); time.sleep(600)"
)
STAYS_WITH_CHILD = (
    "import subprocess, sys, time;"
    "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)']);"
    "print('here'); time.sleep(600)"
)
SAYS_WHEN_STOPPED = (
    "import signal, sys, time\n"
    "def stop(*_): time.sleep(0.3); print('stopped'); sys.exit()\n"
    "signal.signal(15, stop); print('here'); time.sleep(600)"
)


class Supervised:
    """A supervisor in a process of its own, with its output in a file."""

    def __init__(self, mark: str, output: Path) -> None:
        self.mark = mark
        self.output = output
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, *children: tuple[str, str], **patience: float) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-c", SUPERVISE, json.dumps(children), json.dumps(patience)]
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                command, cwd=BASE_DIR, env={**os.environ, MARK: self.mark}, stdout=output
            )
        return self.process

    def lines(self) -> list[str]:
        return self.output.read_text(errors="replace").splitlines()

    def says(self, line: str, *, times: int = 1) -> bool:
        return eventually(lambda: self.lines().count(line) >= times)

    def end(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()


@pytest.fixture
def supervised(tmp_path: Path) -> Iterator[Supervised]:
    with nothing_left() as mark:
        supervised = Supervised(mark, tmp_path / "output")
        yield supervised
        supervised.end()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_every_child_and_what_they_started(
    supervised: Supervised, number: signal.Signals
) -> None:
    process = supervised.start(("web", STAYS), ("worker", STAYS_WITH_CHILD))
    assert supervised.says("web    | here")
    assert supervised.says("worker | here")
    assert len(marked(supervised.mark)) == 4

    process.send_signal(number)

    assert process.wait(timeout=10) == 0
    assert marked(supervised.mark) == set()


def test_a_supervisor_that_is_killed_leaves_no_child_behind(supervised: Supervised) -> None:
    process = supervised.start(("web", STAYS), ("worker", STAYS))
    assert supervised.says("web    | here")
    assert supervised.says("worker | here")

    process.kill()
    process.wait()

    assert eventually(lambda: marked(supervised.mark) == set())


def test_children_are_stopped_one_after_the_other(supervised: Supervised) -> None:
    process = supervised.start(("web", SAYS_WHEN_STOPPED), ("worker", SAYS_WHEN_STOPPED))
    assert supervised.says("web    | here")
    assert supervised.says("worker | here")

    process.terminate()
    process.wait(timeout=10)

    assert supervised.lines()[-2:] == ["web    | stopped", "worker | stopped"]


def test_a_child_that_does_not_listen_is_ended_by_force(supervised: Supervised) -> None:
    process = supervised.start(("web", STAYS_DEAF), grace=0.5)
    assert supervised.says("web    | here")

    process.terminate()

    assert process.wait(timeout=10) == 0
    assert supervised.lines()[-1] == "portal | web does not end by itself; ending it by force."
    assert marked(supervised.mark) == set()


def test_a_second_ctrl_c_does_not_wait(supervised: Supervised) -> None:
    process = supervised.start(("web", STAYS_DEAF), grace=100)
    assert supervised.says("web    | here")

    process.send_signal(signal.SIGINT)
    time.sleep(1.2)
    process.send_signal(signal.SIGINT)

    assert process.wait(timeout=10) == 0
    assert marked(supervised.mark) == set()


def test_one_stop_that_arrives_twice_still_lets_children_end_well(supervised: Supervised) -> None:
    """Make passes SIGTERM on, and who stops a whole group sends it as well."""
    process = supervised.start(("web", SAYS_WHEN_STOPPED))
    assert supervised.says("web    | here")

    process.terminate()
    time.sleep(0.1)
    process.terminate()
    process.wait(timeout=10)

    assert supervised.lines()[-1] == "web    | stopped"


def test_a_child_that_ends_is_started_again_with_one_line(supervised: Supervised) -> None:
    supervised.start(("web", "import time; print('here'); time.sleep(0.2)"), first_pause=0.1)

    assert supervised.says("web    | here", times=2)
    told = [line for line in supervised.lines() if line.startswith("portal")]
    assert told[0] == "portal | web ended with exit code 0; starting it again in 0.1 s."


def test_the_pauses_grow(supervised: Supervised) -> None:
    process = supervised.start(("web", "raise SystemExit(3)"), first_pause=0.1, tries=4)

    process.wait(timeout=20)

    told = [line for line in supervised.lines() if "starting it again" in line]
    assert [line.rsplit(" in ")[1] for line in told] == ["0.1 s.", "0.2 s.", "0.4 s."]


def test_a_child_that_never_stays_up_ends_all_with_a_sentence(supervised: Supervised) -> None:
    process = supervised.start(
        ("web", "print('no module'); raise SystemExit(3)"), ("worker", STAYS), first_pause=0.05
    )

    assert process.wait(timeout=20) == 1
    assert "web    | no module" in supervised.lines()
    sentence = (
        "portal | web ended with exit code 3, 5 times in a row soon after its start; stopping."
    )
    assert any(line.startswith(sentence) for line in supervised.lines())
    assert marked(supervised.mark) == set()


def test_a_child_that_settled_may_end_more_often(supervised: Supervised) -> None:
    process = supervised.start(
        ("web", "print('here')"), first_pause=0.01, tries=2, settled_after=0.001
    )

    assert supervised.says("web    | here", times=4)
    assert process.poll() is None


def test_what_a_dead_child_left_behind_ends_before_the_new_one_starts(
    supervised: Supervised,
) -> None:
    """A left-over web worker would hold the port."""
    supervised.start(("web", STAYS_WITH_CHILD), first_pause=0.05)
    assert supervised.says("web    | here")
    (first,) = [
        pid
        for pid in marked(supervised.mark)
        if Path(f"/proc/{pid}/stat").read_text().split()[3] == str(supervised.process.pid)  # type: ignore[union-attr]  # started above
    ]

    os.kill(first, signal.SIGKILL)

    assert supervised.says("web    | here", times=2)
    assert len(marked(supervised.mark)) == 3


def test_the_ready_line_comes_once(supervised: Supervised) -> None:
    supervised.start(("web", STAYS))

    assert supervised.says("web    | here")
    time.sleep(0.3)
    assert supervised.lines().count("all started") == 1


def test_odd_output_is_shown_and_stops_nothing(supervised: Supervised) -> None:
    code = (
        "import os, time; os.write(1, b'\\xff\\n' + b'x' * 300000 + b'\\nlast');"
        "os.close(1); os.close(2); time.sleep(600)"
    )
    supervised.start(("web", code))

    assert supervised.says("web    | last")
    assert "web    | \N{REPLACEMENT CHARACTER}" in supervised.lines()
    assert sum(line.count("x") for line in supervised.lines()) == 300000


def test_a_child_that_closed_its_output_costs_no_time(supervised: Supervised) -> None:
    process = supervised.start(("web", "import os, time; os.close(1); os.close(2); time.sleep(60)"))
    assert supervised.says("all started")
    time.sleep(0.5)

    before = sum(map(int, Path(f"/proc/{process.pid}/stat").read_text().split()[13:15]))
    time.sleep(1)
    after = sum(map(int, Path(f"/proc/{process.pid}/stat").read_text().split()[13:15]))

    assert after - before < 10  # hundredths of a second
