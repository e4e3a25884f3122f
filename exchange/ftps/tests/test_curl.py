"""What a single libcurl handle is set up to do, seen on a real server."""

import io
import re
from collections.abc import Callable

import pytest

from exchange.ftps import FTPSError
from exchange.ftps._curl import Handle
from exchange.ftps._options import Setup
from exchange.ftps.config import Timeouts, TrustStore
from exchange.ftps.dialogue import Dialogue
from exchange.ftps.pulse import Pulse
from exchange.ftps.tests.connections import Connections
from exchange.ftps.transcript import Transcript
from exchange.tests.servers.proftpd import ProFTPD

Act = Callable[[Handle], object]

pytestmark = pytest.mark.proftpd


@pytest.fixture
def setup(connections: Connections) -> Setup:
    return Setup(
        connections.endpoint,
        connections.credentials(),
        TrustStore(connections.authority.root_pem),
        Timeouts(connect=5, reply=5, stall=5),
        heartbeat=lambda: None,
        logged_in=lambda: None,
    )


def new_handle(setup: Setup, *, resume_sessions: bool = True) -> Handle:
    dialogue = Dialogue(Transcript(), behind_proxy=False)
    return Handle(setup, dialogue, resume_sessions=resume_sessions)


@pytest.mark.parametrize("act", ["list", "upload"])
def test_a_data_connection_without_the_control_connections_session_is_told_as_such(
    setup: Setup, act: str
) -> None:
    acts: dict[str, Act] = {
        "list": lambda handle: handle.listing("to_vip/", lambda _data: None, machine=True),
        "upload": lambda handle: handle.upload(
            "to_vip/unresumed.tmp", io.BytesIO(b"x"), 1, Pulse(None)
        ),
    }
    handle = new_handle(setup, resume_sessions=False)

    with pytest.raises(FTPSError) as caught:
        acts[act](handle)

    handle.close()
    assert (caught.value.code, caught.value.retryable) == ("data.session_not_resumed", True)


def test_data_connections_resume_the_session_and_are_private(setup: Setup, server: ProFTPD) -> None:
    handle = new_handle(setup)

    handle.upload("to_vip/resumed.tmp", io.BytesIO(b"x"), 1, Pulse(None))

    handle.close()
    text = "\n".join(handle.dialogue.transcript.lines)
    assert "SSL reusing session" in text
    assert re.search("> PBSZ 0.*> PROT P.*> STOR", text, re.DOTALL)


@pytest.mark.parametrize("word", ["Trying ", "left intact"])
def test_what_is_raised_while_following_the_dialogue_comes_out(setup: Setup, word: str) -> None:
    """A signal handler of the worker may raise there, even when all else is done."""

    class TimeLimitError(Exception):
        pass

    class Interrupted(Dialogue):
        def noted(self, text: str) -> None:
            if word in text:
                raise TimeLimitError

    handle = Handle(setup, Interrupted(Transcript(), behind_proxy=False))

    with pytest.raises(TimeLimitError):
        handle.command([b"NOOP"])

    handle.close()
