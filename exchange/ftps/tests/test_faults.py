"""What libcurl's codes mean at which stage, for what no test server shows at will."""

import errno

import pytest

from exchange.ftps._faults import CurlCode, Fault, error_for
from exchange.ftps.dialogue import Dialogue
from exchange.ftps.errors import (
    ERROR_CODES,
    ConnectError,
    ConnectTimeoutError,
    DeniedError,
    FTPSError,
    NotFoundError,
    ResolveError,
    Stage,
    StorageFullError,
    UnconfirmedError,
)
from exchange.ftps.transcript import Transcript


def dialogue_of(*lines: str, behind_proxy: bool = False) -> Dialogue:
    """Play lines to a dialogue that is logged in: ``>`` we say, ``<`` they say, ``*`` remarks."""
    dialogue = Dialogue(Transcript(), behind_proxy=behind_proxy)
    dialogue.begin(connected=True)
    for line in lines:
        sign, _, text = line.partition(" ")
        take = {">": dialogue.commanded, "<": dialogue.answered, "*": dialogue.noted}[sign]
        take(f"{text}\r\n" if sign != "*" else text)
    return dialogue


def error(code: int, *lines: str, message: str = "libcurl's words") -> FTPSError:
    return error_for(Fault(code, message), dialogue_of(*lines))


@pytest.mark.parametrize(
    ("reply", "code", "retryable"),
    [
        ("421 Idle too long", "connect.unavailable", True),
        ("425 Unable to build data connection", "data.connect_failed", True),
        ("425 TLS session of data connection not reused", "data.session_not_resumed", True),
        (
            "425 Unable to build data connection: Operation not permitted",
            "data.session_not_resumed",
            True,
        ),
        ("522 SSL connection failed: session reuse required", "data.session_not_resumed", True),
        ("426 Connection closed; transfer aborted", "data.aborted", True),
        ("451 Local error", "data.aborted", True),
        ("450 Busy", "command.refused", True),
        ("452 Disk full", "server.full", True),
        ("552 Quota exceeded", "server.full", True),
        ("530 Not logged in", "login.refused", False),
        ("550 No", "file.denied", False),
        ("553 Name not allowed", "file.denied", False),
        ("500 What?", "command.refused", False),
    ],
)
def test_the_servers_reply_decides(reply: str, code: str, retryable: bool) -> None:
    found = error(CurlCode.PARTIAL_FILE, "> EPSV", "< 229 x", "> STOR a", "< 150 x", f"< {reply}")

    assert (found.code, found.retryable, str(found)) == (code, retryable, reply)
    assert found.reply is not None


@pytest.mark.parametrize(
    ("command", "reply", "kind"),
    [
        ("RETR a", "550 a: No such file or directory", NotFoundError),
        ("RETR a", "550 a: Permission denied", DeniedError),
        ("DELE a", "550 a: Operation not permitted", DeniedError),
        ("RNFR a", "550 a: not there", NotFoundError),
        ("RNTO a", "550 a: already exists", DeniedError),
        ("LIST a", "450 a: No such file or directory", NotFoundError),
        ("STOR a", "452 full", StorageFullError),
    ],
)
def test_550_means_what_the_command_makes_of_it(
    command: str, reply: str, kind: type[FTPSError]
) -> None:
    assert type(error(21, f"> {command}", f"< {reply}")) is kind


@pytest.mark.parametrize("code", [CurlCode.RECV_ERROR, CurlCode.OPERATION_TIMEDOUT])
@pytest.mark.parametrize("command", ["RNTO b", "DELE a"])
def test_a_lost_reply_to_an_effective_command_leaves_the_outcome_open(
    code: CurlCode, command: str
) -> None:
    found = error(code, "> RNFR a", "< 350 Go on", f"> {command}")

    assert type(found) is UnconfirmedError
    assert (found.stage, found.retryable) == (Stage.CONFIRM, True)


def test_a_lost_reply_to_rnfr_leaves_nothing_open() -> None:
    found = error(CurlCode.RECV_ERROR, "> RNFR a")

    assert type(found) is ConnectError
    assert found.code == "connect.lost"


def test_a_lost_226_is_an_unconfirmed_transfer() -> None:
    dialogue = dialogue_of("> EPSV", "< 229 x", "> STOR a", "< 150 x")
    dialogue.stage = Stage.CONFIRM

    found = error_for(Fault(CurlCode.RECV_ERROR, "gone"), dialogue)

    assert (found.code, found.retryable) == ("data.unconfirmed", True)


