"""One visit to the server: a connection, and what was seen in the folders over it."""

import time
from dataclasses import dataclass

from exchange.ftps import FTPSClient, FTPSError
from exchange.models import Account
from exchange.services.delivery.errors import FoldersUnreadableError
from exchange.services.reconciliation import Folders, look

# Seconds. Other hands lay files there while we deliver; right before a rename the name is asked
# for once more.
FRESH_FOR = 60.0


@dataclass
class Visit:
    """A connection to one account, and the newest look at its folders."""

    account: Account
    client: FTPSClient
    fingerprint: str
    _folders: Folders | None = None
    _looked_at: float = 0.0

    def folders(self) -> Folders:
        """Return what the folders held within the last minute. Raises FoldersUnreadableError."""
        if self._folders is None or time.monotonic() - self._looked_at > FRESH_FOR:
            return self.look_again()
        return self._folders

    def look_again(self) -> Folders:
        """Return what the folders hold now. Raises FoldersUnreadableError."""
        try:
            self._folders = look(self.client, self.account)
        except FTPSError as exc:
            raise FoldersUnreadableError(exc) from exc
        self._looked_at = time.monotonic()
        return self._folders
