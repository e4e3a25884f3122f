import itertools
from pathlib import Path
from typing import BinaryIO, cast

import pytest

from exchange.messages.batch import (
    CONTEXT_WITHIN,
    Context,
    MessageKind,
    check_well_formed,
    read_context,
)
from exchange.messages.errors import NotWellFormedError
from exchange.messages.tests.builders import (
    SAMPLES,
    Trickle,
    document,
    request,
    sample,
    shared,
)

REFERENCE = "0b6c1f52-5a0e-4a37-9a53-1f2e6f0a7d01"


def known(stream: BinaryIO) -> Context:
    context = read_context(stream)
    assert context is not None
    return context


def test_it_reads_the_head_of_a_request() -> None:
    assert read_context(sample("request_three_questions.xml")) == Context(
        kind=MessageKind.REQUEST,
        service="GeefPersoon",
        version="02.02.0000",
        sender="voorbeeld.vlaanderen.be/oefendienst",
        sender_reference=REFERENCE,
        receiver="",
        receiver_reference="",
        capacity="9001",
    )


def test_it_reads_the_head_of_an_answer() -> None:
    assert read_context(sample("answer.xml")) == Context(
        kind=MessageKind.ANSWER,
        service="GeefPersoon",
        version="02.02.0000",
        sender="vip.vlaanderen.be",
        sender_reference="3c7f9a10-2222-4b1e-8f00-5d5e6a7b8c01",
        receiver="voorbeeld.vlaanderen.be/oefendienst",
        receiver_reference=REFERENCE,
        capacity="9001",
    )


def test_it_reads_the_head_of_a_publication() -> None:
    context = known(sample("publication.xml"))

    assert context.kind is MessageKind.PUBLICATION
    assert context.service == "Persoon.PubliceerMutatiePersoon"
    assert context.capacity == "9002"
    assert context.request_reference == ""


def test_it_reads_a_soap_request_and_leaves_the_header_alone() -> None:
    context = known(sample("request_soap.xml"))

    assert context.service == "GeefOnderneming"
    assert context.receiver == "vip.vlaanderen.be"
    assert context.sender_reference == "oefening & controle 7"


@pytest.mark.parametrize("name", ["answer.xml", "answer_exceptions.xml", "answer_refused.xml"])
def test_an_answer_bears_the_reference_of_its_request(name: str) -> None:
    question = known(sample("request_three_questions.xml"))

    answer = known(sample(name))

    assert answer.request_reference == question.request_reference == REFERENCE


def test_it_reads_a_message_without_the_element_of_the_service() -> None:
    bare = request().removeprefix("<GeefX>").removesuffix("</GeefX>")

    assert known(document(bare)).sender_reference == "r-1"


@pytest.mark.parametrize(
    "text",
    [
        "<note><to>us</to></note>",
        "<Context><Naam>x</Naam></Context>",
        "<a><b><Verzoek><Context/></Verzoek></b></a>",
        "<GeefX><Verzoek><Vragen/></Verzoek></GeefX>",
        "<Envelope><Body><Fault><faultcode>x</faultcode></Fault></Body></Envelope>",
    ],
)
def test_other_xml_is_no_magda_message(text: str) -> None:
    assert read_context(document(text)) is None


def test_missing_fields_are_empty() -> None:
    context = known(document("<X><Repliek><Context/></Repliek></X>"))

    assert context.kind is MessageKind.ANSWER
    assert context.service == context.receiver_reference == context.capacity == ""


def test_the_first_of_a_repeated_field_counts() -> None:
    text = request("first").replace("</Afzender>", "<Referte>second</Referte></Afzender>")

    assert known(document(text)).sender_reference == "first"


def test_a_reference_deeper_in_the_head_is_not_the_reference() -> None:
    text = request("own").replace(
        "<Naam>", "<Annotaties><Referte>other</Referte></Annotaties><Naam>"
    )

    assert known(document(text)).sender_reference == "own"


def test_an_endless_field_is_cut() -> None:
    assert len(known(document(request("é" * 100_000))).sender_reference) == 256


def test_a_field_after_much_white_space_is_whole() -> None:
    assert known(document(request("\n" * 5000 + " r-7"))).sender_reference == "r-7"


def test_a_comment_does_not_split_a_field() -> None:
    assert known(document(request("a<!-- x -->b<![CDATA[<c]]>"))).sender_reference == "ab<c"


def test_it_reads_the_head_from_single_bytes() -> None:
    content = (SAMPLES / "answer.xml").read_bytes()
    stream = Trickle(iter([content]), at_once=1)

    assert known(cast("BinaryIO", stream)).receiver_reference == REFERENCE


def test_it_stops_reading_behind_the_head() -> None:
    head = request(questions="|").split("|")[0].encode()
    endless = Trickle(itertools.chain([head], itertools.repeat(b"<Vraag/>" * 1000)))

    assert known(cast("BinaryIO", endless)).sender_reference == "r-1"
    assert endless.taken <= 65536


def test_it_stops_reading_at_the_end_of_a_message_without_a_head() -> None:
    start = b"<GeefX><Verzoek><Vragen/></Verzoek>"
    endless = Trickle(itertools.chain([start], itertools.repeat(b"<row/>" * 1000)))

    assert read_context(cast("BinaryIO", endless)) is None
    assert endless.taken <= 65536


def test_it_gives_up_on_a_long_document_without_a_head() -> None:
    endless = Trickle(itertools.chain([b"<rows>"], itertools.repeat(b"<row/>" * 1000)))

    assert read_context(cast("BinaryIO", endless)) is None
    assert endless.taken <= CONTEXT_WITHIN + 65536


@pytest.mark.parametrize("fault", ["</oops>", "&oops;", "<!DOCTYPE a>"])
def test_a_fault_behind_the_head_is_left_to_the_full_check(fault: str) -> None:
    broken = request().replace("</Context>", f"</Context>{fault}")

    assert known(document(broken)).sender_reference == "r-1"
    with pytest.raises(NotWellFormedError):
        check_well_formed(document(broken))


@pytest.mark.parametrize("path", sorted(SAMPLES.glob("*.xml")), ids=lambda path: path.name)
def test_every_sample_is_well_formed(path: Path) -> None:
    with path.open("rb") as stream:
        check_well_formed(stream)


def test_magdas_own_examples_are_recognised() -> None:
    """Goes through none on a machine that has only the checkout."""
    kinds = {
        "requests": MessageKind.REQUEST,
        "responses": MessageKind.ANSWER,
        "publications": MessageKind.PUBLICATION,
    }
    for folder, kind in kinds.items():
        for path in shared(f"{folder}/*.xml"):
            with path.open("rb") as stream:
                context = known(stream)

            assert (context.kind, path.name) == (kind, path.name)
            assert context.sender_reference
            assert context.service