@pytest.mark.parametrize(
    ("code", "lines", "expected"),
    [
        (CurlCode.SEND_ERROR, ["> EPSV", "< 229 x", "> STOR a", "< 150 x"], "data.aborted"),
        (CurlCode.PARTIAL_FILE, ["> EPSV", "< 229 x", "> RETR a", "< 150 x"], "data.size_mismatch"),
        (CurlCode.COULDNT_CONNECT, ["> EPSV", "< 229 x"], "data.connect_failed"),
        (CurlCode.OPERATION_TIMEDOUT, ["> EPSV", "< 229 x", "> RETR a", "< 150 x"], "data.stalled"),
        (CurlCode.OPERATION_TIMEDOUT, ["> SIZE a"], "connect.no_reply"),
        (CurlCode.OPERATION_TIMEDOUT, ["> EPSV"], "connect.no_reply"),
        (CurlCode.OPERATION_TIMEDOUT, ["> EPSV", "< 229 x", "> TYPE I"], "connect.no_reply"),
        (CurlCode.SSL_CACERT_BADFILE, ["> AUTH TLS", "< 234 x"], "client.trust_unusable"),
        (CurlCode.SSL_CERTPROBLEM, ["> AUTH TLS", "< 234 x"], "client.key_unusable"),
        (CurlCode.URL_MALFORMAT, [], "name.unsafe"),
        (CurlCode.GOT_NOTHING, [], "connect.lost"),
        (27, [], "command.refused"),
        (CurlCode.SEND_ERROR, ["> AUTH TLS"], "connect.lost"),
        (CurlCode.PEER_FAILED_VERIFICATION, ["> AUTH TLS", "< 234 x"], "tls.server_untrusted"),
        (CurlCode.RECV_ERROR, ["> USER a", "< 332 Need account"], "connect.lost"),
        (67, ["> USER a", "< 500 Never heard of"], "login.refused"),
    ],
)
def test_without_a_refusal_the_stage_decides(
    code: CurlCode, lines: list[str], expected: str
) -> None:
    assert error(code, *lines).code == expected


@pytest.mark.parametrize(
    ("system_error", "expected"),
    [
        (errno.ECONNREFUSED, "connect.refused"),
        (errno.ETIMEDOUT, "connect.timed_out"),
        (errno.ENETUNREACH, "connect.failed"),
    ],
)
def test_the_systems_word_tells_why_no_connection_came_about(
    system_error: int, expected: str
) -> None:
    dialogue = Dialogue(Transcript(), behind_proxy=False)
    dialogue.noted("  Trying 192.0.2.1:21...")

    found = error_for(Fault(CurlCode.COULDNT_CONNECT, "", system_error=system_error), dialogue)

    assert (found.code, found.stage) == (expected, Stage.CONNECT)


@pytest.mark.parametrize(
    ("lines", "message", "code", "retryable"),
    [
        (
            ["* TLSv1.2 (IN), TLS alert, certificate expired (557):"],
            "",
            "tls.client_rejected",
            False,
        ),
        (["* TLSv1.2 (IN), TLS alert, protocol version (582):"], "", "tls.handshake", False),
        ([], "unexpected eof while reading", "tls.handshake", True),
        ([], "no protocols available", "tls.handshake", False),
        (
            ["* SSL connection using TLSv1.3 / X", "> USER a"],
            "reset",
            "tls.cut_after_handshake",
            True,
        ),
        (
            [
                "* SSL connection using TLSv1.3 / X",
                "> USER a",
                "* TLSv1.3 (IN), TLS alert, unknown CA (560):",
            ],
            "reset",
            "tls.client_rejected",
            False,
        ),
        (["* SSL connection using TLSv1.2 / X", "> USER a"], "reset", "tls.handshake", False),
    ],
)
def test_a_handshake_that_fails_tells_whose_fault_it_is(
    lines: list[str], message: str, code: str, retryable: bool
) -> None:
    found = error(CurlCode.SSL_CONNECT_ERROR, "> AUTH TLS", "< 234 Go on", *lines, message=message)

    assert (found.code, found.retryable) == (code, retryable)


def test_a_login_that_broke_after_the_server_had_answered_is_a_lost_connection() -> None:
    found = error(
        CurlCode.RECV_ERROR,
        "> AUTH TLS",
        "< 234 Go on",
        "* SSL connection using TLSv1.3 / X",
        "> USER a",
        "< 232 Welcome",
        "> PBSZ 0",
    )

    assert found.code == "connect.lost"


def test_every_error_code_is_known() -> None:
    with pytest.raises(ValueError, match="not among"):
        FTPSError("x", stage=Stage.DATA, code="no.such_code")
    assert all(code == code.lower() and code.count(".") == 1 for code in ERROR_CODES)


@pytest.mark.parametrize(
    ("line", "kind"),
    [("  Trying 192.0.2.1:21...", ConnectTimeoutError), ("Host was", ResolveError)],
)
def test_a_time_out_before_the_connection_stands(line: str, kind: type[FTPSError]) -> None:
    dialogue = Dialogue(Transcript(), behind_proxy=False)
    dialogue.noted(line)

    assert type(error_for(Fault(CurlCode.OPERATION_TIMEDOUT, "late"), dialogue)) is kind
