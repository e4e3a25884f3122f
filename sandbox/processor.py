"""What MAGDA does with the files in `to_vip`: pick up, copy to the cache, answer.

A file is picked up a moment after it has been seen under a name that matches, whether it is whole
or not. A client that uploads under the final name therefore sees the harm: what is picked up
is a part, and the answer says that the XML is not well-formed.

States of a request file, all of them on the disk, so that a restart loses none:

    to_vip ──pick up──▶ cache/to_vip and work/pending ──answer──▶ from_vip
"""

from __future__ import annotations

import os
import re
import shutil
import threading
import time
import uuid
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from sandbox.accounts import Folder
from sandbox.answers import AnswerWriter
from sandbox.requests import Header, RequestError, read_request

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sandbox.accounts import Homes
    from sandbox.settings import SandboxSettings

# A name on the disk holds 255 bytes; the answer's name needs room behind the request's.
_LONGEST_STEM = 150


class _Queue:
    """Files that wait for a step, and since when (monotonic) each has been seen waiting."""

    def __init__(self) -> None:
        self._seen: dict[Path, float] = {}

    def due(self, files: list[Path], *, after: float) -> list[Path]:
        """Return those that have waited `after` seconds; forget those that are gone."""
        now = time.monotonic()
        self._seen = {path: self._seen.get(path, now) for path in files}
        return [path for path, since in self._seen.items() if now - since >= after]


class Processor:
    """The processing of all accounts; safe to be called from several threads."""

    def __init__(
        self, homes: Homes, settings: SandboxSettings, *, clock: Callable[[], datetime]
    ) -> None:
        self._homes = homes
        self._settings = settings
        self._clock = clock
        self._pattern = re.compile(settings.name_pattern)
        self._lock = threading.Lock()
        self._waiting = {account: _Queue() for account in homes.accounts}
        self._pending = {account: _Queue() for account in homes.accounts}

    def process_due(self) -> None:
        """Pick up and answer what has waited long enough."""
        self._process(self._settings.pick_up_after, self._settings.answer_after)

    def process_now(self) -> None:
        """Pick up and answer everything that is there, without waiting."""
        self._process(0.0, 0.0)

    def _process(self, pick_up_after: float, answer_after: float) -> None:
        with self._lock:
            for account in self._homes.accounts:
                requests = self._matching_requests(account)
                for request in self._waiting[account].due(requests, after=pick_up_after):
                    self._pick_up(account, request)
                picked_up = list(self._pending_folder(account).glob("*/*"))
                for request in self._pending[account].due(picked_up, after=answer_after):
                    self._answer(account, request)

    def _matching_requests(self, account: str) -> list[Path]:
        entries = os.scandir(self._homes.home(account) / Folder.TO_VIP)
        with entries:
            return [
                Path(entry)
                for entry in entries
                if self._pattern.search(entry.name) and entry.is_file(follow_symlinks=False)
            ]

    def _pending_folder(self, account: str) -> Path:
        return self._homes.work_folder("pending") / quote(account, safe="")

    def _pick_up(self, account: str, request: Path) -> None:
        copy = self._homes.spool()
        try:
            shutil.copyfile(request, copy)
        except FileNotFoundError:
            # The client deleted or renamed it just now.
            copy.unlink()
            return
        pending = self._pending_folder(account) / uuid.uuid4().hex
        pending.mkdir(parents=True)
        (pending / request.name).hardlink_to(copy)
        copy.replace(self._homes.home(account) / Folder.CACHE_TO_VIP / request.name)
        request.unlink(missing_ok=True)

    def _answer(self, account: str, request: Path) -> None:
        answer = self._homes.spool()
        if request.suffix.lower() == ".csv":
            _answer_csv(request, answer)
        else:
            _answer_xml(request, answer, now=self._clock())
        answer.replace(self._free_name(account, request))
        shutil.rmtree(request.parent)

    def _free_name(self, account: str, request: Path) -> Path:
        """Return a path in `from_vip` that nothing bears: request's stem and a 17-digit time."""
        folder = self._homes.home(account) / Folder.FROM_VIP
        stem = request.stem.encode()[:_LONGEST_STEM].decode(errors="ignore")
        moment = self._clock()
        while True:
            timestamp = f"{moment:%Y%m%d%H%M%S}{moment.microsecond // 1000:03}"
            path = folder / f"{stem}_antwoord_{timestamp}{request.suffix.lower()}"
            if not path.exists():
                return path
            moment += timedelta(milliseconds=1)


def _answer_csv(request: Path, answer: Path) -> None:
    """Say how many lines were read; nothing in a CSV file ties an answer to its request."""
    with request.open("rb") as lines:
        count = sum(1 for _ in lines)
    answer.write_text(f'"VERWERKT";"{count}"\n', encoding="utf-8")


def _answer_xml(request: Path, answer: Path, *, now: datetime) -> None:
    header = Header()
    try:
        with request.open("rb") as source, answer.open("w", encoding="utf-8") as target:
            writer = AnswerWriter(target, now=now)
            read_request(source, header, lambda question: writer.answer(header, question))
            writer.close(header)
    except RequestError as error:
        # What was answered before the file turned out to be bad does not count.
        with answer.open("w", encoding="utf-8") as target:
            AnswerWriter(target, now=now).reject(header, str(error))
