import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
SCRIPT = """
import io, itertools, resource, sys
from exchange import messages
from exchange.messages.tests.builders import Trickle, request

head, foot = (part.encode() for part in request(questions="|").split("|"))
row = b"<Vraag><Referte>v</Referte><Inhoud>" + b"lorem ipsum " * 8 + b"</Inhoud></Vraag>"
peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
read = getattr(messages, sys.argv[1])
read(io.BytesIO(head + row + foot))
before = peak()
stream = Trickle(itertools.chain([head], itertools.repeat(row * 400, 1000), [foot]))
read(stream)
print(peak() - before, stream.taken)
"""


@pytest.mark.parametrize("reader", ["check_well_formed", "summarise"])
def test_a_large_file_is_read_in_little_memory(reader: str) -> None:
    """Memory of the C parser counts too, so another process tells its peak (kibibytes)."""
    command = [sys.executable, "-c", SCRIPT, reader]

    result = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=60
    )

    growth, taken = (int(word) for word in result.stdout.split())
    assert taken > 50_000_000
    assert growth < 4096
