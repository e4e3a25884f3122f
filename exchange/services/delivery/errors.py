"""What ends an attempt beside an FTPSError."""

from exchange.ftps import FTPSError


class PayloadCorruptError(Exception):
    """What was read from the store is not what was kept."""


class NameTakenError(Exception):
    """A file that is not ours stands under the final name in ``to_vip``."""


class NotSeenError(Exception):
    """The rename was asked, and neither the temporary nor the final file can be seen."""


class FoldersUnreadableError(Exception):
    """MAGDA's folders can't be listed: that is the account's trouble, not the file's."""

    def __init__(self, error: FTPSError) -> None:
        super().__init__(str(error))
        self.error = error
