"""What a server says right after the handshake is heard, also when it has reset the connection."""

import os
import socket
import time
from collections.abc import Iterator

import pytest

from exchange.ftps._abort import OpenSocket
from exchange.ftps._verdict import await_verdict

ALERT = b"an alert is short"
TICKET = b"a session ticket is long " * 10


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    """A connection over TCP: our end, as libcurl has it, and the server's."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        ours = socket.create_connection(listener.getsockname())
        theirs, _address = listener.accept()
    ours.setblocking(False)
    with ours, theirs:
        yield ours, theirs


def reset(ours: socket.socket, theirs: socket.socket, last_words: bytes) -> None:
    """Close the server's end after its last words, with something of ours unread there."""
    ours.send(b"CertificateVerify")
    theirs.sendall(last_words)
    theirs.close()


def test_after_a_reset_the_last_words_can_be_read_and_ours_are_taken(
    pair: tuple[socket.socket, socket.socket],
) -> None:
    ours, theirs = pair
    our_address = ours.getsockname()[0]
    reset(ours, theirs, ALERT)

    found = await_verdict([OpenSocket.at(ours.fileno())])

    assert found is not None
    with found.far_end:
        assert found.our_address == our_address
        assert os.write(ours.fileno(), b"USER test-account") == 17
        assert os.read(ours.fileno(), 100) == ALERT
        assert os.read(ours.fileno(), 100) == b""


@pytest.mark.parametrize("words", [ALERT, TICKET])
def test_a_connection_that_lives_is_left_alone(
    pair: tuple[socket.socket, socket.socket], words: bytes
) -> None:
    ours, theirs = pair
    theirs.sendall(words)

    assert await_verdict([OpenSocket.at(ours.fileno())]) is None

    assert ours.recv(1000) == words
    ours.send(b"USER test-account")
    assert theirs.recv(100) == b"USER test-account"


def test_an_end_in_good_order_is_left_to_libcurl(
    pair: tuple[socket.socket, socket.socket],
) -> None:
    ours, theirs = pair
    theirs.close()

    assert await_verdict([OpenSocket.at(ours.fileno())]) is None

    assert ours.recv(100) == b""


def test_a_server_that_says_nothing_is_not_waited_for_long(
    pair: tuple[socket.socket, socket.socket],
) -> None:
    ours, _theirs = pair
    began = time.monotonic()

    assert await_verdict([OpenSocket.at(ours.fileno())], seconds=0.05) is None

    assert 0.04 < time.monotonic() - began < 1


def test_a_try_that_lost_against_another_is_passed_over(
    pair: tuple[socket.socket, socket.socket],
) -> None:
    """libcurl has closed it, and its number may be that of any file now."""
    ours, theirs = pair
    theirs.sendall(TICKET)
    lost = OpenSocket(ours.fileno(), inode=0)

    assert await_verdict([lost]) is None
    assert await_verdict([]) is None
