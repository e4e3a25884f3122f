"""What a server says of a file's content: HASH (draft-bryan-ftpext-hash) and XSHA256.

Both are read strictly. A hash that was misread would tell that the content is another's.
"""

import re
from typing import Final

from exchange.ftps.replies import Reply

ALGORITHM: Final = "SHA-256"

# 213 SHA-256 0-49 <hash> name
_HASH_REPLY = re.compile(rf"{ALGORITHM} 0-\d+ ([0-9A-Fa-f]{{64}}) .+", re.DOTALL)
_BARE_HASH = re.compile(r"[0-9A-Fa-f]{64}")


def offers_hash(features: dict[str, str]) -> bool:
    """Say whether FEAT lists SHA-256 among the algorithms of HASH: ``SHA-1;SHA-256*``."""
    algorithms = features.get("HASH", "").upper().split(";")
    return ALGORITHM in {algorithm.strip().removesuffix("*") for algorithm in algorithms}


def offers_xsha256(features: dict[str, str], path: bytes) -> bool:
    """Say whether XSHA256 can be asked about the path.

    Nothing standard says how a name ends and an offset begins: a name with a space is not asked.
    """
    return "XSHA256" in features and b" " not in path and not path.startswith(b'"')


def read_hash(reply: Reply) -> str | None:
    """Return the hash of the whole file, in lower case, from an answer to HASH."""
    match = _HASH_REPLY.fullmatch(reply.lines[-1]) if reply.code == 213 else None
    return match[1].lower() if match else None


def read_xsha256(reply: Reply) -> str | None:
    """Return the hash, in lower case, from the last line of an answer to XSHA256."""
    text = reply.lines[-1].strip()
    is_hash = reply.code in {213, 250} and _BARE_HASH.fullmatch(text)
    return text.lower() if is_hash else None
