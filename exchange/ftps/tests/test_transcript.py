import pytest

from exchange.ftps.transcript import MAXIMUM_LENGTH, MAXIMUM_LINES, Transcript


def test_each_line_says_where_it_comes_from() -> None:
    transcript = Transcript()

    transcript.sent("USER vip\r\n")
    transcript.received("232 Welcome\r\n")
    transcript.remark("TLS alert")

    assert transcript.lines == ("> USER vip", "< 232 Welcome", "* TLS alert")


@pytest.mark.parametrize("command", ["PASS geheim", "pass geheim", "ACCT geheim"])
def test_passwords_are_masked(command: str) -> None:
    transcript = Transcript()

    transcript.sent(f"{command}\r\n")

    assert transcript.lines == (f"> {command.split(maxsplit=1)[0]} ***",)


def test_the_proxys_password_is_masked_within_the_request() -> None:
    transcript = Transcript()

    transcript.sent(
        "CONNECT localhost:21 HTTP/1.1\r\nHost: localhost:21\r\n"
        "Proxy-Authorization: Basic Z2VoZWlt\r\nproxy-authorization:Basic Z2VoZWlt\r\n\r\n"
    )

    assert "Z2VoZWlt" not in str(transcript.lines)
    assert "> CONNECT localhost:21 HTTP/1.1" in transcript.lines


@pytest.mark.parametrize(
    ("character", "escaped"),
    [
        ("\x1b", "\\x1b"),
        ("\x00", "\\x00"),
        ("\x9b", "\\x9b"),
        ("\u202e", "\\u202e"),
        ("\udce9", "\\udce9"),
        ("é", "é"),
    ],
)
def test_characters_that_act_on_a_terminal_are_escaped(character: str, escaped: str) -> None:
    transcript = Transcript()

    transcript.received(f"220 {character}\r\n")

    assert transcript.lines == (f"< 220 {escaped}",)


def test_only_the_last_lines_are_kept_and_none_is_endless() -> None:
    transcript = Transcript()

    for number in range(2 * MAXIMUM_LINES):
        transcript.received(f"{number} {'x' * 10_000}")

    assert len(transcript.lines) == MAXIMUM_LINES
    assert transcript.lines[-1].startswith(f"< {2 * MAXIMUM_LINES - 1} ")
    assert max(map(len, transcript.lines)) <= MAXIMUM_LENGTH + 2


def test_it_tells_what_was_written_since_a_mark() -> None:
    transcript = Transcript()
    transcript.sent("USER vip")
    mark = transcript.written
    transcript.received("232 Welcome")

    assert transcript.since(mark) == ("< 232 Welcome",)
    assert transcript.since(transcript.written) == ()


def test_a_mark_whose_lines_are_gone_gives_what_is_left() -> None:
    transcript = Transcript()
    mark = transcript.written
    for number in range(MAXIMUM_LINES + 5):
        transcript.remark(str(number))

    assert transcript.since(mark) == transcript.lines
