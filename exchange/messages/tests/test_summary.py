import pytest

from exchange.messages.batch import MessageKind
from exchange.messages.errors import NotWellFormedError
from exchange.messages.summary import ExceptionCount, Summary, summarise
from exchange.messages.tests.builders import document, sample


def answer(content: str) -> str:
    return f"<X><Repliek>{content}</Repliek></X>"


def exception(code: str, severity: str = "FOUT") -> str:
    return (
        f"<Uitzondering><Identificatie>{code}</Identificatie><Oorsprong>MAGDA</Oorsprong>"
        f"<Type>{severity}</Type><Diagnose>d</Diagnose></Uitzondering>"
    )


@pytest.mark.parametrize(
    ("name", "kind", "items"),
    [
        ("request_three_questions.xml", MessageKind.REQUEST, 3),
        ("request_soap.xml", MessageKind.REQUEST, 1),
        ("answer.xml", MessageKind.ANSWER, 2),
    ],
)
def test_it_counts_questions_and_answers(name: str, kind: MessageKind, items: int) -> None:
    assert summarise(sample(name)) == Summary(kind, items, exceptions=(), exception_total=0)


def test_it_counts_exceptions_of_items_and_of_the_message() -> None:
    summary = summarise(sample("answer_exceptions.xml"))

    assert summary.items == 3
    assert summary.exceptions == (
        ExceptionCount("13202", "MAGDA", "FOUT", whole_message=False, count=2),
        ExceptionCount("30002", "RR", "INFORMATIE", whole_message=False, count=1),
        ExceptionCount("99996", "MAGDA", "WAARSCHUWING", whole_message=True, count=1),
    )
    assert summary.exception_total == 4
    assert not summary.is_refused


def test_an_answer_without_answers_is_a_refusal() -> None:
    summary = summarise(sample("answer_refused.xml"))

    assert summary.items == 0
    assert summary.is_refused
    assert [each.code for each in summary.exceptions] == ["20005"]


def test_it_counts_subjects_of_a_publication() -> None:
    summary = summarise(sample("publication.xml"))

    assert (summary.kind, summary.items) == (MessageKind.PUBLICATION, 2)
    assert [(each.code, each.whole_message) for each in summary.exceptions] == [("40032", False)]


def test_look_alikes_inside_the_content_do_not_count() -> None:
    inside = (
        f"<Antwoorden><Antwoord/></Antwoorden><Uitzonderingen>{exception('1')}</Uitzonderingen>"
    )
    text = answer(f"<Antwoorden><Antwoord><Inhoud>{inside}</Inhoud></Antwoord></Antwoorden>")

    summary = summarise(document(text))

    assert (summary.items, summary.exception_total) == (1, 0)


def test_a_field_of_one_exception_does_not_leak_into_the_next() -> None:
    text = answer(f"<Uitzonderingen>{exception('1')}<Uitzondering/></Uitzonderingen>")

    assert [each.code for each in summarise(document(text)).exceptions] == ["1", ""]


def test_only_so_many_different_exceptions_are_kept() -> None:
    many = "".join(exception(str(number)) for number in [*range(150), 0])
    text = answer(f"<Uitzonderingen>{many}</Uitzonderingen>")

    summary = summarise(document(text))

    assert len(summary.exceptions) == 100
    assert summary.exceptions[0].count == 2
    assert summary.exception_total == 151


def test_other_xml_has_nothing_to_count() -> None:
    assert summarise(document("<a><Antwoord/></a>")) == Summary(None, 0, (), 0)


def test_a_fault_at_the_end_is_found() -> None:
    with pytest.raises(NotWellFormedError):
        summarise(document("<X><Repliek></Repliek>"))


def test_items_with_an_error_are_counted_once_each() -> None:
    """Three answers: one without exceptions, one with an error, one with an error and a remark."""
    found = summarise(sample("answer_exceptions.xml"))

    assert (found.items, found.items_with_errors) == (3, 2)


def test_the_beginning_alone_is_a_lower_bound_and_says_so() -> None:
    answers = "<Antwoord/>" * 20_000
    text = f"<GeefX><Repliek><Antwoorden>{answers}</Antwoorden></Repliek></GeefX>"

    beginning = summarise(document(text), at_most=65536)
    whole = summarise(document(text), at_most=10**9)

    assert (whole.items, whole.is_whole) == (20_000, True)
    assert 0 < beginning.items < 20_000
    assert not beginning.is_whole
