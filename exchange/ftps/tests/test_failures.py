"""Servers that are away, silent or contrary, before any TLS is spoken."""

import signal
import time

import pytest

from exchange.ftps import (
    ConnectError,
    ConnectTimeoutError,
    FTPSError,
    HandshakeError,
    RefusedError,
    ResolveError,
    Stage,
    Timeouts,
)
from exchange.ftps.tests.connections import Connections
from exchange.tests.servers.ports import free_port
from exchange.tests.servers.scripted import SILENCE, ScriptedServer


def failure(connections: Connections, *, host: str = "", port: int = 0) -> FTPSError:
    with connections.client(host=host, port=port) as client:
        with pytest.raises(FTPSError) as caught:
            client.entries("to_vip")
        assert client.connection.tls_version == ""
    return caught.value


def test_a_name_that_does_not_resolve(offline: Connections) -> None:
    error = failure(offline, host="no-such-host.invalid")

    assert isinstance(error, ResolveError)
    assert (error.code, error.stage, error.retryable) == ("connect.resolve", Stage.RESOLVE, True)


def test_a_port_where_nobody_listens(offline: Connections) -> None:
    error = failure(offline, port=free_port())

    assert isinstance(error, RefusedError)
    assert (error.code, error.stage, error.retryable) == ("connect.refused", Stage.CONNECT, True)


def test_a_server_that_never_greets_is_given_up_after_the_reply_time_out(
    offline: Connections,
) -> None:
    started = time.monotonic()

    with ScriptedServer(SILENCE) as server:
        error = failure(offline, port=server.port)

    assert isinstance(error, ConnectError)
    assert not isinstance(error, ConnectTimeoutError)
    assert (error.code, error.stage, error.retryable) == ("connect.no_reply", Stage.GREET, True)
    assert time.monotonic() - started < 3


def test_a_server_that_hangs_up_at_once(offline: Connections) -> None:
    with ScriptedServer("") as server:
        error = failure(offline, port=server.port)

    assert (error.code, error.retryable) == ("connect.lost", True)


def test_a_server_that_is_too_busy_may_be_asked_again(offline: Connections) -> None:
    with ScriptedServer("421 Too many connections.") as server:
        error = failure(offline, port=server.port)

    assert (error.code, error.retryable) == ("connect.unavailable", True)
    assert error.reply is not None
    assert error.reply.code == 421


def test_a_server_that_refuses_tls_hears_nothing_in_clear(offline: Connections) -> None:
    with ScriptedServer("220 Ready.") as server:
        error = failure(offline, port=server.port)

    assert isinstance(error, HandshakeError)
    assert (error.code, error.stage) == ("tls.refused_by_server", Stage.SECURE)
    assert {command.split(" ")[0] for command in server.commands} <= {"AUTH", "QUIT"}


def test_a_server_that_agrees_to_tls_and_then_says_nothing(offline: Connections) -> None:
    with ScriptedServer("220 Ready.", {"AUTH": SILENCE}) as server:
        error = failure(offline, port=server.port)

    assert (error.code, error.stage, error.retryable) == ("connect.no_reply", Stage.SECURE, True)


def test_a_server_that_speaks_no_tls_after_agreeing_to_it(offline: Connections) -> None:
    with ScriptedServer("220 Ready.", {"AUTH": "234 Go on.\r\n500 What?"}) as server:
        error = failure(offline, port=server.port)

    assert error.stage is Stage.SECURE
    assert not any(command.startswith(("USER", "PASS")) for command in server.commands)


def test_what_a_signal_handler_raises_ends_even_a_silent_wait(offline: Connections) -> None:
    """A worker's time limit is such an exception."""

    class TimeLimitError(Exception):
        pass

    def handle(_number: int, _frame: object) -> None:
        raise TimeLimitError

    before = signal.signal(signal.SIGALRM, handle)
    started = time.monotonic()
    try:
        with ScriptedServer(SILENCE) as server:
            timeouts = Timeouts(reply=20)
            with offline.client(port=server.port, timeouts=timeouts) as client:
                signal.setitimer(signal.ITIMER_REAL, 0.3)
                with pytest.raises(TimeLimitError):
                    client.entries("to_vip")
    finally:
        signal.signal(signal.SIGALRM, before)

    assert time.monotonic() - started < 5
