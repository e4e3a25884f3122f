"""How a data connection is broken off, on sockets without TLS."""

import os
import socket
from collections.abc import Iterator

import pytest

from exchange.ftps._abort import OpenSocket


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    """Our side of a TCP connection and the server's."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        ours = socket.create_connection(listener.getsockname())
        theirs, _ = listener.accept()
    with ours, theirs:
        theirs.settimeout(5)
        yield ours, theirs


def test_the_other_side_sees_a_reset_and_no_end_of_the_file(
    pair: tuple[socket.socket, socket.socket],
) -> None:
    ours, theirs = pair
    ours.sendall(b"a part")
    assert theirs.recv(100) == b"a part"

    OpenSocket.at(ours.fileno()).reset()

    with pytest.raises(ConnectionResetError):
        theirs.recv(100)


def test_the_number_stays_taken_and_leads_nowhere(
    pair: tuple[socket.socket, socket.socket],
) -> None:
    ours, _ = pair

    OpenSocket.at(ours.fileno()).reset()

    assert not os.get_inheritable(ours.fileno())
    with pytest.raises(OSError, match=r"Broken pipe|not connected"):
        ours.sendall(b"more")


def test_another_file_that_took_the_number_is_left_alone(
    pair: tuple[socket.socket, socket.socket],
) -> None:
    ours, theirs = pair
    closed = OpenSocket.at(ours.fileno())
    other_ours, other_theirs = socket.socketpair()

    with other_ours, other_theirs:
        os.dup2(other_ours.fileno(), ours.fileno())
        closed.reset()
        other_theirs.sendall(b"still here")

        assert os.read(ours.fileno(), 100) == b"still here"
    assert theirs.recv(100) == b""


def test_a_socket_that_is_closed_already_is_left_alone(
    pair: tuple[socket.socket, socket.socket],
) -> None:
    ours, theirs = pair
    closed = OpenSocket.at(ours.fileno())

    ours.close()
    closed.reset()

    assert theirs.recv(100) == b""
