"""The only code that touches payload files.

A file is written under a temporary name, made durable, and then renamed: what stands under its
final name is whole, also after a power cut. Names on disk are UUIDs made here; no name that came
from outside is ever part of a path.

A full disk is met at any step (open, write, flush, fsync, close, rename), and each leaves nothing
behind. Before that, a reserve is left alone: the database on the same disk has to go on.
"""

from exchange.storage.disk import CHUNK, NoRoomError, PayloadMissingError, has_room
from exchange.storage.partial import FileBusyError, PartialFile
from exchange.storage.store import (
    PayloadStore,
    PayloadWriter,
    StoredFile,
    in_pieces,
    payload_store,
)

__all__ = [
    "CHUNK",
    "FileBusyError",
    "NoRoomError",
    "PartialFile",
    "PayloadMissingError",
    "PayloadStore",
    "PayloadWriter",
    "StoredFile",
    "has_room",
    "in_pieces",
    "payload_store",
]
