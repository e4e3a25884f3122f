import pytest

from exchange.ftps.replies import MAXIMUM_LINES, Reply, ReplyKind, ReplyReader, features


def read(*lines: str) -> list[Reply]:
    reader = ReplyReader()
    return [reply for line in lines if (reply := reader.feed(f"{line}\r\n")) is not None]


def test_a_single_line_is_a_whole_reply() -> None:
    assert read("226 Transfer complete.") == [Reply(226, ("Transfer complete.",))]


def test_a_code_alone_is_a_reply_without_text() -> None:
    assert read("200") == [Reply(200, ("",))]


def test_a_multi_line_reply_ends_at_its_own_code() -> None:
    lines = ("211-Features:", " MLST size*;", "226 is not the end", "211-nor this", "211 End")

    assert read(*lines) == [
        Reply(211, ("Features:", "MLST size*;", "226 is not the end", "nor this", "End"))
    ]


def test_two_replies_are_told_apart() -> None:
    assert [reply.code for reply in read("150 Here it comes", "226 Done")] == [150, 226]


def test_a_line_without_a_code_is_skipped_outside_of_a_reply() -> None:
    assert read("what is this", "999 nor this", "200 OK") == [Reply(200, ("OK",))]


def test_a_half_read_reply_can_be_forgotten() -> None:
    reader = ReplyReader()
    reader.feed("220-Welcome")

    reader.reset()

    assert reader.feed("230 In") == Reply(230, ("In",))


def test_a_reply_without_end_does_not_fill_the_memory() -> None:
    reader = ReplyReader()
    for _ in range(10 * MAXIMUM_LINES):
        reader.feed("220-more")

    reply = reader.feed("220 end")

    assert reply is not None
    assert len(reply.lines) == MAXIMUM_LINES


@pytest.mark.parametrize(
    ("code", "kind", "is_refusal"),
    [
        (150, ReplyKind.PRELIMINARY, False),
        (226, ReplyKind.COMPLETION, False),
        (350, ReplyKind.INTERMEDIATE, False),
        (452, ReplyKind.TRANSIENT_REFUSAL, True),
        (550, ReplyKind.PERMANENT_REFUSAL, True),
    ],
)
def test_the_first_digit_is_the_kind(code: int, kind: ReplyKind, is_refusal: bool) -> None:
    reply = Reply(code, ("text",))

    assert (reply.kind, reply.is_refusal, reply.text) == (kind, is_refusal, f"{code} text")


def test_features_are_named_in_capitals_and_keep_their_parameters() -> None:
    reply = Reply(211, ("Features:", "mlst size*;type*;", "SIZE", "", "REST STREAM", "End"))

    assert features(reply) == {"MLST": "size*;type*;", "SIZE": "", "REST": "STREAM"}


def test_a_server_without_features_has_none() -> None:
    assert features(Reply(211, ("No features",))) == {}
