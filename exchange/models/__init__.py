from exchange.models.account import Account
from exchange.models.address import WhitelistedAddress
from exchange.models.payload import Payload
from exchange.models.remote_file import FolderTrouble, RemoteFile
from exchange.models.subscription import Subscription
from exchange.models.transfer import Transfer, TransferAttempt

__all__ = [
    "Account",
    "FolderTrouble",
    "Payload",
    "RemoteFile",
    "Subscription",
    "Transfer",
    "TransferAttempt",
    "WhitelistedAddress",
]
