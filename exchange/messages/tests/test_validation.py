import io
import subprocess
import sys
from pathlib import Path

import pytest

from exchange.messages import TooComplexError, Violation, ViolationKind, validate
from exchange.messages.tests.schemas import geef_x, question, request_file
from exchange.messages.validation import MAX_TEXT_BYTES, MAX_VIOLATIONS

ROOT = Path(__file__).parents[3]


def found(content: bytes) -> tuple[Violation, ...]:
    return validate(io.BytesIO(content), geef_x()).violations


def test_a_request_that_fits_has_nothing_wrong() -> None:
    assert found(request_file(question(), question())) == ()


@pytest.mark.parametrize(
    ("wrong", "kind", "element"),
    [
        (question("123"), ViolationKind.VALUE, "INSZ"),
        (question(rest=""), ViolationKind.MISSING, "Vraag"),
        (question(rest="<INSZ>00000000097</INSZ>"), ViolationKind.UNEXPECTED, "INSZ"),
        (question(rest="<Zz/>"), ViolationKind.UNEXPECTED, ""),
        (question().replace("<Vraag>", '<Vraag nummer="x">'), ViolationKind.ATTRIBUTE, "Vraag"),
        (question().replace("<Vraag>", '<Vraag anders="1">'), ViolationKind.ATTRIBUTE, "Vraag"),
        (question() + "text", ViolationKind.OTHER, "GeefX"),
    ],
)
def test_a_mistake_is_told_by_kind_element_and_line(
    wrong: str, kind: ViolationKind, element: str
) -> None:
    content = request_file(question(), wrong, question())

    assert found(content) == (Violation(kind, element, 4 if kind is ViolationKind.OTHER else 3),)


def test_another_document_than_the_schema_describes_is_told_as_such() -> None:
    assert found(b"\n<other/>") == (Violation(ViolationKind.ROOT, "other", 2),)
    (elsewhere,) = found(b'<v:GeefX xmlns:v="urn:vorige"/>')
    assert elsewhere.element == "{urn:vorige}GeefX"


def test_an_element_that_the_schema_does_not_know_is_not_quoted() -> None:
    """Its name is whatever somebody wrote, and may be a number of a person."""
    assert found(request_file("<_85073003328/>"))[0].element == ""


def test_lines_far_into_a_file_are_told_exactly() -> None:
    """Further than the 65,535 lines that libxml2 counts in a tree."""
    questions = [question()] * 70_000
    questions[69_998] = question("1")
    questions[10] = question("1")

    assert [each.line for each in found(request_file(*questions))] == [12, 70_000]


def test_every_place_in_a_line_counts() -> None:
    content = request_file(question("1") * 30)

    assert [each.line for each in found(content)] == [2] * 30


def test_the_check_stops_after_a_hundred_mistakes() -> None:
    verdict = validate(io.BytesIO(request_file(*[question("1")] * 5000)), geef_x())

    assert verdict.is_cut_off
    assert len(verdict.violations) == MAX_VIOLATIONS
    assert verdict.violations[-1].line == MAX_VIOLATIONS + 1


def test_exactly_a_hundred_mistakes_are_not_cut_off() -> None:
    verdict = validate(io.BytesIO(request_file(*[question("1")] * MAX_VIOLATIONS)), geef_x())

    assert not verdict.is_cut_off
    assert len(verdict.violations) == MAX_VIOLATIONS


def test_a_text_without_end_is_refused() -> None:
    """libxml2 gathers it whole, in time that grows with its square."""
    with pytest.raises(TooComplexError):
        found(request_file(question("1" * MAX_TEXT_BYTES)))


SCRIPT = """
import io, resource
from exchange.messages import validate
from exchange.messages.tests.schemas import geef_x, question, request_file

class Questions(io.RawIOBase):
    def seek(self, offset, whence=0):
        begin, end = request_file("").split(b"\\n\\n")
        self.pieces = iter([begin, *[question().encode() * 1000] * 600, end])
        return 0

    def read(self, size=-1):
        return next(self.pieces, b"")

peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
schema = geef_x()
validate(io.BytesIO(request_file(question())), schema)
before = peak()
verdict = validate(Questions(), schema)
print(peak() - before, len(verdict.violations))
"""


def test_six_hundred_thousand_questions_are_checked_in_little_memory() -> None:
    """libxml2's memory counts, so another process tells its peak (kibibytes)."""
    command = [sys.executable, "-c", SCRIPT]

    result = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=60
    )

    growth, violations = (int(word) for word in result.stdout.split())
    assert violations == 0
    assert growth < 4096
