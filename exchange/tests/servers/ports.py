"""Free loopback ports for test servers that run side by side."""

import socket


def free_port() -> int:
    """Return a TCP port on 127.0.0.1 that nobody listened on a moment ago.

    Another process may take it before the caller does, so the caller must check that it is its own
    server that answers, and ask again when it is not.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
