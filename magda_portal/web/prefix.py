"""A portal below a path of somebody else's host, such as ``https://example.be/magda``."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment


def below(prefix: str, application: "WSGIApplication") -> "WSGIApplication":
    """Return an application that knows its pages with and without ``prefix`` before their path.

    Some reverse proxies take the prefix off what they hand on, and others leave it; health checks
    from the same machine know of none. An empty prefix changes nothing.
    """

    def serve(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if path == prefix or path.startswith(f"{prefix}/"):
            environ["PATH_INFO"] = path[len(prefix) :] or "/"
        return application(environ, start_response)

    return serve if prefix else application
