"""A folder as Celery's broker, in which a message is whole or not there.

kombu's own ``filesystem`` transport writes a message under the name that workers look for: one that
looks in between reads half of it, fails on the JSON, and ends its worker. Here a message is written
under a hidden name and renamed, taken by renaming it too, and one that can't be read is dropped
with a line in the log: it is only a nudge, and the next round finds the work it was about.
"""

import logging
import os
import uuid
from pathlib import Path
from queue import Empty
from time import monotonic_ns
from typing import Any

from kombu.exceptions import ChannelError
from kombu.transport import filesystem
from kombu.utils.json import dumps, loads

logger = logging.getLogger(__name__)

_HIDDEN = "."


class Channel(filesystem.Channel):
    """Differs from kombu's in how a message comes into the folder and leaves it."""

    def _put(self, queue: str, payload: Any, **kwargs: Any) -> None:  # type: ignore[override]  # kombu disagrees with itself
        folder = Path(self.data_folder_out)
        name = f"{monotonic_ns():020}_{uuid.uuid4()}.{queue}.msg"
        hidden = folder / f"{_HIDDEN}{name}"
        try:
            # Somebody may have cleared away all of the broker.
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            hidden.write_text(dumps(payload), encoding="utf-8")
            hidden.rename(folder / name)
        except OSError as exc:
            hidden.unlink(missing_ok=True)
            raise ChannelError(f"A message can't be laid into {folder}.") from exc

    def _get(self, queue: str, timeout: float | None = None) -> Any:
        folder = Path(self.data_folder_in)
        for name in _names_in(folder):
            if not _is_message(name, queue):
                continue
            payload = _take(folder, name)
            if payload is not None:
                return payload
        raise Empty

    def _size(self, queue: str) -> int:
        return sum(_is_message(name, queue) for name in _names_in(Path(self.data_folder_in)))

    def _queue_bind(self, exchange: str, routing_key: str, pattern: str | None, queue: str) -> None:
        Path(self.control_folder).mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            super()._queue_bind(exchange, routing_key, pattern, queue)
        except ValueError:
            # A full disk left half of the list, which would keep every worker from starting.
            (Path(self.control_folder) / f"{exchange}.exchange").unlink(missing_ok=True)
            super()._queue_bind(exchange, routing_key, pattern, queue)

    def get_table(self, exchange: str) -> list[Any]:
        """Read which queues an exchange has; none while another process writes it down."""
        try:
            return list(super().get_table(exchange))
        except ValueError:
            return []


class Transport(filesystem.Transport):
    Channel = Channel


def _is_message(name: str, queue: str) -> bool:
    return not name.startswith(_HIDDEN) and name.endswith(f".{queue}.msg")


def _names_in(folder: Path) -> list[str]:
    """Return the names in the folder, the oldest message first; none while it is away."""
    try:
        return sorted(os.listdir(folder))  # noqa: PTH208  # names only, asked for often
    except OSError:
        return []


def _take(folder: Path, name: str) -> dict[str, Any] | None:
    """Take one message out of the folder; None when another worker was faster, or it is broken."""
    taken = folder / f"{_HIDDEN}taken-{name}"
    try:
        (folder / name).rename(taken)
        content = taken.read_bytes()
        taken.unlink()
    except OSError:
        return None
    try:
        payload: dict[str, Any] = loads(content.decode())
    except ValueError:
        logger.warning("A message of the broker's folder could not be read, and was dropped.")
        return None
    return payload
