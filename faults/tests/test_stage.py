"""The bench itself, where nothing goes wrong."""

from faults.stage import Stage
from faults.workers import Worker


def test_files_go_both_ways_and_the_promise_holds(stage: Stage, shared_worker: Worker) -> None:
    requests = [stage.submit() for _ in range(3)]
    answers = [stage.place() for _ in range(3)]

    stage.until_settled()

    appeared = stage.magda.witness.appearances(stage.account.name)
    assert {each.sha256 for each in appeared} == {each.sha256 for each in requests}
    assert len(answers) == 3
    stage.check()
