"""A browser without a screen: cookies, forms and links over plain HTTP."""

import contextlib
import http.client
import re
import socket
import struct
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid
from dataclasses import dataclass
from html.parser import HTMLParser
from http.cookiejar import CookieJar


@dataclass(frozen=True)
class Page:
    status: int
    address: str
    body: bytes
    headers: dict[str, str]

    @property
    def text(self) -> str:
        return self.body.decode()

    def links(self, pattern: str) -> list[str]:
        """Return the targets of links that match, in the order of the page, each once."""
        found = re.findall(r'href="([^"]+)"', self.text)
        return list(dict.fromkeys(link for link in found if re.search(pattern, link)))

    @property
    def stage(self) -> str:
        """The word that says on a case's page where it stands; empty on other pages."""
        badge = re.search(r'id="stage"[^>]*><span[^>]*><span[^>]*>[^<]*</span>([^<]+)<', self.text)
        return badge[1] if badge else ""


class Browser:
    """Somebody at the portal. Every form is sent with the hidden fields that its page gave."""

    def __init__(self, portal: str) -> None:
        self._portal = portal
        self._cookies = CookieJar()
        cookies = urllib.request.HTTPCookieProcessor(self._cookies)
        self._opener = urllib.request.build_opener(cookies)

    def get(self, path: str) -> Page:
        return self._open(urllib.request.Request(urllib.parse.urljoin(self._portal, path)))

    def log_in(self, email: str, password: str) -> Page:
        return self.submit("/login/", {"login": email, "password": password})

    def submit(self, path: str, fields: dict[str, str], *, at: str = "") -> Page:
        """Fill in the form that goes to ``path``, on that page or the one ``at``, and send it."""
        filled = {**self._hidden_fields(path, at=at or path), **fields}
        return self._post(path, urllib.parse.urlencode(filled).encode())

    def upload(
        self,
        path: str,
        fields: dict[str, str],
        *,
        name: str,
        content: bytes,
        cut_at: int | None = None,
    ) -> Page:
        """Like :meth:`submit`, with a file, laid out the way browsers do: in the form's order.

        With ``cut_at`` the connection breaks after that many bytes of the body.
        """
        body, kind = self._multipart(path, fields, name, content)
        if cut_at is not None:
            return self._post_part(path, body, kind, cut_at)
        return self._post(path, body, kind)

    def send(
        self, fields: dict[str, str], *, name: str, content: bytes, overrule: str = ""
    ) -> Page:
        """Bring a file, look it through, and send it; return the page that comes then.

        ``overrule`` is the reason that is given where the portal warns.
        """
        page = self.upload("/send/", fields, name=name, content=content)
        path = urllib.parse.urlparse(page.address).path
        if path == "/send/":
            return page
        names = dict(re.findall(r'name="(name-\w+)" [^>]*value="([^"]*)"', page.text))
        reasons = dict.fromkeys(re.findall(r'name="(overrule-\w+)"', page.text), overrule)
        return self.submit(path, {**names, **reasons, "send": "1"})

    def vanish_while_uploading(
        self, path: str, fields: dict[str, str], *, name: str, content: bytes, cut_at: int
    ) -> None:
        """Send a part of an upload, and reset the connection (RST) without a word."""
        body, kind = self._multipart(path, fields, name, content)
        with contextlib.closing(self._begin_post(path, body, kind, cut_at)) as connection:
            # Long enough for the server to have read the part.
            time.sleep(0.5)
            no_lingering = struct.pack("ii", 1, 0)
            connection.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, no_lingering)

    def _multipart(
        self, path: str, fields: dict[str, str], name: str, content: bytes
    ) -> tuple[bytes, str]:
        """Return the body of a form with a file, and its content type."""
        hidden = self._hidden_fields(path, at=path)
        last = {"complete": hidden.pop("complete")}
        boundary = uuid.uuid4().hex
        file_head = (
            f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
            "Content-Type: application/octet-stream\r\n\r\n"
        )
        body = b"".join(
            [
                _parts(boundary, {**hidden, **fields}),
                file_head.encode() + content + b"\r\n",
                _parts(boundary, last),
                f"--{boundary}--\r\n".encode(),
            ]
        )
        return body, f"multipart/form-data; boundary={boundary}"

    def choices(self, path: str, field: str) -> dict[str, str]:
        """Return the radio buttons of a field: text to value."""
        radios = re.findall(
            rf'<input type="radio" name="{field}"[^>]*? value="([^"]+)"[^>]*>(.*?)</label>',
            self.get(path).text,
            re.S,
        )
        return {" ".join(re.sub(r"<[^>]+>", " ", text).split()): value for value, text in radios}

    def _hidden_fields(self, path: str, *, at: str) -> dict[str, str]:
        parser = _HiddenFields(urllib.parse.urlparse(path).path, own_page=at == path)
        parser.feed(self.get(at).text)
        return parser.fields

    def _post(
        self, path: str, body: bytes, kind: str = "application/x-www-form-urlencoded"
    ) -> Page:
        address = urllib.parse.urljoin(self._portal, path)
        headers = {"Content-Type": kind, "Referer": address}
        return self._open(urllib.request.Request(address, body, headers))

    def _post_part(self, path: str, body: bytes, kind: str, cut_at: int) -> Page:
        """Announce the whole body, send a part, and say that no more will come (FIN)."""
        with contextlib.closing(self._begin_post(path, body, kind, cut_at)) as connection:
            connection.sock.shutdown(socket.SHUT_WR)
            answer = connection.getresponse()
            return Page(answer.status, path, answer.read(), dict(answer.headers))

    def _begin_post(
        self, path: str, body: bytes, kind: str, cut_at: int
    ) -> http.client.HTTPConnection:
        address = urllib.parse.urlparse(urllib.parse.urljoin(self._portal, path))
        cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in self._cookies)
        connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=60)
        connection.putrequest("POST", address.path)
        connection.putheader("Content-Type", kind)
        connection.putheader("Content-Length", str(len(body)))
        connection.putheader("Cookie", cookies)
        connection.endheaders(body[:cut_at])
        return connection

    def _open(self, request: urllib.request.Request) -> Page:
        try:
            with self._opener.open(request, timeout=60) as answer:
                return Page(answer.status, answer.url, answer.read(), dict(answer.headers))
        except urllib.error.HTTPError as error:
            with error:
                return Page(error.code, error.url or "", error.read(), dict(error.headers))


class _HiddenFields(HTMLParser):
    """Collects the hidden fields of the form that posts to ``path``, or to its own page."""

    def __init__(self, path: str, *, own_page: bool) -> None:
        super().__init__()
        self.fields: dict[str, str] = {}
        self._path = path
        self._without_action = path if own_page else ""
        self._inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._inside = (values.get("action") or self._without_action) == self._path
        if tag == "input" and self._inside and values.get("type") == "hidden":
            self.fields[values["name"]] = values.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = False


def _parts(boundary: str, fields: dict[str, str]) -> bytes:
    return b"".join(
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields.items()
    )
