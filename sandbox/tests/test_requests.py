from __future__ import annotations

import io
import tracemalloc
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sandbox.requests import (
    ForbiddenDoctypeError,
    Header,
    NotWellFormedError,
    Question,
    RequestError,
    is_valid_insz,
    read_request,
)
from sandbox.tests.samples import envelope, request_xml

if TYPE_CHECKING:
    from collections.abc import Iterator

SAMPLES = Path(__file__).parents[3] / "shared" / "samples" / "requests"


def _read(content: bytes) -> tuple[Header, list[Question]]:
    header, questions = Header(), list[Question]()
    read_request(io.BytesIO(content), header, questions.append)
    return header, questions


def test_it_reads_context_and_questions() -> None:
    header, questions = _read(request_xml(reference="my-reference", insz=["90010100123"]))

    assert (header.operation, header.name) == ("GeefPersoon", "GeefPersoon")
    assert header.sender("Referte") == "my-reference"
    assert questions == [Question("question-1", True, ["90010100123"])]


def test_an_envelope_makes_no_difference() -> None:
    bare = request_xml(insz=["90010100123", "90010100222"])

    assert _read(envelope(bare)) == _read(bare)


def test_what_stands_in_the_envelopes_header_is_not_the_request() -> None:
    content = envelope(request_xml(), header="<Security>token</Security>")

    header, _ = _read(content)

    assert header.operation == "GeefPersoon"


def test_a_part_of_a_file_is_not_well_formed_but_tells_its_reference() -> None:
    header = Header()
    part = request_xml(reference="my-reference")[:-20]

    with pytest.raises(NotWellFormedError, match="XML not well-formed"):
        read_request(io.BytesIO(part), header, lambda _: None)

    assert header.sender("Referte") == "my-reference"


def test_a_doctype_is_refused_before_its_entities_are_read() -> None:
    bomb = b'<!DOCTYPE a [<!ENTITY b "bb"><!ENTITY c "&b;&b;">]>' + request_xml()

    with pytest.raises(ForbiddenDoctypeError):
        _read(bomb)


@pytest.mark.parametrize(
    "content",
    [
        b"<a/>",
        request_xml(reference=""),
        request_xml(insz=[]),
    ],
    ids=["other XML", "without Referte", "without a question"],
)
def test_other_xml_is_no_request(content: bytes) -> None:
    with pytest.raises(RequestError):
        _read(content)


def test_a_large_request_is_not_held_in_memory() -> None:
    count = 0

    def on_question(_: Question) -> None:
        nonlocal count
        count += 1

    source = _Stream(_large_request(questions=50_000))
    tracemalloc.start()
    try:
        read_request(source, Header(), on_question)  # type: ignore[arg-type]  # reads only
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert count == 50_000
    assert peak < 2_000_000


class _Stream:
    """Something to read from that makes its bytes when they are asked for."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces

    def read(self, _size: int) -> bytes:
        return next(self._pieces, b"")


def _large_request(*, questions: int) -> Iterator[bytes]:
    whole = request_xml(insz=["90010100123"])
    start, rest = whole.split(b"<Vraag>", 1)
    question, end = rest.split(b"</Vraag>", 1)
    yield start
    for _ in range(questions):
        yield b"<Vraag>" + question + b"</Vraag>"
    yield end


@pytest.mark.parametrize("number", ["90010100123", "00000000097", "00630300287"])
def test_these_insz_numbers_are_valid(number: str) -> None:
    assert is_valid_insz(number)


@pytest.mark.parametrize("number", ["90010100124", "9001010012", "", "9001010012x", "٩٠٠١٠١٠٠١٢٣"])
def test_these_insz_numbers_are_not(number: str) -> None:
    assert not is_valid_insz(number)


@pytest.mark.skipif(not SAMPLES.exists(), reason="MAGDA's own samples are not in this checkout")
def test_it_reads_magdas_own_samples() -> None:
    for sample in SAMPLES.glob("*.xml"):
        header, questions = _read(sample.read_bytes())

        assert header.name == sample.stem
        assert len(questions) == 1
