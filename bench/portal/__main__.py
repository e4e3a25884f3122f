"""Read acts from standard input, one JSON object a line, and answer each with another."""

import json
import os
import sys
import traceback
from typing import IO

import django


def main(told: IO[str]) -> None:
    """Work until there is nothing more to read."""
    django.setup()
    # Models can be imported only now.
    from bench.portal.acts import ACTS  # noqa: PLC0415 - after django.setup()

    for line in sys.stdin:
        asked = json.loads(line)
        answer: dict[str, object]
        try:
            answer = {"result": ACTS[asked["act"]](**asked["arguments"])}
        except Exception:  # noqa: BLE001 - whatever it is, the other side has to hear of it
            answer = {"error": traceback.format_exc()}
        told.write(json.dumps(answer) + "\n")
        told.flush()


if __name__ == "__main__":
    # What anybody prints goes to the log; the answers have their pipe for themselves.
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    main(answers)
